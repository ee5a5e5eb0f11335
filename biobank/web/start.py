"""The start page: what waits for whoever signed in, what is late, what is wrong; every number is a link."""

from typing import Any

from flask import Blueprint, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.custody.states import State
from biobank.destruction import queries as destruction
from biobank.destruction.choices import BatchState, Stage
from biobank.items.models import Item
from biobank.shipments.queries import shipments_listed
from biobank.web.cards import card, place
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads
from biobank.web.waiting import MOST_COUNTED, Pile, counted, items_in, piles_of
from biobank.web.words import in_zone
from biobank.withdrawals.queries import undecided_decisions

blueprint = Blueprint("start", __name__)
Entry = dict[str, Any]


class NoSuchPile(NotFound):
    """The address names nothing that waits for this person."""

    title = "Nothing of that name"


@blueprint.get("/")
@reads(Permission.SEE_WORK)
def start(*, work: Work, by: Actor) -> str:
    waiting = [_entry(pile, counted(work, pile, by)) for pile in piles_of(by)]
    waiting += [*_parcels(work, by), *_destruction(work, by), *_decisions(work, by)]
    return render_template("start/start.html", waiting=[entry for entry in waiting if entry["count"]])


def _entry(pile: Pile, count: int) -> Entry:
    return _counted(pile.label, count, f"/waiting/{pile.code}", pile.tone)


def _counted(label: str, count: int, url: str, tone: str, note: str | None = None) -> Entry:
    shown = f"{MOST_COUNTED}+" if count > MOST_COUNTED else count
    return {"label": label, "count": shown, "url": url, "tone": tone, "note": note}


def _parcels(work: Work, by: Actor) -> list[Entry]:
    entries = []
    for label, states, permission in (
        ("Parcels being packed", (State.PACKING,), Permission.MAKE_SHIPMENTS),
        ("Parcels on their way", (State.IN_TRANSIT,), Permission.RECEIVE_SHIPMENTS),
        ("Parcels to receive", (State.ARRIVED, State.OPENED), Permission.RECEIVE_SHIPMENTS),
    ):
        if by.may(permission):
            found = shipments_listed(work, states=states, sites=by.sites, limit=MOST_COUNTED + 1)
            url = f"/shipments?state={states[0].value}"
            entries.append(_counted(label, len(found), url, "wait"))
    return entries


def _destruction(work: Work, by: Actor) -> list[Entry]:
    if not by.may(Permission.SEE_DESTRUCTION):
        return []
    orders = destruction.unfinished_orders(work, by)
    stages = [destruction.stage(order) for order in orders]
    late = [order for order in orders if destruction.is_overdue(order)]
    unsettled = [order for order in orders if destruction.is_unsettled(order)]
    url = "/destruction-orders"
    open_bags = [
        batch
        for batch in destruction.batches_unfinished(work)
        if batch.state == BatchState.COUNTED and by.works_at(destruction.bag_of(work, batch).site or "")
    ]
    complete = destruction.complete_orders(work, orders)
    ready = [
        order
        for order, stage in zip(orders, stages, strict=True)
        if stage in (Stage.READY, Stage.IN_PROGRESS) and order not in complete
    ]
    return [
        _counted("Orders overdue", len(late), url, "late"),
        _counted("Orders reopened", stages.count(Stage.REOPENED), url, "wrong", "something turned up late"),
        _counted("Orders that wait for a handling instruction", len(unsettled), url, "late"),
        _counted("Orders to carry out", len(ready), url, "wait"),
        _counted("Waste batches to sign", len(open_bags), "/waste-batches", "wait"),
        *_to_confirm(by, len(complete)),
    ]


def _to_confirm(by: Actor, complete: int) -> list[Entry]:
    if not by.may(Permission.CONFIRM_DESTRUCTION):
        return []
    return [_counted("Orders to confirm", complete, "/destruction-orders/confirm", "wait")]


def _decisions(work: Work, by: Actor) -> list[Entry]:
    if not by.may(Permission.CONFIRM_DESTRUCTION):
        return []
    count = len(undecided_decisions(work, by))
    return [_counted("Answers still open", count, "/decisions/open", "late")]


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
        next_url=f"/waiting/{code}?cursor={shown.next_cursor}" if shown.next_cursor else None,
    )


def _row(work: Work, item: Item, by: Actor, zone: str) -> Entry:
    return {**card(work, item, by), "place": place(work, item, by), "since": in_zone(item.recorded_at, zone)}
