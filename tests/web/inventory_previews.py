"""The pages of inventory checks with invented contexts."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from biobank.inventories.choices import CheckState, Difference
from biobank.inventories.queries import Accuracy
from biobank.web.inventory_cards import DIFFERENCES, DOES, ONLY_A_CASE, REASONS, STATES, TURNS
from biobank.web.report_tables import Column, Row, Table

AT = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)


def line(number: int, state: CheckState, **more: object) -> dict:
    return {
        "number": number, "url": "#", "name": "Box 07", "kind": "box", "printed": "B 4831 3456 24-51",
        "reason": next(iter(REASONS.values())), "sign": STATES[state], "due_on": date(2026, 11, 30), "at": AT,
        "by": "tech.ana", "differences": 2 if state is CheckState.CLOSED else None,
    } | more  # fmt: skip


CHECKS = [line(number, state) for number, state in enumerate(CheckState, 1)]
ITEM = {"printed": "T 4831 3456 24-51", "url": "#", "label": "4 mL EDTA", "identifier": "T483134562451"}


def head(state: CheckState, turn: int = 1) -> dict:
    return {
        **line(7, state), "state": state.value, "turn": TURNS[turn], "unit_url": "#",
        "place": [{"name": "Freezer 2", "url": "#"}, {"name": "Rack 4", "url": "#"}, {"name": "A2", "url": None}],
        "because": "Counted twice by hand." if state is CheckState.CLOSED else None, "agreed": 61,
    }  # fmt: skip


def cell(position: str, seen: str | None = None, short: str | None = None, *, now: bool = False) -> dict:
    return {"position": position, "is_now": now, "url": "#", "short": short, "seen": seen}


GRID = {
    "columns": 4,
    "rows": [
        {"name": "A", "cells": [cell("A1", "code", "24-51"), cell("A2", "empty", "empty"), cell("A3", "no_read", "unread"), cell("A4", now=True)]},
        {"name": "B", "cells": [cell(f"B{number}") for number in range(1, 5)]},
    ],
}  # fmt: skip
STATION = {
    "cursor": "A4",
    "has_positions": True,
    "settles": False,
    "grid": GRID,
    "read": 3,
    "left": 5,
    "loose": [],
}
LOOSE = STATION | {
    "cursor": None,
    "has_positions": False,
    "grid": None,
    "loose": [ITEM["printed"], "FR05653780"],
}


def different(kind: Difference, *, look_again: bool = False, **more: object) -> dict:
    return {
        "sign": DIFFERENCES[kind], "kind": kind.value, "position": "A3", "item": ITEM,
        "sentence": "T 4831 3456 24-51 is not in A3 in Box 07 (B 4831 3456 24-51), where the log has it.",
        "does": next(iter(DOES.values())), "look_again": look_again, "gone": kind is Difference.MISSING,
    } | more  # fmt: skip


FOUND = [
    different(Difference.MISSING, look_again=True),
    *(different(kind) for kind in Difference if kind is not Difference.UNKNOWN_CODE),
    different(Difference.UNKNOWN_CODE, item=None, does=ONLY_A_CASE),
]
RESULT = {
    "differences": FOUND, "agreed": 61, "disputed": [], "expected": "0" * 64, "due": True, "may_count_again": True,
}  # fmt: skip
INSIDE = {"total": 40, "done": 17, "checks": CHECKS, "next_url": "#"}
CHECK = {
    "may_count": True, "is_lead": True, "counting": None, "result": None, "inside": None, "ask_back": None,
    "answered_here": "/inventories/7",
}  # fmt: skip
RECORDED = [different(kind, case=40 + number, case_url="#") for number, kind in enumerate(Difference)]
FIGURES = Accuracy(checks=12, checked=1100, differences=3)
SAMPLE = {
    "number": 3, "url": "#", "site": "biobank-1", "size": 20, "population": 412, "seed": "2026-11", "at": AT,
    "by": "comp.cleo", "sha256": "9f" * 32,
}  # fmt: skip
TABLE = Table(
    "Month",
    "differences",
    (*(Column(label, drawn=False) for label in ("Checks", "Things checked")), Column("Missing"), Column("Belongs elsewhere")),
    (Row("2026-09", (4, 310, 1, 0)), Row("2026-10", (8, 790, 1, 1))),
    "lines",
)  # fmt: skip
FILTERS = [{"label": "Open", "url": "#", "current": True}, {"label": "Closed", "url": "#", "current": False}]
CHOICES = {
    "sites": [{"value": "biobank-1", "label": "Biobank"}],
    "reasons": [{"value": reason.value, "label": label} for reason, label in REASONS.items()],
}
DUE = [
    {"name": "Box 07", "printed": "B 4831 3456 24-51", "url": "#", "place": [{"name": "Freezer 2", "url": "#"}], "last_at": at}
    for at in (AT, None)
]  # fmt: skip
PLAN = {"due": DUE, "next_url": "#", "cycle_days": 365, "samples": [SAMPLE], "may_plan": True, **CHOICES}

PAGES = {
    "inventories_desk": ("inventories/desk.html", {"filters": FILTERS, "checks": CHECKS, "next_url": "#", "may_count": True}),
    "inventories_desk_empty": (
        "inventories/desk.html",
        {"filters": FILTERS, "checks": [], "next_url": None, "may_count": True, "form": {"text": "X"}, "errors": {"text": "Scan a box or a rack."}},
    ),
    "inventories_check_planned": ("inventories/check.html", CHECK | {"check": head(CheckState.PLANNED), "inside": INSIDE}),
    "inventories_check_counting": ("inventories/check.html", CHECK | {"check": head(CheckState.COUNTING), "counting": STATION}),
    "inventories_check_settling": (
        "inventories/check.html",
        CHECK | {"check": head(CheckState.COUNTING, 3), "counting": STATION | {"settles": True, "left": 1}},
    ),
    "inventories_check_settled": (
        "inventories/check.html",
        CHECK | {"check": head(CheckState.COUNTING, 3), "counting": STATION | {"settles": True, "left": 0, "cursor": None}},
    ),
    "inventories_check_without_positions": (
        "inventories/check.html", CHECK | {"check": head(CheckState.COUNTING, 2), "counting": LOOSE},
    ),
    "inventories_check_asked_back": (
        "inventories/check.html",
        CHECK | {
            "check": head(CheckState.COUNTING), "counting": STATION,
            "ask_back": {"url": "#", "told": {"text": "T483134562451", "position": "A4"}, "reason_code": "read_elsewhere"},
        },
    ),
    "inventories_check_counted": (
        "inventories/check.html", CHECK | {"check": head(CheckState.COUNTED), "counting": STATION, "result": RESULT},
    ),
    "inventories_check_disputed": (
        "inventories/check.html",
        CHECK | {
            "check": head(CheckState.COUNTED, 2), "counting": STATION, "is_lead": False,
            "result": RESULT | {"disputed": ["A1", "A3"], "due": False, "may_count_again": False},
        },
    ),
    "inventories_check_disputed_without_positions": (
        "inventories/check.html",
        CHECK
        | {
            "check": head(CheckState.COUNTED, 2),
            "counting": LOOSE,
            "result": RESULT
            | {"disputed": ["T483134562451", "unread 1"], "due": False, "may_count_again": False},
        },
    ),
    "inventories_check_closed": (
        "inventories/check.html",
        CHECK | {"check": head(CheckState.CLOSED), "result": RESULT | {"differences": RECORDED, "due": False, "expected": None}},
    ),
    "inventories_file": (
        "inventories/file.html", {"check": head(CheckState.COUNTING), "layouts": [{"value": "plain", "label": "CSV (plain)"}]},
    ),
    "inventories_plan": ("inventories/plan.html", PLAN),
    "inventories_plan_nothing": (
        "inventories/plan.html",
        PLAN | {"due": [], "samples": [], "next_url": None, "form": {"unit": "T1"}, "errors": {"unit": "Scan a box or a rack."}},
    ),
    "inventories_sample": ("inventories/sample.html", {"sample": SAMPLE, "figures": FIGURES, "checks": CHECKS, "next_url": None}),
    "inventories_accuracy": (
        "inventories/accuracy.html", {"table": TABLE, "whole": FIGURES, "filters": FILTERS, "file_url": "#"},
    ),
    "inventories_accuracy_nothing": (
        "inventories/accuracy.html",
        {"table": SimpleNamespace(is_empty=True), "whole": Accuracy(0, 0, 0), "filters": FILTERS, "file_url": "#"},
    ),
}  # fmt: skip
