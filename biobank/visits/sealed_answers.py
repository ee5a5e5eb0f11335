"""Answers to safety questions as they lie in the database: sealed, under a key file of their own."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from biobank.core import sealed_fields
from biobank.core.data_keys import DataKey, KeyFile
from biobank.core.database import Work, db, reading
from biobank.core.key_ring import KeyRing, keys_open
from biobank.ledger.canonical import canonical_bytes
from biobank.settings import Settings
from biobank.visits.models import AnswersKey, SafetyAnswers

PADDED_TO = 512
"""Bytes: the length of what is sealed would tell how many answers are yes."""


def answers_key_file(settings: Settings) -> KeyFile:
    path = Path(settings.answers_key_file)
    return KeyFile(path, "answers_key_file", AnswersKey.__tablename__, "answers to safety questions")


def answers_ring(work: Work) -> KeyRing:
    """Raises `SecretRefused` for a key file that cannot be read."""
    return KeyRing(work, answers_key_file(work.settings), AnswersKey)


def answers_open() -> None:
    """At the start: the key file belongs to the answers that are kept. Raises `SecretRefused`, `WrongKey`."""

    def live_keys() -> None:
        with reading() as work:
            answers_ring(work).live_keys()

    keys_open(db.engine, AnswersKey.__tablename__, live_keys)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was answered in one visit, opened. The salt is sealed too: few answers are quickly guessed."""

    answers: Mapping[str, str]
    """By the codes of the questions."""
    weight_grams: int | None
    """Of the day; None when nobody weighed."""
    drawn_elsewhere_microlitres: int
    """Blood that others drew in the last eight weeks, as told."""
    salt: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """What the ledger remembers: it proves the answers while they are kept, and nothing after."""
        content = {
            "answers": dict(self.answers),
            "weight_grams": self.weight_grams,
            "drawn_elsewhere_microlitres": self.drawn_elsewhere_microlitres,
        }
        return hashlib.sha256(self.salt + canonical_bytes(content)).hexdigest()


def seal(answered: Answered, visit: int, key: DataKey) -> bytes:
    content = {
        "answers": dict(answered.answers),
        "weight_grams": answered.weight_grams,
        "drawn_elsewhere_microlitres": answered.drawn_elsewhere_microlitres,
        "salt": answered.salt.hex(),
    }
    plain = orjson.dumps(content)
    return sealed_fields.seal(plain.ljust(-len(plain) // PADDED_TO * -PADDED_TO), _place(visit), key)


def unsealed(kept: SafetyAnswers, key: DataKey) -> Answered:
    """Raises `FieldDamaged`."""
    sentence = (
        f"The safety answers of visit {kept.visit_id} were changed or moved in the database; ask them again."
    )
    plain = sealed_fields.unsealed(bytes(kept.sealed), _place(kept.visit_id), key, sentence)
    content = orjson.loads(plain)
    return Answered(**{**content, "salt": bytes.fromhex(content["salt"])})


def _place(visit: int) -> tuple[str, str, str]:
    return SafetyAnswers.__tablename__, SafetyAnswers.sealed.key, str(visit)
