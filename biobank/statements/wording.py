"""The words of a statement in one language, from `statement.toml`; days and lists as it writes them."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from babel.dates import format_date

from biobank.core.errors import Invalid
from biobank.statements.choices import LANGUAGES

Sections = Mapping[str, Mapping[str, Mapping[str, str]]]
DAYS = {"en": "d MMMM y", "es": "d 'de' MMMM 'de' y"}
RUN = 3
"""From so many numbers in a row on they are told as first to last."""


class BadStatementFile(Invalid):
    """The file of words cannot be used: which key, what to do."""

    title = "Words of the statement not usable"


@dataclass(frozen=True)
class Words:
    """What is said, by section and key."""

    sections: Sections
    language: str

    def knows(self, section: str, key: str) -> bool:
        return key in self.sections.get(section, {})

    def say(self, section: str, key: str, **values: str) -> str:
        """Raises `BadStatementFile` for a word that is not there."""
        try:
            return self.sections[section][key][self.language].format(**values)
        except KeyError as problem:
            raise BadStatementFile(
                f"The words of a statement lack {problem.args[0]} of {section}; add them in both languages.",
                key=f"{section}.{key}",
            ) from problem

    def said_or(self, section: str, key: str, otherwise: str) -> str:
        return self.say(section, key) if self.knows(section, key) else otherwise

    def day(self, on: date | datetime) -> str:
        return format_date(on, DAYS[self.language], locale=self.language)

    def moment(self, at: datetime) -> str:
        """In the offset that it bears; UTC says so."""
        offset = at.strftime("%z")
        return f"{self.day(at)}, {at:%H:%M} ({f'{offset[:3]}:{offset[3:]}' if offset != '+0000' else 'UTC'})"

    def listed(self, words: Sequence[str]) -> str:
        if len(words) < 2:  # noqa: PLR2004 (one needs no `and`)
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.say('texts', 'and')} {words[-1]}"

    def numbers(self, numbers: Iterable[int]) -> str:
        """`sample 3`, `samples 1, 2 and 5 to 9`."""
        known = sorted(set(numbers))
        told = [word for run in _runs(known) for word in self._run(run)]
        return self.say("texts", "several" if len(known) > 1 else "one", numbers=self.listed(told))

    def _run(self, run: Sequence[int]) -> list[str]:
        if len(run) < RUN:
            return [str(number) for number in run]
        return [self.say("texts", "range", first=str(run[0]), last=str(run[-1]))]


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers that follow each other, together."""
    by_distance = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    return [[number for _, number in run] for _, run in by_distance]


def words_in(path: Path, language: str) -> Words:
    """Raises `BadStatementFile`."""
    return Words(_read(path, path.stat().st_mtime_ns), language)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_at: int) -> Sections:
    told: Sections = tomllib.loads(path.read_text(encoding="utf-8"))
    for section, words in told.items():
        for key, said in words.items():
            if set(said) != set(LANGUAGES):
                raise BadStatementFile(
                    f"{path.name} says {section}.{key} not in {', '.join(LANGUAGES)}; add what is missing.",
                    key=f"{section}.{key}",
                )
    return told
