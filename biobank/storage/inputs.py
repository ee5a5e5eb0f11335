"""What operations on storage units take."""

from dataclasses import dataclass
from datetime import datetime

from biobank.core.moments import Told
from biobank.custody.states import Kind
from biobank.storage.choices import Grid, Naming, Order, ReservedFor, Rule


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
    naming: Naming = Naming.LETTER_NUMBER
    filled_by: Order = Order.ROWS
    contents: tuple[str, ...] = ()
    """Specifications that may lie in it and all within; empty asks what is around it."""
    rule: Rule | None = None

    @property
    def grid(self) -> Grid:
        return Grid(self.rows, self.columns, self.naming, self.filled_by)


@dataclass(frozen=True, kw_only=True)
class NewReservation:
    """Positions that are named, or the next `count` free ones; with neither the whole unit."""

    unit: str
    purpose: ReservedFor
    until: datetime
    positions: tuple[str, ...] = ()
    count: int | None = None
    reference: str = ""
    """Code or number of what it is for."""


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
