"""What is written about a participant must not hold their own name; who can tell is installed by `wiring`."""

import re
from collections.abc import Callable, Sequence

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Invalid

Question = Callable[[Work, Actor, str, str], bool]
"""Whether a text holds the name of the participant of a code."""

OfMany = Callable[[Work, Actor, Sequence[str], str], bool]
"""Whether a text holds the whole name of a participant of one of many codes."""
A_FEW = 20
"""So many people are asked about one by one. A word of the name of one of thousands stands in most sentences
(Power, Frost, Long), so of more it is asked at once, and their whole names alone count.
"""

WORD = re.compile(r"[^\W\d_]{2}")
"""Numbers and single letters hold no name, so that nobody looks into the vault for them."""

_installed: list[Question] = []
_of_many: list[OfMany] = []


class OwnNameWritten(Invalid):
    """The ledger can never be erased, so no name gets into it."""

    title = "Codes only"


def install(question: Question, of_many: OfMany) -> None:
    _installed[:] = [question]
    _of_many[:] = [of_many]


def own_name_is_not_in(work: Work, by: Actor, participant: str | None, text: str | None, field: str) -> None:
    """Asked once, when a free text is saved. Raises `OwnNameWritten`, which never repeats what was typed."""
    if not participant or not text or not WORD.search(text):
        return
    if any(question(work, by, participant, text) for question in _installed):
        raise OwnNameWritten(
            f"{field} holds a word of the participant's own name; write it in other words.", field=field
        )


def own_names_are_not_in(work: Work, by: Actor, participants: Sequence[str], text: str, field: str) -> None:
    """Asked of everybody whom a text is about, however many they are. Raises `OwnNameWritten`."""
    if len(participants) <= A_FEW:
        for code in participants:
            own_name_is_not_in(work, by, code, text, field)
    elif WORD.search(text) and any(question(work, by, participants, text) for question in _of_many):
        raise OwnNameWritten(
            f"{field} holds the name of a participant whom it is about; write it in other words.", field=field
        )
