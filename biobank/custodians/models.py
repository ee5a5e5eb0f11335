"""Organisations outside that hold what is ours: what they were asked, and what they attested."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class Custodian(Base):
    """A contract lab, a waste contractor or a repository. Every change is an entry of `custodian:<code>`."""

    __tablename__ = "custodians"

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    """Stands in an item's custody as `custodian:<code>`; never used again for another."""
    kind: Mapped[str] = mapped_column(String(20))
    organisation: Mapped[str] = mapped_column(String(120))
    """The organisation's name; nobody who works there."""
    agreement: Mapped[str] = mapped_column(String(80))
    """Number of the agreement by which it holds what is ours."""
    in_use: Mapped[bool]
    """Nothing more is sent to one that is not; what it has still comes back."""
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(40))


class CustodianAsked(AppendOnly, Base):
    """A custodian was asked what becomes of one specimen of an order; an entry of the order."""

    __tablename__ = "custodians_asked"

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("destruction_orders.id", ondelete="RESTRICT"), index=True
    )
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    custodian: Mapped[str] = mapped_column(String(40))
    wanted: Mapped[str] = mapped_column(String(12))
    """`keep_unused`, `return` or `destroy`."""
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(Moment)
    """When it should have answered."""


class Attestation(AppendOnly, Base):
    """A custodian's word that it destroyed specimens; the document is kept elsewhere: it may name people."""

    __tablename__ = "attestations"

    id: Mapped[PrimaryKey]
    grade: Mapped[str] = mapped_column(String(12))
    """`attested` by a signed document, or only `reported` by a file."""
    custodian: Mapped[str] = mapped_column(String(40))
    organisation: Mapped[str] = mapped_column(String(120))
    """As it was called when this was received."""
    document: Mapped[str] = mapped_column(String(80))
    """By which number the document, or the file, is kept."""
    document_sha256: Mapped[str] = mapped_column(String(64))
    """Of its bytes, hexadecimal."""
    signer_role: Mapped[str | None] = mapped_column(String(24))
    """What the person is who signed the document; a file is signed by nobody."""
    batch_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("waste_batches.id", ondelete="RESTRICT"), index=True
    )
    """The container whose manifest it returns; empty for what was sent out."""
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(40))


class AttestedPiece(AppendOnly, Base):
    """One specimen of an attestation: when and how it was destroyed, as its custodian says."""

    __tablename__ = "attested_pieces"
    __table_args__ = (UniqueConstraint("attestation_id", "item_id"),)

    id: Mapped[PrimaryKey]
    attestation_id: Mapped[int] = mapped_column(Key, ForeignKey("attestations.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    destroyed_on: Mapped[date] = mapped_column(Date)
    method: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str] = mapped_column(String(64))
    """The custodian's number of the run, or of the manifest."""
    file_line: Mapped[int | None]


class AttestationEnd(AppendOnly, Base):
    """Compliance accepted an attestation with a signature, or refused it; once."""

    __tablename__ = "attestation_ends"

    id: Mapped[PrimaryKey]
    attestation_id: Mapped[int] = mapped_column(
        Key, ForeignKey("attestations.id", ondelete="RESTRICT"), unique=True
    )
    accepted: Mapped[bool]
    signature_id: Mapped[int | None] = mapped_column(Key, ForeignKey("signatures.id", ondelete="RESTRICT"))
    because: Mapped[str | None] = mapped_column(String(24))
    """Why it was refused."""
    decided_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(String(40))
