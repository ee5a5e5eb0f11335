"""What somebody says who records a legal demand, a disclosure or a breach."""

from dataclasses import dataclass
from datetime import date, datetime

from biobank.disclosures.choices import (
    Basis,
    BreachAbout,
    BreachCause,
    BreachStep,
    DemandDecision,
    DemandKind,
    NotYetBecause,
    ToldHow,
)


@dataclass(frozen=True, kw_only=True)
class NewDemand:
    """A document that asks for something about participants; who asks is a code."""

    reference: str
    kind: DemandKind
    demanded_by: str
    received_on: date
    participants: tuple[str, ...]
    fields: tuple[str, ...]
    answer_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class DecidedDemand:
    """What compliance decides; `fields` may leave, `certificate` is the number of the one cited."""

    decision: DemandDecision
    reason: str
    certificate_cited: bool
    certificate: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NewDisclosure:
    """What is to be given out, to whom, on which ground: every field by its name."""

    participant: str
    basis: Basis
    fields: tuple[str, ...]
    receiver: str
    purpose: str
    demand: int | None = None


@dataclass(frozen=True, kw_only=True)
class ToldOfIt:
    """That a participant was told otherwise than by a message."""

    how: ToldHow
    on: date


@dataclass(frozen=True, kw_only=True)
class NotToldYet:
    """Why a participant is not told yet, and when somebody looks at it again."""

    because: NotYetBecause
    look_again_on: date


@dataclass(frozen=True, kw_only=True)
class NewBreach:
    """Through what, between which moments; `named` is a user name, a station or a token's number."""

    about: BreachAbout
    from_at: datetime
    until_at: datetime
    cause: BreachCause
    found_on: date
    named: str | None = None
    steps: tuple[BreachStep, ...] = ()
