"""What the vault says of looks into it, compared with the ledger, and whether each field is in its place."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.sealed_fields import FieldDamaged
from biobank.identity.accesses import ENTRY, content_of, finish, subject_of_access
from biobank.identity.blind_index import name_index
from biobank.identity.choices import ALL_FIELDS
from biobank.identity.inputs import Said
from biobank.identity.models import StoredIdentity, VaultAccess
from biobank.identity.queries import opened
from biobank.identity.vault import Vault, vault_reading
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import events_of_kind, wrong

UNDER_WAY = timedelta(seconds=30)
"""Between the vault's record and the ledger's entry lies at most a request."""


def access_findings(work: Work) -> Iterator[Finding]:
    """Each look that one of the two keeps and the other does not, or keeps otherwise."""
    work.flush()
    told = _told(work)
    with vault_reading() as vault:  # after the ledger: what is told there was in the vault before
        before = moments.now() - UNDER_WAY
        for record in _records(vault):
            event = told.pop(record.access, None)
            if event is not None:
                yield from _differences(record, event)
            elif record.at < before:
                yield wrong(_called(record.access), "is in the vault and has no entry in the log")
    for access in sorted(told):
        yield wrong(_called(access), "is in the log and was taken out of the vault")


def _told(work: Work) -> dict[str, Mapping[str, Any]]:
    events = events_of_kind(work, ENTRY)
    return {str(event.get("access")): {**event, "subject": subject} for subject, event in events}


def _records(vault: Vault) -> Iterator[VaultAccess]:
    return iter(
        vault.session.scalars(select(VaultAccess).order_by(VaultAccess.id).execution_options(yield_per=500))
    )


def _called(access: str) -> str:
    return f"identity access {access}"


def _differences(record: VaultAccess, event: Mapping[str, Any]) -> Iterator[Finding]:
    subject = subject_of_access(record.access, record.participant)
    for name, value in {**content_of(record), "subject": subject}.items():
        if event.get(name) != value:
            yield wrong(_called(record.access), f"is in the vault with {name} {value}, not {event.get(name)}")


def finish_accesses(work: Work) -> int:
    """Looks that a power cut left in the vault alone get their entry; how many there were."""
    told, before = _told(work), moments.now() - UNDER_WAY
    with vault_reading() as vault:
        open_ = [record for record in _records(vault) if record.access not in told and record.at < before]
    for record in open_:
        finish(work, subject_of_access(record.access, record.participant), content_of(record))
    return len(open_)


def field_findings(vault: Vault) -> Iterator[Finding]:
    """Each identity with a field that was changed or moved, or that is found under another name."""
    rows = vault.session.scalars(select(StoredIdentity).order_by(StoredIdentity.participant))
    for row in rows:
        try:
            texts = opened(vault, row, ALL_FIELDS)
        except FieldDamaged as damage:
            yield wrong(row.participant, f"cannot be opened: {damage.detail.rstrip('.')}")
        else:
            if name_index(Said.of(texts), vault.data_key(row.key_number)) != row.name_index:
                yield wrong(row.participant, "is looked up under another name than it has")
