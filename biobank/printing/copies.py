"""Counting labels: a label more on a tube is a question when two of them turn up."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from biobank.access.actors import Actor
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.participants.own_names import own_name_is_not_in
from biobank.printing.choices import UNCOUNTED, CopyReason
from biobank.printing.choosing import allotted
from biobank.printing.models import PrintedLabel, PrintJobEvent
from labels import Label

LONGEST_REMARK = 200


class ReasonMissing(Invalid):
    """There is a label of it already, and nobody said why there has to be another."""

    title = "Reason missing"


class RemarkRefused(Invalid):
    """A remark that is too long, or of more than one line."""

    title = "Remark"


@dataclass(frozen=True)
class Numbered:
    """One label of a job, and which copy of its item's label it is."""

    item: Item
    label: Label
    copy: int
    needs_reason: bool


def numbered(work: Work, labels: Sequence[tuple[Item, Label]]) -> list[Numbered]:
    """Each label counts on from those of its item that were printed before; locks the items."""
    items = {item.id: item for item, _ in labels}
    by_number = select(Item.id).where(Item.id.in_(sorted(items))).order_by(Item.id)
    work.session.execute(by_number.with_for_update(key_share=True))
    copies = printed_before(work, list(items))
    found = []
    for item, label in labels:
        copies[item.id] += 1
        more = copies[item.id] > allotted(work, item)
        found.append(Numbered(item, label, copies[item.id], more))
    return found


def printed_before(work: Work, items: Sequence[int]) -> Counter[int]:
    """The newest copy of each item, not counting jobs of which nothing came out."""
    later = aliased(PrintJobEvent)
    nothing_came = exists().where(
        PrintJobEvent.job_id == PrintedLabel.job_id,
        PrintJobEvent.state.in_([state.value for state in UNCOUNTED]),
        ~exists().where(later.job_id == PrintJobEvent.job_id, later.id > PrintJobEvent.id),
    )
    rows = work.session.execute(
        select(PrintedLabel.item_id, func.max(PrintedLabel.copy).label("newest"))
        .where(PrintedLabel.item_id.in_(items), ~nothing_came)
        .group_by(PrintedLabel.item_id),
    )
    return Counter({row.item_id: row.newest for row in rows})


def reason_told(labels: Sequence[Numbered], reason: CopyReason | None) -> None:
    """Raises `ReasonMissing` with how many labels there are already."""
    more = [each for each in labels if each.needs_reason]
    if reason is not None or not more:
        return
    first = more[0]
    already = counted(first.copy - 1, "label")
    others = len({each.item.id for each in more}) - 1
    also = f", and {others} more of these have theirs" if others else ""
    raise ReasonMissing(
        f"{printed(first.item.identifier)} has {already} already{also}; say why there has to be "
        f"another: {', '.join(CopyReason)}.",
        field="reason",
        item=first.item.identifier,
        printed=first.copy - 1,
    )


def remark_names_none_of(work: Work, by: Actor, items: Iterable[Item], remark: str) -> None:
    """Whose labels they are. Raises `OwnNameWritten`."""
    for code in sorted({item.participant for item in items if item.participant}):
        own_name_is_not_in(work, by, code, remark, "remark")


def remark_is_one_line_about_nobody(remark: str) -> None:
    """Raises `RemarkRefused`, `NamesSomebody`."""
    names_nobody("remark", remark)
    if len(remark) > LONGEST_REMARK or not remark.isprintable():
        raise RemarkRefused(f"A remark is one line of at most {LONGEST_REMARK} characters.", field="remark")
