"""Items as they stand now; every value here is a replay of the ledger, and `verify` compares the two."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class Item(Base):
    """One kit, tube, aliquot, storage unit, parcel or waste bag. Only `custody.record` writes its state."""

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("container_id", "position"),
        Index("ix_items_participant", "participant"),
        Index("ix_items_kit_id", "kit_id"),
        Index("ix_items_lot", "lot"),
        Index(
            "ix_items_kits",
            "state",
            "site",
            "recorded_at",
            sqlite_where=text("kind = 'kit'"),
            postgresql_where=text("kind = 'kit'"),
        ),
        Index(
            "ix_items_collected",  # what stands at a clinic now: few of all items there ever were
            "custodian",
            sqlite_where=text("state = 'collected'"),
            postgresql_where=text("state = 'collected'"),
        ),
        # What waits on the start page: each holds the few items that are so now, of all there ever were.
        *(
            Index(f"ix_items_{name}", column, sqlite_where=text(few), postgresql_where=text(few))
            for name, column, few in (
                ("received", "custodian", "state = 'received'"),
                ("checked_out", "custodian", "state = 'checked_out'"),
                ("sent_out", "custodian", "state = 'sent_out'"),
                ("in_transit", "sent_to", "state = 'in_transit'"),
                ("place_unknown", "site", "place_unknown_since IS NOT NULL"),
            )
        ),
        Index(
            "ix_items_expected",
            "site",
            "kit_id",
            sqlite_where=text("state = 'expected'"),
            postgresql_where=text("state = 'expected'"),
        ),
        Index(
            "ix_items_stored",  # what a pick list may choose from, the oldest of its kind first
            "custodian",
            "kind",
            "specification",
            "collected_at",
            sqlite_where=text("state = 'stored'"),
            postgresql_where=text("state = 'stored'"),
        ),
        Index(
            "ix_items_parcels",
            "state",
            "id",
            sqlite_where=text("kind = 'parcel'"),
            postgresql_where=text("kind = 'parcel'"),
        ),
    )

    id: Mapped[PrimaryKey]
    identifier: Mapped[str] = mapped_column(String(13), unique=True)
    """A letter, ten random digits and two check digits, as printed."""
    kind: Mapped[str] = mapped_column(String(20))
    specification: Mapped[str | None] = mapped_column(String(64))
    """Tube: the code of its specification (`1ED04`); kit: its definition (`adult-3.2`); unit: its name."""
    state: Mapped[str] = mapped_column(String(20))
    sequence: Mapped[int]
    """Number of the item's newest ledger entry; a guarded UPDATE on it settles races."""
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Leaf hash of the item's newest ledger entry; the next entry names it."""
    site: Mapped[str | None] = mapped_column(String(64))
    """Code of the site it was issued to or collected at; of a storage unit, the facility."""
    custodian: Mapped[str | None] = mapped_column(String(80))
    """Who is accountable now: `site:CODE`, `carrier:NAME`, `custodian:CODE`; empty when nobody knows."""
    sent_to: Mapped[str | None] = mapped_column(String(64))
    """Code of the site it was dispatched to, until received; of what is sent out, where it comes back."""
    container_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    """The item it lies in; the whole path follows by containment."""
    position: Mapped[str | None] = mapped_column(String(24))
    """Position in the container's grid, `A1`, or as an automated store told it; empty in a place without."""
    place_unknown_since: Mapped[datetime | None] = mapped_column(Moment)
    """Set when it has to be somewhere and nobody knows where."""
    participant: Mapped[str | None] = mapped_column(String(16))
    """Participant code; never a name."""
    kit_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    draw_order: Mapped[int | None]
    lot: Mapped[str | None] = mapped_column(String(64))
    expires_on: Mapped[date | None] = mapped_column(Date)
    volume_microlitres: Mapped[int | None]
    """What is in it as far as known; empty is unknown, never zero."""
    collected_at: Mapped[datetime | None] = mapped_column(Moment)
    occurred_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the newest step was done, as told."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    """When the newest entry was made, by our clock; never less than the one before."""


class ItemParent(Base):
    """A specimen and one it was made from; a pool has several."""

    __tablename__ = "item_parents"

    child_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class ItemAlias(Base):
    """Another code on the same thing, such as a manufacturer's; unique by issuer, never used again."""

    __tablename__ = "item_aliases"
    __table_args__ = (UniqueConstraint("issuer", "value"), Index("ix_item_aliases_value", "value"))

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    issuer: Mapped[str] = mapped_column(String(120))
    value: Mapped[str] = mapped_column(String(80))


class LoggedScan(Base):
    """A text that a scanner or somebody's hands gave, and what came of it: why does this barcode not work."""

    __tablename__ = "scans"
    __table_args__ = (
        CheckConstraint("outcome IN ('taken', 'shown', 'asked_back', 'refused')", name="outcome"),
        Index("ix_scans_site_id", "site", "id"),
        Index("ix_scans_item_id_id", "item_id", "id"),
        Index(
            "ix_scans_unknown",
            "read_as",
            "id",
            sqlite_where=text("item_id IS NULL"),
            postgresql_where=text("item_id IS NULL"),
        ),
        Index(
            "ix_scans_refused",
            "site",
            "id",
            sqlite_where=text("outcome = 'refused'"),
            postgresql_where=text("outcome = 'refused'"),
        ),
    )

    id: Mapped[PrimaryKey]
    at: Mapped[datetime] = mapped_column(Moment)
    text_seen: Mapped[str] = mapped_column(String(200))
    """Control characters made visible; of a text that points at a person a note only."""
    read_as: Mapped[str | None] = mapped_column(String(80))
    """The form that was looked up; empty when there was nothing to look up."""
    damage: Mapped[str | None] = mapped_column(String(80))
    """What was undone to read it, such as `french_computer`."""
    item_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    action: Mapped[str | None] = mapped_column(String(40))
    """The step that was asked for; empty when the scan asked for none."""
    outcome: Mapped[str] = mapped_column(String(12))
    """`taken` (a step was recorded), `shown` (led to a page), `asked_back` or `refused`."""
    refusal: Mapped[str | None] = mapped_column(String(500))
    """The sentence that was answered to what was not taken."""
    person: Mapped[str] = mapped_column(String(64))
    station: Mapped[str | None] = mapped_column(String(64))
    site: Mapped[str | None] = mapped_column(String(64))
    """Of the station, else the only site that the person works at."""
