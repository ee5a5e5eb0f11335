"""The scan path's statements, compiled once: this module and the ledger's are the only ones past the ORM."""

from sqlalchemy import bindparam, insert, select, update

from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.models import Hold
from biobank.items.models import Item, ItemAlias

COLUMNS = (
    "id",
    "identifier",
    "kind",
    "specification",
    "state",
    "sequence",
    "head",
    "site",
    "custodian",
    "sent_to",
    "container_id",
    "position",
    "place_unknown_since",
    "participant",
    "kit_id",
    "volume_microlitres",
    "collected_at",
    "occurred_at",
    "recorded_at",
)
items = table_of(Item)
holds = table_of(Hold)
aliases = table_of(ItemAlias)
_item = select(*(items.c[name] for name in COLUMNS))

FIND_ITEM = Statement(_item.where(items.c.identifier == bindparam("identifier")))
FIND_ITEM_BY_ID = Statement(_item.where(items.c.id == bindparam("item_id")))
FIND_ITEM_BY_ALIAS = Statement(
    _item.join(aliases, aliases.c.item_id == items.c.id).where(aliases.c.value == bindparam("value")),
)
FIND_ITEM_BY_ISSUED_ALIAS = Statement(
    _item.join(aliases, aliases.c.item_id == items.c.id).where(
        aliases.c.value == bindparam("value"), aliases.c.issuer == bindparam("issuer")
    ),
)
FIND_ITEMS_INSIDE = Statement(_item.where(items.c.container_id == bindparam("item_id")).order_by(items.c.id))
FIND_HOLDS = Statement(
    select(holds.c.kind).where(holds.c.item_id == bindparam("item_id"), holds.c.lifted_sequence.is_(None)),
)
CHANGEABLE = COLUMNS[3:]
CHANGE_ITEM = Statement(
    update(items)
    .where(
        items.c.id == bindparam("item_id"),
        items.c.sequence == bindparam("sequence_read"),
        items.c.state == bindparam("state_read"),
    )
    .values({name: bindparam(f"new_{name}") for name in CHANGEABLE}),
)
PLACE_HOLD = Statement(
    insert(holds).values(
        item_id=bindparam("item_id"),
        kind=bindparam("kind"),
        reason=bindparam("reason"),
        placed_sequence=bindparam("sequence"),
    ),
)
LIFT_HOLD = Statement(
    update(holds)
    .where(
        holds.c.item_id == bindparam("item"),
        holds.c.kind == bindparam("hold"),
        holds.c.lifted_sequence.is_(None),
    )
    .values(lifted_sequence=bindparam("sequence")),
)
