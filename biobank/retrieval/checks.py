"""What must hold before a pick list is made, a piece is picked for it, brought back, or handed on."""

from collections import Counter
from collections.abc import Collection, Sequence

from biobank.access.queries import person_named
from biobank.core import moments
from biobank.core.codes import is_a_code
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.core.quantities import in_millilitres
from biobank.custodians.checks import in_use
from biobank.custodians.choices import CustodianKind
from biobank.custodians.queries import custodian_named
from biobank.custody.checks import StepRefused
from biobank.custody.states import SPECIMENS, State
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.distribution.checks import request_is_open
from biobank.distribution.models import StudyPortion, StudyRequest
from biobank.distribution.queries import (
    counted_by_portion,
    givers_of,
    portions_for,
    scopes_lacking,
)
from biobank.items.identifiers import printed
from biobank.participants.operations import lock
from biobank.participants.queries import standing
from biobank.processing.choices import LARGEST_MICROLITRES
from biobank.retrieval.choices import GAPS, PICKABLE, LineState, PickPurpose
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.retrieval.models import PickLine, PickList
from biobank.retrieval.queries import counts_of, line_of, list_numbered

MOST_PIECES = 2000
"""Of one list; more is more than a walk."""
MOST_KINDS = 20
LONGEST_HOURS = 24 * 31
LIST = "pick_list"
"""The detail of a check-out that says for which list it is."""
TAKEN = "taken_microlitres"
"""The detail of a return that says how much of it was used."""


class PickListRefused(Invalid):
    title = "Pick list refused"


class ListCancelled(Conflict):
    title = "List cancelled"


class NotOnTheList(Conflict):
    title = "Not on this list"


class PickedAlready(Conflict):
    title = "Picked already"


def picked_already(work: Work, line: PickLine, item: ItemNow) -> PickedAlready:
    """To be raised; it says by whom, in the name that people know."""
    person = person_named(work, line.changed_by).printed_name if line.changed_by else "somebody"
    return PickedAlready(
        f"{printed(item.identifier)} was picked already by {person}; scan the next.", item=item.identifier
    )


class EnoughPicked(Conflict):
    title = "Enough is picked"


class NothingPicked(Conflict):
    title = "Nothing picked"


class NothingMayGo(Conflict):
    title = "Nothing may go"


class NotOut(Conflict):
    title = "Not out"


class BackRefused(Invalid):
    title = "Look again"


class NotToPick(StepRefused):
    """A participant does not let it be used so."""

    title = "Participant does not let it"


def can_be_made(work: Work, new: NewPickList) -> None:
    """Raises `PickListRefused`, `NotACode`, `NamesSomebody`, `CustodianUnknown`, `CustodianNotInUse`."""
    if bool(new.wishes) == bool(new.items):
        raise PickListRefused(
            "Say how many of which kind. Without a study the pieces themselves can be scanned instead.",
            field="wishes",
        )
    for wish in new.wishes:
        _wish_can_be(wish)
    if len(new.wishes) > MOST_KINDS:
        raise PickListRefused(f"A list has at most {MOST_KINDS} kinds; make another.", field="wishes")
    if sum(wish.count for wish in new.wishes) + len(new.items) > MOST_PIECES:
        raise PickListRefused(f"A list has at most {MOST_PIECES} pieces; make several.", field="wishes")
    if not 0 <= new.least_microlitres <= LARGEST_MICROLITRES:
        raise PickListRefused("This volume cannot be; type it again.", field="least_microlitres")
    if new.out_hours is not None and not 1 <= new.out_hours <= LONGEST_HOURS:
        raise PickListRefused(
            f"A piece is out between 1 and {LONGEST_HOURS} hours; type it again.", field="out_hours"
        )
    _goes_somewhere(work, new)


def _wish_can_be(wish: Wish) -> None:
    if wish.kind not in SPECIMENS:
        raise PickListRefused("Specimens are picked; choose a kind of specimen.", field="wishes")
    if not 1 <= wish.count <= MOST_PIECES:
        raise PickListRefused(f"Say how many, between 1 and {MOST_PIECES}.", field="wishes")
    names_nobody("wishes", wish.specification)


def _goes_somewhere(work: Work, new: NewPickList) -> None:
    if new.purpose is PickPurpose.STUDY:
        if not new.request:
            raise PickListRefused("Say for which study's request it is picked.", field="request")
        return
    if new.request:
        raise PickListRefused("Only what goes to a study has a request; leave it out.", field="request")
    is_a_code("goes_to", new.goes_to)
    if new.purpose is PickPurpose.CONTRACT_WORK:
        custodian = custodian_named(work, new.goes_to)
        in_use(custodian)
        if custodian.kind == CustodianKind.WASTE_CONTRACTOR:
            raise PickListRefused(
                f"{custodian.code} disposes of things and analyses nothing; choose another.", field="goes_to"
            )


def request_has_left(
    work: Work, request: StudyRequest, wishes: tuple[Wish, ...], coming: dict[tuple[str, str], int]
) -> None:
    """What it was given and what other lists are picking counts; `coming` is by kind and specification.

    Raises `RequestNotOpen`, `PickListRefused`.
    """
    request_is_open(request, moments.now())
    given = counted_by_portion(work, request)
    asked: Counter[int] = Counter()
    for wish in wishes:
        portion = _portion_of(request, wish)
        promised = sum(
            count
            for (kind, code), count in coming.items()
            if kind == portion.kind and portion.specification in ("", code)
        )
        left = portion.most - given.get(portion.id, 0) - promised
        asked[portion.id] += wish.count  # two kinds may be of one portion
        count = asked[portion.id]
        if count > left:
            raise PickListRefused(
                f"Request {request.number} may get {max(0, left)} more of "
                f"{wish.specification or wish.kind.value}; asked for: {count}.",
                field="wishes",
            )


def _portion_of(request: StudyRequest, wish: Wish) -> StudyPortion:
    of_kind = [each for each in request.portions if each.kind == wish.kind.value]
    fitting = [each for each in of_kind if each.specification in ("", wish.specification)]
    if not fitting:
        raise PickListRefused(
            f"Request {request.number} is for no {wish.specification or wish.kind.value}.", field="wishes"
        )
    return min(fitting, key=lambda each: not each.specification)


def piece_can_be_listed(work: Work, listed: PickList, item: ItemNow, request: StudyRequest | None) -> None:
    """A piece that was named by its code. Raises `PickListRefused`."""
    named = printed(item.identifier)
    if item.kind not in SPECIMENS:
        raise PickListRefused(f"{named} is no specimen; scan what is to be picked.", field="items")
    if item.state is not State.STORED or item.custodian != f"site:{listed.site}":
        raise PickListRefused(f"{named} is not stored at this biobank; leave it out.", field="items")
    if request is not None and not portions_for(work, request, item):
        raise PickListRefused(f"{named} is of no kind that the request is for; leave it out.", field="items")


def not_cancelled(listed: PickList) -> None:
    """Raises `ListCancelled`."""
    if listed.cancelled_at is not None:
        raise ListCancelled(
            f"Pick list {listed.id} was cancelled by {listed.cancelled_by}; put the piece back."
        )


def is_on_its_list(work: Work, attempt: Attempt) -> None:
    """Wired before `check_out`: a piece for a list is on it, and nobody has picked it.

    Locks the list: two who pick from it never take more than was wanted. Raises `PickListUnknown`,
    `ListCancelled`, `NotOnTheList`, `PickedAlready`, `EnoughPicked`.
    """
    number = attempt.details.get(LIST)
    if number is None:
        return
    listed = list_numbered(work, number if type(number) is int else 0, locked=True)
    not_cancelled(listed)
    line = line_of(work, listed, attempt.item.id, locked=True)
    named = printed(attempt.item.identifier)
    if line is None:
        raise NotOnTheList(f"{named} is not on pick list {listed.id}; put it back.")
    if LineState(line.state) not in PICKABLE:
        raise picked_already(work, line, attempt.item)
    if line.state != LineState.TO_PICK:
        a_gap_is_left(work, listed)


def a_gap_is_left(work: Work, listed: PickList) -> None:
    """An alternative may have been taken for what was not there. Raises `EnoughPicked`."""
    counts = counts_of(work, [listed.id])[listed.id]
    if sum(count for state, count in counts.items() if LineState(state) not in GAPS) >= listed.wanted:
        raise EnoughPicked(
            f"All {listed.wanted} of pick list {listed.id} are picked or about to be; put this one back."
        )


def participants_let_it_be_picked(work: Work, attempt: Attempt) -> None:
    """Wired before `check_out`, for what is on a list: whose it is stands locked, as at a hand-over.

    Raises `NotToPick`, and for a study's list `RequestNotOpen`.
    """
    number = attempt.details.get(LIST)
    if number is None:
        return
    listed = list_numbered(work, number if type(number) is int else 0)
    people = givers_of(work, attempt.item)
    named = printed(attempt.item.identifier)
    if not people or any(standing(lock(work, code)).use_blocked for code in people):
        raise NotToPick(
            f"{named} is of a participant who withdrew from use, or of nobody known; put it in quarantine.",
            item=attempt.item.identifier,
        )
    if listed.request_id is not None:
        _shared(work, attempt, listed.request_id, people)


def _shared(work: Work, attempt: Attempt, request_id: int, people: list[str]) -> None:
    request = work.session.get_one(StudyRequest, request_id)
    request_is_open(request, attempt.recorded_at)
    for code in people:
        lacking = scopes_lacking(work, attempt.item, code, attempt.recorded_at)
        if lacking:
            raise NotToPick(
                f"There is no consent for {' and '.join(lacking)} in force of whom "
                f"{printed(attempt.item.identifier)} is; put it back.",
                item=attempt.item.identifier,
                scopes=lacking,
            )


def not_more_than_was_in_it(_: Work, attempt: Attempt) -> list[Flag]:
    """Wired before `check_in` and `return`: more than was known is asked back, and then a case.

    Raises `BackRefused`.
    """
    taken, known = attempt.details.get(TAKEN), attempt.item.volume_microlitres
    if taken is None:
        return []
    if type(taken) is not int or not 0 < taken <= LARGEST_MICROLITRES:
        raise BackRefused("Say in whole microlitres how much of it was used.", field=f"details.{TAKEN}")
    if known is None or taken <= known:
        return []
    sentence = (
        f"{printed(attempt.item.identifier)} held {in_millilitres(known)} as far as known, and "
        f"{in_millilitres(taken)} were used."
    )
    return attempt.ask_back("overdrawn", sentence)


def can_be_handed_on(listed: PickList, purpose: PickPurpose, *, anything: bool) -> None:
    """Raises `PickListRefused`, `NothingPicked`."""
    if listed.purpose != purpose:
        raise PickListRefused(f"Pick list {listed.id} is for something else; look at what it is for.")
    if not anything:
        raise NothingPicked(f"Nothing of pick list {listed.id} is picked and still here; pick it first.")


def something_goes(went: Collection[str], stayed: Sequence[tuple[str, str]]) -> None:
    """Raises `NothingMayGo`, with why the first piece stays."""
    if not went:
        why = stayed[0][1]
        raise NothingMayGo(f"Nothing of what is picked may go, so nothing is recorded. {why}")
