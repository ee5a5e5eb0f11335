"""Code 128: the symbol of a text as bits and as bars, and what it refuses to carry."""

from functools import lru_cache
from itertools import groupby

from barcode import Code128

from labels.errors import LabelError

QUIET_MODULES = 10
"""Blank modules that a scanner needs on either side (ISO/IEC 15417)."""


def refuse_uncarriable(text: str) -> None:
    if not text:
        raise LabelError("A label needs a code; this one is empty.")
    if not all(" " <= character <= "~" for character in text):
        raise LabelError(f"Code 128 carries printable ASCII only, and {text!r} holds something else.")
    if text.startswith("99"):
        # python-barcode 0.16.1 takes a leading 99 for a change of character set and drops it without a word.
        raise LabelError(
            f"“{text}” begins with 99, which the encoder would lose; give the item another code."
        )


@lru_cache(maxsize=4096)
def bits(text: str) -> str:
    """The modules of the symbol, `1` a bar and `0` a space, without quiet zones."""
    refuse_uncarriable(text)
    return str(Code128(text).build()[0])


@lru_cache(maxsize=4096)
def runs(text: str) -> tuple[tuple[int, int], ...]:
    """Each bar of the symbol as (first module, modules wide)."""
    bars, position = [], 0
    for bit, group in groupby(bits(text)):
        length = len(list(group))
        if bit == "1":
            bars.append((position, length))
        position += length
    return tuple(bars)
