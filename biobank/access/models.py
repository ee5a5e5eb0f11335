"""People, what they may do where, how they prove who they are, and what they signed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.access.choices import Proof
from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey

SHA256 = String(64)
"""Hexadecimal; a text on both databases, so that the scan path compares it as it is."""


class Person(Base):
    """A person who works here, or a named outsider; disabled, never deleted or given to another."""

    __tablename__ = "people"

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(40), unique=True)
    """A code such as `clinic.ana`; of an outsider `ext-` and 12 hexadecimal digits."""
    printed_name: Mapped[str] = mapped_column(String(120))
    """As it stands under a signature."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; empty for people who never sign in."""
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id of the PIN that goes with a badge; chosen by the person, known to nobody else."""
    active: Mapped[bool] = mapped_column(default=True)
    outsider: Mapped[bool] = mapped_column(default=False)
    """Performed something elsewhere and has no account here."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(40))


class RoleGrant(Base):
    """A role of a person at a site, or at all sites; taken back by a second moment, never erased."""

    __tablename__ = "role_grants"
    __table_args__ = (Index("ix_role_grants_person", "person"),)

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    role: Mapped[str] = mapped_column(String(20))
    site: Mapped[str | None] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    granted_by: Mapped[str] = mapped_column(String(40))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))


class Token(Base):
    """A bearer token for the API and the commands: its SHA-256, never itself."""

    __tablename__ = "tokens"

    id: Mapped[PrimaryKey]
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    scopes: Mapped[str | None] = mapped_column(String(1000))
    """Permissions with commas between; empty: all that the person may."""
    site: Mapped[str | None] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    """Narrows every role of the person to this site."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Badge(Base):
    """A code that a person carries, as its SHA-256; given by an administrator, taken back, never erased."""

    __tablename__ = "badges"
    __table_args__ = (Index("ix_badges_person", "person"),)

    id: Mapped[PrimaryKey]
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    given_at: Mapped[datetime] = mapped_column(Moment)
    given_by: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_by: Mapped[str | None] = mapped_column(String(40))


class BrowserSession(Base):
    """A signed-in browser, by the SHA-256 of its cookie."""

    __tablename__ = "browser_sessions"
    __table_args__ = (Index("ix_browser_sessions_person_station", "person", "station"),)

    id: Mapped[PrimaryKey]
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    station: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    """To the minute: written at most once a minute."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    """The absolute end; the idle end follows from `last_seen_at` and a setting."""
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    signed_in_by: Mapped[str] = mapped_column(String(10), default=Proof.PASSWORD, server_default="password")
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    """The station shows its badge screen since then; it also does so of itself after a setting."""
    page: Mapped[str | None] = mapped_column(String(400))
    """Where the person was when the station was locked or somebody else's badge was scanned."""


class SignInFailure(Base):
    """How often somebody failed to prove who they are, by account and by address, as hashes."""

    __tablename__ = "sign_in_failures"

    sha256: Mapped[str] = mapped_column(SHA256, primary_key=True)
    """A hash, since people type passwords into the field of the name."""
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(Moment)


class Signature(AppendOnly, Base):
    """One electronic signature over one or more records, also in the ledger under `signature:ID`."""

    __tablename__ = "signatures"
    __table_args__ = (CheckConstraint("length(meaning) > 0", name="meaning"),)

    id: Mapped[PrimaryKey]
    signer: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    printed_name: Mapped[str] = mapped_column(String(120))
    """As it was at the time of signing."""
    role: Mapped[str] = mapped_column(String(200))
    """The signer's roles at the time of signing, with commas between."""
    meaning: Mapped[str] = mapped_column(String(200))
    signed_at: Mapped[datetime] = mapped_column(Moment)
    station: Mapped[str | None] = mapped_column(String(64))
    requested_by: Mapped[str] = mapped_column(String(40))
    """Whose session the signature was given in: a witness signs beside the performer."""
    records: Mapped[list["SignedRecord"]] = relationship(order_by="SignedRecord.id")


class SignedRecord(Base):
    """A record as it was shown to the signer."""

    __tablename__ = "signed_records"

    id: Mapped[PrimaryKey]
    signature_id: Mapped[int] = mapped_column(
        Key, ForeignKey("signatures.id", ondelete="RESTRICT"), index=True
    )
    kind: Mapped[str] = mapped_column(String(40))
    identifier: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(SHA256)
