"""What the ledger says of every run of a centrifuge, compared with what is stored of it."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import or_, select

from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.states import Action, Kind, State
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.queries import entries, streamed
from biobank.ledger.replaying import wrong
from biobank.processing.choices import programme_told
from biobank.processing.models import Spin

Run = tuple[str, int]
"""A tube and the number of its event."""
LOOKED_AT = (b'"action":"centrifuge"', b'"action":"correct"')
"""What a body has to hold to be read at all; most entries of a tube are others."""

items, spins = table_of(Item), table_of(Spin)
OF_TUBES_THAT_SPIN = Statement(
    select(entries.c.subject, entries.c.body)
    .join(items, items.c.identifier == entries.c.subject)
    .where(
        entries.c.kind == "custody",
        or_(
            items.c.id.in_(select(spins.c.item_id)),
            (items.c.kind == Kind.TUBE.value) & (items.c.state == State.COLLECTED.value),
        ),
    )
    .order_by(entries.c.subject, entries.c.sequence)
)


def spin_findings(work: Work) -> Iterator[Finding]:
    """Runs that are not what the log says; of tubes at a clinic also those that are not stored."""
    work.flush()
    told = _told(work)
    stored = select(Spin, Item.identifier).join(Item, Item.id == Spin.item_id).order_by(Spin.id)
    for spin, identifier in work.session.execute(stored):
        run = told.pop((identifier, spin.sequence), None)
        if run is None:
            yield wrong(f"run {spin.sequence} of {identifier}", "is stored and has no entry in the log")
        elif run != _stored(spin):
            yield wrong(f"run {spin.sequence} of {identifier}", f"is stored as {_stored(spin)}, not {run}")
    for identifier, sequence in told:
        yield wrong(f"run {sequence} of {identifier}", "is in the log and not stored")


def _told(work: Work) -> dict[Run, dict[str, Any]]:
    runs: dict[Run, dict[str, Any]] = {}
    for subject, body in streamed(work, OF_TUBES_THAT_SPIN):
        raw = bytes(body)
        if any(action in raw for action in LOOKED_AT):
            _take(runs, subject, orjson.loads(raw))
    return runs


def _take(runs: dict[Run, dict[str, Any]], subject: str, event: Mapping[str, Any]) -> None:
    details = event.get("details", {})
    if event["action"] == Action.CENTRIFUGE:
        name, minutes = programme_told(details)
        runs[subject, event["sequence"]] = {
            "began_at": event["occurred_at"], "programme": name, "minutes": minutes, "undone_sequence": None,
        }  # fmt: skip
    elif details.get("undo") and (subject, event.get("corrects")) in runs:
        runs[subject, event["corrects"]]["undone_sequence"] = event["sequence"]


def _stored(spin: Spin) -> dict[str, Any]:
    return {
        "began_at": text_or_none(spin.began_at),
        "programme": spin.programme,
        "minutes": spin.minutes,
        "undone_sequence": spin.undone_sequence,
    }
