"""The start page: what waits for whoever signed in, what is late, what is wrong; every number is a link."""

from typing import Any

from flask import Blueprint, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.items.models import Item
from biobank.web.cards import card, place
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads
from biobank.web.waiting import MOST_COUNTED, Pile, how_many_each, items_in, numbers_in, piles_of
from biobank.web.waiting_lists import WaitingList, lists_of
from biobank.web.words import in_zone

blueprint = Blueprint("start", __name__)
Entry = dict[str, Any]
ROADS = (
    ("Begin a visit", "/visits", Permission.RUN_VISITS),
    ("Centrifuge", "/centrifuge", Permission.RUN_CENTRIFUGE),
    ("Bench", "/processing", Permission.PROCESS_SPECIMENS),
    ("Collecting without network", "/offline", Permission.RUN_VISITS),
    ("Begin a parcel", "/shipments#begin", Permission.MAKE_SHIPMENTS),
    ("Print labels", "/printing", Permission.PRINT_LABELS),
    ("Kit stock", "/kits", Permission.MANAGE_STOCK),
    ("Recalls", "/recalls", Permission.SEE_ITEMS),
    ("Storage", "/storage", Permission.SEE_STORAGE),
    ("Freezers out of service", "/outages", Permission.SEE_STORAGE),
    ("Temperature loggers", "/temperatures", Permission.RECEIVE_SHIPMENTS),
    ("Centrifuge programmes", "/centrifuge/programmes", Permission.ADD_SITES),
    ("Messages", "/messages", Permission.SEE_MESSAGES),
    ("Failed signings", "/signing-alarms", Permission.SEE_SIGNING_ALARMS),
    ("Scanner test", "/scanner", Permission.RECORD_STEPS),
)
"""Where somebody begins what no number points at; a feature with a station adds its line."""


class NoSuchPile(NotFound):
    """The address names nothing that waits for this person."""

    title = "Nothing of that name"


@blueprint.get("/")
@reads(Permission.SEE_WORK)
def start(*, work: Work, by: Actor) -> str:
    waiting = [entry for entry in _waiting(work, by) if entry["count"]]
    return render_template("start/start.html", waiting=waiting, roads=_roads(by))


def _waiting(work: Work, by: Actor) -> list[Entry]:
    """Piles, then lists: what each of them asks, asked as one."""
    piles, lists = piles_of(by), lists_of(by)
    asked = [*(numbers_in(pile, by) for pile in piles), *(each.asks(work, by) for each in lists)]
    counts = iter(how_many_each(work, asked))
    return [*(_of_pile(each, next(counts), by) for each in piles), *map(_of_list, lists, counts)]


def _of_pile(pile: Pile, count: int, by: Actor) -> Entry:
    has_desk = pile.desk is not None and by.may(Permission.SEE_DESTRUCTION)
    url = pile.desk if has_desk else f"/waiting/{pile.code}"
    return {"label": pile.label, "count": shown(count), "url": url, "tone": pile.tone, "note": None}


def _of_list(each: WaitingList, count: int) -> Entry:
    named = {"label": each.label, "url": each.url, "tone": each.tone, "note": each.note}
    return {**named, "count": shown(count)}


def shown(count: int) -> str | int:
    """Nobody needs to know how many more than this there are; counting them would take long."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else count


def _roads(by: Actor) -> list[dict[str, str]]:
    return [{"label": label, "url": url} for label, url, permission in ROADS if by.may(permission)]


@blueprint.get("/waiting/<code>")
@reads(Permission.SEE_ITEMS)
def pile(code: str, *, work: Work, by: Actor) -> str:
    """What is in one pile, the oldest first, a page at a time."""
    found = next((each for each in piles_of(by) if each.code == code), None)
    if found is None:
        raise NoSuchPile("Nothing of that name waits for you; go back to the start page.")
    shown = page(work, items_in(found, by), [Item.id], cursor=request.args.get("cursor"))
    zone = zone_of(work, by)
    return render_template(
        "start/pile.html",
        label=found.label,
        items=[_row(work, item, by, zone) for item in shown.rows],
        next_url=shown.next_url(f"/waiting/{code}"),
    )


def _row(work: Work, item: Item, by: Actor, zone: str) -> Entry:
    return {**card(work, item, by), "place": place(work, item, by), "since": in_zone(item.recorded_at, zone)}
