"""What stands on an item's label, by the names of a template's lines; a participant's code stands on none."""

import textwrap
from collections import Counter
from collections.abc import Callable, Mapping

from biobank.core.database import Work
from biobank.custody.states import MADE, STORAGE, Kind
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import contents, parents_of, place_path, tubes_of_kit
from biobank.kits.definitions import TubeSpecification
from biobank.kits.queries import kit_of, specification_of_tube
from biobank.shipments.models import Shipment
from biobank.storage.models import StorageUnit
from labels import Label, template_named

LONGEST_PLACE = 30
"""Characters of a place's path on a label; what is nearest stands first."""

LONGEST_PROGRAMME = 14
"""Characters of the programme's name on a tube, beside the line for date and time."""

Wording = Callable[[Work, Item], Mapping[str, str]]


def label_of(work: Work, item: Item, template: str) -> Label:
    """The label of an item as it would be printed now, in the newest version of the template."""
    drawn = template_named(template)
    told = WORDING[Kind(item.kind)](work, item)
    lines = tuple(told.get(line, "") for line in drawn.lines)
    return Label(item.identifier, template, lines, drawn.version)


def named_lines(label: Label) -> dict[str, str]:
    """The text of a label by the names of its template's lines."""
    return dict(zip(template_named(label.template, label.version).lines, label.lines, strict=True))


def _kit(work: Work, kit: Item) -> dict[str, str]:
    return {
        "title": work.settings.programme,
        "definition": kit.specification or "",
        "contents": _contents(work, kit),
        "lot": f"Lot {kit.lot}" if kit.lot else "",
        "expiry": f"Use by {kit.expires_on}" if kit.expires_on else "",
        "site": kit.site or "",
    }


def _contents(work: Work, kit: Item) -> str:
    """How many tubes, and of what as far as their definitions say."""
    tubes = tubes_of_kit(work, kit.id)
    known = [specification_of_tube(work, tube) for tube in tubes]
    kinds = Counter(tube.specimen.value if tube else "other" for tube in known)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    total = f"{len(tubes)} {'tube' if len(tubes) == 1 else 'tubes'}"
    return f"{total}: {counted}" if len(kinds) > 1 else total


def _tube(work: Work, tube: Item) -> dict[str, str]:
    known = specification_of_tube(work, tube)
    kit = kit_of(work, tube)
    code = tube.specification or ""
    return {
        "specimen": known.label if known else code,
        "kind": known.label if known else code,
        "additive": _filling(known) if known else "",
        "code": code,
        "kit": printed(kit.identifier) if kit else "",
        "programme": _shortened(work.settings.programme, LONGEST_PROGRAMME),
        "date": f"{tube.collected_at:%Y-%m-%d}" if tube.collected_at else "",
    }


def _filling(tube: TubeSpecification) -> str:
    """What is in it before the draw; where that is nothing, what goes in."""
    return tube.additive if tube.additive != "none" else f"{tube.specimen.value}, no additive"


def _shortened(text: str, most: int) -> str:
    """Whole words as far as they fit, else the first one's beginning."""
    return textwrap.shorten(text, most, placeholder="") or text[:most]


def _aliquot(work: Work, aliquot: Item) -> dict[str, str]:
    parents = parents_of(work, aliquot.id)
    volume = aliquot.volume_microlitres
    return {
        "kind": aliquot.specification or aliquot.kind.capitalize(),
        "amount": f"{volume / 1000:g} mL" if volume else "",
        "date": f"{aliquot.collected_at:%Y-%m-%d}" if aliquot.collected_at else "",
        "parent": printed(parents[0].identifier) if len(parents) == 1 else f"{len(parents)} parents",
    }


def _place(work: Work, place: Item) -> dict[str, str]:
    unit = work.session.get(StorageUnit, place.id)
    around = [outer.specification or printed(outer.identifier) for outer in place_path(work, place)]
    celsius = unit.temperature_celsius if unit else None
    return {
        "name": place.specification or place.kind.replace("_", " "),
        "where": ", ".join([*around, place.site or ""]).strip(", ")[:LONGEST_PLACE],
        "conditions": f"{celsius} °C" if celsius is not None else "",
    }


def _waste(_work: Work, batch: Item) -> dict[str, str]:
    opened = batch.occurred_at or batch.recorded_at
    return {
        "title": batch.specification or "Waste",
        "opened": f"Opened {opened:%Y-%m-%d}",
        "site": batch.site or "",
    }


def _parcel(work: Work, parcel: Item) -> dict[str, str]:
    shipment = work.session.get(Shipment, parcel.id)
    inside = len(contents(work, parcel.id))
    return {
        "from": (shipment.origin if shipment else parcel.site) or "",
        "to": shipment.destination if shipment else parcel.sent_to or "",
        "count": f"{inside} {'specimen' if inside == 1 else 'specimens'}",
        "contents": "",
    }


WORDING: Mapping[Kind, Wording] = {
    Kind.KIT: _kit,
    Kind.TUBE: _tube,
    **dict.fromkeys(MADE, _aliquot),
    Kind.WASTE: _waste,
    Kind.PARCEL: _parcel,
    **dict.fromkeys(STORAGE, _place),
}

DRAWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.KIT: ("kit_box",),
    Kind.TUBE: ("tube", "narrow_tube", "cryovial", "cap_dot"),
    **dict.fromkeys(MADE, ("aliquot", "cryovial", "cap_dot")),
    Kind.WASTE: ("waste_bag",),
    Kind.PARCEL: ("parcel",),
    **dict.fromkeys(STORAGE, ("storage_unit", "storage_box")),
    Kind.BOX: ("storage_box", "storage_unit"),
}
"""Which templates a kind of item may have; the first that fits the stock is taken where nobody chooses."""
