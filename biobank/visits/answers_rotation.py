"""New keys for the answers that are kept: the data key, which seals all of them anew, and the key file's."""

from collections.abc import Iterator
from contextlib import contextmanager

from biobank.access.actors import Actor
from biobank.core import key_rotation
from biobank.core.database import reading, writing
from biobank.core.key_ring import KeyRing
from biobank.core.key_rotation import Exchanged, Rotated, Sealed
from biobank.ledger.operations import append_to
from biobank.visits.models import SafetyAnswers
from biobank.visits.sealed_answers import answers_ring, seal, unsealed

SUBJECT, ENTRY = "safety_answers", "answers_rotation"


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


ANSWERS = Sealed(_ring_reading, _ring_writing, SafetyAnswers.key_number, _reseal)


def rotate_data_key(by: Actor) -> Rotated:
    """A new data key; the one before is emptied once nothing is sealed with it any more."""
    done = key_rotation.rotate_data_key(ANSWERS, by.person)
    with writing() as work:
        content = {"key": done.key, "resealed": done.resealed, "what": "data_key", "recorded_by": by.person}
        append_to(work, subject=SUBJECT, kind=ENTRY, content=content)
    return done


def exchange_file_key(by: Actor) -> Exchanged:
    """A new key in the key file, every data key wrapped with it."""
    done = key_rotation.exchange_file_key(ANSWERS)
    with writing() as work:
        content = {"key": done.key, "what": "key_file", "recorded_by": by.person}
        append_to(work, subject=SUBJECT, kind=ENTRY, content=content)
    return done
