"""The answer to the last scan or step, carried over the redirect after it and shown once."""

import json
from typing import Any

from flask import flash, g, get_flashed_messages

from biobank.core.errors import DomainError
from biobank.custody.states import Action
from biobank.custody.steps import Recorded
from biobank.items.identifiers import printed
from biobank.web.scan_log import number_logged
from biobank.web.words import done_word, spoken

CATEGORY = "answer"
SCANNER_TEST = {"label": "Scanner test", "url": "/scanner"}


def tell(word: str, sentence: str, *, tone: str = "right", link: dict[str, str] | None = None) -> None:
    """`tone` is right, wrong or ask; the sentence holds codes only, since it travels in a cookie."""
    tell_again(json.dumps({"tone": tone, "word": word, "sentence": sentence, "link": link}))


def tell_again(answer: str) -> None:
    """An answer as `told_now` gave it, to somebody who sent the same again."""
    flash(answer, CATEGORY)
    g.told_now = answer


def told_now() -> str | None:
    """The answer that this request has given so far, to be kept with what it did."""
    answer = g.get("told_now")
    return answer if isinstance(answer, str) else None


def told() -> dict[str, Any] | None:
    """The newest answer that no page has shown yet."""
    answers = get_flashed_messages(category_filter=[CATEGORY])
    return json.loads(str(answers[-1])) if answers else None


def refused(refusal: DomainError) -> dict[str, Any]:
    """The big answer on a page that is shown again after a refusal."""
    return {"tone": "wrong", "word": refusal.title, "sentence": refusal.detail, "link": why()}


def why() -> dict[str, str] | None:
    """Where the scan that this request refused is explained."""
    number = number_logged()
    return {"label": "Why does this barcode not work?", "url": f"/scans/{number}"} if number else None


QUIET = frozenset({"children", "scanner"})
"""Kinds of alert after which work goes on as usual; every other one stops the hands."""
LOUDEST = frozenset({"withdrawal", "false_destruction"})
"""Kinds that say what is right now: nothing else is said beside them."""


def tell_of(done: Recorded) -> None:
    """The big answer to a step: what was recorded, and what has to be heard."""
    loudest = [alert.text.removeprefix("STOP: ") for alert in done.alerts if alert.kind in LOUDEST]
    if loudest:
        tell("Stop", " ".join(loudest), tone="wrong")
        return
    word = "It was so already" if done.repeated else done_word(done.event["action"])
    stops = [alert for alert in done.alerts if alert.kind not in QUIET]
    doubtful = all(alert.kind == "flag" for alert in stops)
    tone = "right" if not stops else "ask" if doubtful else "wrong"
    if stops:
        word = f"{word}. {'Look again' if doubtful else 'Stop'}"
    item = f"{printed(done.item.identifier)} is {spoken(done.item.state)}."
    if done.event["action"] == Action.PACK:  # its state says nothing of it
        item = f"{printed(done.item.identifier)} is in the parcel."
    link = SCANNER_TEST if any(alert.kind == "scanner" for alert in done.alerts) else None
    tell(word, " ".join([item, *(alert.text for alert in done.alerts)]), tone=tone, link=link)
