"""What somebody says about a case: whom they ask, what the site answers, how it ends; what a list is of."""

from dataclasses import dataclass

from biobank.custody.states import HoldKind
from biobank.discrepancies.choices import CaseState, Resolution, SiteAnswer


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Which site is asked, where it is not the one that the case names; and what, if there is more to say."""

    site: str | None = None
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Answering:
    """What the site found out."""

    answer: SiteAnswer
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Resolving:
    """How a case ends, and why; `hold` names the one that a release lifts."""

    resolution: Resolution
    sentence: str
    hold: HoldKind | None = None


@dataclass(frozen=True, kw_only=True)
class Separating:
    """What two people found out about two tubes with one code; `other` is the code of the second tube."""

    outcome: Resolution
    sentence: str
    other: str | None = None


@dataclass(frozen=True, kw_only=True)
class CasesAsked:
    """Which cases a list is of; an empty field narrows nothing. Days count from when they were opened."""

    standing: bool | None = True
    overdue: bool = False
    states: tuple[CaseState, ...] = ()
    kind: str = ""
    site: str = ""
    found_at: str = ""
    owner: str | None = None
    """A user name; empty text is *nobody*."""
    older_than_days: int = 0
