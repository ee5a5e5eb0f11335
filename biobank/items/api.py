"""An item over HTTP: what it is and where, what happened to it, and the proof."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import seen_by
from biobank.custody.queries import holds_on, item_now
from biobank.custody.steps import ItemNow
from biobank.custody.transitions import allowed_actions
from biobank.items.models import Item, LoggedScan
from biobank.items.queries import (
    aliases_of,
    children_of,
    items_numbered,
    parents_of,
    place_path,
    scans_asked_for,
)
from biobank.items.schemas import (
    EventsAnswer,
    ExplanationAnswer,
    ExplanationShape,
    ItemAnswer,
    ProofsAnswer,
    ScansAnswer,
    ScansQuery,
)
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.notes import to_base64
from biobank.ledger.queries import Entry, entries_of, inclusion_proof
from biobank.web.openapi import Blueprint
from biobank.web.others_codes import hidden_codes, without
from biobank.web.paging import page
from biobank.web.permission import reads
from biobank.web.scan_explanations import explained, narrowed_to

blueprint = Blueprint("items", __name__, url_prefix="/items", description="Everything with a barcode.")
scans = Blueprint("scans", __name__, url_prefix="/scans", description="What was scanned, and why it works.")


@blueprint.route("/<identifier>")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, ItemAnswer)
def show_item(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """What an item is now: state, place, custody, holds, steps that are possible."""
    found = _seen(work, by, identifier)
    return {**vars(work.session.get_one(Item, found.id)), **_around(work, by, found)}


def _seen(work: Work, by: Actor, identifier: str) -> ItemNow:
    found = item_now(work, identifier)
    seen_by(work, by, found)
    return found


def _around(work: Work, by: Actor, found: ItemNow) -> dict[str, Any]:
    item = work.session.get_one(Item, found.id)
    holds, hidden = holds_on(work, found.id), hidden_codes(work, by, found.id, found.kind)
    return {
        "places": place_path(work, item),
        "kit": work.session.get_one(Item, item.kit_id).identifier if item.kit_id else None,
        "parents": [
            parent.identifier for parent in parents_of(work, found.id) if parent.identifier not in hidden
        ],
        "children": [child.identifier for child in children_of(work, found.id)],
        "aliases": aliases_of(work, found.id),
        "holds": sorted(hold.value for hold in holds),
        "allowed_actions": allowed_actions(found.kind, found.state, by.roles, holds),
    }


@blueprint.route("/<identifier>/events")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, EventsAnswer)
def show_events(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Everything that the ledger holds about an item, oldest first.

    Of a pool, codes of what went into it at sites that are not yours are left out.
    """
    found = _seen(work, by, identifier)
    hidden = hidden_codes(work, by, found.id, found.kind)
    return {
        "item": found.identifier,
        "events": [_told(entry, hidden) for entry in entries_of(work, found.identifier)],
    }


def _told(entry: Entry, hidden: frozenset[str]) -> dict[str, Any]:
    event = without(dict(entry.event), hidden)
    return {**vars(entry), "event": event, "leaf_hash": to_base64(entry.hash)}


@blueprint.route("/<identifier>/proof")
@reads(Permission.SEE_LEDGER)
@blueprint.response(200, ProofsAnswer)
def show_proof(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """For each sealed event of an item, what shows that it is in the log."""
    found = _seen(work, by, identifier)
    hidden = hidden_codes(work, by, found.id, found.kind)
    entries = entries_of(work, found.identifier)
    withheld = {each.sequence for each in entries if without(dict(each.event), hidden) != each.event}
    shown = [each for each in entries if each.sequence not in withheld]
    return {
        "item": found.identifier,
        "proofs": [_proof(work, entry) for entry in shown if entry.leaf_index is not None],
        "unsealed": [entry.sequence for entry in entries if entry.leaf_index is None],
        "withheld": sorted(withheld),
    }


def _proof(work: Work, entry: Entry) -> dict[str, Any]:
    body = b64encode(canonical_bytes(dict(entry.event))).decode()
    return {
        "sequence": entry.sequence,
        "event": entry.event,
        "body": body,
        **inclusion_proof(work, entry.subject, entry.sequence),
    }


@scans.route("")
@reads(Permission.SEE_ITEMS)
@scans.arguments(ScansQuery, location="query")
@scans.response(200, ScansAnswer)
def list_scans(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Scans of your sites, taken or not, the newest first."""
    code = narrowed_to(work, asked["text"])
    question = scans_asked_for(
        by, refused=asked["refused"], station=asked["station"], person=asked["person"], **code
    )
    found = page(
        work, question, [LoggedScan.id], cursor=asked["cursor"], limit=asked["limit"], newest_first=True
    )
    numbers = {scan.item_id for scan in found.rows if scan.item_id is not None}
    items = {item.id: item.identifier for item in items_numbered(work, numbers)}
    listed = [{**vars(scan), "item": items.get(scan.item_id or 0)} for scan in found.rows]
    return {"scans": listed, "next_cursor": found.next_cursor}


@scans.route("/explanation", methods=["POST"])
@reads(Permission.SEE_ITEMS)
@scans.arguments(ExplanationShape)
@scans.response(200, ExplanationAnswer)
def explain_scan(asked: Mapping[str, str], *, work: Work, by: Actor) -> dict[str, Any]:
    """Why a text works as a barcode or does not, step by step; nothing is recorded."""
    told = explained(work, by, asked["text"])
    item = told.item.identifier if told.item else None
    return {**vars(told), "item": item, "possible": [step["label"] for step in told.steps]}
