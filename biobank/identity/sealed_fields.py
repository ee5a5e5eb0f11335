"""One field of one person, sealed and bound to its place in the vault."""

from biobank.core import sealed_fields
from biobank.core.data_keys import DataKey
from biobank.identity.choices import IdentityField

TABLE = "identities"


def seal(text: str, column: IdentityField, participant: str, key: DataKey) -> bytes:
    return sealed_fields.seal(text.encode(), (TABLE, column.value, participant), key)


def unsealed(sealed: bytes, column: IdentityField, participant: str, key: DataKey) -> str:
    """Raises `FieldDamaged`."""
    sentence = (
        f"The {column.replace('_', ' ')} of {participant} was changed or moved in the vault's database; "
        "nothing is shown. Run biobank vault verify and restore a backup."
    )
    return sealed_fields.unsealed(sealed, (TABLE, column.value, participant), key, sentence).decode()
