"""What operations on storage units take."""

from dataclasses import dataclass

from biobank.core.moments import Told
from biobank.custody.states import Kind


@dataclass(frozen=True, kw_only=True)
class NewUnit:
    """A unit to be added; without rows and columns it has no positions. `inside` is an identifier."""

    kind: Kind
    name: str
    site: str
    inside: str | None = None
    position: str | None = None
    rows: int = 0
    columns: int = 0
    temperature_celsius: int | None = None
    allowed: tuple[Kind, ...] = ()
    """Kinds that may lie in it; empty allows all."""


@dataclass(frozen=True, kw_only=True)
class RackFile:
    """A rack scanner's file as it came, and what is to be done with it.

    With an `issuer` its codes are given to what the log has in each well; without one what bears them is
    stored. `expected` is the fingerprint of the plan that somebody agreed to; without it nobody was asked.
    """

    content: bytes
    name: str
    at: Told | None
    layout: str | None = None
    issuer: str | None = None
    leave_out_unknown: bool = False
    expected: str | None = None
