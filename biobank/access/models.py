"""People, what they may do where, how they prove who they are, and what they signed."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
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


class SetupLink(Base):
    """A link under which somebody chooses their password, once: the SHA-256 of its 256 bits, never itself."""

    __tablename__ = "setup_links"
    __table_args__ = (Index("ix_setup_links_person", "person"),)

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by: Mapped[str | None] = mapped_column(String(40))


class TimeCode(Base):
    """What an authenticator app was told, sealed; counts once it was confirmed with a code."""

    __tablename__ = "time_codes"
    __table_args__ = (Index("ix_time_codes_person", "person"),)

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The secret under AES-256-GCM, with a key derived from the service's secret."""
    begun_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    last_step: Mapped[int] = mapped_column(BigInteger)
    """Of 30 seconds since 1970, the last whose code was taken: no code counts twice."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """One of the codes on paper that stand in for a lost app, once each: 80 bits, as their SHA-256."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_person", "person"),)

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    """Others took their place."""


class Passkey(Base):
    """A passkey (WebAuthn) by its public key; revoked, never erased, since signatures name it."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_person", "person"),)

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    credential: Mapped[str] = mapped_column(String(1400), unique=True)
    """Its id as the authenticator chose it, base64url."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """COSE."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """As last told; an authenticator that counts and does not go on was copied."""
    name: Mapped[str] = mapped_column(String(60))
    registered_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_by: Mapped[str | None] = mapped_column(String(40))


class PasskeyQuestion(Base):
    """What a passkey was asked, by the SHA-256 of its nonce; each is answered once and within minutes."""

    __tablename__ = "passkey_questions"

    id: Mapped[PrimaryKey]
    sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str | None] = mapped_column(String(40))
    """In whose session; empty before a sign-in."""
    expires_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class AccountEvent(AppendOnly, Base):
    """What happened to an account, also in the ledger under `account:USERNAME`."""

    __tablename__ = "account_events"
    __table_args__ = (
        Index("ix_account_events_person", "person"),
        Index("ix_account_events_event_at", "event", "at"),
    )

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    event: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(40))
    """In whose session, or the person themself."""
    station: Mapped[str | None] = mapped_column(String(64))
    address_sha256: Mapped[str | None] = mapped_column(SHA256)
    """From where a signing failed; not in the ledger."""
    details: Mapped[str] = mapped_column(Text)
    """Canonical JSON: codes, counts and hashes, never a secret or a name."""


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
    proved_by: Mapped[str | None] = mapped_column(String(10))
    """`password` or `passkey`; empty for signatures by password from before there was a choice."""
    assertion: Mapped[str | None] = mapped_column(Text)
    """What the passkey answered, as canonical JSON, so that anybody can judge it again."""
    records: Mapped[list["SignedRecord"]] = relationship(order_by="SignedRecord.id")


class Approved:
    """What waits until somebody else approves it with a signature; empty before."""

    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approval_signature: Mapped[int | None] = mapped_column(
        Key, ForeignKey("signatures.id", ondelete="RESTRICT")
    )
    record_sha256: Mapped[str | None] = mapped_column(SHA256)
    """Of the record as the approver was shown it."""


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
