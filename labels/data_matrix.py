"""Data Matrix ECC 200: the symbol of a text as rows of bits, and what it refuses to carry."""

from functools import lru_cache

from ppf.datamatrix import DataMatrix

from labels.errors import LabelError

QUIET_MODULES = 2
"""Blank modules on every side: the standard (ISO/IEC 16022) asks for one; the second is for crooked print."""

LONGEST = 44
"""Characters, each a code word: beyond that a symbol falls into regions and is too large for a label."""


def refuse_uncarriable(text: str) -> None:
    if not text:
        raise LabelError("A label needs a code; this one is empty.")
    if not all(" " <= character <= "~" for character in text):
        raise LabelError(f"Data Matrix carries printable ASCII here, and {text!r} holds something else.")
    if len(text) > LONGEST:
        raise LabelError(
            f"“{text}” is longer than the {LONGEST} characters that a label's Data Matrix holds."
        )


@lru_cache(maxsize=4096)
def bits(text: str) -> tuple[str, ...]:
    """The rows of the symbol, `1` dark and `0` light, with its finder and without its quiet zone.

    In the ASCII scheme alone: pairs of digits are packed, and a printer never needs more room than this.
    """
    refuse_uncarriable(text)
    return tuple("".join(map(str, row)) for row in DataMatrix(text, codecs=["ascii"]).matrix)
