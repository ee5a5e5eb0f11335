"""Recalls as pages: what a lot would find, opening it, what is to be looked for where, lifting it."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.choices import VoidReason
from biobank.recalls.choices import LOOKED_FOR, NOT_COUNTED, Cause, RecallStanding
from biobank.recalls.inputs import NewRecall
from biobank.recalls.models import Recall
from biobank.recalls.operations import lift_recall, open_recall, tell_found
from biobank.recalls.queries import (
    Count,
    Progress,
    counts_of_lot,
    items_to_find,
    number_listed,
    progress,
    recall_numbered,
    recalls,
    sites_told,
)
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.cards import card, place
from biobank.web.feedback import refused, tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import in_zone, spoken, state_sign

blueprint = Blueprint("recall_pages", __name__, url_prefix="/recalls")
Shown = dict[str, Any]

STANDING: Mapping[RecallStanding, Shown] = {
    RecallStanding.TO_FIND: {"label": "To find", "tone": "wait"},
    RecallStanding.FOUND: {"label": "Found and put aside", "tone": "right"},
    RecallStanding.RETURNED: {"label": "Given back", "tone": "right"},
    RecallStanding.VOIDED: {"label": "Voided", "tone": "right"},
    RecallStanding.DESTROYED: {"label": "In waste or destroyed", "tone": "right"},
    RecallStanding.USED_UP: {"label": "Used up or broken", "tone": "plain"},
    RecallStanding.HANDED_OVER: {"label": "Handed over for good", "tone": "plain"},
    RecallStanding.MISSING: {"label": "Missing", "tone": "wrong"},
    RecallStanding.NEVER_FILLED: {"label": "Never filled", "tone": "plain"},
}
"""How each thing stands, the most urgent first."""
FILTERS = {"standing": ("Standing", True), "lifted": ("Lifted", False), "all": ("All", None)}


@blueprint.get("")
@reads(Permission.SEE_ITEMS)
def listed(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time."""
    asked = request.args.get("show", "standing")
    label, standing = FILTERS.get(asked, FILTERS["standing"])
    found = page(
        work, recalls(standing=standing), [Recall.id], cursor=request.args.get("cursor"), newest_first=True
    )
    more = f"/recalls?{urlencode({'show': asked, 'cursor': found.next_cursor})}"
    zone = zone_of(work, by)
    return render_template(
        "recalls/recalls.html",
        filters=[
            {"label": each, "url": f"/recalls?show={name}", "current": each == label}
            for name, (each, _) in FILTERS.items()
        ],
        recalls=[_listed(work, recall, by, zone) for recall in found.rows],
        next_url=more if found.next_cursor else None,
        may_look=by.may(Permission.RECALL),
    )


def _listed(work: Work, recall: Recall, by: Actor, zone: str) -> Shown:
    left = sum(each.items for each in progress(work, recall, sites_told(by)) if each.standing in LOOKED_FOR)
    return _told(recall, zone) | {"left": left, "items": number_listed(work, recall)}


def _told(recall: Recall, zone: str) -> Shown:
    stands = recall.lifted_at is None
    return {
        "number": recall.id,
        "url": f"/recalls/{recall.id}",
        "lot": recall.lot,
        "specification": recall.specification,
        "cause": spoken(recall.cause).capitalize(),
        "notice": recall.notice,
        "state": {"word": "Standing", "tone": "wrong"} if stands else {"word": "Lifted", "tone": "plain"},
        "stands": stands,
        "opened_at": in_zone(recall.opened_at, zone),
        "opened_by": recall.opened_by,
        "lifted_at": in_zone(recall.lifted_at, zone) if recall.lifted_at else None,
        "lifted_by": recall.lifted_by,
        "lifted_because": recall.lifted_because,
    }


@blueprint.get("/look")
@reads(Permission.RECALL)
def look(*, work: Work, by: Actor) -> str:
    """What a recall would find; nothing is held yet."""
    return _look(work, by)


def _look(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:  # noqa: ARG001 (as `shown_again` calls it)
    sent = request.form if request.method == "POST" else request.args
    lot, specification = sent.get("lot", "").strip(), sent.get("specification", "").strip()
    counts = counts_of_lot(work, lot, specification) if lot else []
    errors = errors_by_field(refusal)
    page = {"feedback": refused(refusal)} if refusal and not errors else {}
    return render_template(
        "recalls/look.html",
        lot=lot,
        specification=specification,
        kits=_by_site(work, (each for each in counts if each.kind == Kind.KIT)),
        tubes=_by_site(work, (each for each in counts if each.kind == Kind.TUBE)),
        made=_by_site(work, (each for each in counts if each.kind not in (Kind.KIT, Kind.TUBE))),
        total=sum(each.items for each in counts),
        causes=choices(Cause),
        form={name: sent.get(name, "") for name in ("cause", "notice")},
        errors=errors,
        **page,
    )


def _by_site(work: Work, counts: Iterable[Count]) -> list[Shown]:
    """One line a site and state."""
    named = {site.code: site.name for site in sites(work)}
    return [
        {
            "site": named.get(each.site or "", each.site),
            "state": state_sign(each.state),
            "items": each.items,
        }
        for each in counts
    ]


@blueprint.post("")
@shown_again(Permission.RECALL, _look)
@writes(Permission.RECALL)
def opened(*, work: Work, by: Actor) -> Response:
    form = request.form
    new = NewRecall(
        lot=form.get("lot", "").strip(),
        specification=form.get("specification", "").strip(),
        cause=chosen(form, "cause", Cause, "Choose why the lot is recalled."),
        notice=form.get("notice", "").strip() or None,
    )
    recall = open_recall(work, new, by=by)
    tell("Recalled", f"Nothing of lot {recall.lot} may be used any more. Each site looks for what it has.")
    return sent_to(f"/recalls/{recall.id}")


@blueprint.get("/<int:number>")
@reads(Permission.SEE_ITEMS)
def recall(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found, zone = recall_numbered(work, number), zone_of(work, by)
    seen = sites_told(by)
    chosen = _chosen(seen)
    left = page(work, items_to_find(found, chosen), [Item.id], cursor=request.args.get("cursor"))
    shown = {"feedback": refused(refusal)} if refusal else {}
    asked = {"site": request.args.get("site"), "cursor": left.next_cursor}
    return render_template(
        "recalls/recall.html",
        recall=_told(found, zone),
        takes_scans=found.lifted_at is None and by.may(Permission.RECORD_STEPS),
        may_lift=found.lifted_at is None and by.may(Permission.RECALL),
        counts=_counts(work, progress(work, found, seen), number),
        items=[_row(work, item, by, zone) for item in left.rows] if found.lifted_at is None else [],
        chosen=_named(work, chosen),
        next_url=_page_url(number, asked) if left.next_cursor else None,
        **shown,
    )


def _page_url(number: int, asked: Mapping[str, str | None]) -> str:
    told = {name: value for name, value in asked.items() if value}
    return f"/recalls/{number}?{urlencode(told)}" if told else f"/recalls/{number}"


def _chosen(seen: frozenset[str] | None) -> frozenset[str] | None:
    """One site of those seen, when the address names one."""
    asked = request.args.get("site", "")
    return frozenset({asked}) if asked and (seen is None or asked in seen) else seen


def _named(work: Work, chosen: frozenset[str] | None) -> str | None:
    if chosen is None or len(chosen) != 1:
        return None
    return next((site.name for site in sites(work) if site.code in chosen), None)


def _counts(work: Work, counted: list[Progress], number: int) -> list[Shown]:
    """One line a site: how many stand how, and what part is done."""
    named = {site.code: site.name for site in sites(work)}
    found: dict[str | None, dict[RecallStanding, int]] = {}
    for each in counted:
        if each.standing not in NOT_COUNTED:
            found.setdefault(each.site, {})[each.standing] = each.items
    return [
        {
            "site": named.get(site or "", site),
            "url": _page_url(number, {"site": site}),
            "left": sum(count for standing, count in counts.items() if standing in LOOKED_FOR),
            "total": sum(counts.values()),
            "parts": [sign | {"count": counts[each]} for each, sign in STANDING.items() if counts.get(each)],
        }
        for site, counts in found.items()
    ]


def _row(work: Work, item: Item, by: Actor, zone: str) -> Shown:
    return {
        **card(work, item, by),
        "place": place(work, item, by),
        "since": in_zone(item.recorded_at, zone),
    }


@blueprint.post("/<int:number>/found")
@shown_again(Permission.SEE_ITEMS, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def found(number: int, *, work: Work, by: Actor) -> Response:
    """It is in hand and put aside; a kit may be voided with the same scan."""
    text, at = request.form.get("text", ""), now_told(work, by)
    done = tell_found(work, number, text, by=by, source=Source("scan"), at=at)
    if request.form.get("then") == Action.VOID.value and not isinstance(done, Recorded):
        done = _voided(work, done.identifier, by, at) if done.state is not State.VOIDED else done
    if isinstance(done, Recorded):
        log_taken(work, text, done, by=by)
    _answer(done, text)
    return sent_to(f"/recalls/{number}")


def _answer(done: Recorded | ItemNow, text: str) -> None:
    """That it is held is why it is looked for; anything else about it is heard as always."""
    item, alerts = (done.item, done.alerts) if isinstance(done, Recorded) else (done, ())
    expected = item.state is not State.VOIDED and all(alert.kind == "hold" for alert in alerts)
    if expected or not isinstance(done, Recorded):
        tell("Found", f"Put {printed(item.identifier)} aside: it may not be used.")
    else:
        tell_of(with_scanner_alert(done, text))


def _voided(work: Work, kit: str, by: Actor, at: moments.Told) -> Recorded:
    reason = {"reason": VoidReason.RECALLED.value}
    return record(work, kit, Action.VOID, by=by, source=Source("scan"), at=at, details=reason)


@blueprint.post("/<int:number>/lift")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECALL)
def lifted(number: int, *, work: Work, by: Actor) -> Response:
    recall = lift_recall(work, number, request.form.get("reason", ""), by=by)
    tell("Lifted", f"What lot {recall.lot} was held for is over; other holds stay.")
    return sent_to(f"/recalls/{number}")
