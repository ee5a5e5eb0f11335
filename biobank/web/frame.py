"""What the frame of every page shows: who is signed in, where, and the token of its forms."""

from typing import Any

from flask import Flask

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.sites.queries import site_named
from biobank.web.sessions import csrf_token_of, current_visit


def install_frame(app: Flask) -> None:
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    visit = current_visit()
    if visit is None or visit.session is None:
        return {"person": None, "csrf_token": ""}
    return {
        "person": {"name": visit.by.printed_name, "role": role_of(visit.by)},
        "csrf_token": csrf_token_of(visit.session.sha256),
        "station": visit.by.station,
        "site": _site(visit.work, visit.by) if visit.work else None,
    }


def role_of(actor: Actor) -> str:
    return ", ".join(sorted(role.replace("_", " ") for role in actor.roles))


def _site(work: Work, actor: Actor) -> dict[str, str] | None:
    """The site that somebody works at, when it is one."""
    if actor.sites is None or len(actor.sites) != 1:
        return None
    site = site_named(work, next(iter(actor.sites)))
    return {"name": site.name, "zone": site.zone}
