"""Rotors, the phases of a tube before its spin, and what is told of an aliquot's children: plain data."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from biobank.core.errors import Invalid
from biobank.items.aliases import Alias, AliasRefused, read_alias
from biobank.kits.definitions import CentrifugeWindow
from biobank.participants.choices import Scope
from biobank.processing.measures import BY_NAME, Measure

MOST_CHILDREN = 200
LARGEST_MICROLITRES = 1_000_000
SPECIFICATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


class Rotor(StrEnum):
    SWINGING_BUCKET = "swinging_bucket"
    FIXED_ANGLE = "fixed_angle"


class Brake(StrEnum):
    """Whether the centrifuge brakes at the end of its run: it stirs up what has settled."""

    ON = "on"
    OFF = "off"


class Kept(StrEnum):
    """How warm a specimen stood until now, as SPREC tells it apart."""

    ROOM = "room_temperature"
    COLD = "2_to_10_degrees"
    BODY = "35_to_38_degrees"


class NotMade(StrEnum):
    """Why a vial of the plan was not made."""

    NOT_ENOUGH = "not_enough_material"
    NO_BUFFY_COAT = "no_buffy_coat"
    HAEMOLYSED = "haemolysed"
    CLOTTED = "clotted"
    SPILLED = "spilled"
    OTHER = "other"


class Balance(StrEnum):
    """How the tubes of a run stand in the rotor."""

    EVEN = "each_opposite_another"
    COUNTERWEIGHT = "with_balance_tubes"


LONGEST_NAME = 40
NUMBERS = {"g": (1, 30_000), "minutes": (1, 600), "temperature_celsius": (-20, 60)}
"""Least and most that a centrifuge of a clinic does."""


def programme_told(details: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Name and minutes of the run in the details of a step; None for what is not told, or cannot be."""
    programme = details.get("programme")
    told = programme if isinstance(programme, Mapping) else {}
    name, minutes = told.get("name"), told.get("minutes")
    least, most = NUMBERS["minutes"]
    return (
        name[:LONGEST_NAME] if isinstance(name, str) else None,
        minutes if type(minutes) is int and least <= minutes <= most else None,
    )


OUTSIDE_THE_WINDOW = ("centrifuged_early", "centrifuged_late", "centrifuge_time_unknown")


def warning_among(flags: Collection[str]) -> str | None:
    """The flag of a run outside its tube's window, among those of the step."""
    return next((code for code in OUTSIDE_THE_WINDOW if code in flags), None)


class Phase(StrEnum):
    """Where a tube stands between its collection and the centrifuge."""

    CLOTTING = "clotting"
    READY = "ready"
    HURRY = "hurry"
    LATE = "late"
    UNKNOWN = "unknown"


class PackStanding(StrEnum):
    """How a tube of a kit stands to the parcel that is being packed."""

    INSIDE = "in the parcel"
    READY = "ready to pack"
    CLOTTING = "clots, then to be centrifuged"
    TO_SPIN = "to be centrifuged"
    TOO_LATE = "too late for the centrifuge"
    SPINNING = "in the centrifuge"
    HELD = "under a hold"
    TO_COLLECT = "still to be collected"
    NOT_COLLECTED = "not collected"
    OTHER_PARCEL = "in another parcel"
    SENT = "sent already"
    BROKEN = "broken"
    ELSEWHERE = "not here"


HURRY = timedelta(minutes=30)
"""Before the end of a tube's window, when it goes before others."""


def phase_before(until: datetime | None, at: datetime) -> Phase:
    """Late, to hurry with, in time; not known where nobody knows until when."""
    if until is None:
        return Phase.UNKNOWN
    if at > until:
        return Phase.LATE
    return Phase.HURRY if at > until - HURRY else Phase.READY


@dataclass(frozen=True)
class Window:
    """The moments between which a tube goes into the centrifuge; unknown when its collection is."""

    opens_at: datetime | None
    closes_at: datetime | None

    def phase(self, at: datetime) -> Phase:
        if self.opens_at is None:
            return Phase.UNKNOWN
        return Phase.CLOTTING if at < self.opens_at else phase_before(self.closes_at, at)


def window_of(window: CentrifugeWindow, collected_at: datetime | None) -> Window:
    """A definition's minutes, as moments of one tube."""
    if collected_at is None:
        return Window(None, None)
    return Window(
        collected_at + timedelta(minutes=window.earliest_minutes),
        collected_at + timedelta(minutes=window.latest_minutes),
    )


class ChildrenRefused(Invalid):
    """What was told of the children of a specimen cannot be so."""

    title = "Aliquots"


@dataclass(frozen=True)
class Child:
    """One aliquot as told: what it is, how much in microlitres (None is unknown), and its tube's own code."""

    specification: str
    volume_microlitres: int | None
    alias: Alias | None = None
    measured: Mapping[str, int] = field(default_factory=dict)
    """What was measured of a derivative, by the names of `measures`."""


CHILD_KEYS = frozenset({"specification", "volume_microlitres", "issuer", "code", *BY_NAME})


def read_children(told: object) -> list[Child]:
    """The children of `details.children`, in their order. Raises `ChildrenRefused`."""
    if not isinstance(told, list) or not told or len(told) > MOST_CHILDREN:
        raise ChildrenRefused(
            f"Say what was made: 1 to {MOST_CHILDREN} children, each with specification and volume.",
            field="details.children",
        )
    children = [_child(child, number) for number, child in enumerate(told, 1)]
    _each_code_is_one_tube(children)
    return children


def _each_code_is_one_tube(children: list[Child]) -> None:
    seen: dict[str, int] = {}
    for number, child in enumerate(children, 1):
        if child.alias is None:
            continue
        before = seen.setdefault(child.alias.known_as, number)
        if before != number:
            raise ChildrenRefused(
                f"Children {before} and {number} have the same code; scan each tube once.",
                field="details.children",
            )


def _child(told: object, number: int) -> Child:
    if not isinstance(told, Mapping) or not set(told) <= CHILD_KEYS:
        raise ChildrenRefused(
            f"Child {number} has a specification and volume_microlitres, what was measured of it, the issuer "
            "and code of a tube that bears one, and nothing else.",
            field="details.children",
        )
    measured = {name: _measured(told[name], BY_NAME[name], number) for name in BY_NAME if name in told}
    return Child(_specification(told, number), _volume(told, number), _alias(told, number), measured)


def _measured(value: object, measure: Measure, number: int) -> int:
    if type(value) is not int or not measure.least <= value <= measure.most:
        raise ChildrenRefused(
            f"{measure.label} of child {number} is told as {measure.name}, a whole number up to "
            f"{measure.most}, or left out when nobody measured it.",
            field="details.children",
        )
    return value


def _alias(told: Mapping[Any, Any], number: int) -> Alias | None:
    if "code" not in told and "issuer" not in told:
        return None
    try:
        return read_alias(told.get("issuer"), told.get("code"))
    except AliasRefused as refusal:
        raise ChildrenRefused(f"Child {number}: {refusal.detail}", field="details.children") from refusal


def _specification(told: Mapping[Any, Any], number: int) -> str:
    specification = told.get("specification")
    if not isinstance(specification, str) or not SPECIFICATION.fullmatch(specification):
        raise ChildrenRefused(
            f"Child {number} needs a specification such as plasma or serum.", field="details.children"
        )
    return specification


def _volume(told: Mapping[Any, Any], number: int) -> int | None:
    volume = told.get("volume_microlitres")
    if volume is not None and (type(volume) is not int or not 0 < volume <= LARGEST_MICROLITRES):
        raise ChildrenRefused(
            f"The volume of child {number} is told in whole microlitres, up to {LARGEST_MICROLITRES}, "
            "or left out when nobody knows it.",
            field="details.children",
        )
    return volume


def scopes_of_derivatives(details: Mapping[str, Any]) -> set[Scope]:
    """What a consent has to cover beyond the material itself for what is told to be made of it."""
    told = read_children(details.get("children"))
    return {Scope.DNA} if any("dna" in child.specification.casefold() for child in told) else set()


def taken_out(children: list[Child]) -> int | None:
    """Microlitres in all children together; None when one of them is unknown."""
    volumes = [child.volume_microlitres for child in children]
    return None if None in volumes else sum(volume for volume in volumes if volume is not None)
