"""Work without network: the page for it, the lists that it needs, and what has to be looked at afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import item_if_known
from biobank.custody.step_words import step_word
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.kits.choices import BrokenReason, NotCollectedReason
from biobank.offline.checks import COLLECTORS
from biobank.offline.models import OfflineScan
from biobank.offline.queries import collectors_at, conflicts_seen_by, open_cases, open_kits, other_codes
from biobank.offline.service_worker import worker_script
from biobank.sites.queries import site_called, site_named
from biobank.web.cards import card, names_of_people
from biobank.web.collect_buttons import reason_word
from biobank.web.collect_page import draws_blood
from biobank.web.current import current_settings
from biobank.web.frame import zone_of
from biobank.web.kit_picture import picture
from biobank.web.language import said
from biobank.web.paging import page
from biobank.web.permission import public, reads
from biobank.web.sessions import csrf_token_of, current_visit
from biobank.web.words import in_zone

blueprint = Blueprint("offline", __name__)
Shown = dict[str, Any]


@blueprint.app_context_processor
def _collector() -> Shown:
    """On each page of somebody who collects: what the browser needs to go on without network."""
    visit = current_visit()
    if visit is None or visit.session is None or not visit.by.roles & COLLECTORS:
        return {}
    return {"collector": {"person": visit.by.person, "site": visit.by.bench_site or ""}}


@blueprint.get("/service-worker.js")
@public("a program without anything of anybody; it has to be there before somebody signs in")
def service_worker() -> Response:
    return Response(worker_script(offline()), mimetype="text/javascript")


@blueprint.get("/offline")
@public("a page without anything of anybody; the browser keeps it for when there is no network")
def offline() -> str:
    return render_template(
        "offline/offline.html",
        reasons=_options(NotCollectedReason),
        broken=_options(BrokenReason),
        limits={
            "lists_hours": current_settings().offline_lists_warn_hours,
            "clock_minutes": current_settings().station_clock_warn_minutes,
        },
    )


def _options(reasons: Iterable[StrEnum]) -> list[Shown]:
    return [{"value": reason.value, "label": reason_word(reason)} for reason in reasons]


# What the station keeps.


@blueprint.get("/offline/lists")
@reads(Permission.RECORD_STEPS)
def lists(*, work: Work, by: Actor) -> Response:
    """Open kits of the site, by codes alone; never whose they are."""
    site = request.args.get("site") or by.bench_site
    if site:
        at_own_site(by, site)
    visit = current_visit()
    token = csrf_token_of(visit.session.sha256) if visit and visit.session else ""
    return jsonify(
        {
            "made_at": moments.to_text(moments.now()),
            "site": site,
            "zone": zone_of(work, by),
            "person": by.person,
            "csrf_token": token,
            "people": collectors_at(work, site) if site else [],
            "kits": _kits(work, site) if site else [],
        }
    )


def _kits(work: Work, site: str) -> list[Shown]:
    kits, zone = open_kits(work, site), site_named(work, site).zone
    aliases = other_codes(work, kits)
    return [_kit(work, kit, zone, aliases) for kit in kits]


TUBE = (
    "identifier",
    "printed",
    "number",
    "code",
    "label",
    "colour",
    "specimen",
    "state",
    "level",
    "is_drawn",
    "is_replaced",
)


def _kit(work: Work, kit: Item, zone: str, aliases: Mapping[str, Sequence[str]]) -> Shown:
    tubes = [
        {name: tube[name] for name in TUBE}
        | {"colour_said": said(tube["colour"] or ""), "codes": aliases.get(tube["identifier"], [])}
        for tube in picture(work, kit.id, zone, draws_blood=draws_blood(work, kit))
    ]
    return {
        "identifier": kit.identifier,
        "printed": printed(kit.identifier),
        "definition": kit.specification,
        "tubes": tubes,
    }


# What came of it.


@blueprint.get("/offline/conflicts")
@reads(Permission.SEE_ITEMS)
def conflicts(*, work: Work, by: Actor) -> str:
    """Scans that were kept without network and did not fit, the newest first."""
    question = conflicts_seen_by(by)
    cursor = request.args.get("cursor")
    found = page(work, question, [OfflineScan.id], cursor=cursor, newest_first=True)
    return render_template(
        "offline/conflicts.html",
        scans=_rows(work, found.rows, by),
        next_url=found.next_url("/offline/conflicts"),
    )


def _rows(work: Work, scans: Sequence[OfflineScan], by: Actor) -> list[Shown]:
    numbers = [scan.item_id for scan in scans if scan.item_id is not None]
    items = {item.id: card(work, item, by) for item in items_numbered(work, numbers)}
    waiting, zone = open_cases(work, numbers), zone_of(work, by)
    people = names_of_people(work, {name for scan in scans for name in (scan.performed_by, scan.received_by)})
    return [
        {
            "scanned": scan.scanned,
            "item": items.get(scan.item_id or 0) or _known_by_now(work, scan, by),
            "is_open": scan.item_id is None or scan.item_id in waiting,
            "action": step_word(scan.action),
            "sentence": scan.sentence,
            "said_at": in_zone(scan.said_at, zone) if scan.said_at else None,
            "received_at": in_zone(scan.received_at, zone),
            "performed_by": people.get(scan.performed_by, scan.performed_by),
            "received_by": people.get(scan.received_by, scan.received_by),
            "site": site_called(work, scan.site),
        }
        for scan in scans
    ]


def _known_by_now(work: Work, scan: OfflineScan, by: Actor) -> Shown | None:
    """What nobody knew when it was sent, and something bears since."""
    item = item_if_known(work, scan.scanned)
    return card(work, item, by) if item and any(map(by.works_at, item.sites())) else None
