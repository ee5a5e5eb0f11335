"""Kits over HTTP: made, and looked at; issuing, assigning and collecting are scans."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import item_seen_by
from biobank.custody.states import Kind
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.kits.schemas import KitAnswer, KitsAnswer, KitsShape
from biobank.printing.choosing import NotAKit
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


@blueprint.route("/<identifier>")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, KitAnswer)
def show(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A kit and its tubes."""
    found = item_seen_by(work, by, identifier)
    if found.kind is not Kind.KIT:
        raise NotAKit(f"{found.identifier} is a {found.kind.replace('_', ' ')}; ask for the item instead.")
    return _told(work, found.id)


def _told(work: Work, kit: int) -> dict[str, Any]:
    item = work.session.get_one(Item, kit)
    shown = ("identifier", "specification", "state", "site", "participant", "lot", "expires_on")
    return {**{name: getattr(item, name) for name in shown}, "tubes": tubes_of_kit(work, kit)}
