"""One field of one person, sealed by AES-256-GCM and bound to its table, column, row and key."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank.core.errors import Conflict
from biobank.identity.choices import IdentityField
from biobank.identity.vault_keys import NONCE_BYTES, DataKey

PURPOSE = "fields"


class FieldDamaged(Conflict):
    """What stands there was changed, or belongs to another row, column or key."""

    title = "Vault damaged"


def seal(text: str, column: IdentityField, participant: str, key: DataKey) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(key.derived(PURPOSE))
    return nonce + cipher.encrypt(nonce, text.encode(), _place(column, participant, key))


def unsealed(sealed: bytes, column: IdentityField, participant: str, key: DataKey) -> str:
    """Raises `FieldDamaged`."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        plain = AESGCM(key.derived(PURPOSE)).decrypt(nonce, rest, _place(column, participant, key))
    except (InvalidTag, ValueError) as problem:
        raise FieldDamaged(
            f"The {column.replace('_', ' ')} of {participant} was changed or moved in the vault's database; "
            "nothing is shown. Run biobank vault verify and restore a backup.",
            participant=participant,
        ) from problem
    return plain.decode()


def _place(column: IdentityField, participant: str, key: DataKey) -> bytes:
    return "\0".join(("identities", column.value, participant, str(key.number))).encode()
