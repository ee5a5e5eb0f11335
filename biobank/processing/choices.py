"""Rotors, and what is told of a child when an aliquot is made: plain data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from biobank.core.errors import Invalid

MOST_CHILDREN = 200
LARGEST_MICROLITRES = 1_000_000
SPECIFICATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


class Rotor(StrEnum):
    SWINGING_BUCKET = "swinging_bucket"
    FIXED_ANGLE = "fixed_angle"


class ChildrenRefused(Invalid):
    """What was told of the children of a specimen cannot be so."""

    title = "Aliquots"


@dataclass(frozen=True)
class Child:
    """One aliquot as told: what it is, and how much in microlitres; None is unknown."""

    specification: str
    volume_microlitres: int | None


def read_children(told: object) -> list[Child]:
    """The children of `details.children`, in their order. Raises `ChildrenRefused`."""
    if not isinstance(told, list) or not told or len(told) > MOST_CHILDREN:
        raise ChildrenRefused(
            f"Say what was made: 1 to {MOST_CHILDREN} children, each with specification and volume.",
            field="details.children",
        )
    return [_child(child, number) for number, child in enumerate(told, 1)]


def _child(told: object, number: int) -> Child:
    if not isinstance(told, Mapping) or not set(told) <= {"specification", "volume_microlitres"}:
        raise ChildrenRefused(
            f"Child {number} has a specification and volume_microlitres, and nothing else.",
            field="details.children",
        )
    return Child(_specification(told, number), _volume(told, number))


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


def taken_out(children: list[Child]) -> int | None:
    """Microlitres in all children together; None when one of them is unknown."""
    volumes = [child.volume_microlitres for child in children]
    return None if None in volumes else sum(volume for volume in volumes if volume is not None)
