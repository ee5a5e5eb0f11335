"""Questions to the vault that open nothing: whom it knows, who looked, and who may."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from biobank.access.models import Person, RoleGrant
from biobank.access.permissions import ROLE_PERMISSIONS, Permission
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.identity.blind_index import name_index, programme_index
from biobank.identity.checks import IdentityNotKnown
from biobank.identity.choices import IdentityField
from biobank.identity.inputs import Said
from biobank.identity.models import StoredIdentity, VaultAccess
from biobank.identity.sealed_fields import unsealed
from biobank.identity.vault import Vault, vault_reading
from biobank.participants.queries import codes_of, participant_named


def vault_knows(work: Work, participant: str) -> bool:
    """By their code or one that was linked to it; says nothing of who they are."""
    with vault_reading() as vault:
        return row_of(vault, codes_of(work, participant_named(work, participant).code)) is not None


def row_of(vault: Vault, codes: Sequence[str]) -> StoredIdentity | None:
    """Of several codes of one person the first counts that has an identity: their own before linked ones."""
    rows = vault.session.scalars(select(StoredIdentity).where(StoredIdentity.participant.in_(codes)))
    by_code = {row.participant: row for row in rows}
    return next((by_code[code] for code in codes if code in by_code), None)


def rows_of_many(vault: Vault, codes: Iterable[str]) -> Iterator[StoredIdentity]:
    """Whom the vault knows of any number of codes."""
    for some in in_turns(codes):
        yield from vault.session.scalars(select(StoredIdentity).where(StoredIdentity.participant.in_(some)))


def row_needed(vault: Vault, codes: Sequence[str]) -> StoredIdentity:
    """Raises `IdentityNotKnown`."""
    row = row_of(vault, codes)
    if row is None:
        raise IdentityNotKnown(codes[0])
    return row


def own_codes(work: Work, participant: str) -> list[str]:
    """The participant's own code, then those that were linked to it."""
    named = participant_named(work, participant).code
    return [named, *(code for code in codes_of(work, named) if code != named)]


def opened(vault: Vault, row: StoredIdentity, fields: Iterable[IdentityField]) -> Mapping[IdentityField, str]:
    """The fields that are kept of those that are asked for. Raises `FieldDamaged`, `WrongKey`."""
    key = vault.data_key(row.key_number)
    sealed = {name: getattr(row, name.value) for name in fields}
    return {
        name: unsealed(bytes(value), name, row.participant, key)
        for name, value in sealed.items()
        if value is not None
    }


def rows_called(vault: Vault, said: Said) -> list[StoredIdentity]:
    """Everybody of that name and birth date, under each key that is in use."""
    wanted = [name_index(said, key) for key in vault.live_keys()]
    question = select(StoredIdentity).where(StoredIdentity.name_index.in_(wanted))
    return list(vault.session.scalars(question.order_by(StoredIdentity.participant)))


def row_of_programme(vault: Vault, programme_participant: str) -> StoredIdentity | None:
    wanted = [programme_index(programme_participant, key) for key in vault.live_keys()]
    return vault.session.scalar(select(StoredIdentity).where(StoredIdentity.programme_index.in_(wanted)))


def accesses_of(work: Work, participant: str, *, limit: int = 500) -> Sequence[VaultAccess]:
    """Who looked at this participant's identity, the newest first, as the vault tells it."""
    codes = own_codes(work, participant)
    question = select(VaultAccess).where(VaultAccess.participant.in_(codes)).order_by(VaultAccess.id.desc())
    with vault_reading() as vault:
        rows = vault.session.scalars(question.limit(limit)).all()
        vault.session.expunge_all()
    return rows


def accesses_between(
    from_at: datetime, until_at: datetime, *, by: str | None = None, station: str | None = None
) -> Sequence[VaultAccess]:
    """Every look between two moments, by one person or at one station where that is asked, oldest first."""
    question = select(VaultAccess).where(VaultAccess.at >= from_at, VaultAccess.at <= until_at)
    if by is not None:
        question = question.where(VaultAccess.by == by)
    if station is not None:
        question = question.where(VaultAccess.station == station)
    with vault_reading() as vault:
        rows = vault.session.scalars(question.order_by(VaultAccess.id)).all()
        vault.session.expunge_all()
    return rows


def holders(work: Work) -> Sequence[tuple[RoleGrant, Person]]:
    """Who may read identities now, by name: one row a role and site."""
    roles = sorted(role for role, held in ROLE_PERMISSIONS.items() if Permission.READ_IDENTITY in held)
    question = (
        select(RoleGrant, Person)
        .join(Person, Person.username == RoleGrant.person)
        .where(RoleGrant.role.in_(roles), RoleGrant.withdrawn_at.is_(None), Person.active.is_(True))
        .order_by(RoleGrant.role, Person.printed_name)
    )
    return [(grant, person) for grant, person in work.session.execute(question)]


def counts(vault: Vault) -> dict[str, int]:
    """How many identities, and how many looks of each kind were written down."""
    kinds = select(VaultAccess.kind, func.count()).group_by(VaultAccess.kind).order_by(VaultAccess.kind)
    looks = {str(kind): int(number) for kind, number in vault.session.execute(kinds)}
    known = vault.session.scalar(select(func.count()).select_from(StoredIdentity))
    return {"identities": known or 0, **looks}
