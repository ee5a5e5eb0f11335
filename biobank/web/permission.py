"""The shape of every view: one decorator declares its permission, opens its transaction and says who asks.

    @blueprint.get("/items/<identifier>")
    @reads(Permission.SEE_ITEMS)
    def item(identifier: str, *, work: Work, by: Actor) -> str: ...

    @blueprint.route("/custody/events", methods=["POST"])
    @writes(Permission.RECORD_STEPS)
    @blueprint.arguments(ScanSchema)
    @blueprint.response(201, RecordedSchema)
    def record_scan(scan: Scan, *, work: Work, by: Actor) -> Recorded: ...

`reads` and `writes` stand directly under the route and above flask-smorest's decorators: then the caller is
known before anything they sent is looked at, and the answer is made while the transaction is open. Texts in
an address and in a form are looked at before the view (`plain_texts`). Token, permission, view, answer and
idempotency row share one transaction, which commits after the view returned; whatever the view raises, or
answers with 400 or more, keeps nothing. A view that streams reads what it needs before it returns; what has
to follow the commit it hands to `once_kept`. `public(reason)` is for the few routes that anybody may ask.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g, request

from biobank.access.accounts import record_failure
from biobank.access.checks import CredentialsRefused, permitted
from biobank.access.failed_signings import note_failed_signing
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DatabaseUnavailable
from biobank.web.idempotency import answered_once
from biobank.web.metrics import metrics_of
from biobank.web.plain_texts import form_is_readable
from biobank.web.sessions import current_visit, note_seen, recognised

View = Callable[..., Any]
Opening = Callable[[], AbstractContextManager[Work]]
Answering = Callable[[Work, str, Callable[[], Response]], Response]

DECLARED = "declared_permission"
FIRST_REFUSAL = 400


class UndeclaredRoute(RuntimeError):
    """A route without a permission: the service does not start."""


def once_kept(follow: Callable[[], Any]) -> None:
    """What a view does after its transaction was kept, outside of any; its answer is then the caller's.

    For the few things that are no database's, such as a printer. It opens its own transactions. A request
    that is repeated with its `Idempotency-Key` does nothing again and gets what the view itself answered.
    """
    g.once_kept = follow


class _NothingKept(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


def reads(permission: Permission) -> Callable[[View], View]:
    """The view gets `work`, a transaction that refuses writes, and `by`, an `Actor` with `permission`."""
    return _declared(permission, reading, lambda _work, _person, answer: answer())


def writes(permission: Permission) -> Callable[[View], View]:
    """The view gets `work`, a write transaction, and `by`; `Idempotency-Key` is seen to."""
    return _declared(
        permission, writing, lambda work, person, answer: answered_once(work, person, request, answer)
    )


def _declared(permission: Permission, opening: Opening, answering: Answering) -> Callable[[View], View]:
    def declare(view: View) -> View:
        @wraps(view)
        def authorised(*arguments: Any, **named: Any) -> Response:
            request.get_data()  # before the transaction: a slow sender must not hold a lock

            def answer(work: Work) -> Response:
                visit = recognised(work, request)
                permitted(visit.by, permission)
                form_is_readable(request)
                return answering(
                    work,
                    visit.by.person,
                    lambda: current_app.make_response(view(*arguments, work=work, by=visit.by, **named)),
                )

            return _in_transaction(opening, answer)

        setattr(authorised, DECLARED, permission)
        return authorised

    return declare


def _in_transaction(opening: Opening, answer: Callable[[Work], Response]) -> Response:
    g.pop("once_kept", None)
    try:
        with failures_recorded(), opening() as work:
            response = _kept(answer(work))
    except _NothingKept as refused:
        return refused.response
    finally:
        _leave()
    follow = g.pop("once_kept", None)
    return current_app.make_response(follow()) if follow else response


def _kept(response: Response) -> Response:
    if response.status_code >= FIRST_REFUSAL:
        raise _NothingKept(response)
    return response


def _leave() -> None:
    visit = current_visit()
    if visit is not None:
        visit.work = None
        with suppress(DatabaseUnavailable):
            note_seen(visit)


@contextmanager
def failures_recorded() -> Iterator[None]:
    """Count refused credentials in a transaction of their own, after the refused one was rolled back."""
    try:
        yield
    except CredentialsRefused as refusal:
        if refusal.signing is not None:
            with writing() as work:
                note_failed_signing(work, refusal.signing)
            metrics_of(current_app).count_failed_signing()
        with writing() as work:
            record_failure(work, refusal.subjects)
        raise


def public(reason: str) -> Callable[[View], View]:
    """Anybody may ask this, for `reason`; the view opens its own transactions."""

    def declare(view: View) -> View:
        setattr(view, DECLARED, reason)
        return view

    return declare


def declared_by(app: Flask, endpoint: str, method: str) -> Permission | str | None:
    """What the view behind a route declares; of a view class, what its method declares."""
    view = app.view_functions[endpoint]
    kind = getattr(view, "view_class", None)
    return getattr(getattr(kind, method.lower(), None) if kind else view, DECLARED, None)


def assert_every_route_declares(app: Flask) -> None:
    """Raises `UndeclaredRoute` with the names of all that lack a permission."""
    lacking = sorted(
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not declared_by(app, rule.endpoint, method)
    )
    if lacking:
        raise UndeclaredRoute(f"These routes declare no permission: {', '.join(lacking)}.")
