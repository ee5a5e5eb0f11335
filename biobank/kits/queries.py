"""Questions about kits: what a definition says of a tube, which kit a tube is of, which kits wait."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.custody.states import Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.kits.definitions import (
    KitDefinition,
    TubeSpecification,
    load_definitions,
    newest_specification,
)
from biobank.kits.models import CollectionChange
from biobank.settings import Settings

# Written into the statement: only so do both databases see that the index of kits serves it.
IS_KIT = Item.kind == literal(Kind.KIT.value, literal_execute=True)


class DefinitionUnknown(NotFound):
    title = "Kit definition unknown"


def definitions(work: Work) -> Mapping[str, KitDefinition]:
    """All versions of all kits, as they stand in the settings' folder. Raises `BadDefinition`."""
    return definitions_of(work.settings)


def definitions_of(settings: Settings) -> Mapping[str, KitDefinition]:
    """The same where no transaction is at hand."""
    folder = Path(settings.kits_folder)
    return _loaded(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(folder: Path, _changed_at: int) -> Mapping[str, KitDefinition]:
    return load_definitions(folder)


def definition_named(work: Work, key: str) -> KitDefinition:
    """Raises `DefinitionUnknown`."""
    known = definitions(work)
    if key not in known:
        raise DefinitionUnknown(
            f"There is no kit definition {key!r}; there are {', '.join(sorted(known))}.", definition=key
        )
    return known[key]


def specifications_of_kit(work: Work, kit: Item | ItemNow) -> list[TubeSpecification]:
    """What the kit was made with; of a kit as ordered, what the newest definitions say of its tubes."""
    definition = definitions(work).get(kit.specification or "")
    if definition is not None:
        return list(definition.tubes)
    codes = work.session.scalars(select(Item.specification).where(Item.kit_id == kit.id).order_by(Item.id))
    found = (newest_specification(definitions(work), code) for code in codes if code)
    return [specification for specification in found if specification]


def specification_of_tube(work: Work, tube: Item | ItemNow) -> TubeSpecification | None:
    """By the version of the tube's own kit; None for a tube that no definition knows."""
    code = tube.specification or ""
    kit = kit_of(work, tube)
    definition = definitions(work).get(kit.specification or "") if kit else None
    if definition is not None and (found := definition.tube(code)):
        return found
    return newest_specification(definitions(work), code)


def kit_of(work: Work, tube: Item | ItemNow) -> Item | None:
    return work.session.get(Item, tube.kit_id) if tube.kit_id is not None else None


def kits_of_tubes(work: Work, tubes: Iterable[Item]) -> list[Item]:
    """The kits of some tubes, asked for at once and kept: each tube is told by the version of its kit."""
    kits = items_numbered(work, {tube.kit_id for tube in tubes if tube.kit_id is not None})
    work.keep(*kits)
    return kits


def newest_change(work: Work, kit_id: int) -> CollectionChange | None:
    """What was last said of a kit's collection as a whole; None of one that was never cancelled."""
    question = select(CollectionChange).where(CollectionChange.kit_id == kit_id)
    return work.session.scalar(question.order_by(CollectionChange.id.desc()).limit(1))


def being_collected(sites: Iterable[str] | None) -> list[ColumnElement[bool]]:
    """Assigned, at these sites (None: anywhere), and of a tube nobody has said yet whether it was collected.

    It begins at the tubes that are expected, few at a site, and not at its assigned kits, more every day.
    That it is a kit is not asked: a database would go through the index of kits.
    """
    tube = aliased(Item)
    is_expected = tube.state == literal(State.EXPECTED.value, literal_execute=True)
    expected = select(tube.kit_id).where(is_expected, *_at(tube.site, sites))
    return [Item.state == State.ASSIGNED.value, *_at(Item.site, sites), Item.id.in_(expected)]


def _at(column: InstrumentedAttribute[str | None], sites: Iterable[str] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [column.in_(sorted(sites))]


def kits_waiting(work: Work, site: str | None = None, limit: int = 100) -> list[Item]:
    """Assigned kits with a tube of which nobody has said yet whether it was collected."""
    question = select(Item).where(*being_collected(None if site is None else [site]))
    return list(work.session.scalars(question.order_by(Item.id).limit(limit)))
