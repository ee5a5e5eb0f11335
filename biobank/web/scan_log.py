"""Scans at the edges are kept, taken or not: why does this barcode not work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import g, request

from biobank.access.actors import Actor
from biobank.core.database import Work, reading
from biobank.core.errors import DomainError
from biobank.custody.queries import item_if_known
from biobank.custody.steps import Alert, AskedBack, ItemNow, Recorded
from biobank.items.choices import ScanOutcome
from biobank.items.identifiers import read_scan
from biobank.items.inputs import SeenScan
from biobank.items.keyboards import Damage
from biobank.items.operations import log_scan, log_scan_by_itself
from biobank.web.sessions import current_visit

LONGEST_SEEN = 2000
"""Characters of a text that are looked at for the log, which keeps 200 of them."""


@contextmanager
def refusals_logged(text: object, action: object = None) -> Iterator[None]:
    """Stands around the view's own transaction, which a refusal rolls back."""
    try:
        yield
    except AskedBack as question:
        log_by_itself(text, action, ScanOutcome.ASKED_BACK, question.detail)
        raise
    except DomainError as refusal:
        log_by_itself(text, action, ScanOutcome.REFUSED, refusal.detail)
        raise


def log_by_itself(text: object, action: object, outcome: ScanOutcome, refusal: str | None = None) -> None:
    """What nobody signed in sent is not kept, nor what is no text."""
    visit = current_visit()
    if visit is None or not isinstance(text, str):
        return
    seen = text[:LONGEST_SEEN]
    with reading() as work:
        item = item_if_known(work, text)
    named = action if isinstance(action, str) else None
    scan = SeenScan(seen, outcome, named, item.id if item else None, refusal)
    number = log_scan_by_itself(scan, by=visit.by)
    g.scan_not_understood = number if item is None else None


def number_logged() -> int | None:
    """The number of the refused scan that this request logged, for a link to what is known of its text.

    None where the text is an item's: the barcode did work, and the refusal itself says what is the matter.
    """
    number = g.get("scan_not_understood")
    return number if isinstance(number, int) else None


def log_taken(work: Work, text: str, done: Recorded, *, by: Actor, item: ItemNow | None = None) -> None:
    """In the step's own transaction; `text` is what was scanned for it, of `item` if that is another."""
    log_scan(work, taken(text, done, item), by=by)


def taken(text: str, done: Recorded, item: ItemNow | None = None) -> SeenScan:
    return SeenScan(text, ScanOutcome.TAKEN, done.event["action"], (item or done.item).id)


def logging_refused_forms(view: Callable[..., Any]) -> Callable[..., Any]:
    """Around the transaction of a page's form: what was scanned there, else the item in its address."""

    @wraps(view)
    def kept(*given: Any, **named: Any) -> Any:
        with refusals_logged(scanned_in_form(named.get("identifier")), named.get("action")):
            return view(*given, **named)

    return kept


def scanned_in_form(otherwise: str | None = None) -> str | None:
    return request.form.get("text") or request.form.get("place") or otherwise


def logging_look_ups(view: Callable[..., Any]) -> Callable[..., Any]:
    """The same around a form that leads to a page and changes nothing."""
    kept = logging_refused_forms(view)

    @wraps(view)
    def looked_up(*given: Any, **named: Any) -> Any:
        answer = kept(*given, **named)
        log_by_itself(scanned_in_form(), None, ScanOutcome.SHOWN)
        return answer

    return looked_up


def with_scanner_alert(done: Recorded, text: str) -> Recorded:
    """What has to be said of a scan that was taken although scanner and computer do not fit."""
    damage = read_scan(text).damage
    if damage is None:
        return done
    return replace(done, alerts=(*done.alerts, Alert("scanner", scanner_sentence(damage))))


def scanner_sentence(damage: Damage) -> str:
    return (
        f"The code came from {damage.sentence} and was read all the same; not every code can be, so open "
        "Scanner test and set it right."
    )
