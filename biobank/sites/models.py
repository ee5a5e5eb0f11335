"""Sites and the stations that stand in them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Moment, PrimaryKey


class SiteKind(StrEnum):
    CLINIC = "clinic"
    BIOBANK = "biobank"


class Site(Base):
    """A place with people and benches: a clinic that collects or a biobank facility."""

    __tablename__ = "sites"
    __table_args__ = (CheckConstraint("kind IN ('clinic', 'biobank')", name="kind"),)

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    zone: Mapped[str] = mapped_column(String(64))
    """IANA time zone in which its people read times."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(40))


class Station(Base):
    """A registered device at a site, known by the SHA-256 of its own token."""

    __tablename__ = "stations"
    __table_args__ = (UniqueConstraint("site", "name"),)

    id: Mapped[PrimaryKey]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    """`SITE/NAME`: what events carry."""
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(40))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(40))


class SiteCalendar(AppendOnly, Base):
    """A site's working days and its carriers' hours as they were told once; the newest counts."""

    __tablename__ = "site_calendars"

    id: Mapped[PrimaryKey]
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"), index=True)
    document: Mapped[str] = mapped_column(Text)
    """JSON: country, state, weekdays, works_on, closed, carriers."""
    set_at: Mapped[datetime] = mapped_column(Moment)
    set_by: Mapped[str] = mapped_column(String(40))
