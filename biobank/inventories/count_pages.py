"""One inventory check as a page: read position by position, look at the differences, close."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import seen_by
from biobank.custody.queries import item_by_id
from biobank.custody.steps import ItemNow
from biobank.inventories import checks
from biobank.inventories.choices import FIRST, LAST, UNFINISHED, CheckState, Seen
from biobank.inventories.closing import close_check
from biobank.inventories.comparing import Comparison, compare
from biobank.inventories.counting import Taken, take_back, take_file, take_reading
from biobank.inventories.inputs import Read
from biobank.inventories.models import InventoryCheck
from biobank.inventories.operations import begin_check, cancel_check, count_again, end_count
from biobank.inventories.queries import check_numbered, checks_within, differences_of, progress_within
from biobank.inventories.readings import Slots, laid_together, of_turn, readings_of
from biobank.items.identifiers import printed
from biobank.items.positions import is_written_as_a_position, normalise_position
from biobank.printing.count_sheets import count_sheet_pdf
from biobank.storage.checks import NoSuchPosition
from biobank.storage.queries import fittings_of, map_of
from biobank.storage.rack_layouts import LAYOUTS
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.downloads import download
from biobank.web.feedback import LOUDEST, tell
from biobank.web.field_errors import errors_by_field, errors_of_form
from biobank.web.frame import zone_of
from biobank.web.inventory_cards import (
    check_cards,
    counting_grid,
    differences_shown,
    head_of,
    read_without_positions,
    recorded_shown,
    sheet_of,
)
from biobank.web.language import language, said
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.scan_log import logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.uploads import file_sent
from biobank.web.words import spoken

blueprint = Blueprint("count_pages", __name__, url_prefix="/inventories/<int:number>")
Shown = dict[str, Any]
MAY = Permission.COUNT_STORAGE
AT_WORK = (CheckState.COUNTING, CheckState.COUNTED)


@blueprint.get("")
@reads(Permission.SEE_STORAGE)
def check(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found, unit = _seen(work, by, number)
    zone, result = zone_of(work, by), _result(work, found, by)
    return render_template(
        "inventories/check.html",
        check=head_of(work, found, by, zone),
        may_count=by.may(MAY, found.site),
        is_lead=by.has(Role.LEAD, found.site),
        counting=_counting(work, found, unit, result) if found.state in AT_WORK else None,
        result=result,
        inside=_inside(work, found, zone),
        form=request.form if refusal else {},
        errors=errors_by_field(refusal),
        answered_here=f"/inventories/{found.id}",
        **refused_or_asked(refusal, "text", "position"),
    )


def _seen(work: Work, by: Actor, number: int) -> tuple[InventoryCheck, ItemNow]:
    found = check_numbered(work, number)
    unit = item_by_id(work, found.unit_id)
    seen_by(work, by, unit)
    return found, unit


def _counting(work: Work, check: InventoryCheck, unit: ItemNow, result: Shown | None) -> Shown:
    """What whoever counts sees: where they are and what they read themselves."""
    readings, settles = readings_of(work, check), check.turn == LAST
    slots = of_turn(readings, check.turn)
    drawn = map_of(work, unit.identifier)
    disputed = sorted(laid_together(readings, LAST).disputed) if settles else []
    positions = [position for _, cells in drawn.rows for position, _ in cells]
    differ = result["disputed"] if result else disputed
    cursor = _cursor(positions, slots, differ, settles=settles)
    unread = [position for position in positions if position not in slots]
    return {
        "cursor": cursor,
        "has_positions": bool(positions),
        "grid": counting_grid(drawn, slots, cursor, check.id),
        "read": len(slots),
        "settles": settles,
        "left": len(disputed if settles else unread),
        "loose": read_without_positions(slots.values()) if not positions else [],
    }


def _cursor(positions: list[str], slots: Slots, disputed: Sequence[str], *, settles: bool) -> str | None:
    """Told in the address or by what was refused, else where counts differ; to settle them, nowhere else."""
    asked = normalise_position(request.values.get("at") or request.form.get("position"))
    if asked in positions:
        return asked
    if settles or (positions and disputed):
        return disputed[0] if positions and disputed else None
    newest = max(slots.values(), key=lambda reading: reading.id, default=None)
    after = positions.index(newest.position) + 1 if newest and newest.position in positions else 0
    following = [*positions[after:], *positions[:after]]
    return next((position for position in following if position not in slots), None)


def _result(work: Work, check: InventoryCheck, by: Actor) -> Shown | None:
    """What the count came to: as it would be recorded, or as it was; None while it is counted."""
    if check.state == CheckState.CLOSED:
        found = recorded_shown(work, differences_of(work, check), by)
        return {"differences": found, "agreed": check.agreed, "disputed": [], "expected": None, "due": False}
    if check.state != CheckState.COUNTED:
        return None
    comparison = compare(work, check)
    second_is_due = _second_is_due(work, check, comparison)
    return {
        "differences": differences_shown(work, comparison, by),
        "agreed": comparison.agreed,
        "disputed": sorted(comparison.disputed),
        "expected": comparison.fingerprint,
        "due": second_is_due,
        "blind": second_is_due and _counts_it_again(work, check, by),
        "may_count_again": check.turn == FIRST,
        "counted_first": checks.counted_first(work, check, by),
    }


def _second_is_due(work: Work, check: InventoryCheck, comparison: Comparison) -> bool:
    least = work.settings.inventory_second_count_from
    return check.turn == FIRST and 0 < least <= len(comparison.differences)


def _counts_it_again(work: Work, check: InventoryCheck, by: Actor) -> bool:
    """Whoever may make the second count sees nothing of the first; a lead may close without one and looks."""
    may = by.may(MAY, check.site) and not by.has(Role.LEAD, check.site)
    return may and not checks.counted_first(work, check, by)


def _inside(work: Work, check: InventoryCheck, zone: str) -> Shown | None:
    """Checks of what stands in it, those to be done first."""
    progress = progress_within(work, check)
    if not progress:
        return None
    listed = page(work, checks_within(check), [InventoryCheck.id], cursor=request.args.get("cursor"))
    done = sum(progress.get(state, 0) for state in (CheckState.CLOSED, CheckState.CANCELLED))
    return {
        "total": sum(progress.values()),
        "done": done,
        "checks": check_cards(work, listed.rows, zone),
        "next_url": listed.next_url(f"/inventories/{check.id}"),
    }


@blueprint.post("/begin")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(MAY)
def begun(number: int, *, work: Work, by: Actor) -> Response:
    begin_check(work, number, by=by)
    return sent_to(f"/inventories/{number}")


@blueprint.post("/scan")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_refused_forms
@writes(MAY)
def scan(number: int, *, work: Work, by: Actor) -> Response:
    """A code lies in the position of the form; a typed position leads there; a button says what is seen."""
    form = request.form
    text, position = form.get("text", ""), form.get("position") or None
    seen = Seen(form["seen"]) if form.get("seen") in (Seen.EMPTY, Seen.NO_READ) else Seen.CODE
    typed = _position_typed(work, number, text) if seen is Seen.CODE else None
    if typed is not None:
        return sent_to(f"/inventories/{number}?at={typed}")
    told = Read(text=text, position=position, seen=seen, confirmation=confirmation_told())
    _tell(take_reading(work, number, told, by=by))
    return sent_to(f"/inventories/{number}")


def _position_typed(work: Work, number: int, text: str) -> str | None:
    """None for what is a code. Raises `NoSuchPosition`."""
    fittings = fittings_of(work, check_numbered(work, number).unit_id)
    grid = fittings.grid if fittings else None
    position = normalise_position(text)
    if grid is None or position in grid:
        return position if grid else None
    if is_written_as_a_position(text):
        raise NoSuchPosition(
            f"There is no position {position} here; type another ({grid.span}) or scan the tube.",
            field="text",
        )
    return None


def _tell(taken: Taken) -> None:
    """What was read, and what of it has to be heard; nothing of where the log has it."""
    reading, item = taken.reading, taken.item
    where = f"{reading.position}: " if reading.position else ""
    code = printed(item.identifier) if item else reading.code
    if taken.repeated:
        tell("Read already", f"{where}{code}.")
    elif reading.seen == Seen.EMPTY:
        tell("Empty", f"{where}nothing is there.")
    elif reading.seen == Seen.NO_READ:
        tell("Cannot be read", f"{where}it becomes a case when the check is closed.", tone="ask")
    elif item is None:
        tell("No code of ours", f"{where}{code}. Leave it there; it becomes a case.", tone="ask")
    elif taken.is_out_of_place:
        tell(
            "Stop",
            f"{where}{code} is {spoken(item.state)} in the log. Leave it there: closing the check holds it.",
            tone="wrong",
        )
    else:
        tell("Read", f"{where}{code}.")


@blueprint.post("/back")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(MAY)
def back(number: int, *, work: Work, by: Actor) -> Response:
    undone = take_back(work, number, by=by)
    if undone is None:
        tell("Nothing to take back", "Nothing was read yet.", tone="ask")
    else:
        tell("Taken back", f"{undone.position or undone.code or 'The last'} is as if nobody had read it.")
    at = f"?at={undone.position}" if undone and undone.position else ""
    return sent_to(f"/inventories/{number}{at}")


@blueprint.post("/end")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(MAY)
def ended(number: int, *, work: Work, by: Actor) -> Response:
    check = end_count(work, number, by=by)
    comparison = compare(work, check)
    different = len(comparison.differences)
    if _second_is_due(work, check, comparison):
        tell("Counted", f"Differences: {different}. Somebody else counts once more.", tone="ask")
    elif comparison.disputed:
        left = len(comparison.disputed)
        tell("Counted", f"The two counts differ. To be read once more: {left}.", tone="ask")
    elif different:
        tell("Counted", f"Differences: {different}. Look at them, then close the check.", tone="ask")
    else:
        tell("Counted", f"Everything lies where the log has it: {comparison.agreed}. Close the check.")
    return sent_to(f"/inventories/{number}")


@blueprint.post("/again")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(MAY)
def again(number: int, *, work: Work, by: Actor) -> Response:
    count_again(work, number, by=by)
    return sent_to(f"/inventories/{number}")


@blueprint.post("/close")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(MAY)
def closed(number: int, *, work: Work, by: Actor) -> Response:
    form = request.form
    done = close_check(
        work, number, by=by, expected=form.get("expected") or None, because=form.get("because")
    )
    loud = [alert.text.removeprefix("STOP: ") for alert in done.alerts if alert.kind in LOUDEST]
    if loud:
        tell("Stop", " ".join(loud), tone="wrong")
    elif done.registered:
        _labels_are_due(done.registered, by)
    else:
        tell("Closed", f"Differences: {done.check.differences}. Each is recorded and has its case.")
    return sent_to(f"/inventories/{number}")


def _labels_are_due(registered: Sequence[str], by: Actor) -> None:
    asked = urlencode([("item", code) for code in registered])
    link = {"label": "Print labels", "url": f"/printing?{asked}"} if by.may(Permission.PRINT_LABELS) else None
    codes = ", ".join(map(printed, registered))
    tell(
        "Labels are due",
        f"Nobody knew what bears a code of its own now: {codes}. Print a label for each, put it on, and put "
        "it in quarantine.",
        tone="ask",
        link=link,
    )


@blueprint.post("/cancel")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(MAY)
def cancelled(number: int, *, work: Work, by: Actor) -> Response:
    cancel_check(work, number, request.form.get("because", ""), by=by)
    tell("Cancelled", "Nothing of it is recorded; what was read stays to be seen.")
    return sent_to(f"/inventories/{number}")


@blueprint.get("/sheet.pdf")
@reads(MAY)
def sheet(number: int, *, work: Work, by: Actor) -> Response:
    """To count by hand where no station is."""
    found, unit = _seen(work, by, number)
    checks.is_at(found, *UNFINISHED)
    pdf = count_sheet_pdf(sheet_of(work, found, unit, by, zone_of(work, by)), said, language())
    return download(pdf, "application/pdf", f"count-sheet-{found.id}.pdf")


@blueprint.get("/file")
@reads(MAY)
def choose(number: int, *, work: Work, by: Actor) -> str:
    return _file_page(work, by, number=number)


def _file_page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found, _ = _seen(work, by, number)
    return render_template(
        "inventories/file.html",
        check=head_of(work, found, by, zone_of(work, by)),
        layouts=[{"value": layout.name, "label": layout.scanner, "note": layout.name} for layout in LAYOUTS],
        form=request.form if refusal else {},
        errors=errors_of_form(refusal),
    )


@blueprint.post("/file")
@shown_again(Permission.SEE_STORAGE, _file_page)
@writes(MAY)
def file(number: int, *, work: Work, by: Actor) -> Response:
    content, name = file_sent(request)
    scan = take_file(work, number, content, name, by=by, layout=request.form.get("layout") or None)
    tell("Read", f"Positions in {scan.file}: {len(scan.wells)}. End the count when all is read.")
    return sent_to(f"/inventories/{number}")
