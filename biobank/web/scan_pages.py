"""Scans as pages: the newest ones, each explained, and any text that somebody asks about."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.datastructures import MultiDict

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.step_words import step_word
from biobank.items.choices import ScanOutcome
from biobank.items.identifiers import printed
from biobank.items.keyboards import sentence_of
from biobank.items.models import LoggedScan
from biobank.items.operations import points_at_a_person
from biobank.items.queries import items_numbered, scan_numbered, scans_asked_for
from biobank.items.scanned_text import as_seen
from biobank.web.addresses import sent_to
from biobank.web.cards import names_of_people
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads
from biobank.web.scan_explanations import Explanation, explained, narrowed_to
from biobank.web.words import Sign, in_zone

blueprint = Blueprint("scan_pages", __name__)
Shown = dict[str, Any]
OUTCOMES: dict[str, Sign] = {
    ScanOutcome.TAKEN: {"word": "taken", "tone": "right"},
    ScanOutcome.SHOWN: {"word": "led to a page", "tone": "plain"},
    ScanOutcome.ASKED_BACK: {"word": "asked back", "tone": "ask"},
    ScanOutcome.REFUSED: {"word": "refused", "tone": "wrong"},
}
NO_ERRORS: Mapping[str, str] = {}
NO_CODE = "This is no code of an item; scan the code on its label."
WHOSE = (("site", "My site"), ("station", "This station"), ("person", "My own"))


@blueprint.get("/scans")
@reads(Permission.SEE_ITEMS)
def scans(*, work: Work, by: Actor) -> Response | str:
    """The newest first; a text narrows them to the scans of that code."""
    asked = _asked(by, request.args)
    if asked["text"] != request.args.get("text", "").strip():
        return sent_to(_url(asked))  # no page repeats what an address should not have held
    return _list(work, by, asked)


@blueprint.post("/scans")
@reads(Permission.SEE_ITEMS)
def scans_of_text(*, work: Work, by: Actor) -> Response | tuple[str, HTTPStatus]:
    """What is typed becomes an address when it can be a code; what points at a person goes no further."""
    asked = _asked(by, request.form)
    if asked["text"] == request.form.get("text", "").strip():
        return sent_to(_url(asked))
    return _list(work, by, asked, {"text": NO_CODE}), HTTPStatus.UNPROCESSABLE_ENTITY


def _list(work: Work, by: Actor, asked: dict[str, str], errors: Mapping[str, str] = NO_ERRORS) -> str:
    question = scans_asked_for(by, **_narrowed(work, by, asked))
    found = page(work, question, [LoggedScan.id], cursor=request.args.get("cursor"), newest_first=True)
    more = _url(asked, cursor=found.next_cursor) if found.next_cursor else None
    return render_template(
        "scans/scans.html",
        filters=_filters(by, asked),
        asked=asked,
        errors=errors,
        scans=_rows(work, found.rows, by),
        next_url=more,
    )


def _asked(by: Actor, told: MultiDict[str, str]) -> dict[str, str]:
    whose, text = told.get("whose", "site"), told.get("text", "").strip()
    allowed = {"site", "person"} | ({"station"} if by.station else set())
    return {
        "whose": whose if whose in allowed else "site",
        "outcome": "refused" if told.get("outcome") == "refused" else "all",
        "text": "" if points_at_a_person(text) else text,
    }


def _narrowed(work: Work, by: Actor, asked: dict[str, str]) -> dict[str, Any]:
    return {
        "refused": asked["outcome"] == "refused",
        "station": by.station if asked["whose"] == "station" else None,
        "person": by.person if asked["whose"] == "person" else None,
        **narrowed_to(work, asked["text"]),
    }


def _filters(by: Actor, asked: dict[str, str]) -> list[Shown]:
    whose = [
        {"label": label, "url": _url(asked, whose=code), "current": asked["whose"] == code}
        for code, label in WHOSE
        if code != "station" or by.station
    ]
    outcomes = [
        {"label": label, "url": _url(asked, outcome=code), "current": asked["outcome"] == code}
        for code, label in (("all", "All scans"), ("refused", "Refused only"))
    ]
    return [{"label": "Whose scans", "choices": whose}, {"label": "Which scans", "choices": outcomes}]


def _url(asked: dict[str, str], **changed: str) -> str:
    return f"/scans?{urlencode({name: value for name, value in {**asked, **changed}.items() if value})}"


def _rows(work: Work, scans: Sequence[LoggedScan], by: Actor) -> list[Shown]:
    """Items, names and the zone are asked for once a page."""
    numbers = {scan.item_id for scan in scans if scan.item_id is not None}
    items = {item.id: printed(item.identifier) for item in items_numbered(work, numbers)}
    people, zone = names_of_people(work, {scan.person for scan in scans}), zone_of(work, by)
    return [
        {
            **_row(scan),
            "at": in_zone(scan.at, zone),
            "item": items.get(scan.item_id) if scan.item_id is not None else None,
            "person": people.get(scan.person, scan.person),
        }
        for scan in scans
    ]


def _row(scan: LoggedScan) -> Shown:
    return {
        "url": f"/scans/{scan.id}",
        "seen": scan.text_seen,
        "outcome": OUTCOMES[scan.outcome],
        "action": step_word(scan.action) if scan.action else None,
        "refusal": scan.refusal,
        "damage": sentence_of(scan.damage) if scan.damage else None,
        "station": scan.station,
    }


@blueprint.get("/scans/<int:number>")
@reads(Permission.SEE_ITEMS)
def scan(number: int, *, work: Work, by: Actor) -> str:
    """One scan as it was kept, and what its text would be read as now."""
    row = scan_numbered(work, number, by)
    text = as_seen(row.text_seen) if row.read_as is not None or row.item_id is not None else None
    explanation = explained(work, by, text) if text is not None else None
    return render_template(
        "scans/explanation.html",
        kept=_rows(work, [row], by)[0],
        withheld=row.text_seen if text is None else None,
        **_told(explanation),
    )


@blueprint.get("/scans/explanation")
@reads(Permission.SEE_ITEMS)
def ask(*, work: Work, by: Actor) -> str:  # noqa: ARG001 (the shape of every view)
    return render_template("scans/explanation.html", kept=None, withheld=None, **_told(None))


@blueprint.post("/scans/explanation")
@reads(Permission.SEE_ITEMS)
def explain(*, work: Work, by: Actor) -> str:
    """Why does this barcode not work: nothing is recorded, and the text stays out of the address."""
    explanation = explained(work, by, request.form.get("text", ""))
    return render_template("scans/explanation.html", kept=None, withheld=None, **_told(explanation))


def _told(explanation: Explanation | None) -> Shown:
    return {"explanation": explanation, "longest": 400}
