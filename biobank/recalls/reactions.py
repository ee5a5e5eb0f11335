"""What comes of a recalled lot after the recall was opened is listed and held like the rest."""

from sqlalchemy import bindparam, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.holds import place_hold
from biobank.custody.queries import holds_on
from biobank.custody.statements import items
from biobank.custody.states import HoldKind, Kind
from biobank.custody.steps import Alert, Done, ItemNow
from biobank.items.identifiers import printed
from biobank.recalls.models import Recall
from biobank.recalls.operations import join, reason_of
from biobank.recalls.queries import recalls_of_item, standing_recalls_of_lots

recalls = table_of(Recall)
LOT_IS_RECALLED = Statement(
    select(recalls.c.id)
    .join(items, items.c.lot == recalls.c.lot)
    .where(items.c.id == bindparam("item_id"), recalls.c.lifted_at.is_(None))
    .limit(1)
)
"""Asked at every scan at the dock, so on the scan path's cursor; nearly always there is none."""


def made_of_it_is_listed(work: Work, done: Done) -> None:
    """Wired after `aliquot`, when the children are born; their holds they have from their parent."""
    if HoldKind.RECALL not in done.attempt.holds:
        return
    for recall in recalls_of_item(work, done.item.id):
        join(work, recall, done.born, by=done.attempt.by)


def of_the_lot_is_held(work: Work, done: Done) -> list[Alert]:
    """Wired where a kit or tube comes to hand whose lot was recalled before it was here."""
    if done.item.kind not in (Kind.KIT, Kind.TUBE) or HoldKind.RECALL in done.attempt.holds:
        return []
    return _caught(work, done.item, done.attempt.by)


def substitute_is_held(work: Work, done: Done) -> list[Alert]:
    """Wired after `substitute`: the tube from the shelf has a lot of its own."""
    return [alert for born in done.born for alert in _caught(work, born, done.attempt.by)]


def _caught(work: Work, item: ItemNow, by: Actor) -> list[Alert]:
    if work.run(LOT_IS_RECALLED, item_id=item.id).fetchone() is None:
        return []
    found = standing_recalls_of_lots(work, item.id)
    if not found or HoldKind.RECALL in holds_on(work, item.id):
        return []
    for recall in found:
        join(work, recall, [item], by=by)
    place_hold(work, item, HoldKind.RECALL, reason_of(found[0]), by=by)
    sentence = (
        f"{printed(item.identifier)} is of lot {found[0].lot}, which is recalled: it may not be used. Put it "
        "aside."
    )
    return [Alert("recall", sentence)]
