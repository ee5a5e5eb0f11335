"""The bench of a biobank as a page: what waits, the most urgent first, and where the next tube is scanned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import is_specimen
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.processing.bench import (
    Due,
    Pile,
    waiting_to_be_aliquoted,
    waiting_to_be_frozen,
    waiting_to_be_spun,
)
from biobank.processing.choices import HURRY, Phase
from biobank.processing.freezing import newest_change, thaws_of
from biobank.processing.plans import plan_for
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card
from biobank.web.feedback import LOUDEST, QUIET, tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_look_ups, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import NAME, time_told
from biobank.web.typed_fields import chosen
from biobank.web.words import Sign, in_zone

blueprint = Blueprint("bench_pages", __name__, url_prefix="/processing")
Shown = dict[str, Any]
MAY = Permission.PROCESS_SPECIMENS
PHASES: Mapping[Phase, Sign] = {
    Phase.READY: {"word": "In time", "tone": "right"},
    Phase.HURRY: {"word": "Now, before others", "tone": "late"},
    Phase.LATE: {"word": "Beyond its limit", "tone": "wrong"},
    Phase.UNKNOWN: {"word": "Time not known", "tone": "ask"},
}


@blueprint.get("")
@reads(MAY)
def bench(*, work: Work, by: Actor) -> str:
    now, zone = moments.now(), zone_of(work, by)
    piles = {
        "spin": waiting_to_be_spun(work, by.sites),
        "aliquot": waiting_to_be_aliquoted(work, by.sites),
        "freeze": waiting_to_be_frozen(work, by.sites),
    }
    return render_template(
        "processing/bench.html",
        **{name: _pile(work, pile, by, zone, now) for name, pile in piles.items()},
        phases=[{"code": phase.value, "sign": sign} for phase, sign in PHASES.items()],
        now=in_zone(now, zone),
    )


def _pile(work: Work, pile: Pile, by: Actor, zone: str, now: datetime) -> Shown:
    return {"count": pile.count, "tubes": [_due(work, due, by, zone, now) for due in pile.shown]}


def _due(work: Work, due: Due, by: Actor, zone: str, now: datetime) -> Shown:
    times = {"opens_at": due.item.collected_at, "closes_at": due.until}
    soon = {"hurry_at": due.until - HURRY} if due.until else {}
    shown = {name: in_zone(at, zone) if at else None for name, at in {**times, **soon}.items()}
    return {
        **card(work, due.item, by),
        "url": page_at_the_bench(work, due.item, by),
        "phase": due.phase(now),
        **shown,
    }


def page_at_the_bench(work: Work, item: Item, by: Actor) -> str:
    """Where the bench goes on with it: its plan, if it has one to make something by."""
    plan = plan_for(work.settings, item.specification) if item.kind == Kind.TUBE else None
    return (
        f"/processing/aliquots/{item.identifier}" if plan and plan.lines else str(card(work, item, by)["url"])
    )


@blueprint.post("/scan")
@logging_look_ups
@reads(MAY)
def scan(*, work: Work, by: Actor) -> Response:
    """A tube leads to its plan, an aliquot to what is made of it, anything else to its own page."""
    found = found_by(work, by, request.form.get("text", ""))
    item = work.session.get_one(Item, found.id)
    if item.kind in (Kind.ALIQUOT, Kind.POOL):
        return sent_to(f"/processing/aliquots/{found.identifier}")
    if is_specimen(found) and item.kind != Kind.TUBE:
        return sent_to(f"/items/{found.identifier}/steps/{Action.ALIQUOT.value}")
    return sent_to(page_at_the_bench(work, item, by))


# Frozen and thawed.

FREEZES = {"frozen": Action.FREEZE, "thawed": Action.THAW}
KEPT = ("text", "change", NAME, f"{NAME}_unknown")


@blueprint.get("/freezing")
@reads(MAY)
def freezing(*, work: Work, by: Actor) -> str:
    """`change` is what was chosen before."""
    return _freezing(work, by)


def _freezing(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    now, zone = moments.now(), zone_of(work, by)
    told = request.form if request.method == "POST" else request.args
    return render_template(
        "processing/freezing.html",
        freeze=_pile(work, waiting_to_be_frozen(work, by.sites), by, zone, now),
        phases=[{"code": phase.value, "sign": sign} for phase, sign in PHASES.items()],
        now=in_zone(now, zone),
        form={name: told[name] for name in KEPT[1:] if told.get(name)},
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal, *KEPT),
    )


@blueprint.post("/freezing")
@shown_again(MAY, _freezing)
@logging_refused_forms
@writes(MAY)
def freeze(*, work: Work, by: Actor) -> Response:
    """One scan is one specimen frozen, or thawed."""
    form, text = request.form, request.form.get("text", "")
    change = chosen(form, "change", FREEZES, "Choose what is done first, then scan.")
    done = record(
        work, text, FREEZES[change], by=by, source=Source("scan"), at=time_told(form, zone_of(work, by)),
        confirmation=confirmation_told(),
    )  # fmt: skip
    log_taken(work, text, done, by=by)
    done = with_scanner_alert(done, text)
    if any(alert.kind in LOUDEST for alert in done.alerts):
        tell_of(done)
    else:
        _tell(
            work, done.item.id, done.item.identifier, [each for each in done.alerts if each.kind not in QUIET]
        )
    return sent_to(f"/processing/freezing?change={change}")


def _tell(work: Work, number: int, identifier: str, stops: list[Any]) -> None:
    change = newest_change(work, number)
    thaws = f"{printed(identifier)}. Thaws so far: {thaws_of(work, number)}."
    word = "Frozen" if change is None or change.change == "frozen" else "Thawed"
    tell(word, " ".join([thaws, *(each.text for each in stops)]), tone="ask" if stops else "right")
