"""What people write beside a step names nobody: the ledger can never be erased."""

from biobank.access.checks import USERNAME
from biobank.core.personal_shapes import (
    ALWAYS,
    SHAPES,
    NamesSomebody,
    names_nobody,
    said_to_hold,
    texts_in,
)
from biobank.custody.steps import Attempt

LONGEST_REASON = 500


def reasons_name_nobody(attempt: Attempt) -> None:
    """Free text is looked at for shapes of a person; files were cleaned before, and stations write none."""
    if attempt.source.kind in ("file", "system"):
        return
    _is_a_user_name(attempt.performed_by)
    _refuse_personal("source.reference", attempt.source.reference, ALWAYS)
    reasons = {"confirmation": attempt.confirmation, "details.reason": attempt.details.get("reason")}
    for field, text in reasons.items():
        if text:
            _refuse_personal(field, str(text), frozenset(SHAPES))
    for name, value in attempt.details.items():
        for text in texts_in(value):
            _refuse_personal(f"details.{name}", text, ALWAYS)


def _is_a_user_name(performer: str) -> None:
    """Whoever did it has an account here; a printed name could be a participant's."""
    if not USERNAME.fullmatch(performer):
        raise said_to_hold("performed_by", "words, perhaps a name")


def _refuse_personal(field: str, text: str, shapes: frozenset[str]) -> None:
    if len(text) > LONGEST_REASON:
        raise NamesSomebody(f"{field} has at most {LONGEST_REASON} characters.", field=field)
    names_nobody(field, text, shapes)
