"""The file of what an approved study could be given: without who chose so, and how far the log was."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Select, and_, or_, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import holds_on, item_by_id
from biobank.custody.states import State
from biobank.custody.steps import ItemNow
from biobank.distribution.checks import request_is_open
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import givers_of, request_called, scopes_lacking
from biobank.exchange.models import DataExport
from biobank.items.models import Item
from biobank.items.queries import is_of
from biobank.ledger.operations import append_to
from biobank.ledger.queries import tree_size
from biobank.ledger.sealing import seal_whole
from biobank.participants.queries import participant_named, standing
from biobank.processing.freezing import thaws_of
from biobank.processing.sprec_facts import sprec_code
from biobank.reports.formats import as_csv
from biobank.withdrawals.queries import left_out_of_exports

ENTRY = "data_export"
WHAT = "study_specimens"
HEAD = (
    "item",
    "kind",
    "specification",
    "participant",
    "volume_microlitres",
    "collected_at",
    "site",
    "sprec",
    "thaws",
)
AT_HAND = (State.RECEIVED, State.STORED, State.CHECKED_OUT)


@dataclass(frozen=True)
class StudyFile:
    """The bytes, and the record of having made them."""

    content: bytes
    name: str
    export: DataExport


def study_file(work: Work, number: str, *, by: Actor) -> StudyFile:
    """What sites of `by` could give to a request that is open now, of nobody who chose that it is not used.

    Whoever's decision is in the log before the position that the record tells is left out: the position is
    taken first. Raises `RequestUnknown`, `RequestNotOpen`.
    """
    request = request_called(work, number)
    request_is_open(request, moments.now())
    seal_whole(work)
    size = tree_size(work)
    left_out = left_out_of_exports(work)
    rows, missing = _rows(work, request, left_out, by)
    content = as_csv([HEAD, *rows])
    export = DataExport(
        what=WHAT,
        request_id=request.id,
        log_size=size,
        rows=len(rows),
        participants_left_out=len(missing),
        sha256=hashlib.sha256(content).hexdigest(),
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(export)
    work.flush()
    append_to(work, subject=f"export:{export.id}", kind=ENTRY, content=export_content(export))
    return StudyFile(content, f"study-{export.id}.csv", export)


def export_content(export: DataExport) -> dict[str, object]:
    """What the ledger keeps of it; `verify` compares the two."""
    return {
        "export": export.id,
        "what": export.what,
        "request": export.request_id,
        "log_size": export.log_size,
        "rows": export.rows,
        "participants_left_out": export.participants_left_out,
        "sha256": export.sha256,
        "recorded_by": export.recorded_by,
    }


def _rows(
    work: Work, request: StudyRequest, left_out: frozenset[str], by: Actor
) -> tuple[list[tuple[str, ...]], set[str]]:
    """The file's rows, and the codes of those whom it would have held something of."""
    rows, missing = list[tuple[str, ...]](), set[str]()
    for number in work.session.scalars(_of_its_kinds(request, by)).all():
        item = item_by_id(work, number)
        people = givers_of(work, item)
        chose = left_out.intersection(people)
        missing |= chose
        if people and not chose and _may_be_given(work, item, people):
            rows.append((*_row(item, people), sprec_code(work, item) or "", str(thaws_of(work, item.id))))
    return rows, missing


def _may_be_given(work: Work, item: ItemNow, people: list[str]) -> bool:
    if holds_on(work, item.id) or any(standing(participant_named(work, code)).use_blocked for code in people):
        return False
    return not any(scopes_lacking(work, item, code, moments.now()) for code in people)


def _row(item: ItemNow, people: list[str]) -> tuple[str, ...]:
    """Of what several people gave to it is not said whose it is."""
    drawn = moments.to_text(moments.from_microseconds(item.collected_at)) if item.collected_at else ""
    volume = "" if item.volume_microlitres is None else str(item.volume_microlitres)
    whose = people[0] if len(people) == 1 else ""
    return item.identifier, item.kind.value, item.specification or "", whose, volume, drawn, item.site or ""


def _of_its_kinds(request: StudyRequest, by: Actor) -> Select[int]:
    wanted = [
        and_(Item.kind == each.kind, Item.specification == each.specification)
        if each.specification
        else Item.kind == each.kind
        for each in request.portions
    ]
    at_hand = Item.state.in_([state.value for state in AT_HAND])
    theirs = [] if by.sites is None else [is_of(by.sites)]
    return select(Item.id).where(at_hand, or_(*wanted), *theirs).order_by(Item.id)
