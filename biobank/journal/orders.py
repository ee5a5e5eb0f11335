"""What the journal holds of orders: by what an older backup finds one, and what is entered again by hand."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.destruction.models import CeremonyEvent, DestructionOrder
from biobank.destruction.queries import certificates_of, legal_holds_of, orders_seen_by, standing_orders
from biobank.items.identifiers import printed
from biobank.journal.choices import CEREMONY_SETTLED, CERTIFICATE, EXACTLY, LIFTED, ORDER, PLACED, TO_ENTER
from biobank.journal.formats import Entry, Line
from biobank.ledger.queries import entries_of
from biobank.participants.queries import ParticipantUnknown, codes_of, participant_named

Told = Mapping[str, Any]
SUBJECT = "restore"
"""Under which the log keeps what was lost with a database that an older backup took the place of."""


def about_order(work: Work, identifier: str, event: Told) -> dict[str, Any]:
    """Of which participant and decision an order is; of a ceremony when and where it was held."""
    question = select(DestructionOrder).where(DestructionOrder.identifier == identifier)
    order = work.session.scalars(question).one()
    about = {"order": identifier, "participant": order.participant, "decision": order.decision}
    held = work.session.get(CeremonyEvent, event["event"]) if event.get("event") else None
    return about | ({"held_on": held.on.isoformat(), "site": held.site} if held else {})


def order_meant(work: Work, about: Told) -> DestructionOrder | None:
    """By its number; else the one that the same decision opened here; else the participant's newest."""
    question = select(DestructionOrder).where(DestructionOrder.identifier == about["order"])
    named = work.session.scalar(question)
    if named is not None:
        return named
    try:
        code = participant_named(work, about["participant"]).code
    except ParticipantUnknown:
        return None
    found = [order for each in codes_of(work, code) for order in standing_orders(work, each)]
    found.sort(key=lambda order: (order.decision == about["decision"], order.id))
    return found[-1] if found else None


def told_of(entry: Entry) -> dict[str, Any]:
    """What a line of an order tells, and of which."""
    told = {name: value for name, value in entry.event.items() if name not in EXACTLY}
    what = told.get("change", entry.kind)
    return {**told, "what": what, "of": entry.subject, "about": dict(entry.about or {})}


def to_enter_later(lines: Iterable[Line]) -> list[Told]:
    """Of lines that are not applied yet: what nobody but a person can make again."""
    found = [told_of(line.entry) for line in lines if line.entry.kind in (ORDER, CERTIFICATE)]
    return [told for told in found if told["what"] in (CERTIFICATE, CEREMONY_SETTLED)]


def to_enter_again(work: Work) -> list[Told]:
    """What a line of the journal tells, could not be made again, and nobody entered since; oldest first."""
    told = [entry.event for entry in entries_of(work, SUBJECT) if entry.event["kind"] == TO_ENTER]
    lifted = {each["hold"] for each in told if each["what"] == LIFTED}
    waiting = [each for each in told if each["what"] != LIFTED and each.get("hold") not in lifted]
    return [each for each in waiting if not _is_entered(work, each)]


def to_enter_seen_by(work: Work, by: Actor) -> list[Told]:
    """The same of orders that `by` sees, each with the number of the order here, if there is one."""
    seen = orders_seen_by(by).with_only_columns(DestructionOrder.id)
    found = [(told, order_meant(work, told["about"])) for told in to_enter_again(work)]
    return [
        {**told, "order_here": order.identifier if order else None}
        for told, order in found
        if by.sites is None
        or (order and work.session.scalar(seen.where(DestructionOrder.id == order.id)) is not None)
    ]


def _is_entered(work: Work, told: Told) -> bool:
    order = order_meant(work, told["about"])
    if order is None:
        return False
    if told["what"] == CERTIFICATE:
        return bool(certificates_of(work, order))
    if told["what"] == CEREMONY_SETTLED:
        return order.ceremony_settled is not None
    return bool(legal_holds_of(work, order))


def sentence_of(told: Told) -> str:
    """What is to be entered again, as the terminal says it."""
    order = printed(told["about"]["order"])
    if told["what"] == CERTIFICATE:
        return (
            f"Order {order} was confirmed: certificate {printed(told['of'])}, SHA-256 {told['sha256']}. "
            "Look for its pieces, and confirm it again."
        )
    if told["what"] == PLACED:
        return (
            f"Order {order} was under a legal hold ({told['because']}, {told['reference']}) and is not here; "
            "place the hold when it is opened again."
        )
    return f"The ceremony of order {order} was settled: {_settled(told)}. Record it again."


def _settled(told: Told) -> str:
    about = told["about"]
    if "held_on" not in about:
        return str(told["settlement"]).replace("_", " ")
    return f"held on {about['held_on']} at {about['site'] or 'a place outside'}"
