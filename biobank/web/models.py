"""What the edges keep: the answers already given to a key."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Moment


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
    created_at: Mapped[datetime] = mapped_column(Moment)
