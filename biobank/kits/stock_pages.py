"""The stock of kits as pages: what comes, stands, expires and went; kits that come or go out are scanned."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.checks import SiteNotYours
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.tables import MOST_DIGITS
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.kits.choices import ReturnReason, VoidReason
from biobank.kits.stock import (
    GONE_DAYS,
    Low,
    Shelf,
    gone,
    kits_by_name,
    kits_on_shelf,
    kits_on_their_way,
    levels_of,
    on_the_shelf,
    on_the_way,
    running_low,
    sites_stocked,
    today,
)
from biobank.kits.stocking import confirm_arrival, confirm_delivery, set_level, take_out
from biobank.sites.models import Site
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card, place
from biobank.web.feedback import refused, tell, tell_of
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import FieldRefused, choices
from biobank.web.words import in_zone

blueprint = Blueprint("stock_pages", __name__, url_prefix="/kits")
Shown = dict[str, Any]


@blueprint.get("")
@reads(Permission.SEE_ITEMS)
def stock(*, work: Work, by: Actor) -> str:
    return _stock(work, by)


def _stock(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    seen = _sites_seen(work, by)
    chosen = _chosen(seen)
    named = {site.code: site.name for site in sites(work)}
    of = frozenset(site.code for site in chosen)
    shelves, coming = on_the_shelf(work, of), on_the_way(work, of)
    low = running_low(work, levels_of(work, of), shelves, today())
    several = len(chosen) > 1
    mine = [site for site in chosen if by.works_at(site.code) and by.may(Permission.MANAGE_STOCK)]
    page = {"feedback": refused(refusal)} if refusal else {}
    return render_template(
        "kits/stock.html",
        filters=_filters(seen, chosen),
        several=several,
        low=[_low(each, named) for each in low],
        summaries=_by_site(work, chosen, shelves, coming) if several else [],
        coming=[] if several else [_shelf(work, each, named, by, coming=True) for each in coming],
        shelves=[] if several else [_shelf(work, each, named, by) for each in shelves],
        warning_days=work.settings.kit_expiry_warning_days,
        gone=gone(work, of, moments.now()),
        gone_days=GONE_DAYS,
        levels=[_level(level, named) for level in levels_of(work, of)],
        level_sites=[_option(site.code, site.name) for site in mine],
        level_kits=[_option(name, name) for name in kits_by_name(work)],
        takes_scans=by.may(Permission.RECORD_STEPS),
        **page,
    )


def _by_site(work: Work, chosen: list[Site], shelves: list[Shelf], coming: list[Shelf]) -> list[Shown]:
    """One line a site that has any kits or gets some; which ones, its own page says."""
    day, warning = today(), work.settings.kit_expiry_warning_days
    found = []
    for site in chosen:
        here = [shelf for shelf in shelves if shelf.site == site.code]
        sent = [shelf for shelf in coming if shelf.site == site.code]
        if not here and not sent:
            continue
        signs = {sign["word"]: sign for shelf in here for sign in _signs(shelf, day, warning)}
        line = {"name": site.name, "url": _url("/kits", site=site.code), "signs": list(signs.values())}
        days = [shelf.expires_on for shelf in here if shelf.expires_on]
        found.append(line | {"kits": _sum(here), "coming": _sum(sent), "expires_on": min(days, default=None)})
    return found


def _sum(shelves: Iterable[Shelf]) -> int:
    return sum(shelf.kits for shelf in shelves)


def _sites_seen(work: Work, by: Actor) -> list[Site]:
    seen = sites_stocked(by)
    return [site for site in sites(work) if seen is None or site.code in seen]


def _chosen(seen: list[Site]) -> list[Site]:
    """The site in the address, else all that somebody sees. Raises `SiteNotYours`."""
    asked = request.args.get("site", "") if request.method == "GET" else ""
    found = [site for site in seen if site.code == asked]
    if asked and not found:
        raise SiteNotYours(f"You do not see the stock of {asked}; choose a site of the list.", site=asked)
    return found or seen


def _filters(seen: list[Site], chosen: list[Site]) -> list[Shown]:
    if len(seen) == 1:
        return []
    every = {"label": "All sites", "url": "/kits", "current": len(chosen) > 1}
    return [every, *(_filter(site, chosen) for site in seen)]


def _filter(site: Site, chosen: list[Site]) -> Shown:
    return {"label": site.name, "url": _url("/kits", site=site.code), "current": [site] == chosen}


def _url(path: str, **asked: object) -> str:
    return f"{path}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def _option(value: str, label: str) -> Shown:
    return {"value": value, "label": label, "note": None}


def _shelf(work: Work, shelf: Shelf, named: Mapping[str, str], by: Actor, *, coming: bool = False) -> Shown:
    listed = {"site": shelf.site, "definition": shelf.definition, "lot": shelf.lot or ""}
    return {
        **listed,
        "site_name": named.get(shelf.site, shelf.site),
        "kits": shelf.kits,
        "expires_on": shelf.expires_on,
        "signs": _signs(shelf, today(), work.settings.kit_expiry_warning_days),
        "url": _url("/kits/shelf", **listed, coming="yes" if coming else None),
        "newest": shelf.newest,
        "may_confirm": coming and by.works_at(shelf.site) and by.may(Permission.RECORD_STEPS),
    }


def _signs(shelf: Shelf, day: date, warning: int) -> list[Shown]:
    """What is wrong with what stands there; nothing, when it can be used."""
    found = []
    if shelf.has_expired(day):
        found.append({"word": "Expired", "tone": "wrong"})
    elif shelf.expires_within(warning, day):
        found.append({"word": "Expires soon", "tone": "late"})
    if shelf.recalled:
        found.append({"word": "Recalled", "tone": "wrong"})
    return found


def _low(low: Low, named: Mapping[str, str]) -> Shown:
    return {
        "site_name": named.get(low.site, low.site),
        "kit": low.kit,
        "usable": low.usable,
        "lowest": low.lowest,
    }


def _level(level: Any, named: Mapping[str, str]) -> Shown:
    return {"site_name": named.get(level.site, level.site), "kit": level.kit, "lowest": level.lowest}


@blueprint.get("/shelf")
@reads(Permission.SEE_ITEMS)
def shelf(*, work: Work, by: Actor) -> str:
    """The kits behind one number, a page at a time."""
    asked = {name: request.args.get(name) for name in ("site", "definition", "lot", "coming")}
    site = next((each for each in _sites_seen(work, by) if each.code == asked["site"]), None)
    if site is None:
        raise SiteNotYours("You do not see the stock of this site; choose one of the list.")
    kits = kits_on_their_way if asked["coming"] else kits_on_shelf
    question = kits(site.code, definition=asked["definition"], lot=asked["lot"])
    found = page(work, question, [Item.id], cursor=request.args.get("cursor"))
    return render_template(
        "kits/shelf.html",
        site_name=site.name,
        coming=bool(asked["coming"]),
        definition=asked["definition"],
        lot=asked["lot"],
        back_url=_url("/kits", site=site.code),
        items=_rows(work, found.rows, by),
        next_url=_url("/kits/shelf", **asked, cursor=found.next_cursor) if found.next_cursor else None,
    )


def _rows(work: Work, items: Iterable[Item], by: Actor) -> list[Shown]:
    zone = zone_of(work, by)
    return [
        {
            **card(work, item, by),
            "place": place(work, item, by),
            "expires_on": item.expires_on,
            "since": in_zone(item.recorded_at, zone),
        }
        for item in items
    ]


@blueprint.post("/arrivals")
@shown_again(Permission.SEE_ITEMS, _stock)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def arrived(*, work: Work, by: Actor) -> Response:
    """One kit that came, by its code."""
    text = request.form.get("text", "")
    done = confirm_arrival(work, text, by=by, source=Source("scan"), at=now_told(work, by))
    log_taken(work, text, done, by=by)
    tell_of(with_scanner_alert(done, text))
    return sent_to("/kits")


@blueprint.post("/deliveries")
@shown_again(Permission.SEE_ITEMS, _stock)
@writes(Permission.RECORD_STEPS)
def delivered(*, work: Work, by: Actor) -> Response:
    """A whole delivery that was counted, up to the newest kit that the page showed."""
    form = request.form
    newest = form.get("newest", "")
    if not newest.isdecimal() or len(newest) > MOST_DIGITS:
        raise FieldRefused("This list is no list of ours; open the stock again.", field="newest")
    kits = confirm_delivery(
        work, form.get("site", ""), form.get("definition", ""), form.get("lot") or None,
        newest=int(newest), by=by, at=now_told(work, by),
    )  # fmt: skip
    tell("On the shelf", f"Kits that came and can be used: {kits} of {form.get('definition', '')}.")
    return sent_to("/kits")


REASONS: Mapping[Action, type[ReturnReason] | type[VoidReason]] = {
    Action.RETURN: ReturnReason,
    Action.VOID: VoidReason,
}
SENT = ("text", "reason", "action")


@blueprint.get("/out")
@reads(Permission.RECORD_STEPS)
def out(*, work: Work, by: Actor) -> str:
    """One reason, then kit after kit."""
    return _out(work, by)


def _out(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:  # noqa: ARG001 (as `shown_again` calls it)
    sent = request.form if request.method == "POST" else request.args
    action = Action.VOID if sent.get("action") == Action.VOID.value else Action.RETURN
    return render_template(
        "kits/out.html",
        action=action.value,
        actions=[
            {"label": label, "url": f"/kits/out?action={each.value}", "current": each is action}
            for each, label in ((Action.RETURN, "Give back to the biobank"), (Action.VOID, "Void here"))
        ],
        reasons=choices(REASONS[action]),
        form={"reason": sent.get("reason", "")},
        errors={},
        **refused_or_asked(refusal, *SENT),
    )


@blueprint.post("/out")
@shown_again(Permission.RECORD_STEPS, _out)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def taken_out(*, work: Work, by: Actor) -> Response:
    text, reason = request.form.get("text", ""), request.form.get("reason", "")
    action = next((each for each in REASONS if each.value == request.form.get("action")), Action.ASSIGN)
    done = take_out(
        work, text, action, reason, by=by, source=Source("scan"), at=now_told(work, by),
        confirmation=confirmation_told(),
    )  # fmt: skip
    log_taken(work, text, done, by=by)
    tell_of(with_scanner_alert(done, text))
    return sent_to(_url("/kits/out", action=action.value, reason=reason))


@blueprint.post("/levels")
@shown_again(Permission.SEE_ITEMS, _stock)
@writes(Permission.MANAGE_STOCK)
def level(*, work: Work, by: Actor) -> Response:
    form, typed = request.form, request.form.get("lowest", "").strip()
    if not typed.isdecimal() or len(typed) > len("10000"):
        raise FieldRefused("Type a whole number; 0 asks no more.", field="lowest")
    set_level(work, form.get("site", ""), form.get("kit", ""), int(typed), by=by)
    tell("Kept", f"You are told when fewer than {typed} of {form.get('kit', '')} can be used.")
    return sent_to("/kits")
