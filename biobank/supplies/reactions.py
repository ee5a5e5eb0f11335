"""What follows for a mailed kit when a tube of it is received."""

from sqlalchemy import bindparam, select

from biobank.core.database import Work
from biobank.core.rows import row_numbered
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.steps import Done
from biobank.supplies.models import SupplyOrder
from biobank.supplies.operations import tell_received

orders = table_of(SupplyOrder)
ORDER_OF_KIT = Statement(select(orders.c.id).where(orders.c.kit_id == bindparam("kit")))


def mailed_kit_is_here(work: Work, done: Done) -> None:
    """Wired after `receive`: one look into an index, since few kits are mailed."""
    if done.item.kit_id is None:
        return
    row = work.run(ORDER_OF_KIT, kit=done.item.kit_id).fetchone()
    order = row_numbered(work, SupplyOrder, row[0], locked=True) if row else None
    if order is not None:
        at = done.attempt.at
        tell_received(work, order, at.at if at else None, by=done.attempt.by)
