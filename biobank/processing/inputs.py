"""What operations at the bench take."""

from dataclasses import dataclass

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
