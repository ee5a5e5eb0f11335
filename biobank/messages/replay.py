"""What the ledger says of messages, compared with where they stand and with the texts that were kept."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import events_of_kind, wrong
from biobank.messages.models import KeptText, Message
from biobank.messages.states import MessageState

HANDED = (("on", "handed_over_on"), ("handed_over_by", "handed_over_by"), ("how", "handed_over_how"))


def message_findings(work: Work) -> Iterator[Finding]:
    """Each message that stands elsewhere than its entries say, and each text that is not the one sent."""
    work.flush()
    told = _told(work)
    texts = {(text.message_id, text.sha256) for text in work.session.scalars(select(KeptText))}
    for message in work.session.scalars(select(Message).order_by(Message.id)):
        yield from _differences(message, told.pop(message.about, {}), texts)
    for about in sorted(told):
        yield wrong(f"message about {about}", "is in the log and not stored")
    yield from _changed_texts(work)


def _told(work: Work) -> dict[str, dict[str, Any]]:
    """By what a message is about, the newest that was said of it."""
    newest: dict[str, dict[str, Any]] = {}
    for _, event in events_of_kind(work, "message"):
        about = newest.setdefault(str(event.get("about")), {})
        about.update(event)
    return newest


def _differences(message: Message, told: Mapping[str, Any], texts: set[tuple[int, str]]) -> Iterator[Finding]:
    called = f"message {message.id}"
    state = told.get("state", MessageState.QUEUED.value)
    if message.state != state:
        yield wrong(called, f"is stored as {message.state}, not {state}")
    if "addressee" in told and message.addressee != told["addressee"]:
        yield wrong(called, f"is stored with addressee {message.addressee}, not {told['addressee']}")
    if state == MessageState.SENT and (message.id, told.get("text_sha256")) not in texts:
        yield wrong(called, "was sent with a text that is not kept any more")
    if state == MessageState.HANDED_OVER:
        for name, column in HANDED:
            is_so = getattr(message, column)
            if name in told and str(is_so) != told[name]:
                yield wrong(called, f"is stored with {column} {is_so}, not {told[name]}")


def _changed_texts(work: Work) -> Iterator[Finding]:
    for text in work.session.scalars(select(KeptText).order_by(KeptText.id)):
        if sha256(f"{text.subject}\n\n{text.body}".encode()).hexdigest() != text.sha256:
            yield wrong(f"text {text.id} of message {text.message_id}", "is not the one that was kept")
