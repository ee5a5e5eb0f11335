"""One field of one row, sealed by AES-256-GCM and bound to its table, column, row and key."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank.core.data_keys import NONCE_BYTES, DataKey
from biobank.core.errors import Conflict

PURPOSE = "fields"


class FieldDamaged(Conflict):
    """What stands there was changed, or belongs to another row, column or key."""

    title = "Field damaged"


def seal(plain: bytes, place: tuple[str, str, str], key: DataKey) -> bytes:
    """`place` is table, column and row."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key.derived(PURPOSE)).encrypt(nonce, plain, _bound_to(place, key))


def unsealed(sealed: bytes, place: tuple[str, str, str], key: DataKey, sentence: str) -> bytes:
    """Raises `FieldDamaged` with `sentence`."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key.derived(PURPOSE)).decrypt(nonce, rest, _bound_to(place, key))
    except (InvalidTag, ValueError) as problem:
        raise FieldDamaged(sentence) from problem


def _bound_to(place: tuple[str, str, str], key: DataKey) -> bytes:
    return "\0".join((*place, str(key.number))).encode()
