"""What must hold before a statement or a pack is made: for a known reason, in a language that we write."""

from collections.abc import Sequence

from biobank.core.errors import Invalid
from biobank.statements.choices import LANGUAGES, Purpose


class PurposeNeeded(Invalid):
    """Whoever takes everything about somebody says why; the log keeps it."""

    title = "Purpose needed"


class LanguageUnknown(Invalid):
    title = "Language unknown"


def purpose_given(told: str | None, allowed: Sequence[Purpose]) -> Purpose:
    """Raises `PurposeNeeded`."""
    if told not in set(allowed):
        raise PurposeNeeded(f"Say why it is made: one of {', '.join(allowed)}.", field="purpose")
    return Purpose(told)


def language_known(told: str) -> str:
    """Raises `LanguageUnknown`."""
    if told not in LANGUAGES:
        raise LanguageUnknown(
            f"A statement is written in one of {', '.join(LANGUAGES)}; choose one of them.", field="language"
        )
    return told
