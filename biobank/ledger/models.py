"""The ledger's tables, all append-only but the queue of what waits for its place in the tree."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class LedgerEntry(AppendOnly, Base):
    """One event of one subject. The body's bytes are the truth; the columns are its index."""

    __tablename__ = "ledger_entries"
    __table_args__ = (UniqueConstraint("subject", "sequence"),)

    id: Mapped[PrimaryKey]
    subject: Mapped[str] = mapped_column(String(64))
    """An item's identifier, a participant code, an order, a signature, a certificate, `checkpoint`."""
    sequence: Mapped[int]
    """Number of the entry within its subject, from 1, without gaps."""
    kind: Mapped[str] = mapped_column(String(20))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Leaf hash of the subject's entry before; empty for its first."""
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Leaf hash: SHA-256 of a zero byte and the body (RFC 9162)."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """Canonical JSON, exactly as hashed; never serialised again."""


class LedgerUnsealed(Base):
    """Entries that wait for their place in the tree; the sealer takes them out."""

    __tablename__ = "ledger_unsealed"

    entry_id: Mapped[int] = mapped_column(
        Key, ForeignKey("ledger_entries.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )


class LedgerLeaf(AppendOnly, Base):
    """The place of an entry in the tree, given by the sealer in batches."""

    __tablename__ = "ledger_leaves"

    leaf_index: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(
        Key, ForeignKey("ledger_entries.id", ondelete="RESTRICT"), unique=True
    )


class LedgerNode(AppendOnly, Base):
    """Hash of a complete subtree: level 0 are the leaves, a node of level n covers 2^n of them."""

    __tablename__ = "ledger_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerCheckpoint(AppendOnly, Base):
    """A signed statement of the tree's size and root. It proves something only where it is kept outside."""

    __tablename__ = "ledger_checkpoints"

    id: Mapped[PrimaryKey]
    size: Mapped[int] = mapped_column(Key)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    text: Mapped[str] = mapped_column(String(4000))
    """The signed note (C2SP tlog-checkpoint)."""
    issued_at: Mapped[datetime] = mapped_column(Moment)
