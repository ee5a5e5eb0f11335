"""What of the answers is sealed, for new keys: those that are kept, with the newest data key."""

from collections.abc import Iterator
from contextlib import contextmanager

from biobank.core.database import reading, writing
from biobank.core.key_ring import KeyRing
from biobank.ledger.rotating import Logged
from biobank.visits.models import SafetyAnswers
from biobank.visits.sealed_answers import answers_ring, seal, unsealed


@contextmanager
def _ring_reading() -> Iterator[KeyRing]:
    with reading() as work:
        yield answers_ring(work)


@contextmanager
def _ring_writing() -> Iterator[KeyRing]:
    with writing() as work:
        yield answers_ring(work)


def _reseal(ring: KeyRing, row: SafetyAnswers, by: str) -> None:
    answered, key = unsealed(row, ring.data_key(row.key_number)), ring.sealing_key(by)
    row.sealed, row.key_number = seal(answered, row.visit_id, key), key.number


ANSWERS = Logged(
    _ring_reading,
    _ring_writing,
    SafetyAnswers.key_number,
    _reseal,
    subject="safety_answers",
    entry="answers_rotation",
)
