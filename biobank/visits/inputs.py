"""What operations of a visit take: who tells, from where and when, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from biobank.access.actors import Actor
from biobank.core.moments import Told
from biobank.custody.steps import Source


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Who did it (`performed_by`, else `by`), who records it, from which source; `at` None is not known."""

    by: Actor
    at: Told | None
    source: Source = field(default_factory=lambda: Source("keyed"))
    performed_by: str | None = None
    confirmation: str | None = None
    """Why something surprising is true all the same."""

    @property
    def performer(self) -> str:
        return self.performed_by or self.by.person


@dataclass(frozen=True, kw_only=True)
class SafetyTold:
    """The answers by the codes of the questions; `chosen` where they leave it to staff."""

    question_set: str
    answers: Mapping[str, str]
    chosen: str | None = None
    weight_grams: int | None = None
    drawn_elsewhere_microlitres: int = 0
