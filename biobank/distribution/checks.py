"""What must hold before a study's request is registered or approved, and before anything is handed to it."""

from datetime import date, datetime

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.codes import is_a_code
from biobank.core.database import Work
from biobank.core.days import day_can_be
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.custody.checks import StepRefused
from biobank.custody.queries import holds_on
from biobank.custody.states import SPECIMENS, HoldKind
from biobank.custody.steps import Attempt
from biobank.custody.transitions import blocking
from biobank.distribution.choices import HolderAnswer, RequestStanding
from biobank.distribution.inputs import HolderTold, NewRequest, Portion
from biobank.distribution.models import Distribution, StudyPortion, StudyRequest
from biobank.distribution.queries import (
    counted_by_portion,
    distribution_numbered,
    givers_of,
    portions_for,
    request_called,
    scopes_lacking,
    standing_on,
)
from biobank.items.identifiers import printed
from biobank.participants.operations import lock
from biobank.participants.queries import standing

LONGEST_PURPOSE = 200
MOST_PIECES = 1_000_000
LONGEST_SPECIFICATION = 64


class RequestRefused(Invalid):
    title = "Request refused"


class RequestKnown(Conflict):
    title = "Registered already"


class NotToApprove(Conflict):
    title = "Nothing to approve"


class OwnRequest(Forbidden):
    title = "Somebody else approves"


class EndedAlready(Conflict):
    title = "Ended already"


class DistributionClosed(Conflict):
    title = "Closed already"


class HolderAnswerRefused(Invalid):
    title = "Holder's answer"


class NotDistributed(Conflict):
    title = "Not distributed"


class RequestMissing(Invalid):
    """Something is handed over, and nobody said to whom."""

    title = "Which study"


class RequestNotOpen(StepRefused):
    """The study's request is not approved, not in date, or ended."""

    title = "No approved request"


class NotCovered(StepRefused):
    """The request is for other specimens, or has all it may get."""

    title = "Not in the request"


class UseNotAllowed(StepRefused):
    """A participant whose material it is does not let it be used so."""

    title = "Participant does not let it"


def can_be_registered(new: NewRequest) -> None:
    """Raises `RequestRefused`, `DayRefused`, `NotACode`, `NamesSomebody`."""
    for field in ("number", "study", "receiver", "agreement"):
        is_a_code(field, getattr(new, field))
    if not new.purpose.strip() or len(new.purpose) > LONGEST_PURPOSE or not new.purpose.isprintable():
        raise RequestRefused(
            f"Say in at most {LONGEST_PURPOSE} characters what the study is for.", field="purpose"
        )
    names_nobody("purpose", new.purpose)
    for field in ("valid_from", "valid_until"):
        day_can_be(field, getattr(new, field))
    if new.valid_until < new.valid_from:
        raise RequestRefused("Its last day lies before its first; look at both.", field="valid_until")
    if not new.portions:
        raise RequestRefused("Say which kinds of specimen the study gets, and how many.", field="portions")
    for portion in new.portions:
        _portion_can_be(portion)
    kinds = [(portion.kind, portion.specification) for portion in new.portions]
    if len(set(kinds)) < len(kinds):
        raise RequestRefused("The same kind stands there twice; add the two up.", field="portions")


def _portion_can_be(portion: Portion) -> None:
    if portion.kind not in SPECIMENS:
        raise RequestRefused(
            f"A study gets specimens; a {portion.kind.value} is none.".replace("_", " "), field="portions"
        )
    if not 1 <= portion.most <= MOST_PIECES:
        raise RequestRefused(f"A study gets between 1 and {MOST_PIECES} of a kind.", field="portions")
    if len(portion.specification) > LONGEST_SPECIFICATION or not portion.specification.isprintable():
        raise RequestRefused(
            f"A specification has at most {LONGEST_SPECIFICATION} characters.", field="portions"
        )
    names_nobody("portions", portion.specification)


def can_be_approved(request: StudyRequest) -> None:
    """Raises `NotToApprove`."""
    if standing_on(request) is not RequestStanding.REGISTERED:
        raise NotToApprove(
            f"Request {request.number} does not wait for an approval: it is approved already, or ended."
        )


def approver_may(request: StudyRequest, signer: Actor) -> None:
    """Compliance or the access committee, and never who registered it. Raises `OwnRequest`."""
    permitted(signer, Permission.APPROVE_STUDIES)
    if signer.person == request.registered_by:
        raise OwnRequest(
            f"{signer.person} registered request {request.number}; somebody else approves it.", field="signer"
        )


def still_open(distribution: Distribution) -> None:
    """Raises `DistributionClosed`."""
    if distribution.closed_at is not None:
        raise DistributionClosed(
            f"Distribution {distribution.id} was closed by {distribution.closed_by}; open another one."
        )


def request_is_open(request: StudyRequest, at: datetime) -> None:
    """On the day of the hand-over and today: a day before the last is not told afterwards.

    Raises `RequestNotOpen`.
    """
    for on in (at.date(), moments.now().date()):
        found = standing_on(request, on)
        if found is not RequestStanding.OPEN:
            raise RequestNotOpen(_not_open(request, found))


def _not_open(request: StudyRequest, found: RequestStanding) -> str:
    number, receiver = request.number, request.receiver
    return {
        RequestStanding.REGISTERED: (
            f"Request {number} is not approved. Nothing may be handed to {receiver} for it."
        ),
        RequestStanding.NOT_YET: (
            f"Request {number} begins on {request.valid_from}. Nothing may be handed to {receiver} for it."
        ),
        RequestStanding.EXPIRED: (
            f"Request {number} ended on {request.valid_until}. Nothing may be handed to {receiver} for it."
        ),
        RequestStanding.ENDED: (
            f"Request {number} was ended by {request.ended_by}. Nothing may be handed to {receiver} for it."
        ),
    }[found]


# Wired before a specimen is distributed, in this order: participants, then request, then item are locked.


def participants_let_it_be_used(work: Work, attempt: Attempt) -> None:
    """Locks whose it is in the order of their codes, as a decision locks them, and asks how they stand.

    Raises `UseNotAllowed`.
    """
    item = attempt.item
    people = givers_of(work, item)
    if not people:
        raise UseNotAllowed(f"Nobody knows of whom {printed(item.identifier)} is; it is not handed over.")
    blocked = [code for code in people if standing(lock(work, code)).use_blocked]
    if blocked:
        raise UseNotAllowed(
            f"{printed(item.identifier)} is of a participant who withdrew from use; put it in quarantine.",
            item=item.identifier,
        )
    _no_hold_since(work, attempt)
    for code in people:
        _shares_it(work, attempt, code)


def _no_hold_since(work: Work, attempt: Attempt) -> None:
    """Holds of what is of several people were read before any of them was locked."""
    held = blocking(attempt.action, frozenset(HoldKind(hold) for hold in holds_on(work, attempt.item.id)))
    if held:
        named = " and ".join(hold.value for hold in held)
        raise UseNotAllowed(
            f"{printed(attempt.item.identifier)} is under a hold ({named}); it is not handed over.",
            holds=[hold.value for hold in held],
        )


def _shares_it(work: Work, attempt: Attempt, code: str) -> None:
    """A consent for such material and for sharing, in force when it is handed over and still now."""
    for at in (_when(attempt), attempt.recorded_at):
        lacking = scopes_lacking(work, attempt.item, code, at)
        if lacking:
            raise UseNotAllowed(
                f"There is no consent for {' and '.join(lacking)} in force of whom "
                f"{printed(attempt.item.identifier)} is; it is not handed over.",
                item=attempt.item.identifier,
                scopes=lacking,
            )


def _when(attempt: Attempt) -> datetime:
    return attempt.at.at if attempt.at else attempt.recorded_at


def request_covers_it(work: Work, attempt: Attempt) -> None:
    """Locks the request: two stations never hand out more than it says.

    Raises `RequestMissing`, `RequestUnknown`, `RequestNotOpen`, `NotCovered`, `DistributionClosed`.
    """
    number = attempt.details.get("request")
    if not isinstance(number, str) or not number.strip():
        raise RequestMissing("Say which study's request it goes to.", field="details.request")
    request = request_called(work, number, locked=True)
    request_is_open(request, _when(attempt))
    _is_of_its_distribution(work, request, attempt)
    portion_left(work, request, attempt)


def _is_of_its_distribution(work: Work, request: StudyRequest, attempt: Attempt) -> None:
    number = attempt.details.get("distribution")
    if number is None:
        return
    found = distribution_numbered(work, number if type(number) is int else 0)
    still_open(found)
    if found.request_id != request.id:
        raise NotCovered(f"Distribution {found.id} is for another request than {request.number}.")


def portion_left(work: Work, request: StudyRequest, attempt: Attempt) -> StudyPortion:
    """The kind of the request that it counts against. Raises `NotCovered`."""
    item = attempt.item
    fitting, counted = portions_for(work, request, item), counted_by_portion(work, request)
    left = [portion for portion in fitting if counted.get(portion.id, 0) < portion.most]
    if left:
        return left[0]
    named, kind = printed(item.identifier), item.kind.value.replace("_", " ")
    specification = item.specification or "unknown"
    if fitting:
        sentence = (
            f"Request {request.number} has all it may get of any {kind} of specification {specification}; "
            f"put {named} back."
        )
    else:
        sentence = (
            f"Request {request.number} is for no {kind} of specification {specification}; put {named} back."
        )
    raise NotCovered(sentence, item=item.identifier)


def holder_told_well(told: HolderTold, since: date) -> None:
    """`since` is the day of the hand-over at its site.

    Raises `HolderAnswerRefused`, `DayRefused`, `NotACode`, `NamesSomebody`.
    """
    day_can_be("on", told.on)
    if told.on > moments.now().date():
        raise HolderAnswerRefused(f"{told.on} has not come yet; check the day.", field="on")
    if told.on < since:
        raise HolderAnswerRefused(f"It was handed over on {since}; check the day.", field="on")
    if told.answer in (HolderAnswer.DESTROYED, HolderAnswer.USED_UP) and not told.reference:
        raise HolderAnswerRefused(
            "Give the number of the letter in which the study says so.", field="reference"
        )
    if told.reference:
        is_a_code("reference", told.reference)
