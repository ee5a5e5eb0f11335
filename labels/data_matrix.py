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
def lines(text: str) -> tuple[str, ...]:
    """The rows of the symbol from the top, then its columns from the left: `1` dark and `0` light.

    With its finder and without its quiet zone. In the ASCII scheme alone: pairs of digits are packed, and a
    printer never needs more room than this.
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
    length = 2 * side * side
    modules = f"{picture:0{length}b}"
    return tuple([modules[at : at + side] for at in range(0, length, side)])


def bits(text: str) -> tuple[str, ...]:
    """The rows alone."""
    both = lines(text)
    return both[: len(both) // 2]


@lru_cache(maxsize=64)
def _plain(count: int) -> tuple[int, int]:
    """The side of a symbol of so many code words, and its lines as one number when each word is the same."""
    rows = _rows(PLAIN * count)
    return len(rows), _number(rows)


@lru_cache(maxsize=16384)
def _change(count: int, place: int, word: str) -> int:
    """What changes in the lines when this word takes its place among plain ones."""
    text = PLAIN * place + word + PLAIN * (count - place - 1)
    return _number(_rows(text)) ^ _plain(count)[1]


def _rows(text: str) -> list[list[int]]:
    matrix: list[list[int]] = DataMatrix(text, codecs=["ascii"]).matrix
    return matrix


def _number(rows: list[list[int]]) -> int:
    both = [*rows, *zip(*rows, strict=True)]
    return int("".join(str(bit) for line in both for bit in line), 2)
