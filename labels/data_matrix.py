"""Data Matrix ECC 200: the symbol of a text as rows of bits, and what it refuses to carry."""

import re
from functools import lru_cache

from ppf.datamatrix import DataMatrix

from labels.carried import refuse_uncarriable
from labels.errors import LabelError

QUIET_MODULES = 2
"""Blank modules on every side: the standard (ISO/IEC 16022) asks for one; the second is for crooked print."""

MOST_WORDS = 44
"""Of 26 x 26 modules; beyond that a symbol falls into regions, too large for a label."""

CODE_WORD = re.compile(r"[0-9]{2}|.")

PLAIN = "A"
"""A text of one code word, for measuring what another one changes."""


@lru_cache(maxsize=4096)
def bits(text: str) -> tuple[str, ...]:
    """The rows of the symbol, `1` dark and `0` light, with its finder and without its quiet zone.

    In the ASCII scheme alone: pairs of digits are packed, and a printer never needs more room than this.
    """
    refuse_uncarriable(text, "Data Matrix")
    words = CODE_WORD.findall(text)
    if len(words) > MOST_WORDS:
        raise LabelError(
            f"“{text}” is too long for the Data Matrix of a label; give the item a shorter code."
        )
    side, picture = _plain(len(words))
    # Error correction is linear: each code word changes the same modules, whatever the others are.
    for place, word in enumerate(words):
        picture ^= _change(len(words), place, word)
    modules = f"{picture:0{side * side}b}"
    return tuple(modules[row : row + side] for row in range(0, side * side, side))


@lru_cache(maxsize=64)
def _plain(count: int) -> tuple[int, int]:
    """The side of a symbol of so many code words, and its modules as one number when each is the same."""
    rows = DataMatrix(PLAIN * count, codecs=["ascii"]).matrix
    return len(rows), _number(rows)


@lru_cache(maxsize=16384)
def _change(count: int, place: int, word: str) -> int:
    """The modules that change when this word takes its place among plain ones."""
    text = PLAIN * place + word + PLAIN * (count - place - 1)
    return _number(DataMatrix(text, codecs=["ascii"]).matrix) ^ _plain(count)[1]


def _number(rows: list[list[int]]) -> int:
    return int("".join(str(bit) for row in rows for bit in row), 2)
