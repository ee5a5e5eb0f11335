"""Participants over HTTP, by code."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import OtherSite, seen_by
from biobank.custody.queries import item_by_id
from biobank.items.models import Item
from biobank.items.queries import items_of, specimens_of
from biobank.kits.operations import take_consent
from biobank.participants.models import Participant
from biobank.participants.operations import register_participant
from biobank.participants.queries import consents_of, participant_seen_by, sites_visited, standing
from biobank.participants.schemas import (
    ConsentShape,
    ParticipantAnswer,
    ParticipantItemsAnswer,
    ParticipantShape,
)
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads, writes

blueprint = Blueprint(
    "participants", __name__, url_prefix="/participants", description="Participants by code; never a name."
)


@blueprint.route("", methods=["POST"])
@writes(Permission.REGISTER_PARTICIPANTS)
@blueprint.arguments(ParticipantShape)
@blueprint.response(201, ParticipantAnswer)
def register(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Register a participant at a site, with the consents that are known."""
    at_own_site(by, asked["site"])
    participant = register_participant(
        work,
        by,
        code=asked["code"],
        pattern=work.settings.participant_code_pattern,
        site=asked["site"],
        minor=asked["minor"],
    )
    for consent in asked["consents"]:
        _consent(work, by, participant.code, consent)
    return _told(work, participant)


@blueprint.route("/<code>/consents", methods=["POST"])
@writes(Permission.REGISTER_PARTICIPANTS)
@blueprint.arguments(ConsentShape)
@blueprint.response(201, ParticipantAnswer)
def consent(asked: Mapping[str, Any], code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Record one more signed form."""
    participant = participant_seen_by(work, by, code)
    _consent(work, by, participant.code, asked)
    return _told(work, participant)


def _consent(work: Work, by: Actor, code: str, asked: Mapping[str, Any]) -> None:
    expires = asked["expires_at"]
    moments = {"effective_at": asked["effective_at"].at, "expires_at": expires.at if expires else None}
    take_consent(work, by, participant=code, **{**asked, **moments})


@blueprint.route("/<code>")
@reads(Permission.SEE_PARTICIPANTS)
@blueprint.response(200, ParticipantAnswer)
def show(code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A participant's standing and consents; of another site: 404."""
    return _told(work, participant_seen_by(work, by, code))


def _told(work: Work, participant: Participant) -> dict[str, Any]:
    return {
        "code": participant.code,
        "provisional": participant.provisional,
        "minor": participant.minor,
        "sites": sorted(sites_visited(work, participant.code)),
        "standing": standing(participant),
        "consents": consents_of(work, participant.code),
    }


@blueprint.route("/<code>/items")
@reads(Permission.SEE_PARTICIPANTS)
@blueprint.response(200, ParticipantItemsAnswer)
def items(code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A participant's kits, tubes and what was made of them, as far as they are of your sites.

    A pool with others' material is among them and says no participant.
    """
    participant = participant_seen_by(work, by, code)
    theirs = {item.id: item for item in items_of(work, participant.code)}
    theirs |= {item.id: item for item in specimens_of(work, participant.code)}
    found = [theirs[number] for number in sorted(theirs) if _may_see(work, by, theirs[number])]
    return {"participant": participant.code, "items": found}


def _may_see(work: Work, by: Actor, item: Item) -> bool:
    try:
        seen_by(work, by, item_by_id(work, item.id))
    except OtherSite:
        return False
    return True
