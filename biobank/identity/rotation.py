"""New keys for the vault: the data key, with everything sealed anew, and the key file's key."""

from biobank.access.actors import Actor
from biobank.core import key_rotation
from biobank.core.database import writing
from biobank.core.key_rotation import Rotated, Sealed
from biobank.identity.choices import ALL_FIELDS
from biobank.identity.models import StoredIdentity
from biobank.identity.operations import reseal
from biobank.identity.queries import opened
from biobank.identity.vault import Vault, vault_reading, vault_writing
from biobank.ledger.operations import append_to

SUBJECT, ENTRY = "identity_vault", "vault_rotation"


def _reseal(vault: Vault, row: StoredIdentity, by: str) -> None:
    reseal(vault, row, opened(vault, row, ALL_FIELDS), by)


IDENTITIES = Sealed(vault_reading, vault_writing, StoredIdentity.key_number, _reseal)


def rotate_data_key(by: Actor) -> Rotated:
    """A new data key; the one before is emptied once nothing is sealed with it any more."""
    done = key_rotation.rotate_data_key(IDENTITIES, by.person)
    with writing() as work:
        content = {"key": done.key, "resealed": done.resealed, "what": "data_key", "recorded_by": by.person}
        append_to(work, subject=SUBJECT, kind=ENTRY, content=content)
    return done


def exchange_file_key(by: Actor) -> int:
    """A new key in the key file, every data key wrapped with it; how many there are."""
    done = key_rotation.exchange_file_key(IDENTITIES)
    with writing() as work:
        content = {"key": done.key, "what": "key_file", "recorded_by": by.person}
        append_to(work, subject=SUBJECT, kind=ENTRY, content=content)
    return done.wrapped
