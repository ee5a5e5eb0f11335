"""What went into a pool from elsewhere: who is limited to sites reads its life without those codes."""

from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.states import Kind
from biobank.items.models import Item
from biobank.items.queries import parents_of, sites_of

INSTEAD = "(of another site)"


def is_seen_by(by: Actor, item: Item) -> bool:
    return by.sites is None or bool(sites_of(item.site, item.custodian, item.sent_to) & by.sites)


def hidden_codes(work: Work, by: Actor, item_id: int, kind: Kind) -> frozenset[str]:
    """What `by` may not know of that is in an item: a pool holds others' material too."""
    if kind is not Kind.POOL or by.sites is None:
        return frozenset()
    return frozenset(each.identifier for each in parents_of(work, item_id) if not is_seen_by(by, each))


def without(value: Any, hidden: frozenset[str]) -> Any:
    """A text, or what is made of texts, with something else where it names a code that is hidden."""
    if isinstance(value, str):
        for code in hidden:
            value = value.replace(code, INSTEAD)
        return value
    if isinstance(value, list):
        return [without(each, hidden) for each in value]
    if isinstance(value, dict):
        return {name: without(each, hidden) for name, each in value.items()}
    return value
