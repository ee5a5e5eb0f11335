"""Questions about pick lists: which there are, what is on them, what is out, until when, for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Select, and_, func, literal, select, type_coerce

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import in_turns, locking, row_numbered
from biobank.custody.states import SPECIMENS, State
from biobank.distribution.models import StudyRequest
from biobank.items.models import Item
from biobank.retrieval.choices import COUNTED, OUT, LineState, ListStanding, list_standing
from biobank.retrieval.models import PickLine, PickList, StudySample

MOST_OUT = 200
"""Of what is checked out, how many are shown at once: what is due first."""


class PickListUnknown(NotFound):
    """None of that number, or none that who asks may know of: both answers are the same."""

    title = "Pick list unknown"

    def __init__(self) -> None:
        super().__init__("There is no pick list of this number at your site; look through the pick lists.")


@dataclass(frozen=True)
class OnLine:
    """A line of a list with its piece."""

    line: PickLine
    item: Item


@dataclass(frozen=True)
class CheckedOut:
    """A piece that is out: since when, until when, and for which list if it is for one."""

    item: Item
    since: datetime
    due_at: datetime
    listed: PickList | None
    by: str | None

    def is_late(self, now: datetime) -> bool:
        return self.due_at < now


def subject_of(listed: PickList) -> str:
    """Under which subject the ledger keeps what concerns a list."""
    return f"pick_list:{listed.id}"


def list_numbered(work: Work, number: int, *, locked: bool = False) -> PickList:
    """Raises `PickListUnknown`."""
    found = row_numbered(work, PickList, number, locked=locked)
    if found is None:
        raise PickListUnknown
    return found


def list_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> PickList:
    """Raises `PickListUnknown` also for one of another site."""
    found = list_numbered(work, number, locked=locked)
    if not by.works_at(found.site):
        raise PickListUnknown
    return found


def lists_seen_by(by: Actor, *, request: StudyRequest | None = None) -> Select[PickList]:
    """Lists of somebody's sites, to be shown page by page; of one request, if it is named."""
    question: Select[PickList] = select(PickList)
    if by.sites is not None:
        question = question.where(PickList.site.in_(sorted(by.sites)))
    return question.where(PickList.request_id == request.id) if request else question


def lists_to_walk(by: Actor) -> Select[int]:
    """Numbers of those on which something is still to pick."""
    waiting = select(PickLine.id).where(
        PickLine.list_id == PickList.id, PickLine.state == LineState.TO_PICK.value
    )
    open_ones = lists_seen_by(by).where(PickList.cancelled_at.is_(None), waiting.exists())
    return open_ones.with_only_columns(PickList.id)


def line_of(work: Work, listed: PickList, item_id: int, *, locked: bool = False) -> PickLine | None:
    question = select(PickLine).where(PickLine.list_id == listed.id, PickLine.item_id == item_id)
    return work.session.scalar(locking(question) if locked else question)


def lines_on(work: Work, listed: PickList, *states: LineState) -> list[OnLine]:
    """Lines with their pieces, in the order in which they were chosen; of these states, if any is named."""
    question = select(PickLine, Item).join(Item, Item.id == PickLine.item_id)
    question = question.where(PickLine.list_id == listed.id)
    if states:
        question = question.where(PickLine.state.in_([state.value for state in states]))
    return [OnLine(line, item) for line, item in work.session.execute(question.order_by(PickLine.id))]


def counts_of(work: Work, numbers: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many lines of each list are in which state."""
    found: dict[int, dict[str, int]] = {}
    for some in in_turns(numbers):
        question = select(PickLine.list_id, PickLine.state, func.count()).where(PickLine.list_id.in_(some))
        for number, state, count in work.session.execute(question.group_by(PickLine.list_id, PickLine.state)):
            found.setdefault(number, {})[state] = count
    return found


def standing_of(listed: PickList, counts: Iterable[str]) -> ListStanding:
    return list_standing(cancelled=listed.cancelled_at is not None, states=frozenset(counts))


def promised(work: Work, numbers: Iterable[int]) -> set[int]:
    """Which of these pieces some list that stands is about to take, or has."""
    found: set[int] = set()
    for some in in_turns(numbers):
        question = select(PickLine.item_id).where(
            PickLine.item_id.in_(some), PickLine.state.in_([state.value for state in COUNTED])
        )
        found |= set(work.session.scalars(question))
    return found


def still_to_come(work: Work, request: StudyRequest) -> dict[tuple[str, str], int]:
    """How many pieces of which kind and specification the lists of a request have taken or will."""
    question = (
        select(Item.kind, Item.specification, func.count())
        .join(PickLine, PickLine.item_id == Item.id)
        .join(PickList, PickList.id == PickLine.list_id)
        .where(PickList.request_id == request.id, PickLine.state.in_([LineState.TO_PICK.value, *OUT]))
        .group_by(Item.kind, Item.specification)
    )
    return {(kind, code or ""): int(count) for kind, code, count in work.session.execute(question)}


def lines_out_of(work: Work, item_id: int) -> PickLine | None:
    """The line by which a piece is out now, or was last."""
    question = select(PickLine).where(PickLine.item_id == item_id, PickLine.sequence.is_not(None))
    newest_first = question.order_by(PickLine.sequence.desc(), PickLine.id.desc())
    return work.session.scalar(newest_first.limit(1))


def checked_out(by: Actor) -> Select[Item]:
    """Specimens that are out at somebody's sites."""
    is_out = Item.state == literal(State.CHECKED_OUT.value, literal_execute=True)  # so that its index is seen
    question = select(Item).where(is_out, Item.kind.in_(sorted(SPECIMENS)))
    if by.sites is None:
        return question
    return question.where(Item.custodian.in_([f"site:{site}" for site in sorted(by.sites)]))


def late_out(work: Work, by: Actor, now: datetime) -> Select[int]:
    """Numbers of those of them that are due: by their list, else by the setting since their last step."""
    usual = timedelta(hours=work.settings.pick_out_hours)
    listed = select(PickLine.item_id).where(PickLine.state == LineState.PICKED.value)
    late = listed.where(PickLine.due_at < now)
    overdue = Item.id.in_(late) | (Item.id.not_in(listed) & (Item.recorded_at < now - usual))
    return checked_out(by).where(overdue).with_only_columns(Item.id)


def out_now(work: Work, by: Actor) -> list[CheckedOut]:
    """What is out, that which is due first before the rest."""
    usual = timedelta(hours=work.settings.pick_out_hours)
    without_list = type_coerce(Item.recorded_at, BigInteger) + usual // moments.MICROSECOND
    due = func.coalesce(type_coerce(PickLine.due_at, BigInteger), without_list)
    picked = and_(PickLine.item_id == Item.id, PickLine.state == LineState.PICKED.value)
    question = (
        checked_out(by)
        .add_columns(PickLine, PickList)
        .outerjoin(PickLine, picked)
        .outerjoin(PickList, PickList.id == PickLine.list_id)
        .order_by(due, Item.id)
        .limit(MOST_OUT)
    )
    found = work.session.execute(question).all()
    return [_checked_out(item, line, listed, usual) for item, line, listed in found]


def _checked_out(item: Item, line: PickLine | None, listed: PickList | None, usual: timedelta) -> CheckedOut:
    since = item.occurred_at or item.recorded_at
    if line is None or line.due_at is None:
        return CheckedOut(item, since, item.recorded_at + usual, None, None)
    return CheckedOut(item, since, line.due_at, listed, line.changed_by)


def samples_of(work: Work, request_id: int, numbers: Iterable[int]) -> dict[int, str]:
    """By which number a study knows each of these pieces."""
    found: dict[int, str] = {}
    for some in in_turns(numbers):
        question = select(StudySample.item_id, StudySample.number).where(
            StudySample.request_id == request_id, StudySample.item_id.in_(some)
        )
        found.update((item, number) for item, number in work.session.execute(question))
    return found
