"""Code 128: the symbol of a text as bits, and what it refuses to carry."""

from functools import lru_cache
from operator import mul
from string import digits

from barcode import Code128
from barcode.charsets.code128 import CODES, STOP

from labels.carried import refuse_uncarriable
from labels.errors import LabelError

QUIET_MODULES = 10
"""Blank modules that a scanner needs on either side (ISO/IEC 15417)."""

START_PAIRS, TO_SINGLE, TO_PAIRS = 105, 100, 99

VALUES = {chr(value + 32): value for value in range(95)} | {f"{value:02d}": value for value in range(100)}
"""Of a character, and of a pair of digits."""

TAIL = STOP + "11"

ANY_DIGIT = str.maketrans(digits, "0" * len(digits))


@lru_cache(maxsize=4096)
def bits(text: str) -> str:
    """The modules of the symbol, `1` a bar and `0` a space, without quiet zones.

    The code words are python-barcode's, which pairs digits from the left. They are the fewest, but for a text
    that ends in an odd number of digits, five or more, after another character (`A12345`): one word more.
    """
    refuse_uncarriable(text, "Code 128")
    if text.startswith("99"):
        # python-barcode 0.16.1 takes a leading 99 for a change of character set and drops it without a word.
        raise LabelError(
            f"“{text}” begins with 99, which the encoder would lose; give the item another code."
        )
    words = [
        part if isinstance(part, int) else VALUES[text[part]] for part in _plan(text.translate(ANY_DIGIT))
    ]
    check = (words[0] + sum(map(mul, words, range(len(words))))) % 103
    return "".join([*[CODES[word] for word in words], CODES[check], TAIL])


@lru_cache(maxsize=1024)
def _plan(shape: str) -> tuple[int | slice, ...]:
    """The code words of all texts of a shape (each digit is 0): a fixed word, or a cut of the text."""
    start, *words = Code128(shape).encoded
    plan: list[int | slice] = [start]
    pairs, position = start == START_PAIRS, 0
    for word in words:
        if word == (TO_SINGLE if pairs else TO_PAIRS):
            plan.append(word)
            pairs = not pairs
        else:
            plan.append(slice(position, position := position + 1 + pairs))
    return tuple(plan)
