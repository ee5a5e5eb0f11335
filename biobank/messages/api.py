"""The outbox over HTTP: where messages stand, sending one again, and handing one over on paper."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.messages.inputs import OnPaper
from biobank.messages.mail import message_id
from biobank.messages.models import Message
from biobank.messages.operations import mark_handed_over, try_again
from biobank.messages.queries import attempts_of, kept_texts, message_seen_by, messages_seen_by
from biobank.messages.schemas import (
    MessageAnswer,
    MessageListAnswer,
    MessagesQuery,
    OneMessageAnswer,
    OnPaperShape,
)
from biobank.messages.standing import SHOWN
from biobank.messages.words import reference_of
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shapes import NothingToldShape

blueprint = Blueprint(
    "messages",
    __name__,
    url_prefix="/messages",
    description="What participants are told, without an address.",
)


@blueprint.route("")
@reads(Permission.SEE_MESSAGES)
@blueprint.arguments(MessagesQuery, location="query")
@blueprint.response(200, MessageListAnswer)
def messages(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Messages, newest first."""
    chosen = [SHOWN[asked["show"]].condition()] if asked["show"] else []
    found = page(
        work,
        messages_seen_by(by, *chosen),
        [Message.id],
        cursor=asked["cursor"],
        limit=asked["limit"],
        newest_first=True,
    )
    return {"messages": found.rows, "next_cursor": found.next_cursor}


@blueprint.route("/<int:number>")
@reads(Permission.SEE_MESSAGES)
@blueprint.response(200, OneMessageAnswer)
def message(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """One message, each attempt, and the texts word for word."""
    found = message_seen_by(work, by, number)
    columns = {name: getattr(found, name) for name in Message.__mapper__.columns.keys()}  # noqa: SIM118 (no dictionary)
    return {
        **columns,
        "reference": reference_of(number),
        "message_id": message_id(work.settings, number),
        "attempts": attempts_of(work, found),
        "texts": kept_texts(work, found),
    }


@blueprint.route("/<int:number>/retries", methods=["POST"])
@writes(Permission.SEND_MESSAGES)
@blueprint.arguments(NothingToldShape)
@blueprint.response(201, MessageAnswer)
def retry(_: object, number: int, *, work: Work, by: Actor) -> Message:
    """Send it at the next look into the outbox, however often it failed."""
    return try_again(work, by, message_seen_by(work, by, number).id)


@blueprint.route("/<int:number>/hand-overs", methods=["POST"])
@writes(Permission.SEND_MESSAGES)
@blueprint.arguments(OnPaperShape)
@blueprint.response(201, MessageAnswer)
def hand_over(told: OnPaper, number: int, *, work: Work, by: Actor) -> Message:
    """It was posted, or given from hand to hand."""
    return mark_handed_over(work, by, message_seen_by(work, by, number).id, told)
