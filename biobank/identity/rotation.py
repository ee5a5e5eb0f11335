"""What of the vault is sealed, for new keys: every identity, with the newest data key."""

from biobank.identity.choices import ALL_FIELDS
from biobank.identity.models import StoredIdentity
from biobank.identity.operations import reseal
from biobank.identity.queries import opened
from biobank.identity.vault import Vault, vault_reading, vault_writing
from biobank.ledger.rotating import Logged


def _reseal(vault: Vault, row: StoredIdentity, by: str) -> None:
    reseal(vault, row, opened(vault, row, ALL_FIELDS), by)


IDENTITIES = Logged(
    vault_reading,
    vault_writing,
    StoredIdentity.key_number,
    _reseal,
    subject="identity_vault",
    entry="vault_rotation",
)
