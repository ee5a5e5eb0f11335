"""What stands on a downtime form, in both languages at once, from `downtime.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from biobank.core.errors import Invalid
from biobank.kits.choices import NotCollectedReason
from biobank.printing.blank_forms import FormWords, Instructions
from biobank.visits.choices import Identifier

LANGUAGES = ("en", "es")


class BadDowntimeFile(Invalid):
    """The file of words cannot be used: which key, what to do."""

    title = "Words of the forms not usable"


def form_words(path: Path) -> FormWords:
    """Raises `BadDowntimeFile`."""
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_at: int) -> FormWords:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return FormWords(
            captions={name: _both(words) for name, words in told["captions"].items()},
            identifiers=_in_order(told["identifiers"], Identifier),
            reasons=tuple(
                f"{number} {words}"
                for number, words in enumerate(_in_order(told["reasons"], NotCollectedReason), 1)
            ),
            instructions=tuple(_instructions(told["instructions"][language]) for language in LANGUAGES),
        )
    except KeyError as problem:
        raise BadDowntimeFile(
            f"{path.name} lacks the words of {problem.args[0]}; add them in both languages.",
            key=str(problem.args[0]),
        ) from problem


def _both(words: Mapping[str, str]) -> str:
    """In both languages; once where they are the same."""
    return " / ".join(dict.fromkeys(words[language] for language in LANGUAGES))


def _in_order(told: Mapping[str, Mapping[str, str]], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(_both(told[str(name)]) for name in names)


def _instructions(told: Mapping[str, Any]) -> Instructions:
    return Instructions(told["title"], tuple(told["steps"]))
