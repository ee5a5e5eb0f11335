"""Codes of a rack that was refused are kept among the scans: why does this barcode not work."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from biobank.access.actors import Actor
from biobank.items.choices import ScanOutcome
from biobank.items.inputs import SeenScan
from biobank.items.operations import log_scan_by_itself
from biobank.storage.rack_plans import RackRefused
from biobank.web.sessions import current_visit


def logging_refused_wells(view: Callable[..., Any]) -> Callable[..., Any]:
    """Around the view's own transaction, which the refusal rolls back."""

    @wraps(view)
    def logged(*given: Any, **named: Any) -> Any:
        try:
            return view(*given, **named)
        except RackRefused as refusal:
            visit = current_visit()
            if visit is not None:
                log_refused_wells(refusal, by=visit.by)
            raise

    return logged


def log_refused_wells(refusal: RackRefused, *, by: Actor) -> None:
    """Each code that stood in the way, with the sentence about it."""
    for code, sentence in refusal.codes:
        log_scan_by_itself(SeenScan(code, ScanOutcome.REFUSED, None, None, sentence), by=by)
