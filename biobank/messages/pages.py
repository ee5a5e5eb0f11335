"""The outbox desk: what failed, what goes on paper, what waits; a letter is printed, a message sent again."""

import re
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.messages.choices import SENTENCES, HandedOver, Trouble
from biobank.messages.inputs import OnPaper
from biobank.messages.letters import Asked, ask_for_letter, letter_said
from biobank.messages.mail import sends
from biobank.messages.models import Message
from biobank.messages.operations import mark_handed_over, try_again
from biobank.messages.queries import (
    MessageUnknown,
    Tried,
    attempts_of,
    is_for_themselves,
    kept_texts,
    message_seen_by,
    messages_seen_by,
)
from biobank.messages.standing import OPEN, SHOWN, counts, late_ones, pile_of, why
from biobank.messages.states import WAITING, MessageState
from biobank.messages.words import WordsMissing, contact, reference_of, text_of
from biobank.printing.letters import Letter, letter_drawn
from biobank.web.addresses import sent_to
from biobank.web.cards import names_of_people
from biobank.web.current import current_settings
from biobank.web.downloads import download
from biobank.web.feedback import refused, tell
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import once_kept, reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import in_zone

blueprint = Blueprint("message_pages", __name__, url_prefix="/messages")
Shown = dict[str, Any]
REFERENCE = re.compile(r"(?:M-?)?([0-9]{1,9})", re.IGNORECASE)
ABOUT = {
    "decision_confirmed": "A decision",
    "request_waits": "A request that waits for papers",
    "request_declined": "A request that was declined",
    "scopes_refused": "No more of one kind",
    "decision_reversed": "A decision taken back",
    "decision_was_not_theirs": "A decision that was not theirs",
    "disclosure_told": "Information that was given out",
    "breach_told": "A breach",
}
OUTCOMES = {
    "sent": ("Sent", "right"),
    "again": ("Not sent, tried again", "late"),
    "failed": ("Failed", "wrong"),
    "by_post": ("Goes on paper", "late"),
}
CUT_OFF = ("Cut off: it may have arrived", "late")


@blueprint.get("")
@reads(Permission.SEE_MESSAGES)
def desk(*, work: Work, by: Actor) -> str | Response:
    reference = request.args.get("reference", "").strip()
    if found := REFERENCE.fullmatch(reference):
        return sent_to(_url(message_seen_by(work, by, int(found[1])).id))
    if reference:
        raise MessageUnknown("A reference looks like M-17; type it again.")
    return _desk(work, by)


def _desk(work: Work, by: Actor) -> str:
    """One pile; first the one that needs somebody most."""
    found = counts(work, by)
    chosen = request.args.get("show", "")
    if chosen not in SHOWN:
        chosen = next((name for name in OPEN if found[name]), "sent")
    shown = page(
        work,
        messages_seen_by(by, SHOWN[chosen].condition()),
        [Message.id],
        cursor=request.args.get("cursor"),
        newest_first=chosen not in OPEN,
    )
    zone = zone_of(work, by)
    return render_template(
        "messages/desk.html",
        piles=[
            {
                "url": f"/messages?show={name}",
                "label": pile.label,
                "count": found[name],
                "current": name == chosen,
            }
            for name, pile in SHOWN.items()
        ],
        pile=chosen,
        label=SHOWN[chosen].label,
        failed=found["failed"],
        late=late_ones(work, by),
        late_hours=work.settings.message_late_hours,
        mails=sends(work.settings),
        messages=[_row(message, zone) for message in shown.rows],
        next_url=shown.next_url(f"/messages?show={chosen}"),
    )


def _url(number: int) -> str:
    return f"/messages/{number}"


def _row(message: Message, zone: str) -> Shown:
    pile = SHOWN[pile_of(message)]
    return {
        "url": _url(message.id),
        "reference": reference_of(message.id),
        "participant": message.participant,
        "about": ABOUT.get(message.template, message.template),
        "state": {"word": pile.label, "tone": pile.tone},
        "queued_at": in_zone(message.queued_at, zone),
        "why": why(message),
        "next_at": in_zone(message.due_at, zone) if message.due_at else None,
        "handed_over_on": message.handed_over_on,
        "changed_at": in_zone(message.changed_at, zone),
    }


@blueprint.get("/<int:number>")
@reads(Permission.SEE_MESSAGES)
def one(number: int, *, work: Work, by: Actor) -> str:
    return _one(work, by, number=number)


def _one(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    message, zone = message_seen_by(work, by, number), zone_of(work, by)
    field = str(refusal.extra.get("field") or "") if refusal else ""
    waits = MessageState(message.state) in WAITING
    return render_template(
        "messages/message.html",
        message=_row(message, zone) | {"number": number, "url": _url(number), "how": message.handed_over_how},
        participant_url=f"/participants/{message.participant}",
        for_themselves=is_for_themselves(work, message),
        addressee=message.addressee,
        handed_over_by=_printed_name(work, message.handed_over_by),
        text=_text(work, message),
        attempts=[_attempt(tried, zone) for tried in attempts_of(work, message)],
        may_send=waits and by.may(Permission.SEND_MESSAGES),
        mails=sends(work.settings),
        hows=choices(HandedOver),
        form=request.form if refusal else {"handed_by": by.person},
        errors={field: refusal.detail} if refusal and field else {},
        **({"feedback": refused(refusal)} if refusal else {}),
    )


def _printed_name(work: Work, person: str | None) -> str | None:
    return names_of_people(work, {person}).get(person, person) if person else None


def _text(work: Work, message: Message) -> Shown | None:
    """As it left, or as it would be said now; None where there are no words."""
    kept = kept_texts(work, message)
    if kept:
        return {
            "left": True,
            "subject": kept[-1].subject,
            "language": kept[-1].language,
            "body": kept[-1].body,
        }
    try:
        another = not is_for_themselves(work, message)
        text = text_of(message, work.settings, message.language, for_another=another)
    except WordsMissing:
        return None
    return {"left": False, "subject": text.subject, "language": text.language, "body": text.body}


def _attempt(tried: Tried, zone: str) -> Shown:
    answer = tried.answer
    word, tone = OUTCOMES[answer.outcome] if answer else CUT_OFF
    return {
        "number": tried.attempt.number,
        "at": in_zone(tried.attempt.begun_at, zone),
        "state": {"word": word, "tone": tone},
        "why": SENTENCES[Trouble(answer.trouble)] if answer and answer.trouble else None,
        "code": answer.code if answer else None,
    }


@blueprint.post("/<int:number>/retry")
@shown_again(Permission.SEND_MESSAGES, _one)
@writes(Permission.SEND_MESSAGES)
def retry(number: int, *, work: Work, by: Actor) -> Response:
    try_again(work, by, message_seen_by(work, by, number).id)
    tell("Queued again", "It is sent at the next look into the outbox.")
    return sent_to(_url(number))


@blueprint.post("/<int:number>/letter")
@shown_again(Permission.SEND_MESSAGES, _one)
@writes(Permission.SEND_MESSAGES)
def letter(number: int, *, work: Work, by: Actor) -> Response:
    """The letter as a PDF, this once: the look at the address is written down first, and nothing is kept."""
    asked = ask_for_letter(work, by, number)
    once_kept(lambda: _printed(asked))
    return sent_to(_url(number))


def _printed(asked: Asked) -> Response:
    settings, said = current_settings(), letter_said(asked)
    lines = (line.strip() for line in settings.contact_address.split(";"))
    drawn = letter_drawn(
        Letter(
            sender=(settings.programme, *filter(None, (*lines, contact(settings)))),
            to=said.to,
            day=said.day,
            subject=said.text.subject,
            paragraphs=said.text.paragraphs,
            language=said.text.language,
        )
    )
    return download(drawn, "application/pdf", f"letter-{reference_of(asked.message)}.pdf")


@blueprint.post("/<int:number>/hand-over")
@shown_again(Permission.SEND_MESSAGES, _one)
@writes(Permission.SEND_MESSAGES)
def hand_over(number: int, *, work: Work, by: Actor) -> Response:
    message = message_seen_by(work, by, number)
    mark_handed_over(work, by, message.id, _paper())
    tell(
        "Handed over", "It is written down that it reached its addressee on paper. It is not mailed any more."
    )
    return sent_to(_url(number))


def _paper() -> OnPaper:
    how = chosen(request.form, "how", HandedOver, "Say how it was handed over.")
    by = request.form.get("handed_by", "").strip() or None
    return OnPaper(how=how, handed_by=by, on=day_required(request.form, "on"))
