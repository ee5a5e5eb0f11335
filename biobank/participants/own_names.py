"""What is written about a participant must not hold their own name; who can tell is installed by `wiring`."""

import re
from collections.abc import Callable

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Invalid

Question = Callable[[Work, Actor, str, str], bool]
"""Whether a text holds the name of the participant of a code."""

WORD = re.compile(r"[^\W\d_]{2}")
"""Numbers and single letters hold no name, so that nobody looks into the vault for them."""

_installed: list[Question] = []


class OwnNameWritten(Invalid):
    """The ledger can never be erased, so no name gets into it."""

    title = "Codes only"


def install(question: Question) -> None:
    _installed[:] = [question]


def own_name_is_not_in(work: Work, by: Actor, participant: str | None, text: str | None, field: str) -> None:
    """Asked once, when a free text is saved. Raises `OwnNameWritten`, which never repeats what was typed."""
    if not participant or not text or not WORD.search(text):
        return
    if any(question(work, by, participant, text) for question in _installed):
        raise OwnNameWritten(
            f"{field} holds a word of the participant's own name; write it in other words.", field=field
        )
