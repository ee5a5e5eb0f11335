"""What operations at the bench take."""

from dataclasses import dataclass

from biobank.items.aliases import Alias
from biobank.processing.choices import Balance, Brake, Kept, NotMade, Rotor


@dataclass(frozen=True, kw_only=True)
class NewProgramme:
    """A centrifuge programme of a site: force in g, how long in minutes, how warm in degrees Celsius."""

    site: str
    name: str
    g: int
    minutes: int
    temperature_celsius: int | None = None
    rotor: Rotor | None = None
    brake: Brake | None = None


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """Tubes that go into a centrifuge together, as they were scanned."""

    tubes: tuple[str, ...]
    balance: Balance
    centrifuge: str = ""
    kept_at: Kept | None = None
    """How warm they stood until now; None is unknown."""


@dataclass(frozen=True)
class Vials:
    """Aliquots alike: microlitres in each (None is unknown), and the codes on them if they bear some."""

    specification: str
    volume_microlitres: int | None
    codes: tuple[str, ...] = ("",)
    """One a vial; an empty one bears no code yet."""


@dataclass(frozen=True, kw_only=True)
class NewAliquots:
    """What was really made of one specimen, and what of the plan was not."""

    parent: str
    vials: tuple[Vials, ...]
    not_made: tuple[tuple[str, int, NotMade], ...] = ()
    """Specification, how many, why."""
    issuer: str = ""
    """Whose codes they are: the maker of the vials."""
    kept_at: Kept | None = None
    used_up: bool = False
    """Nothing of the parent is left, or what is left is thrown away."""


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
