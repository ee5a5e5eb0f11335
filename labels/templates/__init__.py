"""The templates as data, every version of each: which lines a label has, and how its parts follow."""

from labels.errors import LabelError
from labels.model import Template
from labels.templates import (
    aliquot,
    cap_dot,
    cryovial,
    found_item,
    kit_box,
    narrow_tube,
    parcel,
    storage_box,
    storage_unit,
    tube,
    waste_bag,
)

VERSIONS: dict[str, tuple[Template, ...]] = {
    "kit_box": (kit_box.VERSION_1, kit_box.VERSION_2),
    "tube": (tube.VERSION_1, tube.VERSION_2),
    "narrow_tube": (narrow_tube.VERSION_1,),
    "cryovial": (cryovial.VERSION_1,),
    "cap_dot": (cap_dot.VERSION_1,),
    "aliquot": (aliquot.VERSION_1,),
    "storage_box": (storage_box.VERSION_1, storage_box.VERSION_2),
    "storage_unit": (storage_unit.VERSION_1, storage_unit.VERSION_2),
    "waste_bag": (waste_bag.VERSION_1, waste_bag.VERSION_2),
    "found_item": (found_item.VERSION_1,),
    "parcel": (parcel.VERSION_1,),
}
"""Oldest first, counted from 1: a released version prints for ever as it did."""

TEMPLATES = {name: versions[-1] for name, versions in VERSIONS.items()}
"""The newest of each."""


def template_named(name: str, version: int | None = None) -> Template:
    """A template in one of its versions, or the newest. Raises LabelError for what there is not."""
    if name not in VERSIONS:
        raise LabelError(f"There is no label template “{name}”; choose one of {', '.join(VERSIONS)}.")
    if version is None:
        return TEMPLATES[name]
    versions = VERSIONS[name]
    if not 1 <= version <= len(versions):
        raise LabelError(f"The label template “{name}” has versions 1 to {len(versions)}, and no {version}.")
    return versions[version - 1]
