"""The vault's tables, in a database of their own: keys, sealed identities, and who looked at them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from biobank.core.key_ring import WrappedKey
from biobank.core.tables import NAMES, AppendOnly, Moment, PrimaryKey


class IdentityBase(DeclarativeBase):
    """Every table of the vault; none of them is in the samples' database."""

    metadata = MetaData(naming_convention=NAMES)


class VaultKey(WrappedKey, IdentityBase):
    """A key that seals identities, itself wrapped by the key of the key file."""

    __tablename__ = "vault_keys"


class StoredIdentity(IdentityBase):
    """Who a participant is: each field sealed by itself, bound to table, column, row and key."""

    __tablename__ = "identities"

    participant: Mapped[str] = mapped_column(String(16), primary_key=True)
    """The code that the sample side knows."""
    key_number: Mapped[int] = mapped_column(ForeignKey("vault_keys.number", ondelete="RESTRICT"), index=True)
    programme_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Keyed hash of the programme's participant id, for looking it up."""
    name_index: Mapped[str] = mapped_column(String(64), index=True)
    """Keyed hash of name and birth date without case, accents and blanks."""
    programme_participant: Mapped[bytes | None] = mapped_column(LargeBinary)
    given_name: Mapped[bytes] = mapped_column(LargeBinary)
    family_name: Mapped[bytes] = mapped_column(LargeBinary)
    birth_date: Mapped[bytes] = mapped_column(LargeBinary)
    email: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    postal_address: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[bytes] = mapped_column(LargeBinary)
    entered_at: Mapped[datetime] = mapped_column(Moment)
    entered_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str] = mapped_column(String(40))


class VaultAccess(AppendOnly, IdentityBase):
    """One look into the vault; each is an entry of the ledger too, so that erasing it here is seen there."""

    __tablename__ = "vault_accesses"
    __table_args__ = (Index("ix_vault_accesses_participant", "participant", "at"),)

    id: Mapped[PrimaryKey]
    access: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; the same in the ledger."""
    participant: Mapped[str | None] = mapped_column(String(16))
    """Empty for a search that found nobody."""
    kind: Mapped[str] = mapped_column(String(12))
    fields: Mapped[str] = mapped_column(String(200))
    """Which fields, with commas between."""
    reason: Mapped[str] = mapped_column(String(16))
    document: Mapped[str | None] = mapped_column(String(40))
    """Number of what asks for it, such as a form, a message or a legal demand."""
    answer: Mapped[str | None] = mapped_column(String(3))
    """`yes` or `no`, where that is all that was answered."""
    by: Mapped[str] = mapped_column(String(40))
    roles: Mapped[str] = mapped_column(String(200))
    """Of that person at that moment, with commas between."""
    station: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
