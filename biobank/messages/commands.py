"""Commands that show the outbox to whoever watches the service, and send what is due."""

from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading
from biobank.messages.mail import check_mail_settings, sends
from biobank.messages.models import Message
from biobank.messages.queries import is_late, messages_seen_by
from biobank.messages.sending import send_due
from biobank.messages.standing import OPEN, SHOWN, counts, pile_of, why
from biobank.web.current import current_settings
from biobank.web.terminal import acting, answer_no, json_option, show, table

COLUMNS = ("message", "participant", "template", "stands", "late", "tries", "due_at", "why")
MOST_LISTED = 500


@click.group("messages")
def group() -> None:
    """What participants are told, by mail or on paper."""


@group.command("list")
@click.option("--show", "pile", type=click.Choice(tuple(SHOWN)), help="Only these; else all that wait.")
@json_option
@acting(Permission.SEE_MESSAGES)
def list_messages(*, pile: str | None, by: Actor, as_json: bool) -> None:
    """Show messages that reached nobody yet; exit 1 when one failed or is late."""
    with reading() as work:
        hours = work.settings.message_late_hours
        late = {each.id for each in work.session.scalars(messages_seen_by(by, is_late(hours)))}
        found = [each for name in ([pile] if pile else OPEN) for each in _of(work, by, name)]
        rows = [_row(each, late=each.id in late) for each in found]
        totals = counts(work, by)
    document = {"messages": rows, "counts": totals, "late": len(late)}
    told = ", ".join(f"{SHOWN[name].label.lower()} {count}" for name, count in totals.items())
    show(
        document, as_json=as_json, lines=[*(table(rows, COLUMNS) if rows else []), told, f"Late: {len(late)}"]
    )
    if totals["failed"] or late:
        answer_no()


def _of(work: Any, by: Actor, name: str) -> list[Message]:
    question = messages_seen_by(by, SHOWN[name].condition()).order_by(Message.id).limit(MOST_LISTED)
    return list(work.session.scalars(question))


def _row(message: Message, *, late: bool) -> dict[str, Any]:
    named = ("participant", "template", "tries", "due_at", "queued_at")
    return {
        "message": message.id,
        "stands": pile_of(message),
        "late": late,
        "why": why(message),
        **{name: getattr(message, name) for name in named},
    }


@group.command("send")
@json_option
@acting(Permission.SEND_MESSAGES)
def send(*, by: Actor, as_json: bool) -> None:
    """Send what is due now, as the service does by itself; exit 1 when something was not sent."""
    settings = current_settings()
    check_mail_settings(settings)
    results = [result.outcome.value for result in send_due(settings, by)]
    outcomes = {name: results.count(name) for name in sorted(set(results))}
    told = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in outcomes.items())
    nothing = "Nothing is due." if sends(settings) else "No mail server is set; messages go on paper."
    show({"outcomes": outcomes}, as_json=as_json, lines=[told or nothing])
    if set(results) - {"sent"}:
        answer_no()
