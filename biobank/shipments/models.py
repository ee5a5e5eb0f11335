"""What a parcel has beside being an item, and its manifest, frozen when it is dispatched."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class Shipment(Base):
    """One parcel from one site to another. The moments are those told by whoever recorded the step."""

    __tablename__ = "shipments"
    __table_args__ = (Index("ix_shipments_destination_received_at", "destination", "received_at"),)

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    """The parcel."""
    origin: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("sites.code", ondelete="RESTRICT"), index=True
    )
    """Who sent it; empty when nobody at the dock can tell."""
    destination: Mapped[str] = mapped_column(
        String(64), ForeignKey("sites.code", ondelete="RESTRICT"), index=True
    )
    carrier: Mapped[str | None] = mapped_column(String(20))
    tracking_number: Mapped[str | None] = mapped_column(String(40), index=True)
    """As the carrier knows it. Carriers use numbers again: the parcel's own code decides."""
    seal: Mapped[str | None] = mapped_column(String(40))
    logger: Mapped[str | None] = mapped_column(String(40))
    """Number of the temperature logger inside."""
    dry_ice_grams: Mapped[int | None]
    """Mass of dry ice when it was packed; empty for none."""
    unannounced: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Begun at the dock for a parcel that came without a label or manifest of ours."""
    manifest_frozen: Mapped[bool] = mapped_column(default=False)
    """Whether `manifest_lines` say what was sent; before, it is what lies in the parcel."""
    dispatched_at: Mapped[datetime | None] = mapped_column(Moment)
    arrived_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its receipt was closed."""


class ManifestLine(Base):
    """One specimen, or parcel, that was sent in a parcel, or was found in it without having been told."""

    __tablename__ = "manifest_lines"
    __table_args__ = (
        UniqueConstraint("shipment_id", "item_id"),
        CheckConstraint("presence IN ('found', 'missing', 'extra')", name="presence"),
    )

    id: Mapped[PrimaryKey]
    shipment_id: Mapped[int] = mapped_column(Key, ForeignKey("shipments.item_id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    presence: Mapped[str | None] = mapped_column(String(10))
    """Empty until somebody looked."""
    conditions: Mapped[str] = mapped_column(String(200), default="")
    """What was wrong with it at receipt, separated by spaces."""
