"""What must hold before any step of any item: one small function a rule, one error a rule."""

from datetime import timedelta

from biobank.access.actors import Actor
from biobank.access.checks import more_than_a_badge
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.moments import from_microseconds, to_microseconds
from biobank.custody.queries import item_now
from biobank.custody.states import (
    DISPOSALS,
    ENDS,
    FOR_DISPOSAL,
    HANDLED,
    LEAVING,
    NOT_HERE,
    SPECIMENS,
    Action,
    Kind,
    Nature,
    Placing,
    State,
)
from biobank.custody.step_words import step_word
from biobank.custody.steps import SEEN_ALREADY, Attempt, Flag, ItemNow, SourceKind
from biobank.custody.transitions import OPEN_TO_ANY_SITE, TRANSITIONS, Transition, allowed_actions, blocking
from biobank.items.identifiers import printed
from biobank.sites.queries import site_called


class NoSuchStep(Conflict):
    """The kind of item never takes this step."""

    title = "No such step"


class NotYourStep(Forbidden):
    """The step exists, for other roles."""

    title = "Not your step"


class RegisteredAlready(Conflict):
    """An item is born once, by what makes it."""

    title = "Registered already"


class OtherSite(Forbidden):
    """The item is of another site, and a decision about it is theirs."""

    title = "Item of another site"


class StepRefused(Conflict):
    """A decision that is not possible in this state, or under this hold."""

    title = "Not possible now"


class InTheFuture(Invalid):
    """Nothing has happened yet that lies ahead of our clock."""

    title = "Time in the future"


class PlaceMissing(Invalid):
    """The step needs a place, and none was given, or takes none."""

    title = "Place"


class NothingToCorrect(Invalid):
    """The event that is to be corrected is none of this item's."""

    title = "No such event"


class LostRace(Conflict):
    """Somebody else was faster, again and again."""

    title = "Somebody else was faster"


def row_for(item: ItemNow, action: Action) -> Transition:
    row = TRANSITIONS.get((item.kind, action))
    if row is None:
        raise NoSuchStep(
            f"{printed(item.identifier)} is {'an' if item.kind is Kind.ALIQUOT else 'a'} "
            f"{item.kind.replace('_', ' ')}, and this is never done to one: {action.replace('_', ' ')}.",
            item=item.identifier,
        )
    return row


def not_born_again(attempt: Attempt) -> None:
    if attempt.action is Action.REGISTER:
        raise RegisteredAlready(
            f"{printed(attempt.item.identifier)} is registered already; new items are registered when kits, "
            "aliquots, derivatives, pools, boxes, parcels or waste bags are made.",
            item=attempt.item.identifier,
            allowed_actions=offered(attempt),
        )


def badge_is_enough(attempt: Attempt) -> None:
    """Whoever ends a specimen, frees it or lets it leave the house, says a password: `PasswordNeeded`."""
    if attempt.action in DISPOSALS | LEAVING | {Action.RELEASE}:
        more_than_a_badge(attempt.by)


def role_may(attempt: Attempt) -> None:
    if not attempt.by.roles & attempt.row.roles:
        roles = ", ".join(sorted(role.replace("_", " ") for role in attempt.row.roles))
        raise NotYourStep(
            f"{attempt.action.replace('_', ' ').capitalize()} is done by {roles}; ask one of them.",
            item=attempt.item.identifier,
        )


def is_of_this_site(work: Work, attempt: Attempt) -> list[Flag]:
    """Decisions belong to the item's sites; facts are taken from any site, into quarantine."""
    sites = attempt.item.sites()
    if not sites or attempt.action in OPEN_TO_ANY_SITE or any(attempt.by.works_at(site) for site in sites):
        return []
    named = site_called(work, *attempt.item.sites_told())
    if attempt.row.nature is Nature.DECISION:
        raise OtherSite(
            f"{printed(attempt.item.identifier)} is of {named}; "
            f"only they may do this with it: {attempt.action.replace('_', ' ')}. Tell them that it is here.",
            item=attempt.item.identifier,
            sites=sorted(sites),
        )
    return [Flag("other_site", f"Recorded at another site than {named}.")]


def may_see(by: Actor, item: ItemNow) -> bool:
    """Whether `by` works at one of the item's sites; what is of no site is everybody's."""
    sites = item.sites()
    return not sites or any(by.works_at(site) for site in sites)


def called(by: Actor, item: ItemNow) -> str:
    """What was found by looking, not named by `by`: its code is for who may see it."""
    return printed(item.identifier) if may_see(by, item) else "something of another site"


def seen_by(work: Work, by: Actor, item: ItemNow) -> None:
    """Who works at none of an item's sites learns whose it is, and no more. Raises `OtherSite`."""
    sites = item.sites()
    if not may_see(by, item):
        named = site_called(work, *item.sites_told())
        raise OtherSite(
            f"{printed(item.identifier)} is of {named}; tell them that it is here.",
            item=item.identifier,
            sites=sorted(sites),
        )


def item_seen_by(work: Work, by: Actor, text: str) -> ItemNow:
    """The item that bears `text`, for who may see it. Raises `OtherSite` and what `item_now` raises."""
    item = item_now(work, text)
    seen_by(work, by, item)
    return item


def not_in_the_future(attempt: Attempt, skew: timedelta) -> None:
    if attempt.at is not None and attempt.at.at > attempt.recorded_at + skew:
        raise InTheFuture(
            f"{attempt.at.at:%Y-%m-%d %H:%M} UTC has not come yet; check the time and the date.",
            field="occurred_at",
        )


def place_fits_the_step(attempt: Attempt) -> None:
    if attempt.row.placing is Placing.MUST and attempt.place is None:
        raise PlaceMissing(
            f"{attempt.action.replace('_', ' ').capitalize()} needs a place: scan the box, parcel or bag.",
            field="place",
        )
    if attempt.row.placing in (Placing.KEEPS, Placing.LEAVES) and attempt.place is not None:
        raise PlaceMissing(f"{attempt.action.replace('_', ' ').capitalize()} takes no place.", field="place")


GIVEN_BY_THEN: frozenset[SourceKind] = SEEN_ALREADY - {"system"}
"""Sources that tell of a kit that was given to somebody before anybody could be asked."""


def no_hold_stops_it(attempt: Attempt) -> list[Flag]:
    stopping = blocking(_as_judged(attempt), attempt.holds)
    if not stopping:
        return []
    named = " and ".join(hold.value for hold in stopping)
    sentence = f"{printed(attempt.item.identifier)} is under a hold ({named})."
    was_given = attempt.action is Action.ASSIGN and attempt.source.kind in GIVEN_BY_THEN
    if attempt.row.may_be_done_already or was_given:
        return attempt.ask_back("done_under_hold", f"{sentence} It may not be used.")
    raise StepRefused(
        f"{sentence} {attempt.action.replace('_', ' ').capitalize()} is not possible under it; "
        "ask a biobank lead or compliance what is to be done with it.",
        item=attempt.item.identifier,
        holds=[hold.value for hold in stopping],
        allowed_actions=offered(attempt),
    )


def _as_judged(attempt: Attempt) -> Action:
    """Sent out to be disposed of is no use: what stops it is what stops putting it in waste."""
    is_disposal = attempt.action is Action.SEND_OUT and attempt.details.get("purpose") == FOR_DISPOSAL
    return Action.PUT_IN_WASTE if is_disposal else attempt.action


def state_allows_it(attempt: Attempt, voided: str = "") -> list[Flag]:
    """A decision outside its origins is refused; a fact is asked back once and then taken.

    `voided` says of a code that was given up when, by whom and why.
    """
    if attempt.item.state in attempt.row.origins:
        return []
    state = attempt.item.state.replace("_", " ")
    sentence = f"{printed(attempt.item.identifier)} is {state}{voided or since(attempt.item)}"
    action = attempt.action.replace("_", " ")
    if attempt.row.nature is Nature.FACT:
        code = VOIDED_CODE if attempt.item.state is State.VOIDED else "unexpected_step"
        return attempt.ask_back(
            code, f"{sentence}; “{step_word(attempt.action)}” does not usually come next."
        )
    origins = ", ".join(sorted(state.replace("_", " ") for state in attempt.row.origins))
    if attempt.row.may_be_done_already and attempt.item.state not in (State.EXPECTED, State.VOIDED):
        return attempt.ask_back("unexpected_step", f"{sentence}; {action} is possible from {origins}.")
    raise StepRefused(
        f"{sentence}; {action} is possible from {origins}.",
        item=attempt.item.identifier,
        state=attempt.item.state.value,
        allowed_actions=offered(attempt),
    )


VOIDED_CODE = "voided_code"
"""Flag of a fact about a code that was given up: something is behind it, and goes into quarantine."""


def times_are_in_order(attempt: Attempt, skew: timedelta) -> list[Flag]:
    """A doubt only beyond what two clocks may differ by: a station is often a minute behind the server."""
    before = attempt.item.occurred_at
    if attempt.at is None or before is None or attempt.action is Action.CORRECT:
        return []
    if to_microseconds(attempt.at.at + skew) >= before:
        return []
    return attempt.ask_back(
        "before_the_step_before",
        f"{attempt.at.at:%Y-%m-%d %H:%M} UTC lies before the last step of "
        f"{printed(attempt.item.identifier)} ({from_microseconds(before):%Y-%m-%d %H:%M} UTC).",
    )


def corrects_an_event(attempt: Attempt) -> None:
    if attempt.corrects is not None and not 1 <= attempt.corrects <= attempt.item.sequence:
        raise NothingToCorrect(
            f"{printed(attempt.item.identifier)} has events 1 to {attempt.item.sequence}; name one of them.",
            field="corrects",
        )


def is_found(attempt: Attempt) -> bool:
    """Whether somebody handles what was thought not to be here: then it is, whatever was meant to be done."""
    if attempt.item.state is State.SENT_OUT and attempt.action is Action.QUARANTINE and attempt.place is None:
        return False  # a hold on what somebody else has, by who has it not in hand
    return is_specimen(attempt.item) and attempt.item.state in NOT_HERE and attempt.action in HANDLED


def left_an_end(attempt: Attempt, now: State) -> bool:
    """Whether a fact took the item out of a state that was thought to be its last."""
    return (
        attempt.item.state in ENDS and now is not attempt.item.state and attempt.action is not Action.CORRECT
    )


def since(item: ItemNow) -> str:
    return f" since {from_microseconds(item.recorded_at):%Y-%m-%d %H:%M} UTC"


def offered(attempt: Attempt) -> list[str]:
    steps = allowed_actions(attempt.item.kind, attempt.item.state, attempt.by.roles, attempt.holds)
    return [step.value for step in steps]


def is_specimen(item: ItemNow) -> bool:
    return item.kind in SPECIMENS
