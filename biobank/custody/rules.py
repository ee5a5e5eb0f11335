"""Where `record` finds what features above it ask of a step: checks before and reactions after, as data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from biobank.core.database import Work
from biobank.custody.states import Action
from biobank.custody.steps import Alert, Attempt, Done, Flag

Check = Callable[[Work, Attempt], Iterable[Flag] | None]
Reaction = Callable[[Work, Done], Iterable[Alert] | None]
Derivation = Callable[[Work, Attempt], Mapping[str, Any]]


@dataclass(frozen=True)
class Rules:
    """Per action, in order: what must hold before it, and what follows from it in the same transaction.

    `derived` are further columns that a step sets, worked out from what was told once the checks hold.
    """

    before: Mapping[Action, tuple[Check, ...]]
    after: Mapping[Action, tuple[Reaction, ...]]
    derived: Mapping[Action, tuple[Derivation, ...]] = field(default_factory=dict)


_installed: list[Rules] = []


class RulesMissing(RuntimeError):
    """Nothing may be recorded past its rules, so nothing is recorded before they are installed."""


def install(rules: Rules) -> None:
    _installed[:] = [rules]


def installed() -> Rules:
    if not _installed:
        raise RulesMissing("biobank.wiring.install() has to run before the first step is recorded.")
    return _installed[0]
