"""A form that was asked back about, so that it can be sent once more with a reason."""

import re
from typing import Any

from flask import request

from biobank.core.errors import DomainError
from biobank.custody.steps import AskedBack
from biobank.items.identifiers import read_scan
from biobank.web.collect_answers import refused_here
from biobank.web.current import current_settings


class ScannedOver(AskedBack):
    """A scanner went on into the reason of a question that stands open; the question stands."""

    title = "That was a scan"


def confirmation_told() -> str | None:
    """How a surprising fact came about, once it was asked back about. Raises `ScannedOver`."""
    told = request.form.get("confirmation", "").strip()
    participant = current_settings().participant_code_pattern
    for line in told.splitlines():
        reading = read_scan(line)
        if reading.is_ours or re.fullmatch(participant, reading.code):
            raise ScannedOver("That was a scan: answer the question first, or go back.")
    return told or None


def refused_or_asked(refusal: DomainError | None, *fields: str) -> dict[str, Any]:
    """What `macros/ask_back.html` draws, and the big answer; `fields` are those that are sent again."""
    if refusal is None:
        return {"ask_back": None}
    if not isinstance(refusal, AskedBack):
        return {"ask_back": None, "feedback": refused_here(refusal)}
    told = {name: request.form[name] for name in fields if request.form.get(name)}
    question = {"url": request.path, "told": told, "reason_code": refusal.extra.get("reason_code")}
    return {"ask_back": question, "feedback": refused_here(refusal)}
