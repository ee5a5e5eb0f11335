"""What two people are shown and sign about a participant, as one record with its SHA-256."""

from biobank.core.database import Work
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import standing_orders
from biobank.destruction.records import order_record
from biobank.destruction.signed_records import Record
from biobank.ledger.canonical import sha256_of
from biobank.participants.models import Participant
from biobank.participants.queries import codes_of
from biobank.withdrawals.choices import SignedKind
from biobank.withdrawals.contents import death_content, decision_content
from biobank.withdrawals.models import Death, RecordedDecision
from biobank.withdrawals.queries import deaths_of, standing_decisions

Shown = tuple[Record, str]


def reversal_record(
    work: Work, participant: Participant, decisions: list[RecordedDecision], order: DestructionOrder | None
) -> Shown:
    """The decisions that are taken back and the order that ends with them, as it is now."""
    return _hashed(
        {
            "record": SignedKind.REVERSAL.value,
            "participant": participant.code,
            "decisions": [decision_content(decision) for decision in decisions],
            "orders": _orders(work, [order] if order else []),
        }
    )


def mistake_record(
    work: Work, decision: RecordedDecision, orders: list[DestructionOrder], other: str | None
) -> Shown:
    """A decision that was entered for the wrong participant, and whose it is, if that is known."""
    return _hashed(
        {
            "record": SignedKind.MISTAKEN_DECISION.value,
            "participant": decision.participant,
            "decisions": [decision_content(decision)],
            "orders": _orders(work, orders),
            "other": other,
        }
    )


def death_record(death: Death) -> Shown:
    return _hashed(
        {
            "record": SignedKind.MISTAKEN_DEATH.value,
            "participant": death.participant,
            "death": death_content(death),
        }
    )


def same_person_record(work: Work, one: Participant, other: Participant) -> Shown:
    """Where both codes stand: the stricter will hold for both."""
    return _hashed(
        {
            "record": SignedKind.SAME_PERSON.value,
            "participant": one.code,
            "other": other.code,
            "stand": [_stand(work, each) for each in (one, other)],
        }
    )


def _stand(work: Work, participant: Participant) -> Record:
    return {
        "codes": codes_of(work, participant.code),
        "decisions": [decision_content(each) for each in standing_decisions(work, participant.code)],
        "deaths": [death_content(death) for death in deaths_of(work, participant.code)],
        "orders": _orders(work, standing_orders(work, participant.code)),
    }


def _orders(work: Work, orders: list[DestructionOrder]) -> list[Record]:
    return [
        {"order": order.identifier, "state": order.state, "record_sha256": order_record(work, order)[1]}
        for order in orders
    ]


def _hashed(record: Record) -> Shown:
    return record, sha256_of(record)
