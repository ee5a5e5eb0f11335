"""Pick lists and their lines, and the sample numbers by which studies know what they were given."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class PickList(Base):
    """What is fetched from the freezers in one walk. Every change of it is an entry of `pick_list:<id>`."""

    __tablename__ = "pick_lists"
    __table_args__ = (Index("ix_pick_lists_site_id", "site", "id"),)

    id: Mapped[PrimaryKey]
    purpose: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("study_requests.id", ondelete="RESTRICT"), index=True
    )
    """The study's request; empty for any other purpose."""
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    """The biobank whose freezers are walked through."""
    goes_to: Mapped[str] = mapped_column(String(40))
    """A bench, or the code of the custodian or receiver."""
    wanted: Mapped[int]
    """How many pieces were asked for in all."""
    rule: Mapped[str] = mapped_column(String(16))
    one_each: Mapped[bool]
    """At most one piece of a participant."""
    least_microlitres: Mapped[int]
    """At least so much in each; 0 is any volume, also an unknown one."""
    collected_at: Mapped[str | None] = mapped_column(String(64))
    """Code of the clinic that its pieces are from; empty is any."""
    out_hours: Mapped[int]
    """How long a piece may be out."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_by: Mapped[str | None] = mapped_column(String(40))
    cancelled_because: Mapped[str | None] = mapped_column(String(24))


class PickLine(Base):
    """One piece of a list, and how it stands."""

    __tablename__ = "pick_lines"
    __table_args__ = (
        UniqueConstraint("list_id", "item_id"),
        Index("ix_pick_lines_list_id_state", "list_id", "state"),
        Index("ix_pick_lines_item_id", "item_id"),
        Index(
            "ix_pick_lines_due",  # of all that were ever picked the few that are out now
            "due_at",
            sqlite_where=text("state = 'picked'"),
            postgresql_where=text("state = 'picked'"),
        ),
    )

    id: Mapped[PrimaryKey]
    list_id: Mapped[int] = mapped_column(Key, ForeignKey("pick_lists.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(String(12))
    because: Mapped[str | None] = mapped_column(String(16))
    """Why it is not picked any more, or the state in which it ended."""
    sequence: Mapped[int | None]
    """Of the item's entry that brought the line to this state, if one did."""
    changed_by: Mapped[str | None] = mapped_column(String(40))
    """Who brought it to this state; empty while nobody did anything."""
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a picked piece is to be back."""


class StudySample(AppendOnly, Base):
    """By which number a study knows a piece: random, so that nothing can be worked out from it."""

    __tablename__ = "study_samples"
    __table_args__ = (UniqueConstraint("request_id", "item_id"), UniqueConstraint("request_id", "number"))

    id: Mapped[PrimaryKey]
    request_id: Mapped[int] = mapped_column(Key, ForeignKey("study_requests.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    number: Mapped[str] = mapped_column(String(12))
    given_at: Mapped[datetime] = mapped_column(Moment)
    given_by: Mapped[str] = mapped_column(String(40))
