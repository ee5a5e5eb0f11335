"""A look for something to be given out names what was approved; who can tell is installed by `wiring`."""

from collections.abc import Callable

from biobank.core.database import Work
from biobank.core.errors import Forbidden
from biobank.identity.choices import IdentityField, Reason
from biobank.identity.inputs import Asked

NEED_A_GROUND = frozenset({Reason.DISCLOSURE, Reason.LEGAL_DEMAND})
Question = Callable[[Work, str, frozenset[IdentityField], str], bool]
"""Whether of this participant these fields may be given out under the document of this number."""

_installed: list[Question] = []


class GroundMissing(Forbidden):
    """Nothing leaves under a demand before compliance decided, nor anything that no disclosure names."""

    title = "Nothing may be given out"


def install(question: Question) -> None:
    _installed[:] = [question]


def stands(work: Work, participant: str, fields: frozenset[IdentityField], asked: Asked) -> None:
    """Raises `GroundMissing`."""
    if asked.reason not in NEED_A_GROUND:
        return
    document = (asked.document or "").strip()
    if not any(question(work, participant, fields, document) for question in _installed):
        raise GroundMissing(
            "Nothing is read to be given out unless an approved disclosure names the participant and these "
            "very fields; have one approved, and hand it out from its own page.",
            field="document",
        )
