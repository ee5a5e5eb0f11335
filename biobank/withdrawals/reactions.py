"""A tube of somebody who withdrew is recognised at the scan, with what is right at this moment."""

from collections.abc import Iterable

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.holds import open_discrepancy
from biobank.custody.queries import holds_on
from biobank.custody.states import ENDS, MADE, Action, HoldKind, Kind, State
from biobank.custody.steps import Alert, Done, ItemNow
from biobank.destruction import rechecking
from biobank.destruction.choices import MAY_DESTROY, LineEnd
from biobank.destruction.line_ends import DESTROYED_FOR_ANOTHER, FALSELY_DESTROYED
from biobank.destruction.models import DestructionOrder
from biobank.destruction.outside import others_attested
from biobank.destruction.queries import lines_of_item, order_of_item, stage
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import participants_behind
from biobank.kits.queries import specification_of_tube
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import participant_named
from biobank.withdrawals.holding import (
    COLLECTED_AFTER,
    NOT_GIVEN,
    USED_UP,
    bring_line_up_to_date,
    bring_up_to_date,
    reason_for,
)
from biobank.withdrawals.queries import has_decided, spans_of

ARRIVALS = frozenset(
    {
        Action.ASSIGN,
        Action.COLLECT,
        Action.RECEIVE,
        Action.RETURN,
        Action.FIND,
        Action.LINK,
        Action.ALIQUOT,
        Action.DERIVE,
        Action.POOL,
        Action.CORRECT,
    },
)
"""Steps after which material may be there that no decision has reached yet."""
WASTE = frozenset(
    {Action.PUT_IN_WASTE, Action.TAKE_OUT_OF_WASTE, Action.DESTROY, Action.ACCEPT_ATTESTATION},
)
ALONE = WASTE | {Action.STORE, Action.MOVE, Action.CHECK_OUT, Action.CHECK_IN, Action.QUARANTINE}
"""Steps of what is there and was given: what was made of it, and what is held, is as it was."""
TOLD = ARRIVALS | {Action.STORE, Action.CHECK_IN, Action.MOVE, Action.UNPACK}
"""Steps at which somebody has the tube in hand and must hear what to do with it."""


def recognise_withdrawn(work: Work, done: Done) -> Iterable[Alert]:
    """Wired after every step of every item, last: holds and order follow, the bench hears what is right."""
    action = done.attempt.action
    codes = {*_whose(work, done.attempt.item), *_whose(work, done.item)}
    if not codes or not (action in ARRIVALS | WASTE or HoldKind.WITHDRAWAL in done.attempt.holds):
        return []
    alerts = _destroyed_for_another(work, done)
    for code in sorted(str(code) for code in codes):
        if action is Action.LINK:
            lock(work, code)
        if has_decided(work, code):
            _follow(work, code, done)
            ghost = done.attempt.item.state is State.DESTROYED
            if (action in TOLD or ghost) and code in _whose(work, done.item):
                alerts += _told(work, done, participant_named(work, code))
    return [*alerts, *_falsely_destroyed(work, done, sorted(codes))]


def _follow(work: Work, code: str, done: Done) -> None:
    states = {done.attempt.item.state, done.item.state}
    if done.attempt.action in ALONE and not states & (NOT_GIVEN | USED_UP):
        bring_line_up_to_date(work, code, done.item.id, by=done.attempt.by)
    else:
        bring_up_to_date(work, code, by=done.attempt.by)


def _whose(work: Work, item: ItemNow) -> list[str]:
    """Of a pool, and of what was made of one, everybody's whose material is in it."""
    if item.participant is not None:
        return [item.participant]
    return participants_behind(work, item.id) if item.kind in MADE else []


def _told(work: Work, done: Done, participant: Participant) -> list[Alert]:
    item = done.item
    if item.kind is Kind.KIT or item.state in ENDS | {State.EXPECTED}:
        return []
    order = order_of_item(work, participant.code, item.id)
    if order is not None:
        return [Alert("withdrawal", _on_order(work, done, order))]
    if _drawn_after_leaving(work, item, participant):
        return [
            Alert(
                "withdrawal",
                f"STOP: {printed(item.identifier)} was drawn after its participant left. Put it in "
                f"{_quarantine(work, done)}, {_how_cold(work, item)}; it may not be used. Tell compliance.",
            ),
        ]
    if HoldKind.WITHDRAWAL in holds_on(work, item.id):
        return [
            Alert(
                "withdrawal",
                f"{printed(item.identifier)} is of a participant who withdrew and is kept: store it, "
                f"{_how_cold(work, item)}; it may not be used.",
            ),
        ]
    return []


def _on_order(work: Work, done: Done, order: DestructionOrder) -> str:
    item = done.item
    name = (
        f"STOP: {printed(item.identifier)} is of a participant who withdrew, on order "
        f"{printed(order.identifier)}."
    )
    place = _quarantine(work, done)
    if order.legal_hold:
        return (
            f"{name} A legal hold stands on it: put it in {place}, {_how_cold(work, item)}; it is neither "
            "used nor destroyed."
        )
    if _ended_in_a_pool(work, order, item):
        return f"{name} It is in a pool that is kept: store it, {_how_cold(work, item)}; it may not be used."
    if stage(order) in MAY_DESTROY:
        return f"{name} The order is ready: put it in waste now, and until then in {place}."
    until = f"{order.hold_until:%Y-%m-%d %H:%M} UTC"
    return (
        f"{name} Put it in {place}, {_how_cold(work, item)} and usable, at least until {until}; "
        "do not use it and do not destroy it before the order is ready."
    )


def _ended_in_a_pool(work: Work, order: DestructionOrder, item: ItemNow) -> bool:
    lines = [line for line in lines_of_item(work, item.id) if line.order_id == order.id]
    return any(line.outcome == LineEnd.POOLED for line in lines)


def _quarantine(work: Work, done: Done) -> str:
    """The quarantine place of a site of who scans, by name; any quarantine place when there is none."""
    places = select(Item).where(Item.kind == Kind.QUARANTINE_PLACE.value).order_by(Item.id)
    for place in work.session.scalars(places):
        if place.site is None or done.attempt.by.works_at(place.site):
            return f"quarantine place {place.specification or ''} ({printed(place.identifier)})".replace(
                "  ", " "
            )
    return "quarantine"


def _how_cold(work: Work, item: ItemNow) -> str:
    """What its specification asks for; of other material only that it must not get warmer than it is."""
    tube = specification_of_tube(work, item) if item.kind is Kind.TUBE else None
    if tube is None or not tube.clinic_temperature or item.state is State.STORED:
        return "as cold as it is now"
    return f"{tube.clinic_temperature} or as cold as it came"


def _drawn_after_leaving(work: Work, item: ItemNow, participant: Participant) -> bool:
    row = work.session.get_one(Item, item.id)
    return (
        row.collected_at is not None and reason_for(spans_of(work, participant.code), row) == COLLECTED_AFTER
    )


def _falsely_destroyed(work: Work, done: Done, codes: Iterable[str]) -> list[Alert]:
    """It was called destroyed and is here: the worst that an audit can find, and never hidden."""
    if done.attempt.item.state is not State.DESTROYED or done.item.state is State.DESTROYED:
        return []
    orders = [order_of_item(work, participant_named(work, code).code, done.item.id) for code in codes]
    reopened = sorted({printed(order.identifier) for order in orders if order is not None})
    again = f" Order {' and '.join(reopened)} is open again." if reopened else ""
    sentence = f"{FALSELY_DESTROYED}{again}"
    open_discrepancy(work, done.item, "false_destruction", sentence, by=done.attempt.by)
    rechecking.note_found(work, done)
    return [Alert("false_destruction", f"{sentence} {_to_check_again(work, done)}")]


def _to_check_again(work: Work, done: Done) -> str:
    """The rest of its batch, which goes onto a list: each of them is looked for."""
    batch = rechecking.batch_that_ended(work, done.item)
    if batch is None:
        return _to_ask_about(work, done)
    others = rechecking.list_for_rechecking(work, batch, done.item, by=done.attempt.by)
    return f"Look for the others of its batch at once: {rechecking.told(others)}."


def _to_ask_about(work: Work, done: Done) -> str:
    """What its custodian attested with it: their word is worth as much as it was for this one."""
    found = others_attested(work, done.item.id)
    if found is None:
        return "Its batch is not known."
    attestation, others = found
    who, number = attestation.custodian, attestation.id
    if not others:
        return f"{who} said that it was destroyed (attestation {number}), and named no others."
    named = ", ".join(printed(other.identifier) for other in others)
    return (
        f"{who} said that it was destroyed (attestation {number}): ask them at once about the others that "
        f"they named: {named}."
    )


def _destroyed_for_another(work: Work, done: Done) -> list[Alert]:
    """It was destroyed for a participant whose it was not: nothing brings it back, and it is an incident."""
    linked = done.attempt.action is Action.LINK and done.attempt.item.participant != done.item.participant
    person = done.attempt.item.participant
    if not linked or done.item.state is not State.DESTROYED or person is None:
        return []
    if participant_named(work, person).code == done.item.participant:
        return []
    open_discrepancy(work, done.item, "destroyed_for_another", DESTROYED_FOR_ANOTHER, by=done.attempt.by)
    return [Alert("destroyed_for_another", f"{DESTROYED_FOR_ANOTHER} Tell compliance at once.")]
