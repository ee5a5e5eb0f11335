"""Scans that were not taken are kept, in a transaction of their own: why does this barcode not work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from flask import request

from biobank.core.database import writing
from biobank.core.errors import DomainError
from biobank.custody.operations import keep_refused_scan
from biobank.custody.steps import AskedBack
from biobank.web.sessions import current_visit


@contextmanager
def refusals_kept(text: object, action: object = None) -> Iterator[None]:
    """Stands around the view's own transaction; a question asked back is no refusal."""
    try:
        yield
    except AskedBack:
        raise
    except DomainError as refusal:
        _keep(text, action, refusal.detail)
        raise


def _keep(text: object, action: object, refusal: str) -> None:
    visit = current_visit()
    if visit is None or not isinstance(text, str):
        return
    with writing() as work:
        named = action if isinstance(action, str) else None
        keep_refused_scan(work, text, named, refusal, by=visit.by)


def keeping_refused_forms(view: Callable[..., Any]) -> Callable[..., Any]:
    """Around the transaction of a page's form: what was scanned there, else the item in its address."""

    @wraps(view)
    def kept(*given: Any, **named: Any) -> Any:
        seen = request.form.get("text") or request.form.get("place") or named.get("identifier")
        with refusals_kept(seen, named.get("action")):
            return view(*given, **named)

    return kept
