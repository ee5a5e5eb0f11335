"""What the edges keep: the answers already given to a key, and forms that came after a sign-in had ended."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Moment, PrimaryKey


class IdempotencyKey(Base):
    """A request that succeeded, by the key its sender chose, with the answer to give again."""

    __tablename__ = "idempotency_keys"

    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    """Of method, path and body: the same key with anything else is refused."""
    status: Mapped[int]
    content_type: Mapped[str] = mapped_column(String(120))
    location: Mapped[str] = mapped_column(String(400))
    """Where a page sends the browser next; empty for answers without."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[str | None] = mapped_column(Text)
    """The big answer that the next page shows, as JSON: it is given again with the rest."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class KeptForm(Base):
    """What somebody had typed when their sign-in was over: for them alone, sealed, and for an hour."""

    __tablename__ = "kept_forms"
    __table_args__ = (UniqueConstraint("person", "key"),)

    id: Mapped[PrimaryKey]
    person: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(200))
    """The form's own idempotency key: sent again, it is the same request."""
    path: Mapped[str] = mapped_column(String(500))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The fields, encrypted with a key of the service; never a password, a PIN or a badge."""
    kept_at: Mapped[datetime] = mapped_column(Moment)
    kept_until: Mapped[datetime] = mapped_column(Moment)
