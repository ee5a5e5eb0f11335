"""The page at the chair: one scan a tube, one answer a scan, the kit in draw order."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.choices import ScanOutcome
from biobank.items.identifiers import printed
from biobank.items.inputs import SeenScan
from biobank.items.models import Item
from biobank.items.operations import log_scan
from biobank.kits.checks import kit_named
from biobank.kits.collecting import (
    answer_rest,
    answer_tube,
    collect_scanned,
    replace_tube,
    take_back_newest,
    tube_numbered,
)
from biobank.kits.open_kits import leave_kit, no_other_kit_is_open, note_open
from biobank.sites.queries import site_called
from biobank.visits.inputs import Telling
from biobank.visits.operations import confirm_labels
from biobank.visits.queries import visit_of_kit
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told
from biobank.web.collect_answers import tell_of_rest, tell_of_tube, tell_of_undo
from biobank.web.collect_buttons import AnswerUnclear, answer_told, reason_told
from biobank.web.collect_page import collect_page, kit_seen_by
from biobank.web.feedback import tell
from biobank.web.found_items import is_of_another_site
from biobank.web.look_ups import page_of_other
from biobank.web.permission import reads, writes
from biobank.web.print_jobs import print_link
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shelf_tubes import replacement_told
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import thousandths_typed

blueprint = Blueprint("collect_pages", __name__, url_prefix="/kits/<identifier>/collect")


@blueprint.get("")
@reads(Permission.RECORD_STEPS)
def collect(identifier: str, *, work: Work, by: Actor) -> str | tuple[str, int]:
    """Of a kit of another site: whose it is, and a button that tells them."""
    kit = kit_named(work, identifier)
    if is_of_another_site(by, kit):
        return render_template("kits/astray.html", kit=_astray(work, kit), feedback=_not_ours(work, kit)), 403
    return collect_page(work, by, identifier=identifier)


def _astray(work: Work, kit: ItemNow) -> dict[str, Any]:
    return {
        "printed": printed(kit.identifier),
        "sites": [site_called(work, site) for site in _whose(kit)],
        "url": f"/kits/{kit.identifier}/collect/report",
    }


def _not_ours(work: Work, kit: ItemNow) -> dict[str, Any]:
    """Whose it is, and nothing of its participant."""
    sites = site_called(work, *_whose(kit))
    return {
        "tone": "wrong",
        "word": "Kit of another site",
        "sentence": f"{printed(kit.identifier)} is of {sites}; put it aside, tell them that it is here, and "
        "take a kit of your own.",
        "link": None,
    }


def _whose(kit: ItemNow) -> list[str]:
    """The clinic that it was issued to, else whoever has it."""
    return [kit.site] if kit.site else kit.sites_told()


def _form(view: Callable[..., Response]) -> Callable[..., Any]:
    """A form of this page: refused, it is shown again; every scan of it is kept."""
    told = writes(Permission.RECORD_STEPS)(view)
    return shown_again(Permission.RECORD_STEPS, collect_page)(logging_refused_forms(told))


@blueprint.post("/scan")
@_form
def scan(identifier: str, *, work: Work, by: Actor) -> Response:
    """A tube of this kit was filled: recorded at once, and told on the same page."""
    kit, text = kit_seen_by(work, by, identifier), request.form.get("text", "")
    elsewhere = tube_numbered(work, kit.id, text)
    if elsewhere is not None:
        return _back(kit, elsewhere)
    url = page_of_other(work, by, text)
    if url is not None:
        log_scan(work, SeenScan(text, ScanOutcome.SHOWN, None, None, None), by=by)
        return sent_to(url)
    no_other_kit_is_open(work, by, kit)
    return _collected(work, by, kit, text)


def _collected(work: Work, by: Actor, kit: ItemNow, text: str) -> Response:
    done = collect_scanned(work, kit, text, by=by, at=now_told(work, by), confirmation=confirmation_told())
    log_taken(work, text, done, by=by)
    tell_of_tube(work, with_scanner_alert(done, text))
    return _answered(work, by, kit, done)


@blueprint.post("/answer")
@_form
def answer(identifier: str, *, work: Work, by: Actor) -> Response:
    """By hand: how full a tube is, why it was not collected, that it broke."""
    kit = kit_seen_by(work, by, identifier)
    told = answer_told(request.form.get("answer", ""), thousandths_typed(request.form, "volume"))
    done = answer_tube(
        work,
        kit,
        request.form.get("tube", ""),
        told,
        by=by,
        at=now_told(work, by),
        confirmation=confirmation_told(),
    )
    tell_of_tube(work, done)
    return _answered(work, by, kit, done)


@blueprint.post("/rest")
@_form
def rest(identifier: str, *, work: Work, by: Actor) -> Response:
    """The participant fainted: everything that has no answer is not collected, for that reason."""
    kit = kit_seen_by(work, by, identifier)
    done = answer_rest(work, kit, reason_told(request.form.get("answer", "")), by=by, at=now_told(work, by))
    tell_of_rest(done)
    return _answered(work, by, kit)


@blueprint.post("/replace")
@_form
def replace(identifier: str, *, work: Work, by: Actor) -> Response:
    """A tube of the shelf takes the place of one of the kit; it is scanned when it is filled."""
    kit = kit_seen_by(work, by, identifier)
    details = replacement_told(request.form)
    done = replace_tube(
        work,
        kit,
        request.form.get("tube", ""),
        details,
        by=by,
        at=now_told(work, by),
        confirmation=confirmation_told(),
    )
    if not done.born:  # it was replaced already
        tell_of_tube(work, done)
        return _answered(work, by, kit, done)
    born = done.born[0]
    tell(
        "From the shelf",
        f"{printed(born.identifier)} takes the place of {printed(done.item.identifier)}; "
        "scan it when it is filled.",
        link=None if "code" in details else print_link(born, by),
    )
    return _back(kit, born)


@blueprint.post("/undo")
@_form
def undo(identifier: str, *, work: Work, by: Actor) -> Response:
    """Exactly what this page showed as the last answer, so that an older page undoes nothing else."""
    kit = kit_seen_by(work, by, identifier)
    done = take_back_newest(work, kit, _offered(), by=by, at=now_told(work, by))
    tell_of_undo(work, done)
    return _answered(work, by, kit, done[0] if len(done) == 1 else None)


@blueprint.post("/labels")
@_form
def labels(identifier: str, *, work: Work, by: Actor) -> Response:
    """The labels were read together with the participant, after the draw."""
    kit = kit_seen_by(work, by, identifier)
    visit = visit_of_kit(work, kit)
    if visit is None:
        raise AnswerUnclear(
            "This kit was assigned without a visit, so nobody is there to confirm its labels."
        )
    confirm_labels(work, visit.id, kit.identifier, Telling(by=by, at=now_told(work, by)))
    tell("Labels confirmed", f"The labels of {printed(kit.identifier)} were read with the participant.")
    return _back(kit)


@blueprint.post("/leave")
@_form
def leave(identifier: str, *, work: Work, by: Actor) -> Response:
    """For later: it is found again among the kits being collected, or by scanning it.

    With `other` the one that is open here is left for this, and the scan that waited is recorded.
    """
    kit = kit_seen_by(work, by, identifier)
    leave_kit(work, by)
    if request.form.get("other"):
        text = request.form.get("text", "")
        return _collected(work, by, kit, text) if text else _back(kit)
    tell("Left for later", f"{printed(kit.identifier)} waits among the kits being collected.")
    return sent_to("/")


@blueprint.post("/report")
@writes(Permission.RECORD_STEPS)
def report(identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit of another site is here: its own site is told, and nothing of it is shown."""
    kit = kit_named(work, identifier)
    record(work, kit.identifier, Action.REPORT_ASTRAY, by=by, source=Source("scan"), at=now_told(work, by))
    sites = site_called(work, *_whose(kit))
    tell("Reported", f"{sites} is told that {printed(kit.identifier)} is here; keep it until they fetch it.")
    return sent_to("/")


def _offered() -> list[tuple[str, int]]:
    pairs = (text.partition(":") for text in request.form.getlist("undo"))
    return [(tube, int(number)) for tube, _, number in pairs if number.isdecimal() and len(number) < LONGEST]


LONGEST = 9


def _answered(work: Work, by: Actor, kit: ItemNow, done: Recorded | None = None) -> Response:
    note_open(work, by, kit)
    return _back(kit, done.item if done else None)


def _back(kit: ItemNow, tube: Item | ItemNow | None = None) -> Response:
    url = f"/kits/{kit.identifier}/collect"
    return sent_to(f"{url}?tube={tube.identifier}" if tube else url)
