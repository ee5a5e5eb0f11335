"""An item's life as its page tells it, newest first, and whether its part of the log is whole."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.tables import HIGHEST_NUMBER
from biobank.items.identifiers import looks_like_ours, printed
from biobank.items.models import Item
from biobank.ledger.models import LedgerEntry
from biobank.ledger.queries import NotSealedYet, inclusion_proof
from biobank.ledger.tree import ProofRefused, leaf_hash, verify_inclusion
from biobank.processing.measures import BY_NAME, in_words
from biobank.sites.queries import sites
from biobank.web.cards import name_of, names_of_people
from biobank.web.others_codes import without
from biobank.web.words import as_told, done_word, in_zone, millilitres, spoken

Told = dict[str, Any]
Body = Mapping[str, Any]
EVENTS_A_PAGE = 50

SOURCES: Mapping[str, str] = {
    "scan": "scanned",
    "keyed": "keyed",
    "paper": "paper form",
    "file": "file",
    "offline": "scanned without network",
    "command": "command line",
    "system": "follows from",
}


@dataclass(frozen=True)
class Life:
    """A page of an item's entries, newest first, and the sequence before which older ones are."""

    entries: Sequence[LedgerEntry]
    older_before: int | None


def newest_entries(work: Work, identifier: str, before: int | None = None) -> Life:
    question = select(LedgerEntry).where(LedgerEntry.subject == identifier)
    if before is not None:
        question = question.where(LedgerEntry.sequence < min(before, HIGHEST_NUMBER))
    found = work.session.scalars(
        question.order_by(LedgerEntry.sequence.desc()).limit(EVENTS_A_PAGE + 1)
    ).all()
    shown = found[:EVENTS_A_PAGE]
    return Life(shown, shown[-1].sequence if len(found) > len(shown) else None)


def timeline(work: Work, life: Life, zone: str, hidden: frozenset[str] = frozenset()) -> list[Told]:
    """What `items/item.html` takes as events; `zone` is the reader's, for what our clock recorded."""
    bodies = [without(orjson.loads(entry.body), hidden) for entry in life.entries]
    people = names_of_people(work, _people_in(bodies))
    names = _places_in(work, bodies) | {site.code: site.name for site in sites(work)}
    return [_event(body, people, names, zone) for body in bodies]


def _people_in(bodies: Sequence[Body]) -> set[str]:
    return {body[name] for body in bodies for name in ("performed_by", "recorded_by") if name in body}


def _places_in(work: Work, bodies: Sequence[Body]) -> dict[str, str]:
    """Names of the containers that are named in events, by identifier."""
    codes = {body["place"] for body in bodies if body.get("place")}
    found = work.session.scalars(select(Item).where(Item.identifier.in_(codes)))
    return {item.identifier: name_of(item) for item in found}


def _event(body: Body, people: Mapping[str, str], names: Mapping[str, str], zone: str) -> Told:
    recorder: str = body.get("recorded_by", "")
    performer: str = body.get("performed_by", recorder)
    details: Body = body.get("details", {})
    return {
        "sequence": body["sequence"],
        "action": _action(body),
        "at": _told_at(body, zone),
        "recorded_at": in_zone(_moment(body["recorded_at"]), zone),
        "place": _place(body, names),
        "performed_by": people.get(performer, performer),
        "recorded_by": people.get(recorder, recorder),
        "station": body.get("station"),
        "source": _source(body),
        "flags": [spoken(flag) for flag in body.get("flags", [])],
        "details": list(_details(details, names)),
        "reason": body.get("confirmation") or spoken(str(details.get("reason", ""))) or _reason(body),
        "corrects": body.get("corrects"),
        "url": None,
    }


def _action(body: Body) -> str:
    if body["kind"] == "hold":
        return f"{spoken(body['hold']).capitalize()} hold {body['change']}"
    return done_word(str(body.get("action", body["kind"])))


def _reason(body: Body) -> str | None:
    return spoken(body["reason"]) if body.get("reason") else None


def _told_at(body: Body, zone: str) -> datetime | None:
    """When it happened, with the offset it was told in; a hold happens when it is recorded."""
    if "occurred_at" not in body:
        return in_zone(_moment(body["recorded_at"]), zone)
    if body["occurred_at"] is None:
        return None
    at = _moment(body["occurred_at"])
    if body.get("zone") == "UTC":  # told by a program
        return in_zone(at, zone)
    return as_told(at, body.get("offset_minutes", 0))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _place(body: Body, places: Mapping[str, str]) -> str | None:
    code = body.get("place")
    if not code:
        return None
    return ", ".join(part for part in (places.get(code, code), body.get("position")) if part)


def _source(body: Body) -> str:
    source = body.get("source")
    if source is None:
        return "by rule"
    return f"{SOURCES.get(source['kind'], source['kind'])} {_in_words(source['reference'])}".strip()


def _details(details: Body, names: Mapping[str, str]) -> Iterator[Told]:
    for name, value in details.items():
        site = names.get(str(value)) if name in SITES else None
        if name not in UNSAID:
            yield {"label": spoken(name), "value": site} if site else _detail(name, value)


def _detail(name: str, value: Any) -> Told:
    if name in TRUTHS:
        label, so, not_so = TRUTHS[name]
        return {"label": label, "value": so if value else not_so}
    if name == "programme" and isinstance(value, Mapping):
        return {"label": "programme", "value": _programme(value)}
    if name in BY_NAME and isinstance(value, int):
        [(label, text)] = in_words({name: value})
        return {"label": label, "value": text}
    if name == "due_at" and isinstance(value, str):
        return {"label": "back by", "value": f"{_moment(value):%Y-%m-%d %H:%M} UTC"}
    if name in AMOUNTS and isinstance(value, int):
        label, unit, parts = AMOUNTS[name]
        return {"label": label, "value": f"{value / parts:g} {unit}"}
    return {"label": spoken(name), "value": _in_words(value)}


UNSAID = frozenset({"reason", "child", "parent_sequence", "separation"})
"""Details that are told elsewhere or are numbers of rows, which say nothing to people."""
SITES = frozenset({"site", "origin", "destination"})
"""Details that are a site's code; people know it by its name."""
TRUTHS = {"un3373": ("UN 3373", "stated", "not stated"), "undo": ("taken back", "yes", "no")}
AMOUNTS = {
    "volume_microlitres": ("volume", "mL", 1000),
    "taken_microlitres": ("used", "mL", 1000),
    "dry_ice_grams": ("dry ice", "kg", 1000),
    "temperature_celsius": ("temperature", "°C", 1),
}
"""Details that people read in a unit, and how many of what the log counts make one of it."""
UNITS = {"name": "", "g": " g", "minutes": " min", "temperature_celsius": " °C"}


def _programme(told: Mapping[str, Any]) -> str:
    """`Gel tubes, 1300 g, 15 min, 20 °C`."""
    return ", ".join(f"{told[name]}{unit}" for name, unit in UNITS.items() if name in told)


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping) and "reason" in value and "count" in value:
        return f"{value['specification']}, {value['count']}: {spoken(str(value['reason']))}"
    if isinstance(value, Mapping) and "specification" in value:
        return ", ".join(part for part in (value["specification"], _volume(value), *_measured(value)) if part)
    if isinstance(value, Mapping):
        return ", ".join(f"{spoken(str(name))} {_in_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(_in_words(each) for each in value)
    kind, _, code = str(value).rpartition(":")
    shown = printed(code) if looks_like_ours(code) else spoken(code)
    if kind in NAMED_KINDS:
        return f"{spoken(kind)} {shown}"
    return str(value) if kind else shown


NAMED_KINDS = frozenset({"signature", "waste_batch"})
"""Words before a colon that say what the code after it is of."""


def _measured(child: Mapping[str, Any]) -> list[str]:
    told = {name: child[name] for name in BY_NAME if name in child}
    return [f"{label} {text}" for label, text in in_words(told)]


def _volume(child: Mapping[str, Any]) -> str | None:
    return millilitres(child.get("volume_microlitres"))


def proof(work: Work, item: Item, life: Life) -> Told:
    """Whether the shown entries are as they were written, chained, and the newest is in the sealed log."""
    sentence = _first_break(item, life.entries)
    leaf = size = None
    if sentence is None and life.entries:
        leaf, size, sentence = _in_the_log(work, life.entries)
    return {
        "whole": sentence is None,
        "leaf": leaf,
        "size": size,
        "sentence": sentence,
        "url": f"/api/v1/items/{item.identifier}/proof",
    }


def _first_break(item: Item, entries: Sequence[LedgerEntry]) -> str | None:
    following: bytes | None = None
    for entry in entries:  # newest first: each is named by the one after it
        expected = following if following is not None else entry.hash
        if leaf_hash(entry.body) != entry.hash or entry.hash != expected:
            return f"Event {entry.sequence} is not what was written; tell compliance and keep the database."
        following = entry.previous
    newest = entries[0] if entries else None
    if newest is not None and newest.sequence == item.sequence and newest.hash != item.head:
        return f"Event {newest.sequence} is not what the item remembers; tell compliance."
    return None


def _in_the_log(work: Work, entries: Sequence[LedgerEntry]) -> tuple[int | None, int | None, str | None]:
    """Leaf and size of the newest sealed entry; the last few may still wait."""
    for entry in entries:
        try:
            shown = inclusion_proof(work, entry.subject, entry.sequence)
        except NotSealedYet:
            continue
        hashes = [b64decode(each) for each in shown["hashes"]]
        try:
            verify_inclusion(
                shown["leaf_index"], shown["size"], leaf_hash(entry.body), hashes, b64decode(shown["root"])
            )
        except ProofRefused:
            return None, None, f"Event {entry.sequence} is not in the sealed log; tell compliance."
        return shown["leaf_index"], shown["size"], None
    return None, None, None
