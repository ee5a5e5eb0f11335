"""Every page with an invented context, as its template's head asks for: for tests, and to look at before a view exists."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from flask import Flask, render_template
from jinja2 import StrictUndefined

from biobank.printing.packing_lists import PackedTube, PackingList, symbol_svg
from biobank.processing.choices import Phase
from biobank.processing.spin_pages import PHASES
from biobank.web.days_said import days_said
from biobank.web.language import install_language, is_said, language, never_folded, said
from biobank.web.static_files import address_of, install_static_files
from biobank.web.vendored import vendored
from tests.web.account_previews import ACCOUNT_PAGES
from tests.web.bench_previews import FACTS as BENCH_FACTS
from tests.web.bench_previews import PAGES as BENCH_PAGES
from tests.web.case_previews import CASE_PAGES
from tests.web.custodian_previews import PAGES as CUSTODIAN_PAGES
from tests.web.decision_previews import decision_pages
from tests.web.dock_previews import DOCK_PAGES
from tests.web.feed_previews import FEED_PAGES
from tests.web.identity_previews import IDENTITY_PAGES
from tests.web.inventory_previews import PAGES as INVENTORY_PAGES
from tests.web.message_previews import MESSAGE_PAGES
from tests.web.outage_previews import PAGES as OUTAGE_PAGES
from tests.web.pause_previews import PAUSE_PAGES
from tests.web.picking_previews import PICKING_PAGES
from tests.web.restore_previews import RESTORE_PAGES
from tests.web.statement_previews import STATEMENT_PAGES
from tests.web.stock_previews import PAGES as STOCK_PAGES
from tests.web.storage_previews import storage_pages
from tests.web.study_previews import STUDY_PAGES
from tests.web.supply_previews import SUPPLY_PAGES
from tests.web.temperature_previews import PAGES as TEMPERATURE_PAGES
from tests.web.visit_previews import VISIT_PAGES

BIOBANK = Path(__file__).parents[2] / "biobank"
CHICAGO = ZoneInfo("America/Chicago")
NIGHT = datetime(2026, 11, 1, 6, 30, tzinfo=UTC).astimezone(CHICAGO)


def after(hours: float) -> datetime:
    return (NIGHT.astimezone(UTC) + timedelta(hours=hours)).astimezone(CHICAGO)


def state(word: str, tone: str = "plain") -> dict:
    return {"word": word, "tone": tone}


def place(*names: str) -> list:
    return [{"name": name, "url": "#" if at else None} for at, name in enumerate(names)]


def option(value: str, label: str, note: str | None = None) -> dict:
    return {"value": value, "label": label, "note": note}


def printed(last: str, label: str = "8 mL SST", colour: str | None = "Red and gray", **more: object) -> dict:
    return {
        "identifier": f"T4831345624{last}",
        "printed": f"T 4831 3456 24-{last}",
        "url": "#",
        "label": label,
        "colour": colour,
        **more,
    }


SIGNED_IN = {
    "person": SimpleNamespace(name="Testa Technician", role="biobank technician"),
    "site": SimpleNamespace(name="Central biobank", zone="America/Chicago"),
    "station": "Bench 4",
    "here_now": after(30),
    "navigation": [
        {"label": "Start", "url": "/", "current": True},
        {"label": "Destruction", "url": "#", "current": False},
        {"label": "Storage", "url": "#", "current": False},
    ],
    "folded": [{"label": "Reports", "url": "#", "current": False}],
    "csrf_token": "an-invented-token",
    "idempotency_key": "an-invented-key",
    "form": {},
    "errors": {},
}
ITEM = {
    "identifier": "T483134562451",
    "printed": "T 4831 3456 24-51",
    "kind": "tube",
    "specification": {"code": "1SS08", "label": "8 mL SST", "colour": "Red and gray"},
    "state": state("Received", "right"),
    "place": place("Central biobank", "Freezer 12 (−80 °C)", "Rack 3", "Box B 4410 2291 07-35", "C7"),
    "place_note": None,
    "custody": "Central biobank",
    "quantity": "3.5 mL, short",
    "participant": {"code": "A123456789", "url": "#"},
    "aliases": ["9912345678 (tube maker)"],
}
STEPS = [
    {"label": "Store", "url": "/items/T483134562451/store", "quick": True, "note": "proposed: Box 07-35, C7"},
    {"label": "Put in waste", "url": "#", "quick": False, "note": "order N 3310 8842 17-60 is ready"},
    {"label": "Quarantine", "url": "/preview/step", "quick": False, "note": None},
    {"label": "Correct", "url": "#", "quick": False, "note": None},
]
TUBES = [
    ("8 mL SST", "1SS08", "Red and gray", 1, state("Received", "right")),
    ("8 mL PST", "1PS08", "Green and gray", 1, state("Received", "right")),
    ("4 mL Na-Hep", "1HEP4", "Green", 1, state("Not collected", "plain")),
    ("4 mL EDTA", "1ED04", "Lavender", 1, state("In transit", "wait")),
    ("Cell-Free DNA", "1CFD9", "Clear/Blue", 1, state("Broken", "wrong")),
    ("Paxgene RNA", "1PXR2", "Clear/Red", 1, state("Expected", "wait")),
    ("Urine 10 mL", "1UR10", "Yellow", 2, state("Received", "right")),
]


def event(sequence: int, action: str, hours: float, **more: object) -> dict:
    known = {
        "sequence": sequence, "action": action, "at": after(hours), "recorded_at": after(hours + 0.02), "place": "Bench 4",
        "performed_by": "Testa Technician", "recorded_by": "Testa Technician", "station": "Bench 4", "source": "scanned",
        "flags": [], "details": [], "reason": None, "corrects": None, "url": "#",
    }  # fmt: skip
    return known | more


EVENTS = [
    event(
        6,
        "Corrected: collected at 01:30",
        30,
        corrects=2,
        reason="The clock on the wall was an hour ahead.",
        place=None,
    ),
    event(
        5,
        "Received",
        28,
        flags=["unexpected", "clock 17 min off"],
        details=[{"label": "condition", "value": "low volume, haemolysed"}],
    ),
    event(
        4,
        "Dispatched in parcel X 2200 4187 90-12",
        5,
        place=None,
        performed_by="Testa Courier (carrier)",
        source="paper form F 1000 2000 30-44",
    ),
    event(
        3,
        "Centrifuged",
        1.5,
        details=[{"label": "programme", "value": "1,300 g, 10 min, 20 °C"}],
        performed_by="Testa Nurse",
        recorded_by="Testa Clerk",
    ),
    event(
        2,
        "Collected",
        0,
        at=None,
        performed_by="Testa Nurse",
        recorded_by="Testa Clerk",
        source="paper form F 1000 2000 30-44, keyed",
    ),
    event(1, "Registered", -200, station=None, source="command line", url=None),
]
FAMILY = {
    "root": printed("00", "kit, adult 3.2", current=False, state=state("Received"), children=[
        printed("51", current=True, state=state("Received", "right"), children=[
            printed("77", "serum, 1 mL", current=False, state=state("Quarantine", "wrong"), children=[]),
            printed("93", "serum, 1 mL", current=False, state=state("Destroyed"), children=[]),
        ]),
        printed("12", "4 mL EDTA", current=False, state=state("In transit", "wait"), children=[]),
    ]),
}  # fmt: skip
OUTCOMES = [
    {"label": "Destroyed", "count": 6, "tone": "right"},
    {"label": "Distributed before the decision", "count": 1, "tone": "late"},
    {"label": "Never received", "count": 2, "tone": "plain"},
]
LINE = {"state": state("Stored", "wait"), "quantity": "1 mL", "late": False, "note": None, "study": None}
ANSWERED = {
    "asked_on": date(2026, 11, 20),
    "answer": "used_up",
    "answered_on": date(2026, 11, 22),
    "reference": "L-77",
}
ORDER = {
    "printed": "N 3310 8842 17-60", "participant": {"code": "A123456789", "url": None}, "state": state("In progress", "wait"),
    "opened_at": after(60), "hold_until": after(228), "due_on": date(2026, 12, 1), "overdue": True, "information": "remove",
    "samples": "destroy", "requested_by": "A123456789", "channel": "paper form", "decided_at": after(58), "recorded_at": after(60),
    "handling": "Settle with compliance before anything is put in waste.", "legal_hold": None,
}  # fmt: skip
BATCH = {
    "printed": "H 9000 1200 44-08", "url": "/waste-batches/H900012004408", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "pieces": 7, "method": "Autoclave", "cycle": "cycle 4471", "place": "Waste room", "at": after(300), "stage": "fill",
    "contractor": None, "manifest": None,
}  # fmt: skip
METHODS = [
    option("autoclave", "Autoclave", "cycle number"),
    option("incineration", "Incineration", "container and manifest number"),
    option("chemical", "Chemical"),
]
BAG = [printed(last, order={"printed": "N 3310 8842 17-60", "url": "#"}) for last in ("51", "77", "93")]
SIGNATURES = [
    {
        "role": "Performer",
        "name": "Testa Technician",
        "meaning": "I destroyed the pieces of this batch as described.",
        "at": after(301),
    }
]
STEP = {
    "label": "Receive",
    "url": "/items/T483134562451/receive",
    "back_url": "#",
    "sentence": "The tube is here and is in your hands.",
}
FIELDS = [
    {"name": "place", "label": "Where it goes", "type": "scan", "hint": "Scan the box or the rack.", "required": True, "options": [], "unit": None, "unknown": False},
    {"name": "occurred_at", "label": "When it happened", "type": "moment", "hint": "In the time of America/Chicago.", "required": True, "options": [], "unit": None, "unknown": True},
    {"name": "volume", "label": "Volume", "type": "number", "hint": None, "required": False, "options": [], "unit": "mL", "unknown": True},
    {"name": "condition", "label": "Condition", "type": "choice", "hint": None, "required": True, "options": [option("good", "Good"), option("short", "Low volume"), option("broken", "Broken", "say where below")], "unit": None, "unknown": False},
    {"name": "reason", "label": "Note", "type": "area", "hint": "No names.", "required": False, "options": [], "unit": None, "unknown": False},
]  # fmt: skip
DECISION = {
    "participant": {"code": "A123456789", "url": None, "standing": state("Takes part", "right"), "specimens": 34},
    "capacities": [option("participant", "The participant"), option("guardian", "A guardian"), option("next_of_kin", "Next of kin")],
    "channels": [option(value, value.capitalize()) for value in ("phone", "paper", "portal", "visit", "letter", "feed", "other")],
    "url": "/withdrawals", "back_url": "#", "zone": "America/Chicago", "known": None,
}  # fmt: skip

DECIDED = {
    "leaves": True, "information": "remove", "samples": "destroy", "asked": "A123456789, participant, paper", "decided_at": after(58),
    "recorded_at": after(60), "recorded_by": "Testa Clerk", "undone": "Taken back by the participant.", "correct_url": "#",
}  # fmt: skip


OTHER_LISTS = [{"label": "Decisions", "url": "#"}, {"label": "Deaths", "url": "#"}]


def box_cell(row: str, column: int) -> dict:
    marks = {
        "C7": state("put here", "ask"),
        "A3": state("held", "wrong"),
        "B5": state("to destroy", "late"),
        "H9": state("not sure", "late"),
    }
    position = f"{row}{column}"
    taken = (row < "C" or (row == "C" and column < 7) or position == "H9") and position != "B2"
    return {"position": position, "short": f"24-{ord(row) % 10}{column}" if taken else None, "url": "#" if taken else None,
            "label": "serum, 1 mL" if taken else None, "mark": marks.get(position)}  # fmt: skip


GRID = {
    "columns": [str(n) for n in range(1, 10)],
    "rows": [{"name": row, "cells": [box_cell(row, n) for n in range(1, 10)]} for row in "ABCDEFGHJ"],
}
UNIT = {
    "printed": "B 4410 2291 07-35",
    "identifier": "B441022910735",
    "name": "Box 07-35",
    "kind": "box",
    "place": place("Central biobank", "Freezer 12", "Rack 3"),
    "temperature": "−80 °C",
    "held": 24,
    "capacity": 81,
}
PARCEL = {
    "printed": "X 2200 4187 90-12", "url": "/shipments/X220041879012", "state": state("Open", "wait"), "receiving": True, "dry_ice": "2.5 kg",
    "sender": "Clinic Lakeside",
    "receiver": "Central biobank", "carrier": "Courier", "tracking": "794612345678", "seal": "seal 4471", "logger": None,
    "dispatched_at": after(5), "arrived_at": after(27), "expected": 7, "found": 2,
}  # fmt: skip
LOUD = {
    "reason": "withdrawal",
    "sentence": "The participant withdrew. Put it in quarantine rack Q2, at −80 °C, until 9 Nov 2026.",
    "by": "Testa Compliance",
    "at": after(60),
}
PROOF = {"whole": True, "leaf": 18211, "size": 20480, "sentence": None, "url": "#"}
PRINT_LINK = {"label": "Print label", "url": "#"}
WAITS = [
    printed(last, label, colour, phase=phase, opens_at=after(opens), hurry_at=after(opens + 3), closes_at=after(opens + 3.5))
    for last, label, colour, phase, opens in (
        ("41", "1st 4.5 mL PST", "Light Green", Phase.LATE, -4),
        ("42", "2nd 4.5 mL PST", "Light Green", Phase.HURRY, -3.2),
        ("43", "8 mL SST", "Red and gray", Phase.READY, -1),
        ("44", "8 mL SST", "Red and gray", Phase.CLOTTING, 0.3),
    )
] + [printed("45", phase=Phase.UNKNOWN, opens_at=None, hurry_at=None, closes_at=None)]  # fmt: skip
SPINS = [
    printed("46", programme="Gel tubes", began_at=after(-0.1), ends_at=after(0.15), done=False, odd=state("went in too early", "late"), undo_url="#"),
    printed("47", programme="Gel tubes", began_at=after(-1), ends_at=after(-0.7), done=True, odd=None, undo_url="#"),
    printed("48", programme=None, began_at=after(-1), ends_at=None, done=False, odd=None, undo_url="#"),
]  # fmt: skip
CENTRIFUGE = {
    "programmes": [{"value": "1", "label": "Gel tubes", "g": 1300, "minutes": 15, "temperature": 20, "rotor": "swinging bucket"}, {"value": "2", "label": "Fast", "g": 2000, "minutes": 10, "temperature": None, "rotor": None}],
    "waiting": WAITS, "waiting_in_all": 204, "at_the_bench": 6, "spins": SPINS, "phases": [{"code": phase.value, "sign": sign} for phase, sign in PHASES.items()],
    "now": after(0), "form": {"programme": "1"}, "errors": {}, "ask_back": None,
}  # fmt: skip
PROGRAMMES = {
    "programmes": [
        {"number": 1, "site_name": "Demonstration clinic North", "name": "Gel tubes", "g": 1300, "minutes": 15, "temperature": 20, "rotor": "swinging bucket", "brake": "on", "added_at": after(0), "added_by": "Testa Administrator"},
        {"number": 2, "site_name": "Demonstration clinic South", "name": "Fast", "g": 2000, "minutes": 10, "temperature": None, "rotor": None, "brake": None, "added_at": after(0), "added_by": "Testa Administrator"},
    ],
    "sites": [{"value": "clinic-north", "label": "Demonstration clinic North", "note": None}, {"value": "clinic-south", "label": "Demonstration clinic South", "note": None}],
    "rotors": [{"value": "swinging_bucket", "label": "Swinging bucket", "note": None}, {"value": "fixed_angle", "label": "Fixed angle", "note": None}],
    "brakes": [{"value": "on", "label": "On", "note": None}, {"value": "off", "label": "Off", "note": None}],
    "form": {}, "errors": {},
}  # fmt: skip
PACK_LINES = [
    printed(last, label, colour, code=code, standing=state(word, tone), until=until, hint=hint, parcel=parcel)
    for last, label, colour, code, word, tone, until, hint, parcel in (
        ("51", "8 mL SST", "Red and gray", "inside", "in the parcel", "right", None, None, None),
        ("52", "4 mL EDTA", "Lavender", "ready", "ready to pack", "wait", None, None, None),
        ("53", "1st 4.5 mL PST", "Light Green", "to_spin", "to be centrifuged", "late", after(3), "Centrifuge it first.", None),
        ("54", "10 mL EDTA", "Lavender", "other_parcel", "in another parcel", "plain", None, None, {"printed": "X 1100 0000 00-27", "url": "#"}),
    )
]  # fmt: skip
PACKING = {
    "parcel": {"identifier": "X220041879012", "printed": "X 2200 4187 90-12", "url": "/shipments/X220041879012", "state": state("Packing", "wait"), "sender": "Clinic Lakeside", "receiver": "Central biobank"},
    "lines": [printed("51"), printed("99", "4 mL EDTA", "Lavender")], "may_pack": True, "steps": STEPS[2:], "print_link": PRINT_LINK, "ask_back": None, "form": {}, "errors": {},
    "kits": [printed("00", "kit, adult 3.2", None, total=4, inside=1, ready=1, lines=PACK_LINES)],
}  # fmt: skip
DISPATCH = {
    "parcel": PACKING["parcel"], "inside": 9, "zone": "America/Chicago", "form": {}, "errors": {}, "ask_back": None,
    "carriers": [option("fedex", "Fedex"), option("courier", "Courier")],
    "journeys": [
        {"carrier": "Fedex", "picked_up_at": after(2), "arrives_on": date(2026, 11, 3), "hurdles": ()},
        {"carrier": "Courier", "picked_up_at": None, "arrives_on": date(2026, 11, 3), "hurdles": ("The courier does not come on Sunday at clinic-1; the next pick-up is not known.",)},
    ],
}  # fmt: skip
PACKING_LIST = PackingList(
    programme="Research programme", parcel="X220041879012", sender="Clinic Lakeside", receiver="Central biobank", carrier="Fedex",
    tracking_number="794612345678", seal="S-1", logger="L-9", dry_ice_grams=2500, made_at=NIGHT, dispatched_at=None,
    tubes=(PackedTube("T483134562451", "8 mL SST", "Red and gray", "K483134562400", NIGHT), PackedTube("T483134562452", "1UR10", None, None, None)),
)  # fmt: skip
GIVEN_UP = {"by": "Testa Clerk", "at": after(-190), "reason": "mislabelled", "remark": "Two on one sheet."}
LABELS = [
    {
        "template": "Tube, version 2", "copy_number": 2, "reason": "The label was spoiled", "remark": "Smeared.",
        "state": state("Downloaded", "right"), "at": after(-199), "by": "Testa Clerk", "job": {"number": 12, "url": "#"},
    }
]  # fmt: skip
PICTURES = [
    {"source": "data:image/svg+xml;base64,PHN2Zy8+", "printed": "T 4831 3456 24-51", "template": "Tube"}
]
SHEET = [
    [
        {"number": 3 * row + column + 1, "row": row + 1, "column": column + 1, "checked": row + column == 2}
        for column in range(3)
    ]
    for row in range(2)
]
OFFICE = {
    "name": "sheets", "title": "Office printer", "loaded": "Avery 5160, 30 labels", "office": True, "checked": True,
    "stock": "avery-5160", "stocks": [{"value": "avery-5160", "label": "Avery 5160"}], "tray_open": False, "sheet": SHEET,
    "dpi": 300, "site": "everywhere", "own": True, "url": "/printing/printers/sheets",
}  # fmt: skip
BENCH_PRINTER = OFFICE | {"name": "bench", "title": "Bench printer", "loaded": "Roll of 50.8 x 25.4 mm", "office": False, "checked": False, "sheet": [], "own": False}  # fmt: skip
PRINT = {
    "form": {"lines": "T483134562451", "whole_kits": "yes"}, "wrong_lines": [], "printers": [OFFICE, BENCH_PRINTER], "by_rule": None,
    "templates": [{"value": "tube", "label": "Tube", "chosen": False}], "ask_reason": None,
    "reasons": [option("lost", "The label was lost"), option("spoiled", "The label was spoiled")], "previews": None,
}  # fmt: skip
MAY = dict.fromkeys(("print", "download", "send", "settle", "reprint", "void"), False)
JOB = {
    "number": 12, "url": "/printing/jobs/12", "state": state("Ready to print", "wait"), "code": "made", "remark": None, "labels": 1, "things": 1,
    "printer": "Office printer", "label_printer": False, "stock": "Avery 5160", "dpi": 300, "start": 4, "by": "Testa Clerk", "at": after(-199),
    "station": "Bench 4", "reprint_of": 11,
    "documents": [{"name": "labels.pdf", "url": "#", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}],
}  # fmt: skip
PRINT_JOB = {
    "job": JOB, "labels": [printed("51", voided=None) | LABELS[0], printed("77", voided=GIVEN_UP) | LABELS[0]], "pictures": PICTURES,
    "events": [{"word": "Made", "remark": "Said so.", "at": after(-199), "by": "Testa Clerk", "station": "Bench 4"}],
    "may": MAY | {"print": True, "download": True, "void": True}, "reasons": PRINT["reasons"],
}  # fmt: skip
BARE_ITEM = {
    "pooled": None,
    "study": None,
    "alerts": [],
    "holds": [],
    "steps": [],
    "family": None,
    "tubes": [],
    "contents": [],
    "events": [],
    "older_url": None,
    "proof": None,
    "labels": [],
    "voided": None,
    "print_link": None,
}
RECEIVED = {
    "tone": "right",
    "word": "Received",
    "sentence": "8 mL SST is received. Store it in Box 07-35, position C7.",
}
STOPPED = {
    "tone": "wrong",
    "word": "Stop: do not use",
    "sentence": "The participant withdrew. Put this tube in quarantine rack Q2 at −80 °C.",
}

DOCUMENT = SimpleNamespace(
    openapi="3.1.0",
    info=SimpleNamespace(title="Biobank custody", version="1"),
    components=SimpleNamespace(
        schemas={"Item": SimpleNamespace(description="An item.", get=lambda name, otherwise=None: otherwise)}
    ),
)
RACK_FILE = {
    "unit": {"name": "Box 7", "printed": "B 4831 3456 24-51", "kind": "box", "url": "#"},
    "url": "#",
    "layouts": [option("fluidx", "FluidX"), option("plain", "any CSV")],
    "kept": None,
    "problems": [],
}
RACK_PLAN = {
    "unit": RACK_FILE["unit"],
    "url": "#",
    "done": False,
    "layout": "fluidx",
    "issuer": None,
    "counts": [{"label": "stored", "count": 5}, {"label": "missing", "count": 1}],
    "work": "Store 5",
    "notes": ["FX90000017.csv says nothing of 1 well (B3); what is known of them stays."],
    "stops": [
        {"well": "A1", "text": "STOP: T 4831 3456 24-51 is of a participant who withdrew.", "loud": True}
    ],
    "differences": [
        {
            "position": "A2",
            "sign": state("missing", "wrong"),
            "sentence": "The log has T 4831 3456 24-51 here and no tube was seen.",
        }
    ],
    "grid": GRID,
    "kept": {
        "name": "FX90000017.csv",
        "content": "QTE=",
        "layout": "",
        "issuer": "",
        "leave_out_unknown": True,
        "expected": "ab",
    },
}
FINDINGS = [
    {"tone": "right", "word": "Shape of ours", "sentence": "A letter and 12 digits."},
    {"tone": "wrong", "word": "Check digits", "sentence": "15 do not fit the rest."},
    {
        "tone": "ask",
        "word": "Scanner not set up",
        "sentence": "This looks like a scanner that holds Shift down.",
    },
]
TEST_CODES = {"linear": address_of("mark.svg"), "matrix": address_of("mark.svg")}
EXPLAINED = {
    "seen": "T483134562415␍",
    "read_as": "T483134562415",
    "findings": FINDINGS,
    "url": "#",
    "item": None,
    "steps": (),
}
SCANS = {
    "filters": [{"label": "Whose scans", "choices": [{"label": "My site", "url": "#", "current": True}, {"label": "My own", "url": "#", "current": False}]}],
    "asked": {"whose": "site", "outcome": "all", "text": ""},
    "errors": {},
    "scans": [
        {"url": "#", "at": after(28), "seen": "T483134562415␍", "item": None, "outcome": state("refused", "wrong"), "action": "Collect", "refusal": "The check digits do not fit.", "damage": None, "person": "Testa Nurse", "station": "clinic-1/DESK"},
        {"url": "#", "at": after(27), "seen": "", "item": "T 4831 3456 24-51", "outcome": state("led to a page"), "action": None, "refusal": None, "damage": "a scanner that holds Shift down", "person": "Testa Nurse", "station": None},
    ],
    "next_url": "#",
}  # fmt: skip


def drawn(number: int, label: str, code: str, colour: str, **more: object) -> dict:
    return {
        "identifier": f"T48313456{number:02}51", "printed": f"T 4831 3456 {number:02}-51", "number": number, "code": code,
        "label": label, "colour": colour, "specimen": "blood", "labels": 1, "state": "expected", "level": "empty",
        "sign": state("To draw", "wait"), "why": None, "about": None, "at": None, "nominal": "4 mL", "nominal_microlitres": 4000,
        "is_next": False, "is_selected": False, "is_drawn": True, "is_replaced": False, **more,
    }  # fmt: skip


COLLECTED = {"state": "collected", "level": "full", "sign": state("Collected", "right"), "at": NIGHT}
DRAWS = [
    drawn(1, "8 mL SST", "1SS08", "Red and gray", **COLLECTED),
    drawn(2, "1st 4.5 mL PST", "PS04A", "Light Green", **COLLECTED | {"level": "short", "sign": state("Short", "right"), "about": "2 mL", "is_selected": True}),
    drawn(3, "2nd 4.5 mL PST", "PS04B", "Light Green", state="not_collected", sign=state("Replaced"), is_replaced=True),
    drawn(3, "2nd 4.5 mL PST", "PS04B", "Light Green", **COLLECTED | {"level": "unknown", "sign": state("Amount not known", "right")}),
    drawn(4, "4 mL Na-Hep", "1HEP4", "Green", state="not_collected", sign=state("Not collected", "late"), why="Participant fainted"),
    drawn(5, "4 mL EDTA", "1ED04", "Lavender", state="broken", sign=state("Broken", "wrong"), why="Dropped"),
    drawn(6, "Paxgene RNA", "1PXR2", "Clear/Red", is_drawn=False, sign=state("Do not draw", "wrong")),
    drawn(7, "Urine 10 mL", "1UR10", "Yellow", specimen="urine", is_next=True),
]  # fmt: skip
PUSHES = [
    {"code": "full", "label": "Full", "key": "F2", "icon": "check", "answer": "full"},
    {"code": "fill", "label": "Not full", "key": "F4", "icon": "remove_circle", "url": "#"},
]
COLLECT = {
    "kit": {
        "identifier": "K483134562451", "printed": "K 4831 3456 24-51", "url": "/kits/K483134562451/collect", "item_url": "#",
        "site": "clinic-1", "participant": "A123456789", "definition": "adult-3.2", "state": "assigned", "is_cancelled": True, "expires_on": date(2027, 5, 31),
        "total": 7, "answered": 5, "collected": 3, "following": DRAWS[-1],
    },
    "tubes": DRAWS, "tube": DRAWS[1], "buttons": PUSHES, "ask": "", "choices": [], "ask_back": None, "draws_blood": False,
    "visit": {"url": "#", "state": "open", "labels_confirmed": False}, "other": None,
    "undo": {"action": "collect", "tubes": [("T483134560251", 4)]},
}  # fmt: skip
FILLS = [
    {"value": "short:2000", "label": "About 2 mL", "key": "F2"},
    {"value": "unknown", "label": "Nobody knows how full", "key": None},
]
WHY_REPLACED = [option("no_vacuum", "No vacuum"), option("broken", "Broken")]

PAPER = {
    "number": "F130563530881",
    "printed": "F 1305 6353 08-81",
    "url": "#",
    "site": "clinic-1",
    "site_name": "Clinic Lakeside",
    "definition": "adult-3.2",
    "printed_at": after(0),
    "printed_by": "testa.clerk",
    "entered_at": None,
    "entered_by": None,
    "voided_at": None,
    "voided_by": None,
    "void_reason": None,
    "state": state("Out", "wait"),
    "kit": None,
}
DOWNTIME = {
    "filters": [
        {"label": "Out", "url": "#", "current": True},
        {"label": "All", "url": "#", "current": False},
    ],
    "next_url": "#",
    "usual_count": 20,
    "pack": None,
    "sites": [option("c", "Clinic Lakeside")],
    "definitions": [option("adult-3.2", "adult-3.2"), option("urine-1", "urine-1")],
    "papers": [option("letter", "Letter"), option("a4", "A4")],
    "forms": [
        PAPER,
        PAPER
        | {
            "state": state("Entered", "right"),
            "entered_at": after(30),
            "entered_by": "testa.clerk",
            "kit": {"printed": "K 5520 1837 46-09", "url": "#"},
        },
    ],
}
PAPER_FORM = {
    "entry": PAPER,
    "people": ["testa.nurse", "testa.clerk"],
    "ticked": [],
    "offsets": [],
    "kit": {
        "identifier": "K552018374609",
        "printed": "K 5520 1837 46-09",
        "note": "The form was printed for adult-3.2; the kit is urine-1.",
    },
    "tubes": [
        {
            "number": 1,
            "identifier": "T483134562451",
            "label": "8 mL SST",
            "code": "1SS08",
            "colour": "Red and gray",
            "spins": True,
        },
        {
            "number": 2,
            "identifier": "T483134562452",
            "label": "4 mL EDTA",
            "code": "1ED04",
            "colour": "Lavender",
            "spins": False,
        },
    ],
    "identifiers": [option("full_name", "full name"), option("birth_date", "birth date")],
    "reasons": [option("no_vein", "No vein found"), option("fainted", "Participant fainted")],
    "void_reasons": [
        option("spoiled", "spoiled"),
        option("lost", "lost"),
        option("not_needed", "not needed"),
    ],
}

PAGES: dict[str, tuple[str, dict]] = {
    "collect": ("kits/collect.html", COLLECT),
    "collect_fill": ("kits/collect.html", COLLECT | {"ask": "fill", "choices": FILLS}),
    "collect_bad_tube": ("kits/collect.html", COLLECT | {"ask": "tube", "choices": FILLS, "tube": DRAWS[-1]}),
    "collect_rest": ("kits/collect.html", COLLECT | {"ask": "rest", "choices": [{"value": "fainted", "label": "Participant fainted", "key": "F2"}]}),
    "collect_replace": ("kits/collect.html", COLLECT | {"ask": "replace", "choices": WHY_REPLACED, "errors": {"code": "This code is on another tube."}}),
    "collect_asked": ("kits/collect.html", COLLECT | {"ask_back": {"url": "#", "told": {"text": "T483134562451"}, "reason_code": "kit_expired"}}),
    "collect_other": ("kits/collect.html", COLLECT | {"other": {"printed": "K 4831 3456 24-51", "url": "#", "text": "T483134562451"}}),
    "collect_done": ("kits/collect.html", COLLECT | {"kit": COLLECT["kit"] | {"following": None, "answered": 7, "state": "issued"}, "tube": None, "buttons": []}),
    "collect_astray": ("kits/astray.html", {"kit": {"printed": "K 4831 3456 24-51", "sites": ["clinic-2"], "url": "#"}, "feedback": {"tone": "wrong", "word": "Kit of another site", "sentence": "K 4831 3456 24-51 is of clinic-2; put it aside.", "link": None}}),
    "offline": ("offline/offline.html", {"person": None, "reasons": [option("fainted", "Participant fainted")], "broken": [option("dropped", "Dropped")], "limits": {"lists_hours": 24, "clock_minutes": 2}}),
    "offline_conflicts": ("offline/conflicts.html", {"next_url": "#", "scans": [{"scanned": "T483134562451", "item": printed("51"), "is_open": True, "action": "Collect", "sentence": "T 4831 3456 24-51 is not collected since 2026-11-01 06:30 UTC; “Collect” does not usually come next.", "said_at": NIGHT, "received_at": after(1), "performed_by": "Testa Clinic", "received_by": "Testa Nurse", "site": "clinic-1"}, {"scanned": "FX90000017", "item": None, "is_open": True, "action": "Collect", "sentence": "'FX90000017' is not a code of ours; check that it is the right label.", "said_at": None, "received_at": after(1), "performed_by": "Testa Clinic", "received_by": "Testa Clinic", "site": "clinic-1"}]}),
    "offline_none": ("offline/conflicts.html", {"next_url": None, "scans": []}),
    "offline_waits": ("offline/conflicts.html", {"next_url": None, "scans": [], "collector": {"person": "clinic.ana", "site": "clinic-1"}}),
    "sign_in": ("access/sign_in.html", {"origin": "http://localhost:8000", "person": None, "next_url": "/", "errors": {"": "User name and password do not belong together."}, "demo": [{"name": "tech", "password": "invented-words", "role": "biobank technician"}]}),
    "badge": ("access/badge.html", {"person": None, "station": "clinic-1/bench-2", "next_url": "/", "goes_on": "Testa Clinic", "by_badge_alone": True, "kept": "yes", "errors": {"": "This is not the code of a badge; scan your badge once more."}}),
    "badge_pin": ("access/badge_pin.html", {"person": None, "name": "Testa Clinic", "errors": {"": "This is not the PIN of this badge; type it again."}}),
    "choose_pin": ("access/choose_pin.html", {"has_badge": False, "has_pin": True, "lock_after": 120, "by_password": True, "errors": {"pin": "A PIN has 6 to 12 digits; choose another."}}),
    "kept_form": ("access/kept_form.html", {"forms_kept": [{"number": 7, "path": "/items/T483134562451/steps/quarantine", "key": "an-invented-key-of-its-own", "at": NIGHT, "about": ["T 4831 3456 24-51"], "shown": [{"label": "Because of", "word": "Discrepancy", "text": None}, {"label": "Reason", "word": None, "text": "The cap was open."}], "fields": [("hold", "discrepancy"), ("reason", "The cap was open.")], "asked_again": [{"name": "password", "label": "Password"}], "had_files": False}]}),
    "station": ("access/station.html", {"person": None, "errors": {"": "This device is not registered."}}),
    "api": ("api/docs.html", {"document": DOCUMENT, "operations": [("/items/{identifier}", "get", {"summary": "What it is.", "description": "", "x-permission": "items.see", "responses": {"200": {"description": "OK"}}})], "named": str}),
    "start": ("start/start.html", {"roads": [{"label": "Print labels", "url": "#"}], "waiting": [
        {"label": "Parcels to receive", "count": 3, "url": "#", "tone": "wait", "note": None},
        {"label": "Tubes to store", "count": 41, "url": "#", "tone": "wait", "note": "oldest since 07:40"},
        {"label": "Orders overdue", "count": 1, "url": "#", "tone": "late", "note": "since 1 Dec 2026"},
        {"label": "Tubes that arrived late", "count": 1, "url": "#", "tone": "wrong", "note": "their participant withdrew"},
    ]}),
    "pile": ("start/pile.html", {"label": "Tubes to store", "next_url": "#", "items": [printed("51", state=state("Received", "right"), place=place("Bench 4"), since=after(28))]}),
    "pile_empty": ("start/pile.html", {"label": "Tubes to store", "next_url": None, "items": []}),
    "start_empty": ("start/start.html", {"waiting": [], "roads": []}),
    "tube": ("items/item.html", BARE_ITEM | {
        "item": ITEM, "holds": [LOUD], "feedback": STOPPED, "steps": STEPS, "family": FAMILY, "events": EVENTS, "older_url": "#", "proof": PROOF, "labels": LABELS,
        "alerts": [{"tone": "late", "word": "Short", "sentence": "About 3.5 mL instead of 8 mL.", "url": None}],
    }),
    "kit": ("items/item.html", BARE_ITEM | {
        "item": ITEM | {"kind": "kit", "specification": None, "participant": None, "place": [], "place_note": "unknown since 3 Mar 2027", "custody": None, "quantity": None, "aliases": [], "printed": "K 7710 0043 96-22"},
        "feedback": RECEIVED, "steps": STEPS[:1], "events": EVENTS[-1:], "proof": PROOF | {"whole": False, "leaf": None, "sentence": "Event 4 was changed after it was sealed."},
        "tubes": [printed(str(10 + n), label, colour, code=code, labels=labels, draw_order=n, state=now) for n, (label, code, colour, labels, now) in enumerate(TUBES, 1)],
        "print_link": {"label": "Print the kit's labels", "url": "#"}, "voided": GIVEN_UP,
        "contents": [printed("51", position=None, state=state("Received", "right"))],
    }),
    "bare": ("items/item.html", BARE_ITEM | {"item": ITEM, "study": ANSWERED, "bench": BENCH_FACTS}),
    "pooled": ("items/item.html", BARE_ITEM | {"item": ITEM, "pooled": {"specimens": 3, "participants": 2, "parts": [printed("12", "4 mL EDTA", "Lavender")]}}),
    "step": ("items/step.html", {"item": ITEM, "step": STEP, "fields": FIELDS, "ask_back": None, "form": {"condition": "short"}, "errors": {"occurred_at": "That is in the future: look at the clock and give the time again.", "condition": "Say where it broke."}}),
    "ask_back": ("items/step.html", {"item": ITEM, "step": STEP, "fields": FIELDS[:2], "form": {"place": "B441022910735", "occurred_at": "2026-11-01T01:30"}, "ask_back": {"sentence": "This tube was centrifuged at 08:10, before it was collected at 08:25."}}),
    "orders": ("destruction/orders.html", {
        "filters": [{"label": "Open", "url": "#", "current": True}, {"label": "Closed", "url": "#", "current": False}], "verify_url": "#", "confirm_url": "#", "next_url": "#", "rechecks_url": "#", "alarms": [{"printed": ORDER["printed"], "url": "#"}],
        "orders": [{"printed": ORDER["printed"], "url": "#", "participant": "A123456789", "state": ORDER["state"], "opened_at": after(60), "due_on": date(2026, 12, 1), "overdue": True, "total": 12, "ended": 9, "late_arrivals": 1, "note": None}],
    }),
    "orders_empty": ("destruction/orders.html", {"filters": [], "orders": [], "alarms": [], "rechecks_url": None, "confirm_url": None, "verify_url": None, "next_url": None}),
    "verify": ("destruction/verify.html", {"url": "#", "verdict": None}),
    "verify_genuine": ("destruction/verify.html", {"url": "#", "verdict": {"tone": "right", "word": "Genuine, and it stands", "sentence": "C 1200 7733 45-19 is as it was issued and signed.", "findings": [], "signed_by": "Signer of certificates of destruction, Testa Programme", "signed_at": after(400), "certificate_sha256": BATCH["sha256"]}}),
    "verify_forged": ("destruction/verify.html", {"url": "#", "verdict": {"tone": "wrong", "word": "Not a certificate as it was issued", "sentence": "It was changed after it was signed: its content is not what the signature was made for.", "findings": ["It is not the file that was issued as C 1200 7733 45-19: the ledger keeps another SHA-256."], "signed_by": None, "signed_at": None, "certificate_sha256": None}}),
    "order": ("destruction/order.html", {
        "order": ORDER, "next_steps": [{"sentence": "Fetch 3 pieces and scan them into a waste bag.", "label": "To the waste bags", "url": "#"}, {"sentence": "1 piece is at a clinic, which ships it to the biobank.", "label": None, "url": None}, {"sentence": "1 piece is at a custodian: ask for it.", "label": "What is outside", "url": "#"}],
        "progress": {"total": 12, "ended": 9, "outcomes": OUTCOMES},
        "places": [{"path": place("Freezer 12", "Rack 3", "Box 07-35"), "on_its_way": False, "lines": [printed("77", "serum, 1 mL", None) | LINE, printed("93", "serum, 1 mL", None) | LINE]}, {"path": place("Parcel " + printed("77")["printed"]), "on_its_way": True, "lines": [printed("62", "serum, 1 mL", None) | LINE]}, {"path": [], "on_its_way": False, "lines": [printed("51") | LINE | {"late": True, "quantity": None, "note": "In quarantine rack Q2."}]}],
        "ended": [printed("12", "4 mL EDTA", "Lavender") | LINE | {"state": state("Destroyed, witnessed", "right")}, printed("93", "serum, 1 mL", None) | LINE | {"state": state("Distributed before the decision", "plain"), "study": ANSWERED}],
        "certificate": {"printed": "C 1200 7733 45-19", "url": "#", "issued_at": after(400), "in_question": None}, "batches": [{"printed": BATCH["printed"], "url": "#", "pieces": 7, "state": state("Witness signs", "wait")}],
        "settle_url": None, "pause_url": "#", "alarm": "It has open lines, and none of them lies where anybody can fetch it. Look for them.",
    }),
    "order_unsettled": ("destruction/order.html", {"order": ORDER, "next_steps": [], "progress": {"total": 12, "ended": 0, "outcomes": []}, "places": [], "ended": [], "certificate": None, "batches": [], "settle_url": "#", "pause_url": None, "alarm": None}),
    "batch_fill": ("destruction/waste_batch.html", {"print_link": None, "batch": BATCH, "lines": BAG, "methods": METHODS, "meaning": "I saw the pieces of this batch destroyed as described.", "contractors": [option("WASTE-1", "WASTE-1, Invented Incineration")], "manifest_url": None, "zone": "America/Chicago", "signatures": [], "feedback": {"tone": "right", "word": "In the bag: 3", "sentence": "8 mL SST of order N 3310 8842 17-60."}}),
    "batch_witness": ("destruction/waste_batch.html", {"print_link": None, "batch": BATCH | {"stage": "witness"}, "lines": BAG, "methods": METHODS, "meaning": "I saw the pieces of this batch destroyed as described.", "contractors": [option("WASTE-1", "WASTE-1, Invented Incineration")], "manifest_url": None, "zone": "America/Chicago", "signatures": SIGNATURES, "errors": {"password": "The witness must be somebody else than the performer."}}),
    "batch_done": ("destruction/waste_batch.html", {"print_link": None, "batch": BATCH | {"stage": "done"}, "lines": BAG, "methods": METHODS, "meaning": "I saw the pieces of this batch destroyed as described.", "contractors": [option("WASTE-1", "WASTE-1, Invented Incineration")], "manifest_url": None, "zone": "America/Chicago", "signatures": SIGNATURES}),
    "batch_handed_over": ("destruction/waste_batch.html", {"print_link": None, "batch": BATCH | {"stage": "handed_over", "contractor": "WASTE-1", "manifest": "M-2026-1"}, "lines": BAG, "methods": METHODS, "meaning": "I saw the pieces of this batch destroyed as described.", "contractors": [], "manifest_url": "#", "zone": "America/Chicago", "signatures": SIGNATURES}),
    "batches": ("destruction/waste_batches.html", {"sites": [option("b", "Central biobank")], "batches": [{"printed": BATCH["printed"], "url": "#", "pieces": 7, "state": state("witness signs", "wait"), "site": "biobank-1"}]}),
    "batches_empty": ("destruction/waste_batches.html", {"sites": [option("b", "Central biobank"), option("c", "Other")], "batches": []}),
    "confirm": ("destruction/confirm.html", {"meaning": "I checked that every line of these orders has its end, and I confirm it.", "url": "#", "orders": [{"identifier": "N331088421760", "printed": ORDER["printed"], "url": "#", "participant": "A123456789", "lines": 12, "sha256": BATCH["sha256"], "outcomes": OUTCOMES, "performers": ["Testa Technician"], "witnesses": ["Testa Witness"], "checked": False}]}),
    "participant": ("participants/participant.html", {
        "mailed": [{"number": "999999", "url": "#", "ordered_on": date(2026, 11, 2), "state": state("Mailed", "wait"), "warnings": [state("Late", "late")]}],
        "participant": {"code": "A123456789", "standing": state("Left", "late"), "provisional": False}, "next_url": "#",
        "steps": [{"label": "Record a decision", "url": "#"}, {"label": "Takes part again", "url": "#"}], "later": [{"at": after(90), "sentence": "A death was told."}],
        "decisions": [DECIDED], "orders": [{"printed": ORDER["printed"], "url": "#", "state": ORDER["state"], "ended": 9, "total": 12}],
        "consents": [{"form": "2.1 (en)", "covers": "blood, urine", "effective_at": after(-900)}], "items": [printed("51", state=state("Received", "right"), place=place("Freezer 12"))],
    }),
    "participant_new": ("participants/participant.html", {"mailed": [], "participant": {"code": "A123456789", "standing": state("Takes part", "right"), "provisional": True}, "steps": [], "later": [], "next_url": None, "decisions": [], "orders": [], "consents": [], "items": []}),
    "answers": ("withdrawals/open.html", {"decisions": [DECIDED | {"participant": "A123456789", "url": "#", "answer_url": "#", "overdue": True, "due_on": date(2026, 12, 1)}], "lists": OTHER_LISTS}),
    "answers_none": ("withdrawals/open.html", {"decisions": [], "lists": OTHER_LISTS}),
    **PAUSE_PAGES,
    **RESTORE_PAGES,
    **decision_pages(DECISION, DECIDED, OTHER_LISTS),
    "decision": ("withdrawals/decision.html", DECISION),
    "decision_separate": ("withdrawals/decision.html", DECISION | {"form": {"bundle": "separate", "samples": "undecided"}, "errors": {"information": "Say what the participant answered about the information."}}),
    **storage_pages(UNIT, GRID, STEPS[0], printed("51", state=state("Received", "right")), after, PRINT_LINK),
    "rack_file": ("storage/rack.html", RACK_FILE),
    "rack_file_refused": ("storage/rack.html", RACK_FILE | {"kept": {"name": "FX90000017.csv", "content": "QTE="}, "form": {"leave_out_unknown": "yes"}, "problems": ["FX90000017.csv, line 2, well A2: 'FR90000002' is not a code of ours."]}),
    "rack_plan": ("storage/rack_plan.html", RACK_PLAN),
    "rack_done": ("storage/rack_plan.html", RACK_PLAN | {"done": True, "issuer": "FluidX", "work": None, "notes": [], "stops": [], "differences": []}),
    "parcels": ("shipments/parcels.html", {"filters": [{"label": "All", "url": "#", "current": True}], "next_url": "#", "origins": [option("c", "Clinic Lakeside")], "destinations": [option("b", "Central biobank")], "parcels": [PARCEL | {"since": after(28)}]}),
    "parcels_empty": ("shipments/parcels.html", {"filters": [], "next_url": None, "origins": [option("c", "Clinic"), option("d", "Other")], "destinations": [option("b", "Central biobank"), option("e", "Other")], "parcels": []}),
    "packing": ("shipments/packing.html", PACKING),
    "packing_nothing": ("shipments/packing.html", PACKING | {"kits": [], "lines": [], "may_pack": False}),
    "packing_asked": ("shipments/packing.html", PACKING | {"ask_back": {"url": "#", "told": {"text": "T483134562451"}, "reason_code": "unexpected_step"}}),
    "dispatch": ("shipments/dispatch.html", DISPATCH),
    "dispatch_wrong": ("shipments/dispatch.html", DISPATCH | {"errors": {"tracking_number": "A FedEx tracking number has 12 to 14 digits; scan the carrier's barcode again."}}),
    "dispatch_asked": ("shipments/dispatch.html", DISPATCH | {"ask_back": {"url": "#", "told": {"carrier": "fedex"}, "reason_code": "outside_the_calendar"}}),
    "packing_list": ("shipments/packing_list.html", {"told": PACKING_LIST, "symbol": symbol_svg("X220041879012"), "code": str}),
    "programmes": ("processing/programmes.html", PROGRAMMES),
    "programmes_wrong": ("processing/programmes.html", PROGRAMMES | {"programmes": [], "errors": {"g": "90000 cannot be g; give 1 to 30000."}, "form": {"name": "Gel tubes", "g": "90000"}}),
    **BENCH_PAGES,
    "centrifuge": ("processing/centrifuge.html", CENTRIFUGE),
    "centrifuge_empty": ("processing/centrifuge.html", CENTRIFUGE | {"programmes": [], "waiting": [], "waiting_in_all": 0, "at_the_bench": 0, "spins": []}),
    "centrifuge_asked": ("processing/centrifuge.html", CENTRIFUGE | {"ask_back": {"url": "#", "told": {"text": "T483134562451"}, "reason_code": "spin_not_foreseen"}}),
    "print": ("printing/print.html", PRINT),
    "print_alone": ("printing/print.html", PRINT | {"printers": [OFFICE], "previews": {"count": 2, "told": "2 labels", "printer": "Office printer", "stock": "Avery 5160", "labels": PICTURES}}),
    "print_nowhere": ("printing/print.html", PRINT | {"printers": []}),
    "print_question": ("printing/print.html", PRINT | {"ask_reason": "T 4831 3456 24-51 has 1 label already.", "by_rule": {"value": "by-rule", "checked": True}}),
    "print_wrong": ("printing/print.html", PRINT | {"errors": {"lines": "Correct these lines.", "copies": "Type a whole number.", "template": "It does not fit."}, "wrong_lines": [{"line": 3, "problem": "'NOPE' is not a code of ours."}]}),
    "job": ("printing/job.html", PRINT_JOB),
    "job_again": ("printing/job.html", PRINT_JOB | {"job": JOB | {"code": "handed_out", "reprint_of": None}, "may": PRINT_JOB["may"] | {"reprint": True}, "errors": {"reason": "Choose why these labels are printed again."}}),
    "job_to_send": ("printing/job.html", PRINT_JOB | {"job": JOB | {"label_printer": True, "code": "failed", "remark": "bench: it is out of labels."}, "may": MAY | {"print": True, "send": True}}),
    "job_unclear": ("printing/job.html", PRINT_JOB | {"job": JOB | {"label_printer": True, "code": "unclear", "remark": "bench: it did not answer in time."}, "may": MAY | {"print": True, "settle": True}}),
    "job_sending": ("printing/job.html", PRINT_JOB | {"job": JOB | {"label_printer": True, "code": "sending"}, "pictures": []}),
    "job_sent": ("printing/job.html", PRINT_JOB | {"job": JOB | {"label_printer": True, "code": "sent"}}),
    "jobs": ("printing/jobs.html", {"jobs": [JOB], "form": {"mine": "yes", "printer": "", "state": "made", "item": ""}, "may_print": True, "printers": [option("sheets", "Office printer")], "states": [option("made", "Ready to print")], "next_url": "#"}),
    "jobs_none": ("printing/jobs.html", {"jobs": [], "form": {"mine": "", "printer": "", "state": "", "item": "NOPE"}, "errors": {"item": "'NOPE' is not a code of ours."}, "may_print": False, "printers": [], "states": [], "next_url": None}),
    "printers": ("printing/printers.html", {"printers": [OFFICE, BENCH_PRINTER], "own": True, "rules": [{"what": "Aliquot", "site": "every site", "printer": None, "template": "Cryovial"}]}),
    "printers_none": ("printing/printers.html", {"printers": [], "own": False, "rules": []}),
    "void": ("printing/void.html", {"everything": None, "job": JOB, "items": [printed("51", state=state("Expected", "wait"), checked=True)], "reasons": [option("lost", "Lost"), option("damaged", "Damaged")], "errors": {"sure": "Tick that these codes are given up for good.", "item": "Tick at least one code."}}),
    "void_many": ("printing/void.html", {"job": JOB, "items": [], "everything": {"count": 480, "checked": True}, "reasons": []}),
    "void_none": ("printing/void.html", {"everything": None, "job": JOB, "items": [], "reasons": []}),
    "downtime": ("downtime/downtime.html", DOWNTIME),
    "downtime_pack": ("downtime/downtime.html", DOWNTIME | {"pack": {"url": "#", "count": 20}, "next_url": None, "sites": [option("c", "Clinic"), option("d", "Other")], "errors": {"count": "1 to 100 forms are printed at once, not 500."}}),
    "downtime_none": ("downtime/downtime.html", DOWNTIME | {"forms": [], "next_url": None, "sites": []}),
    "downtime_kit": ("downtime/form.html", PAPER_FORM | {"kit": None, "errors": {"kit": "T 4831 3456 24-51 is a tube; scan the label of the kit on the form."}}),
    "downtime_form": ("downtime/form.html", PAPER_FORM),
    "downtime_wrong": ("downtime/form.html", PAPER_FORM | {"entry": DOWNTIME["forms"][0] | {"voided_at": after(9)}, "form": {"outcome-1": "short", "volume-1": "2.5", "at-1": "01:30", "reason-2": "fainted"}, "ticked": ["full_name"], "offsets": [-300, -360], "errors": {"at-1": "01:30 came twice in America/Chicago that night: say below which of the two it was.", "performer": "Nobody at clinic-1 has this user name; choose who drew from the list.", "outcome-2": "Tick what became of tube 2."}}),
    "downtime_entered": ("downtime/form.html", PAPER_FORM | {"entry": DOWNTIME["forms"][1], "kit": None}),
    "late": ("downtime/late.html", {"hours": 24, "next_url": "#", "entries": [{"printed": "T 4831 3456 24-51", "url": "#", "step": "Collected", "occurred_at": after(0), "recorded_at": after(50), "hours": "50", "recorded_by": "testa.clerk", "source": "paper", "form": {"printed": "F 1305 6353 08-81", "url": "#"}}]}),
    "late_none": ("downtime/late.html", {"hours": 24, "next_url": None, "entries": []}),
    "scans": ("scans/scans.html", SCANS),
    "scans_none": ("scans/scans.html", SCANS | {"scans": [], "next_url": None}),
    "why": ("scans/explanation.html", {"kept": None, "withheld": None, "explanation": EXPLAINED}),
    "why_asked": ("scans/explanation.html", {"kept": None, "withheld": None, "explanation": None}),
    "why_kept": ("scans/explanation.html", {"kept": SCANS["scans"][0], "withheld": None, "explanation": EXPLAINED | {"url": None}}),
    "why_withheld": ("scans/explanation.html", {"kept": SCANS["scans"][1], "withheld": "(a text that looks like a date, 10 characters)", "explanation": None}),
    "scanner": ("scans/scanner.html", {"pictures": TEST_CODES, "judgement": None, "typed": ""}),
    "scanner_wrong": ("scans/scanner.html", {"pictures": TEST_CODES, "judgement": {"is_right": False, "findings": FINDINGS}, "typed": "&L)QAZWY␍␊"}),
    "scanner_right": ("scans/scanner.html", {"pictures": TEST_CODES, "judgement": {"is_right": True, "findings": FINDINGS[:1]}, "typed": "1L-AQWZYM␍␊"}),
    "problem": ("errors/problem.html", {"title": "Not a code", "sentence": "T 4831 3456 24-15 has two digits swapped or mistyped: scan it again.", "allowed": [{"label": "Look at the kit", "url": "#"}]}),
    "problem_signed_out": ("errors/problem.html", {"person": None, "title": "Signed out", "sentence": "You were away for 15 minutes: sign in again.", "allowed": []}),
}  # fmt: skip


HELP = sorted(path.stem for path in (BIOBANK / "templates" / "help").glob("*.html") if path.stem != "frame")
PAGES |= ACCOUNT_PAGES
PAGES |= FEED_PAGES
PAGES |= IDENTITY_PAGES
PAGES |= MESSAGE_PAGES
PAGES |= STATEMENT_PAGES
PAGES |= STOCK_PAGES
PAGES |= DOCK_PAGES
PAGES |= INVENTORY_PAGES
PAGES |= OUTAGE_PAGES
PAGES |= TEMPERATURE_PAGES
PAGES |= CASE_PAGES
PAGES |= CUSTODIAN_PAGES
PAGES |= VISIT_PAGES
PAGES |= STUDY_PAGES
PAGES |= PICKING_PAGES
PAGES |= SUPPLY_PAGES
PAGES |= {f"help_{name}": (f"help/{name}.html", {}) for name in HELP}


def _said_in_chicago(text: object) -> object:
    return text if is_said(text) else days_said(said(text), language(), "America/Chicago")


def preview_app() -> Flask:
    app = Flask("biobank", root_path=str(BIOBANK), static_folder=None)
    app.jinja_env.undefined = StrictUndefined
    install_language(app)
    app.template_filter("said")(never_folded(_said_in_chicago))
    app.add_template_global(vendored)
    app.add_template_global(lambda: "http://localhost:8000", "passkey_origin")
    install_static_files(app)
    app.add_url_rule(
        "/preview/<name>",
        "preview",
        lambda name: render_template(PAGES[name][0], **(SIGNED_IN | PAGES[name][1])),
    )
    app.add_url_rule("/session", "session", lambda: ("", 204))  # asked before a form is sent
    return app
