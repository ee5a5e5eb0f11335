"""Questions about items: who is it, where does it lie, what lies in it, whom does it stem from."""

from collections.abc import Iterable

from sqlalchemy import CTE, ColumnElement, Select, and_, or_, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import in_turns
from biobank.core.tables import HIGHEST_NUMBER
from biobank.items.choices import ScanOutcome
from biobank.items.models import Item, ItemAlias, ItemParent, LoggedScan


class NoSuchScan(NotFound):
    """No scan of that number was kept, or it is of another site."""

    title = "Scan not known"


def sites_of(site: str | None, custodian: str | None, sent_to: str | None) -> frozenset[str]:
    """Sites that an item is of: who collected it, who has it, who is sent it."""
    held_by = custodian.removeprefix("site:") if custodian else None
    return frozenset(each for each in (site, held_by, sent_to) if each)


def is_of(sites: frozenset[str]) -> ColumnElement[bool]:
    """The same asked of a table: items that are of one of these sites."""
    held = [f"site:{site}" for site in sites]
    return or_(Item.site.in_(sites), Item.sent_to.in_(sites), Item.custodian.in_(held))


def item_of(work: Work, identifier: str) -> Item | None:
    """The item with exactly this identifier, as an object to read."""
    return work.session.scalar(select(Item).where(Item.identifier == identifier))


def items_numbered(work: Work, ids: Iterable[int]) -> list[Item]:
    """By number, however many there are."""
    found: list[Item] = []
    for some in in_turns(sorted(set(ids))):
        found += work.session.scalars(select(Item).where(Item.id.in_(some)).order_by(Item.id))
    return found


def place_path(work: Work, item: Item) -> list[Item]:
    """The containers around an item, innermost first: box, rack, shelf, freezer, room.

    They are kept: what stands beside it on a page asks for them no more.
    """
    path: list[Item] = []
    inner = item
    while inner.container_id is not None and inner.container_id not in {outer.id for outer in path}:
        inner = work.session.get_one(Item, inner.container_id)
        path.append(inner)
        work.keep(inner)
    return path


def with_all_around(work: Work, numbers: Iterable[int]) -> dict[int, Item]:
    """These and all that they lie in, at any depth, by number: a question a level, not one a piece."""
    found: dict[int, Item] = {}
    wanted = set(numbers)
    while wanted:
        outer = items_numbered(work, wanted)
        found |= {each.id: each for each in outer}
        wanted = {each.container_id for each in outer if each.container_id is not None} - found.keys()
    return found


def contents(work: Work, container_id: int) -> list[Item]:
    return list(work.session.scalars(select(Item).where(Item.container_id == container_id).order_by(Item.id)))


def aliases_of(work: Work, item_id: int) -> list[ItemAlias]:
    """Other codes on it, in the order in which it got them."""
    question = select(ItemAlias).where(ItemAlias.item_id == item_id)
    return list(work.session.scalars(question.order_by(ItemAlias.id)))


def tubes_of_kit(work: Work, kit_id: int) -> list[Item]:
    return list(
        work.session.scalars(select(Item).where(Item.kit_id == kit_id).order_by(Item.draw_order, Item.id)),
    )


def children_of(work: Work, item_id: int) -> list[Item]:
    question = select(Item).join(ItemParent, ItemParent.child_id == Item.id)
    return list(work.session.scalars(question.where(ItemParent.parent_id == item_id).order_by(Item.id)))


def parents_of(work: Work, item_id: int) -> list[Item]:
    question = select(Item).join(ItemParent, ItemParent.parent_id == Item.id)
    return list(work.session.scalars(question.where(ItemParent.child_id == item_id).order_by(Item.id)))


def with_all_made_of(items: Select[int]) -> CTE:
    """Numbers of some items and of everything made of them, at any depth."""
    found = items.cte("found", recursive=True)
    return found.union(select(ItemParent.child_id).join(found, ItemParent.parent_id == found.c.id))


def with_all_it_was_made_of(items: Select[int]) -> CTE:
    """Numbers of some items and of everything that they were made of, at any depth."""
    found = items.cte("above", recursive=True)
    return found.union(select(ItemParent.parent_id).join(found, ItemParent.child_id == found.c.id))


def participants_behind(work: Work, item_id: int) -> list[str]:
    """Codes of everybody whose material is in a specimen, in order; several for what is made of a pool."""
    return participants_behind_all(work, select(Item.id).where(Item.id == item_id))


def participants_behind_all(work: Work, items: Select[int]) -> list[str]:
    """The same of any number of things; the column of their numbers is called `id`."""
    above = with_all_it_was_made_of(items)
    codes = select(Item.participant).where(Item.id.in_(select(above.c.id)), Item.participant.is_not(None))
    return sorted(str(code) for code in work.session.scalars(codes.distinct()))


def all_inside(items: Select[int]) -> CTE:
    """Numbers of some containers and of everything in them, at any depth."""
    found = items.cte("inside", recursive=True)
    return found.union(select(Item.id).join(found, Item.container_id == found.c.id))


def specimens_of(work: Work, participant: str) -> list[Item]:
    """Every tube of a participant and everything made of them."""
    theirs = select(Item.id).where(Item.participant == participant, Item.kind != "kit")
    found = with_all_made_of(theirs)
    return list(work.session.scalars(select(Item).where(Item.id.in_(select(found.c.id))).order_by(Item.id)))


def items_of(work: Work, participant: str) -> list[Item]:
    return list(
        work.session.scalars(select(Item).where(Item.participant == participant).order_by(Item.id)),
    )


def scans_seen_by(by: Actor) -> Select[LoggedScan]:
    """Scans of the sites that somebody works at."""
    question: Select[LoggedScan] = select(LoggedScan)
    if by.sites is None:
        return question
    if len(by.sites) == 1:  # an equation, so that an index gives the newest first
        return question.where(LoggedScan.site == next(iter(by.sites)))
    return question.where(or_(LoggedScan.site.in_(by.sites), _without_site(by)))


def _without_site(by: Actor) -> ColumnElement[bool]:
    """Of somebody with several sites and no station nobody knows at which they scanned."""
    return and_(LoggedScan.site.is_(None), LoggedScan.person == by.person)


def scans_asked_for(
    by: Actor,
    *,
    refused: bool = False,
    station: str | None = None,
    person: str | None = None,
    read_as: str | None = None,
    item_id: int | None = None,
) -> Select[LoggedScan]:
    """What `scans_seen_by` gives, narrowed down; `item_id` is the item that bears `read_as`, if one does."""
    question = scans_seen_by(by)
    if refused:
        question = question.where(LoggedScan.outcome == ScanOutcome.REFUSED.value)
    if station is not None:
        question = question.where(LoggedScan.station == station)
    if person is not None:
        question = question.where(LoggedScan.person == person)
    if item_id is not None:
        return question.where(LoggedScan.item_id == item_id)
    if read_as is not None:
        question = question.where(LoggedScan.read_as == read_as, LoggedScan.item_id.is_(None))
    return question


def scan_numbered(work: Work, number: int, by: Actor) -> LoggedScan:
    """Raises `NoSuchScan`."""
    asked = scans_seen_by(by).where(LoggedScan.id == number)
    found = work.session.scalar(asked) if number <= HIGHEST_NUMBER else None
    if found is None:
        raise NoSuchScan("No scan of that number was kept for your sites; look through the newest scans.")
    return found
