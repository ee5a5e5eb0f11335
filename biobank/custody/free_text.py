"""What people write beside a step names nobody: the ledger can never be erased."""

from typing import Any

from biobank.access.checks import USERNAME
from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.core.personal_shapes import ALWAYS, SHAPES, personal_shape, texts_in
from biobank.custody.steps import Attempt
from biobank.participants.own_names import own_name_is_not_in

LONGEST_REASON = 500


class PersonalText(Invalid):
    """A free text that seems to hold something about a person; the ledger can never be erased."""

    title = "Codes only"


def reasons_name_nobody(attempt: Attempt) -> None:
    """Free text is looked at for shapes of a person; files were cleaned before, and stations write none."""
    if attempt.source.kind in ("file", "system"):
        return
    _is_a_user_name(attempt.performed_by)
    _refuse_personal("source.reference", attempt.source.reference, ALWAYS)
    for field, text in _reasons(attempt):
        if text:
            _refuse_personal(field, str(text), frozenset(SHAPES))
    for name, value in attempt.details.items():
        for text in texts_in(value):
            _refuse_personal(f"details.{name}", text, ALWAYS)


def _reasons(attempt: Attempt) -> tuple[tuple[str, Any], ...]:
    return ("confirmation", attempt.confirmation), ("details.reason", attempt.details.get("reason"))


def reasons_hold_no_own_name(work: Work, attempt: Attempt) -> None:
    """Asked of the vault when all else holds. Raises `OwnNameWritten`."""
    if attempt.source.kind in ("file", "system"):
        return
    for field, text in _reasons(attempt):
        if text:
            own_name_is_not_in(work, attempt.by, attempt.item.participant, str(text), field)


def _is_a_user_name(performer: str) -> None:
    """Whoever did it has an account here; a printed name could be a participant's."""
    if not USERNAME.fullmatch(performer):
        field, found = "performed_by", "words, perhaps a name"
        raise PersonalText(
            f"{field} seems to hold {found}; write it without anything about a person.", field=field
        )


def _refuse_personal(field: str, text: str, shapes: frozenset[str]) -> None:
    if len(text) > LONGEST_REASON:
        raise PersonalText(f"{field} has at most {LONGEST_REASON} characters.", field=field)
    found = personal_shape(text, shapes)
    if found:
        raise PersonalText(
            f"{field} seems to hold {found}; write it without anything about a person.", field=field
        )
