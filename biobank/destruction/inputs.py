"""What the operations of destruction take."""

from dataclasses import dataclass
from datetime import datetime

from biobank.core.moments import Told
from biobank.destruction.choices import Ceremony, Method


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """The decision behind an order, as it stands on the order and on its certificate."""

    decision: int
    left: bool
    information: str
    samples: str
    requested_by: str
    capacity: str
    channel: str
    ceremony: Ceremony
    decided_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Count:
    """What was counted by hand, and how the bag is destroyed."""

    pieces: int
    method: Method
    cycle: str
    place: str
    at: Told
    """When it was destroyed; of a container that a contractor takes, when they took it."""
    contractor: str | None = None
    manifest: str | None = None


@dataclass(frozen=True)
class Credentials:
    """Who signs, typed in again for this one signature."""

    username: str
    password: str


@dataclass(frozen=True)
class Shown:
    """An order and the SHA-256 of its record, as it was shown to the signer."""

    order: str
    sha256: str


@dataclass(frozen=True)
class Confirmed:
    """What came of a confirmation: orders closed with their certificates, and those that came back."""

    certificates: dict[str, str]
    """Certificate by order."""
    returned: dict[str, str]
    """Sentence by order."""
    signature: int | None = None
