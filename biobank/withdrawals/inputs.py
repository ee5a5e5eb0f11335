"""What recording a decision takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from biobank.core.moments import Told
from biobank.destruction.choices import Ceremony
from biobank.destruction.inputs import Credentials
from biobank.participants.choices import InformationAnswer, SamplesAnswer, Scope
from biobank.withdrawals.choices import Capacity, Channel


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asked or told something of a participant, in which capacity, how and when."""

    requested_by: str
    """A code or a role, never a name."""
    capacity: Capacity
    channel: Channel
    decided_at: Told
    evidence: str | None = None
    """The number of a form, letter or recording."""
    proved: bool | None = None
    """Whether the evidence shows that they may ask; None: it does where some is named."""


@dataclass(frozen=True, kw_only=True)
class Decision(Asking):
    """A decision as it was told. The answers have no default: what was not answered is `undecided`."""

    participant: str
    leaves: bool
    information: InformationAnswer
    samples: SamplesAnswer
    ceremony: Ceremony
    language: str = "en"
    """Of the message that confirms it."""


@dataclass(frozen=True, kw_only=True)
class DeathTold(Asking):
    """That a participant died, as somebody told it; `requested_by` is who told."""

    participant: str
    died_on: date | None = None
    """None when nobody told the day."""


@dataclass(frozen=True, kw_only=True)
class Refusal(Asking):
    """What a participant gives no more while they stay."""

    participant: str
    scopes: Sequence[Scope]
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class NewConsent:
    """The form with which somebody who had left takes part again."""

    participant: str
    form_version: str
    consent_language: str
    scopes: Sequence[Scope]
    effective_at: datetime
    source: str


@dataclass(frozen=True)
class TwoPeople:
    """The credentials of compliance and of a second person, and the SHA-256 that both were shown."""

    first: Credentials
    second: Credentials
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Change(Asking):
    """What two people are to sign about a participant."""

    participant: str
    signed: TwoPeople
    other: str | None = None
    """Whose decision it was, or which other code it is."""
    language: str = "en"
