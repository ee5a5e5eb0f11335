"""What the ledger says of the bench, compared with what is stored: runs, and what was frozen and thawed."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import or_, select

from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.states import SPECIMENS, Action, Kind, State
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.queries import entries
from biobank.ledger.replaying import EventName, Facts, compared_by_event, events_with, record_findings
from biobank.processing.choices import programme_told, warning_among
from biobank.processing.freezing import BORN, BORN_WITH, CHANGES, THAWED
from biobank.processing.models import CentrifugeRun, FreezeThaw, Spin
from biobank.processing.runs import ENTRY, begun_content, ended_content, subject_of_run

LOOKED_AT = (b'"action":"centrifuge"', b'"action":"correct"')
"""What a body has to hold to be read at all; most entries of a tube are others."""

items, spins, changes = table_of(Item), table_of(Spin), table_of(FreezeThaw)
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
    stored = select(Spin, Item.identifier).join(Item, Item.id == Spin.item_id).order_by(Spin.id)
    rows = (((item, spin.sequence), _stored(spin)) for spin, item in work.session.execute(stored))
    yield from compared_by_event("run", _told(work), rows)


def _told(work: Work) -> dict[EventName, Facts]:
    runs: dict[EventName, Facts] = {}
    for subject, event in events_with(work, OF_TUBES_THAT_SPIN, LOOKED_AT):
        _take(runs, subject, event)
    return runs


def _take(runs: dict[EventName, Facts], subject: str, event: Mapping[str, Any]) -> None:
    details = event.get("details", {})
    if event["action"] == Action.CENTRIFUGE:
        name, minutes = programme_told(details)
        runs[subject, event["sequence"]] = {
            "began_at": event["occurred_at"], "programme": name, "minutes": minutes, "undone_sequence": None,
            "run": details.get("run"), "warning": warning_among(event.get("flags", ())),
        }  # fmt: skip
    elif details.get("undo") and (subject, event.get("corrects")) in runs:
        runs[subject, event["corrects"]]["undone_sequence"] = event["sequence"]


def _stored(spin: Spin) -> dict[str, Any]:
    return {
        "began_at": text_or_none(spin.began_at),
        "programme": spin.programme,
        "minutes": spin.minutes,
        "undone_sequence": spin.undone_sequence,
        "run": spin.run_id,
        "warning": spin.warning,
    }


def run_findings(work: Work) -> Iterator[Finding]:
    """Runs with many tubes that are not what the log says of their beginning and their end."""
    yield from record_findings(
        work, ENTRY, lambda subject, event: f"{subject} {event['change']}", _stored_runs(work)
    )


def _stored_runs(work: Work) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for run in work.session.scalars(select(CentrifugeRun).order_by(CentrifugeRun.id)):
        yield f"{subject_of_run(run)} begun", begun_content(run)
        if run.ended_at is not None:
            yield f"{subject_of_run(run)} ended", ended_content(run)


AT_THE_BENCH = (State.COLLECTED, State.RECEIVED, State.CHECKED_OUT)
OF_WHAT_FREEZES = Statement(
    select(entries.c.subject, entries.c.body)
    .join(items, items.c.identifier == entries.c.subject)
    .where(
        entries.c.kind == "custody",
        or_(
            items.c.id.in_(select(changes.c.item_id)),
            or_(*(items.c.kind == kind.value for kind in sorted(SPECIMENS)))
            & or_(*(items.c.state == state.value for state in AT_THE_BENCH)),
        ),
    )
    .order_by(entries.c.subject, entries.c.sequence)
)
FREEZING_LOOKED_AT = (b'"action":"freeze"', b'"action":"thaw"', b'"action":"correct"', b'"thaws_before"')


def freezing_findings(work: Work) -> Iterator[Finding]:
    """What was frozen and thawed otherwise than the log says; at the bench also what is not stored."""
    work.flush()
    asked = select(FreezeThaw, Item.identifier).join(Item, Item.id == FreezeThaw.item_id)
    stored = work.session.execute(asked.order_by(FreezeThaw.id))
    rows = (((item, change.sequence), _stored_change(change)) for change, item in stored)
    yield from compared_by_event("change", _changes_told(work), rows)


def _changes_told(work: Work) -> dict[EventName, Facts]:
    told: dict[EventName, Facts] = {}
    for subject, event in events_with(work, OF_WHAT_FREEZES, FREEZING_LOOKED_AT):
        _take_change(told, subject, event)
    return told


def _take_change(told: dict[EventName, Facts], subject: str, event: Mapping[str, Any]) -> None:
    details, sequence = event.get("details", {}), event["sequence"]
    change = CHANGES.get(event["action"])
    if change is not None:
        told[subject, sequence] = _change(change, int(change == THAWED), event["occurred_at"])
    elif event["action"] == Action.REGISTER and details.get(BORN_WITH):
        told[subject, sequence] = _change(BORN, details[BORN_WITH], None)
    elif details.get("undo") and (subject, event.get("corrects")) in told:
        told[subject, event["corrects"]]["undone_sequence"] = sequence


def _change(change: str, thaws: int, at: str | None, undone: int | None = None) -> dict[str, Any]:
    return {"change": change, "thaws": thaws, "at": at, "undone_sequence": undone}


def _stored_change(stored: FreezeThaw) -> dict[str, Any]:
    return _change(stored.change, stored.thaws, text_or_none(stored.at), stored.undone_sequence)
