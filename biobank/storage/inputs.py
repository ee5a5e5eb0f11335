"""What operations on storage units take."""

from dataclasses import dataclass

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
