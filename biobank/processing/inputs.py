"""What operations at the bench take."""

from dataclasses import dataclass

from biobank.items.aliases import Alias
from biobank.processing.choices import Rotor


@dataclass(frozen=True, kw_only=True)
class NewProgramme:
    """A centrifuge programme of a site: force in g, how long in minutes, how warm in degrees Celsius."""

    site: str
    name: str
    g: int
    minutes: int
    temperature_celsius: int | None = None
    rotor: Rotor | None = None


@dataclass(frozen=True)
class Part:
    """What one specimen gives to a pool, in microlitres; None is unknown."""

    item: str
    volume_microlitres: int | None = None
    used_up: bool = False
    """Nothing of it is left."""


@dataclass(frozen=True, kw_only=True)
class NewPool:
    """Specimens, of one participant or several, that are mixed in one tube."""

    parts: tuple[Part, ...]
    specification: str
    volume_microlitres: int | None = None
    """Of the pool; empty is what the parts give together, where all of it is known."""
    alias: Alias | None = None
    """Its tube's own code."""
