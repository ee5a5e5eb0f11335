"""Orders of kits that are mailed, and each version of what was told of them; addresses are nowhere here."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class SupplyOrder(Base):
    """One kit that somebody asked to be mailed to a participant; its newest entry says the same."""

    __tablename__ = "supply_orders"
    __table_args__ = (
        CheckConstraint(
            "stage IN ('ordered', 'failed', 'queued', 'cancelled', 'mailed', 'delivered', 'coming_back', "
            "'came_back', 'no_sample', 'received')",
            name="stage",
        ),
        Index("ix_supply_orders_stage_id", "stage", "id"),
    )

    id: Mapped[PrimaryKey]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    """As the programme numbers it."""
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    """The biobank's facility to which the kit comes back."""
    ordered_on: Mapped[date | None] = mapped_column(Date)
    product_code: Mapped[str | None] = mapped_column(String(80))
    product_name: Mapped[str | None] = mapped_column(String(80))
    barcode: Mapped[str | None] = mapped_column(String(80), index=True)
    """Of the kit that was mailed, as its supplier told it."""
    kit_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), unique=True)
    stage: Mapped[str] = mapped_column(String(12))
    stage_since: Mapped[datetime] = mapped_column(Moment)
    """Since when, as told; as recorded where nobody told, or told a time to come."""
    version: Mapped[int]
    """Number of its newest version."""


class SupplyVersion(AppendOnly, Base):
    """One thing that was told of an order or seen here; what was told before stays."""

    __tablename__ = "supply_versions"
    __table_args__ = (
        UniqueConstraint("order_id", "version"),
        CheckConstraint("telling IN ('request', 'delivery', 'finding')", name="telling"),
        CheckConstraint("leg IN ('out', 'back')", name="leg"),
    )

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("supply_orders.id", ondelete="RESTRICT"))
    version: Mapped[int]
    telling: Mapped[str] = mapped_column(String(10))
    leg: Mapped[str | None] = mapped_column(String(4))
    """Of a delivery which way it goes."""
    tracking_number: Mapped[str | None] = mapped_column(String(80), index=True)
    stage: Mapped[str] = mapped_column(String(12))
    """How far the order was by then."""
    content_hash: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of the canonical JSON that came in; empty for what was seen here."""
    document: Mapped[str] = mapped_column(Text)
    """What was told, in codes, with its flags."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))
