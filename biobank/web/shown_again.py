"""A form that was refused is shown again with the refusal on it, after its transaction was rolled back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response

from biobank.access.checks import PermissionMissing, SignInNeeded
from biobank.access.permissions import Permission
from biobank.core.database import reading
from biobank.core.errors import DomainError
from biobank.web.errors import status_of
from biobank.web.sessions import FormExpired, OtherOrigin, Visit, current_visit

View = Callable[..., Any]
Page = Callable[..., str]
"""Draws the page from `work`, `by`, `refusal` and what stands in the address."""

NOT_OF_THE_FORM = (SignInNeeded, FormExpired, OtherOrigin)


def shown_again(permission: Permission, page: Page) -> Callable[[View], View]:
    """For who may see the page by `permission`; it stands above `writes`, so that all is judged afresh."""

    def declare(view: View) -> View:
        @wraps(view)
        def answered(**named: Any) -> Any:
            try:
                return view(**named)
            except NOT_OF_THE_FORM:
                raise
            except DomainError as refusal:
                visit = current_visit()
                if visit is None or not visit.by.may(permission):
                    raise
                return Response(_drawn(page, visit, refusal, named), status_of(refusal), mimetype="text/html")

        return answered

    return declare


def _drawn(page: Page, visit: Visit, refusal: DomainError, named: dict[str, Any]) -> str:
    with reading() as work:
        visit.work = work
        try:
            return page(work, visit.by, refusal=refusal, **named)
        except DomainError as unseen:
            # There is no page to show it on; that somebody may not do this at all comes first.
            raise (refusal if isinstance(refusal, PermissionMissing) else unseen) from None
        finally:
            visit.work = None
