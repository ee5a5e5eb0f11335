"""What the forms about a participant's decisions ask in common, and how it is read."""

from collections.abc import Mapping
from typing import Any

from flask import request

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.participants.choices import InformationAnswer, Scope, Standing
from biobank.participants.models import Participant
from biobank.participants.queries import standing
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.told_times import time_required
from biobank.web.typed_fields import FieldRefused, choices, chosen
from biobank.web.words import Sign
from biobank.withdrawals.choices import Capacity, Channel

Told = dict[str, Any]
LISTS = (
    ("Decisions", "/decisions"),
    ("Answers still open", "/decisions/open"),
    ("Requests that wait", "/requests"),
    ("Deaths", "/deaths"),
    ("The programme's feeds", "/feeds"),
    ("Reportable events", "/reportable-events"),
    ("Messages", "/messages"),
)


def lists_but(url: str) -> list[Told]:
    """The other lists of compliance."""
    return [{"label": label, "url": other} for label, other in LISTS if other != url]


def shown_participant(found: Participant) -> Told:
    return {"code": found.code, "url": f"/participants/{found.code}", "standing": standing_sign(found)}


def standing_sign(found: Participant) -> Sign:
    return _sign(standing(found))


def _sign(now: Standing) -> Sign:
    if now.died:
        return {"word": "Deceased", "tone": "plain"}
    if InformationAnswer.UNDECIDED in (now.information, now.samples):
        return {"word": "Answers still open", "tone": "late"}
    if now.left:
        return {"word": "Left", "tone": "late"}
    return {"word": "Takes part", "tone": "right"}


def form_frame(work: Work, by: Actor, refusal: DomainError | None) -> Told:
    """What every such form gets: choices, the reader's zone, and what was typed when it was refused."""
    return {
        "capacities": choices(Capacity),
        "channels": choices(channel for channel in Channel if channel is not Channel.COMMAND),
        "zone": zone_of(work, by),
        "chosen": request.form.getlist("scopes") if refusal else [],
        "form": request.form if refusal else {},
        "errors": errors_of_form(refusal),
    }


def read_asking(form: Mapping[str, str], zone: str) -> Told:
    """Who asked, how and when. Raises `FieldRefused`, `NotAMoment`."""
    return {
        "requested_by": form.get("requested_by", ""),
        "capacity": chosen(form, "capacity", Capacity, "Say who asks."),
        "channel": chosen(form, "channel", Channel, "Say how it reached us."),
        "decided_at": time_required(form, zone, "decided_at"),
        "evidence": form.get("evidence", "").strip() or None,
    }


def read_scopes() -> list[Scope]:
    """Raises `FieldRefused` when none was ticked."""
    ticked = [Scope(value) for value in request.form.getlist("scopes") if value in set(Scope)]
    if not ticked:
        raise FieldRefused("Tick at least one.", field="scopes")
    return ticked
