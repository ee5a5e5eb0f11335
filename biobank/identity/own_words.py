"""Whether a text holds a name: the whole of it, or a word of it that tells whose it is."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from biobank.identity.blind_index import APOSTROPHES, folded
from biobank.identity.choices import IdentityField

F = IdentityField
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


def beside_each_other(text: str) -> frozenset[tuple[str, str]]:
    """Words of a text and the next one, in either order; between them a small `de la` is passed over."""
    words = re.findall(r"[^\W_]{2,}", APOSTROPHES.sub("", unicodedata.normalize("NFC", text)))
    said = [folded(word) for word in words if len(word) >= LONG_ENOUGH or word[0].isupper()]
    pairs = list(pairwise(said))
    return frozenset(pairs) | {(after, before) for before, after in pairs}


def is_whole_name_in(names: Mapping[IdentityField, str], pairs: frozenset[tuple[str, str]]) -> bool:
    """A word of the given name beside one of the family name, as `beside_each_other` gives them."""
    given, family = (folded(names[each]).split() for each in (F.GIVEN_NAME, F.FAMILY_NAME))
    return any((one, other) in pairs for one in given for other in family)
