"""New keys for the vault: the data key, with everything sealed anew in batches, and the key file's key.

Either can be killed at any moment: the next run goes on where it was. In transactions of its own.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select, text

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import writing
from biobank.identity.choices import ALL_FIELDS
from biobank.identity.models import StoredIdentity, VaultKey
from biobank.identity.operations import reseal
from biobank.identity.queries import opened
from biobank.identity.vault import Vault, vault_reading, vault_writing
from biobank.identity.vault_keys import new_file_key, wrapped, write_key_file
from biobank.ledger.operations import append_to

AT_ONCE = 100
SUBJECT, ENTRY = "identity_vault", "vault_rotation"


@dataclass(frozen=True)
class Rotated:
    """The number of the key in use now, and how many identities were sealed anew in this run."""

    key: int
    resealed: int


def rotate_data_key(by: Actor) -> Rotated:
    """A new data key; the one before is emptied once nothing is sealed with it any more."""
    newest = _newer_key(by)
    resealed = 0
    while done := _reseal_some(newest, by) or _still_in_use(newest):
        resealed += done
    with writing() as work:
        content = {"key": newest, "resealed": resealed, "what": "data_key", "recorded_by": by.person}
        append_to(work, subject=SUBJECT, kind=ENTRY, content=content)
    return Rotated(newest, resealed)


def _newer_key(by: Actor) -> int:
    """Made, unless an earlier run was killed after it had made one."""
    with vault_writing() as vault:
        if not vault.work.is_sqlite:
            vault.session.execute(text("LOCK TABLE vault_keys IN EXCLUSIVE MODE"))
        live = vault.live_keys()
        return live[0].number if len(live) > 1 else vault.add_key(by.person).number


def _sealed_before(newest: int) -> Select[Any]:
    return select(StoredIdentity).where(StoredIdentity.key_number != newest)


def _reseal_some(newest: int, by: Actor) -> int:
    with vault_writing() as vault:
        some = _sealed_before(newest).order_by(StoredIdentity.participant).limit(AT_ONCE).with_for_update()
        rows = vault.session.scalars(some).all()
        for row in rows:
            reseal(vault, row, opened(vault, row, ALL_FIELDS), by.person)
        return len(rows)


def _still_in_use(newest: int) -> int:
    """Empty the older keys; how many identities somebody sealed with one meanwhile, if it was any."""
    with vault_writing() as vault:
        older = select(VaultKey).where(VaultKey.retired_at.is_(None), VaultKey.number != newest)
        rows = vault.session.scalars(older.with_for_update()).all()  # waits for who is sealing with one now
        left = vault.session.scalar(select(exists(_sealed_before(newest))))
        if not left:
            for row in rows:
                row.wrapped, row.retired_at = b"", moments.now()
        return 0 if not left else _count(vault, newest)


def _count(vault: Vault, newest: int) -> int:
    question = select(func.count()).select_from(_sealed_before(newest).subquery())
    return vault.session.scalar(question) or 0


def exchange_file_key(by: Actor) -> int:
    """A new key in the key file, every data key wrapped with it; how many there are.

    While it goes on the file holds both keys, so that whoever reads it opens what there is.
    """
    with vault_reading() as vault:
        path, keys = vault.path, vault.file_keys
    if len(keys) == 1:
        keys = (new_file_key(), *keys)
        write_key_file(path, keys)
    with vault_writing() as vault:
        rows = vault.session.scalars(
            select(VaultKey).where(VaultKey.retired_at.is_(None)).with_for_update()
        ).all()
        for row in rows:
            row.wrapped, row.wrapped_by = wrapped(vault.opened(row), keys[0]), keys[0].fingerprint
    write_key_file(path, keys[:1])
    with writing() as work:
        content = {"key": keys[0].fingerprint, "what": "key_file", "recorded_by": by.person}
        append_to(work, subject=SUBJECT, kind=ENTRY, content=content)
    return len(rows)
