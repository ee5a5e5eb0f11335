"""How cold material is kept: the warmest place by what it is called, from a file; what is not frozen yet."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.custody.states import SPECIMENS, Kind
from biobank.custody.steps import ItemNow

WORD = re.compile(r"[^\W_]+")


FREEZES_CELSIUS = 0

ToSpinFirst = Callable[[Work, ItemNow], bool]
"""Whether a tube goes into the centrifuge before it is kept: frozen, its cells would burst."""
_asked: list[ToSpinFirst] = [lambda _work, _item: False]


def install(to_spin_first: ToSpinFirst) -> None:
    """Wired once for the service: the bench knows, and is not looked up to."""
    _asked[0] = to_spin_first


def is_to_be_spun_first(work: Work, item: ItemNow) -> bool:
    return _asked[0](work, item)


class NeedsRefused(Invalid):
    """The file of needs says something that cannot be so; its message has the line of the list."""

    title = "Storing file refused"


@dataclass(frozen=True)
class Need:
    """Material whose name has all these words, in these kinds of specimen, is kept no warmer than this."""

    words: frozenset[str]
    kinds: frozenset[Kind]
    warmest_celsius: int
    source: str

    def is_of(self, kind: Kind, specification: str) -> bool:
        return kind in self.kinds and self.words <= _words(specification)


def need_of(work: Work, kind: Kind, specification: str | None) -> Need | None:
    """The coldest of the needs that fit; None for what the file says nothing of. Raises `NeedsRefused`."""
    if kind not in SPECIMENS or not specification:
        return None
    fitting = [need for need in read_needs(work.settings.storing_file) if need.is_of(kind, specification)]
    return min(fitting, key=lambda need: need.warmest_celsius, default=None)


@lru_cache(maxsize=4)
def read_needs(file: str) -> tuple[Need, ...]:
    """Raises `NeedsRefused`."""
    try:
        told = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise NeedsRefused(f"{file} cannot be read: {problem}.") from problem
    return tuple(_need(file, number, each) for number, each in enumerate(told.get("need", ()), 1))


def _need(file: str, number: int, told: Mapping[str, Any]) -> Need:
    try:
        return Need(
            words=_words(told["of"]),
            kinds=frozenset(Kind(kind) for kind in told["kinds"]),
            warmest_celsius=int(told["warmest_celsius"]),
            source=str(told["source"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise NeedsRefused(
            f"Need {number} in {file} lacks something or has an unknown word: {problem}."
        ) from problem


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.casefold()))
