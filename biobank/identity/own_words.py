"""Whether a text holds a name: the whole of it, or a word of it that tells whose it is."""

import re
from collections.abc import Iterable, Iterator

from biobank.identity.blind_index import folded

LONG_ENOUGH = 4
"""Letters of one word of a longer name; shorter ones are words of a language, like `de la`."""


def holds_a_name(names: Iterable[str], text: str) -> bool:
    """A name of three letters or fewer counts where it is written with a capital."""
    return any(_is_in(each, text) for name in names for each in _telling(name))


def _telling(name: str) -> Iterator[str]:
    """What of a name would tell whose it is: the whole, and its longer words."""
    whole = folded(name)
    yield whole
    yield from (word for word in whole.split() if len(word) >= LONG_ENOUGH and word != whole)


def _is_in(wanted: str, text: str) -> bool:
    if len(wanted) < LONG_ENOUGH:
        return any(word[0].isupper() and folded(word) == wanted for word in re.findall(r"\w+", text))
    return f" {wanted} " in f" {folded(text)} "
