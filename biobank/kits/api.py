"""Kits over HTTP: made, looked at and stocked; issuing, arriving, assigning and collecting are scans."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.custody.checks import item_seen_by
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import is_a_kit
from biobank.kits.operations import make_kits
from biobank.kits.schemas import (
    DeliveryAnswer,
    DeliveryShape,
    KitAnswer,
    KitsAnswer,
    KitsShape,
    LevelShape,
    StockAnswer,
    StockQuery,
)
from biobank.kits.stock import (
    gone,
    levels_of,
    on_the_shelf,
    on_the_way,
    running_low,
    sites_stocked,
    today,
)
from biobank.kits.stocking import confirm_delivery, set_level
from biobank.sites.queries import site_named
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads, writes

blueprint = Blueprint("kits", __name__, url_prefix="/kits", description="Parcels of labelled, empty tubes.")


@blueprint.route("", methods=["POST"])
@writes(Permission.MAKE_KITS)
@blueprint.arguments(KitsShape)
@blueprint.response(201, KitsAnswer)
def make(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Make kits of one definition, all of them or none."""
    at_own_site(by, asked["site"])
    made = make_kits(work, by=by, source=Source("keyed"), **asked)
    return {"kits": [_told(work, kit.id) for kit in made]}


@blueprint.route("/stock")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(StockQuery, location="query")
@blueprint.response(200, StockAnswer)
def stock(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """What stands on shelves, what comes, what went and what runs low."""
    seen = sites_stocked(by)
    if asked["site"] is not None:
        if seen is not None and asked["site"] not in seen:
            at_own_site(by, asked["site"])
        seen = frozenset({site_named(work, asked["site"]).code})
    shelves = on_the_shelf(work, seen)
    return {
        "on_the_shelf": shelves,
        "on_the_way": on_the_way(work, seen),
        "gone": gone(work, seen, now()),
        "running_low": running_low(work, levels_of(work, seen), shelves, today()),
    }


@blueprint.route("/deliveries", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(DeliveryShape)
@blueprint.response(200, DeliveryAnswer)
def delivered(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """All kits of one definition and lot on their way to a site came, up to `newest` as `stock` told it."""
    site, definition, lot = asked["site"], asked["definition"], asked["lot"]
    came = confirm_delivery(work, site, definition, lot, newest=asked["newest"], by=by, at=asked["at"])
    return {"arrived": came}


@blueprint.route("/levels", methods=["PUT"])
@writes(Permission.MANAGE_STOCK)
@blueprint.arguments(LevelShape)
@blueprint.response(200, LevelShape)
def level(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Mapping[str, Any]:
    """Below how many usable kits a site of yours runs low."""
    set_level(work, asked["site"], asked["kit"], asked["lowest"], by=by)
    return asked


@blueprint.route("/<identifier>")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, KitAnswer)
def show(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A kit and its tubes."""
    found = item_seen_by(work, by, identifier)
    is_a_kit(found)
    return _told(work, found.id)


def _told(work: Work, kit: int) -> dict[str, Any]:
    item = work.session.get_one(Item, kit)
    shown = ("identifier", "specification", "state", "site", "participant", "lot", "expires_on")
    return {**{name: getattr(item, name) for name in shown}, "tubes": tubes_of_kit(work, kit)}
