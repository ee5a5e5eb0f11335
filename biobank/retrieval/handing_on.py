"""What was picked goes on: to a study for good, or to a laboratory outside; what may not go stays."""

from collections.abc import Callable
from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custodians.choices import Purpose
from biobank.custody.checks import StepRefused
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id
from biobank.custody.states import Action
from biobank.custody.steps import ItemNow, Source
from biobank.distribution.models import StudyRequest
from biobank.distribution.operations import distribute, open_distribution
from biobank.distribution.queries import givers_of
from biobank.participants.operations import lock
from biobank.retrieval.checks import LIST, can_be_handed_on, something_goes
from biobank.retrieval.choices import LineState, PickPurpose
from biobank.retrieval.models import PickList
from biobank.retrieval.queries import lines_on, list_seen_by


@dataclass(frozen=True)
class HandedOn:
    """Codes of what went, and of what stayed with why; `distribution` numbers a study's hand-over."""

    went: tuple[str, ...]
    stayed: tuple[tuple[str, str], ...]
    distribution: int | None = None


def hand_over_picked(work: Work, number: int, *, by: Actor, source: Source, at: Told | None) -> HandedOn:
    """All that is picked and still here goes to the list's study, in a distribution of its own.

    Everybody whose it is is locked first, in the order of their codes, as at any hand-over. What may not go
    stays checked out; where that is all, no distribution is opened. Raises `PickListUnknown`,
    `PickListRefused`, `NothingPicked`, `NothingMayGo`, `RequestNotOpen`.
    """
    listed = list_seen_by(work, by, number)
    items = _picked(work, listed, PickPurpose.STUDY)
    for code in sorted({code for item in items for code in givers_of(work, item)}):
        lock(work, code)
    lock_in_order(work, [item.id for item in items])
    request = work.session.get_one(StudyRequest, listed.request_id)
    opened = open_distribution(work, request.number, site=listed.site, by=by).id

    def go(item: ItemNow) -> None:
        distribute(work, opened, [item.identifier], by=by, at=at, source=source)

    went, stayed = _each(work, items, go)
    return HandedOn(went, stayed, opened)


def send_out_picked(work: Work, number: int, *, by: Actor, source: Source, at: Told | None) -> HandedOn:
    """All that is picked and still here goes to the list's laboratory; it stays ours.

    Raises `PickListUnknown`, `PickListRefused`, `NothingPicked`, `NothingMayGo`, what the custodian's checks
    raise.
    """
    listed = list_seen_by(work, by, number)
    items = _picked(work, listed, PickPurpose.CONTRACT_WORK)
    lock_in_order(work, [item.id for item in items])
    told = {"custodian": listed.goes_to, "purpose": Purpose.CONTRACT_WORK.value, LIST: listed.id}

    def go(item: ItemNow) -> None:
        record(work, item.identifier, Action.SEND_OUT, by=by, source=source, at=at, details=told)

    return HandedOn(*_each(work, items, go))


def _picked(work: Work, listed: PickList, purpose: PickPurpose) -> list[ItemNow]:
    lines = lines_on(work, listed, LineState.PICKED)
    can_be_handed_on(listed, purpose, anything=bool(lines))
    return [item_by_id(work, each.item.id) for each in lines]


def _each(
    work: Work, items: list[ItemNow], go: Callable[[ItemNow], None]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """One that may not go hinders no other. Raises `NothingMayGo`."""
    went, stayed = [], []
    for item in items:
        try:
            with work.savepoint():
                go(item)
        except StepRefused as refusal:
            stayed.append((item.identifier, refusal.detail))
        else:
            went.append(item.identifier)
    something_goes(went, stayed)
    return tuple(went), tuple(stayed)
