"""Logger files as they were read, and what each of them says of single tubes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class TakenLoggerFile(Base):
    """One file of one logger for one parcel. Taking it and releasing are entries of `logger_file:<id>`."""

    __tablename__ = "logger_files"

    id: Mapped[PrimaryKey]
    parcel_id: Mapped[int] = mapped_column(
        Key, ForeignKey("shipments.item_id", ondelete="RESTRICT"), index=True
    )
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the file's bytes, hexadecimal. The file itself is not kept: people write names into its head."""
    layout: Mapped[str] = mapped_column(String(20))
    logger: Mapped[str | None] = mapped_column(String(40))
    """Its number as the file tells it; empty when it tells none."""
    readings: Mapped[bytes] = mapped_column(LargeBinary)
    """Seconds since the first reading and hundredths of a degree Celsius, a line each, compressed by zlib."""
    count: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)
    lowest_hundredths: Mapped[int]
    """On the journey, in hundredths of a degree Celsius; so are the next two."""
    highest_hundredths: Mapped[int]
    mean_kinetic_hundredths: Mapped[int]
    confirmation: Mapped[str | None] = mapped_column(String(200))
    """Why it was taken although something about it surprised."""
    taken_at: Mapped[datetime] = mapped_column(Moment)
    taken_by: Mapped[str] = mapped_column(String(64))


class Excursion(Base):
    """A tube that was beyond a limit of its own for longer than it may be."""

    __tablename__ = "temperature_excursions"
    __table_args__ = (
        CheckConstraint("side IN ('above', 'below')", name="side"),
        Index("ix_temperature_excursions_file_id_item_id", "file_id", "item_id"),
    )

    id: Mapped[PrimaryKey]
    file_id: Mapped[int] = mapped_column(Key, ForeignKey("logger_files.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    side: Mapped[str] = mapped_column(String(5))
    limit_celsius: Mapped[int]
    allowed_minutes: Mapped[int]
    """The limit as it was when the file was taken."""
    peak_hundredths: Mapped[int]
    """The reading farthest beyond, in hundredths of a degree Celsius."""
    peak_at: Mapped[datetime] = mapped_column(Moment)
    minutes: Mapped[int]
    """Beyond it in all, between dispatch and arrival."""
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a biobank lead let the tube be used all the same; empty while it stands."""
    released_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(500))
