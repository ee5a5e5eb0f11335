"""What the frame of every page shows: who is signed in, where, where one can go, and the last answer."""

import secrets
from contextlib import suppress
from typing import Any

from flask import Flask, request

from biobank.access.actors import Actor
from biobank.access.passkeys import party_of
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.core.errors import DatabaseUnavailable
from biobank.core.moments import now
from biobank.sites.queries import site_named
from biobank.web.current import current_settings
from biobank.web.days_said import IN_UTC, WRITTEN, days_said
from biobank.web.feedback import told
from biobank.web.language import is_said, language, never_folded, said
from biobank.web.sessions import Visit, csrf_token_of, current_visit
from biobank.web.vendored import vendored
from biobank.web.words import in_zone

NAVIGATION = (
    ("Start", "/", Permission.SEE_WORK),
    ("Visits", "/visits", Permission.RUN_VISITS),
    ("Dock", "/dock", Permission.RECEIVE_SHIPMENTS),
    ("Destruction", "/destruction-orders", Permission.SEE_DESTRUCTION),
    ("Storage", "/storage", Permission.SEE_STORAGE),
    ("Identity", "/identity", Permission.SEE_IDENTITY_ACCESS),
    ("Disclosures", "/disclosures", Permission.SEE_DISCLOSURES),
    ("Kits", "/kits", Permission.SEE_ITEMS),
    ("Parcels", "/shipments", Permission.SEE_SHIPMENTS),
    ("Cases", "/discrepancies", Permission.SEE_ITEMS),
    ("Bench", "/processing", Permission.PROCESS_SPECIMENS),
    ("Picking", "/pick-lists", Permission.PICK),
    ("Centrifuge", "/centrifuge", Permission.RUN_CENTRIFUGE),
    ("Inventory", "/inventories", Permission.SEE_STORAGE),
    ("Studies", "/study-requests", Permission.SEE_DISTRIBUTION),
    ("Mailed kits", "/supplies", Permission.SEE_SUPPLIES),
    ("Scans", "/scans", Permission.SEE_ITEMS),
    ("Reports", "/reports", Permission.SEE_REPORTS),
    ("Printing", "/printing", Permission.PRINT_LABELS),
    ("Downtime", "/downtime", Permission.RUN_VISITS),
    ("People", "/people", Permission.ADD_PEOPLE),
)
"""In the order in which they matter; of those that somebody may see, the last ones fold into *More*."""
SHOWN_AT_ONCE = 8
"""What fits into one line of a station's screen beside the name of the product."""


def install_frame(app: Flask) -> None:
    app.context_processor(_frame)
    app.template_filter("said")(never_folded(local))
    app.add_template_global(vendored)
    app.add_template_global(passkey_origin)


def passkey_origin() -> str:
    """Under which passkeys answer."""
    return party_of(current_settings()).origin


def _frame() -> dict[str, Any]:
    visit = current_visit()
    if visit is None or visit.session is None:
        return {"person": None, "csrf_token": ""}
    site = _site_of(visit)
    return {
        "person": {"name": visit.by.printed_name, "role": role_of(visit.by)},
        "csrf_token": csrf_token_of(visit.session.sha256),
        "station": visit.by.station,
        "site": site,
        "here_now": in_zone(now(), site["zone"] if site else current_settings().time_zone),
        **_navigation(visit.by),
        "feedback": told(),
        "idempotency_key": secrets.token_urlsafe(16),
        "form": {},
        "errors": {},
    }


def _navigation(by: Actor) -> dict[str, Any]:
    entries = [
        {"label": label, "url": url, "current": _is_at(url)}
        for label, url, permission in NAVIGATION
        if by.may(permission)
    ]
    shown = len(entries) if len(entries) <= SHOWN_AT_ONCE + 1 else SHOWN_AT_ONCE
    return {"navigation": entries[:shown], "folded": entries[shown:]}


def _site_of(visit: Visit) -> dict[str, str] | None:
    """Also on the page of a refusal, whose transaction is over."""
    if visit.work is not None:
        return _site(visit.work, visit.by)
    with suppress(DatabaseUnavailable), reading() as work:
        return _site(work, visit.by)
    return None


def local(sentence: Any) -> Any:
    """What the code says, in the reader's language, with its days and moments in their words and zone."""
    if is_said(sentence) or not WRITTEN.search(sentence):
        return said(sentence)
    return days_said(said(sentence), language(), _zone() if IN_UTC.search(sentence) else "UTC")


def _zone() -> str:
    visit = current_visit()
    site = _site_of(visit) if visit else None
    return site["zone"] if site else current_settings().time_zone


def _is_at(url: str) -> bool:
    path = request.path.replace("/waste-batches", "/destruction-orders").replace("/scanner", "/scans")
    return path == url or (url != "/" and path.startswith(f"{url}/"))


def role_of(actor: Actor) -> str:
    return ", ".join(sorted(role.replace("_", " ") for role in actor.roles))


def _site(work: Work, actor: Actor) -> dict[str, str] | None:
    """The site that somebody works at, when it is one."""
    if actor.sites is None or len(actor.sites) != 1:
        return None
    site = site_named(work, next(iter(actor.sites)))
    return {"name": site.name, "zone": site.zone}


def zone_of(work: Work, actor: Actor) -> str:
    """In which zone somebody reads and tells times: their site's, else the programme's."""
    site = _site(work, actor)
    return site["zone"] if site else work.settings.time_zone
