"""An item as every page shows it: its link, its place with links, its identity, its family."""

from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.models import Person
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work
from biobank.custodians.queries import custodian_named
from biobank.custody.states import ENDS, STORAGE, Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import (
    aliases_of,
    children_of,
    parents_of,
    participants_behind,
    place_path,
)
from biobank.kits.definitions import TubeSpecification
from biobank.kits.queries import kit_of, specification_of_tube
from biobank.shipments.choices import CARRIER_NAMES, Carrier
from biobank.sites.models import Site
from biobank.sites.queries import site_called
from biobank.web.others_codes import is_seen_by
from biobank.web.words import in_zone, millilitres, spoken, state_sign

Card = dict[str, Any]
MOST_ALIASES = 10
MOST_CHILDREN = 60
DEEPEST = 6


def page_of(item: Item | ItemNow, by: Actor) -> str:
    """The page that says most about an item, of those that `by` may see."""
    if item.kind == Kind.PARCEL and by.may(Permission.SEE_SHIPMENTS):
        return f"/shipments/{item.identifier}"
    if item.kind in STORAGE and by.may(Permission.SEE_STORAGE):
        return f"/storage/units/{item.identifier}"
    if item.kind == Kind.WASTE and by.may(Permission.SEE_DESTRUCTION):
        return f"/waste-batches/{item.identifier}"
    if item.kind == Kind.KIT and Role.CLINIC in by.roles and item.state in AT_THE_CLINIC:
        return AT_THE_CLINIC[State(item.state)].format(item.identifier)
    return f"/items/{item.identifier}"


AT_THE_CLINIC = {State.ISSUED: "/visits/kits/{}", State.ASSIGNED: "/kits/{}/collect"}
"""An issued kit waits for its participant, an assigned one to be collected."""


def specification_of(work: Work, item: Item | ItemNow) -> TubeSpecification | None:
    return specification_of_tube(work, item) if item.kind == Kind.TUBE else None


def card(work: Work, item: Item | ItemNow, by: Actor) -> Card:
    """Code, link, what it is and the colour of its cap."""
    specification = specification_of(work, item)
    return {
        "identifier": item.identifier,
        "printed": printed(item.identifier),
        "url": page_of(item, by),
        "label": specification.label if specification else item.specification or spoken(item.kind),
        "colour": specification.colour if specification else None,
        "state": state_sign(item.state),
    }


def name_of(item: Item | ItemNow) -> str:
    """What people call a place: its name, else its kind and code."""
    return item.specification or f"{spoken(item.kind).capitalize()} {printed(item.identifier)}"


def place(work: Work, item: Item, by: Actor, *, to_the_position: bool = True) -> list[Card]:
    """From the outside inwards, each container a link, the position last; empty when nobody knows."""
    path: list[Card] = [
        {"name": name_of(outer), "url": page_of(outer, by)} for outer in reversed(place_path(work, item))
    ]
    if path and item.position and to_the_position:
        path.append({"name": item.position, "url": None})
    return path or [{"name": name, "url": None} for name in _loose(work, item)]


def _loose(work: Work, item: Item) -> list[str]:
    """In no container: with whoever answers for it, or nowhere, or where nobody knows."""
    if item.place_unknown_since is not None or item.state in WHEREABOUTS_UNKNOWN:
        return []
    holder = None if item.state in ENDS else custody(work, item)
    outside = item.state == State.SENT_OUT
    return [holder] if outside and holder else [holder, "in no container"] if holder else ["nowhere"]


WHEREABOUTS_UNKNOWN = frozenset({State.LOST, State.NEVER_RECEIVED})


def identity(work: Work, item: Item, by: Actor, zone: str) -> Card:
    """What the head of an item's page shows."""
    return {
        **card(work, item, by),
        "kind": spoken(item.kind),
        "specification": _specification(work, item),
        "place": place(work, item, by),
        "place_note": _place_note(item, zone),
        "custody": custody(work, item),
        "quantity": millilitres(item.volume_microlitres),
        "participant": _participant(item, by),
        "aliases": [f"{alias.value} ({alias.issuer})" for alias in aliases_of(work, item.id)[:MOST_ALIASES]],
    }


def _specification(work: Work, item: Item) -> Card | None:
    if item.specification is None:
        return None
    found = specification_of(work, item)
    return {
        "code": item.specification,
        "label": found.label if found else "",
        "colour": found.colour if found else None,
    }


def _place_note(item: Item, zone: str) -> str | None:
    if item.place_unknown_since is not None:
        return f"Nobody knows since {in_zone(item.place_unknown_since, zone):%d %b %Y, %H:%M}"
    return None


def custody(work: Work, item: Item) -> str | None:
    """Who answers for it, in words; None when nobody does yet."""
    kind, _, code = (item.custodian or "").partition(":")
    if kind == "site":
        site = work.session.get(Site, code)
        return site.name if site else code
    if not code:
        return None
    if kind == "custodian":
        return custodian_named(work, code).organisation
    carrier = CARRIER_NAMES[Carrier(code)] if code in list(Carrier) else code
    goes_to = site_called(work, item.sent_to) if item.sent_to else "nobody knows where"
    return f"{carrier}, on the way to {goes_to}"


def _participant(item: Item, by: Actor) -> Card | None:
    if item.participant is None:
        return None
    url = f"/participants/{item.participant}" if by.may(Permission.SEE_PARTICIPANTS) else None
    return {"code": item.participant, "url": url}


def family(work: Work, item: Item, by: Actor) -> Card | None:
    """From the oldest ancestor downwards; None for an item that has neither parent nor child."""
    root = item
    for _ in range(DEEPEST):
        parents = parents_of(work, root.id)
        if not parents or root.kind == Kind.POOL:  # a pool has several roots, and not all are the reader's
            break
        root = parents[0]
    tree = _branch(work, root, item, by, DEEPEST)
    kit = kit_of(work, root)
    if kit is not None:
        tree = {**card(work, kit, by), "current": False, "children": [tree]}
    return {"root": tree} if tree["children"] else None


def mixed_of(work: Work, item: Item, by: Actor) -> Card | None:
    """Of a pool how many specimens of how many people are in it, and links to those of the reader's sites."""
    if item.kind != Kind.POOL:
        return None
    parents = parents_of(work, item.id)
    seen = [each for each in parents if is_seen_by(by, each)]
    return {
        "specimens": len(parents),
        "participants": len(participants_behind(work, item.id)),
        "parts": [card(work, each, by) for each in seen],
    }


def _branch(work: Work, node: Item, current: Item, by: Actor, depth: int) -> Card:
    children = children_of(work, node.id)[:MOST_CHILDREN] if depth else []
    return {
        **card(work, node, by),
        "current": node.id == current.id,
        "children": [_branch(work, child, current, by, depth - 1) for child in children],
    }


def names_of_people(work: Work, usernames: set[str]) -> dict[str, str]:
    """Printed names by user name; people work here, so their names are no secret."""
    found = work.session.execute(
        select(Person.username, Person.printed_name).where(Person.username.in_(usernames))
    )
    return {row.username: row.printed_name for row in found}


def name_of_person(work: Work, username: str | None) -> str | None:
    """Their printed name; what is nobody's user name stays as it is."""
    return names_of_people(work, {username}).get(username, username) if username else None
