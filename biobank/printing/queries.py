"""Which labels an item gets, and what stands on them; a participant's code stands on none."""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.errors import Invalid, NotFound
from biobank.custody.queries import item_now
from biobank.custody.states import Kind
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import contents, parents_of, place_path, tubes_of_kit
from biobank.kits.definitions import TubeSpecification
from biobank.kits.queries import kit_of, specification_of_tube
from biobank.printing.models import PrintedLabel, PrintJob
from biobank.shipments.models import Shipment
from biobank.storage.models import StorageUnit
from labels import Label, LabelError, Stock, load_stocks

LONGEST_PLACE = 30
"""Characters of a place's path on a label; what is nearest stands first."""

LONGEST_PROGRAMME = 14
"""Characters of the programme's name on a tube, beside the line for date and time."""


class StockUnknown(NotFound):
    title = "Label stock unknown"


class LabelsRefused(Invalid):
    """Labels that cannot be printed, and why."""

    title = "Labels not printable"


class NotAKit(Invalid):
    title = "Not a kit"


def stocks(work: Work) -> Mapping[str, Stock]:
    """Sheets and rolls by name, as the settings' file has them. Raises `LabelsRefused`."""
    try:
        return load_stocks(work.settings.stocks_file)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


def stock_named(work: Work, name: str) -> Stock:
    """Raises `StockUnknown`."""
    known = stocks(work)
    if name not in known:
        raise StockUnknown(
            f"There is no label stock {name!r}; there are {', '.join(sorted(known))}.", stock=name
        )
    return known[name]


def labels_for(work: Work, items: Iterable[str]) -> list[Label]:
    """The labels of these items (printed identifiers or aliases), as many of each as it gets, in this order.

    A kit stands for its box alone; `kit_labels` gives its tubes too. Raises what `item_now` raises.
    """
    found = [work.session.get_one(Item, item_now(work, text).id) for text in items]
    return [label for item in found for label in _labels_of(work, item)]


def kit_labels(work: Work, kit: str) -> list[Label]:
    """One job: the box, then every tube in draw order with as many labels as its definition asks for.

    Raises `NotAKit`, and what `item_now` raises.
    """
    box = item_now(work, kit)
    if box.kind is not Kind.KIT:
        raise NotAKit(
            f"{printed(box.identifier)} is a {box.kind.replace('_', ' ')}; scan the kit's box.", item=kit
        )
    tubes = [tube.identifier for tube in tubes_of_kit(work, box.id)]
    return labels_for(work, [box.identifier, *tubes])


def prints_of(work: Work, item_id: int) -> Sequence[tuple[PrintJob, PrintedLabel]]:
    """When the labels of an item were printed, oldest first."""
    question = select(PrintJob, PrintedLabel).join(PrintedLabel, PrintedLabel.job_id == PrintJob.id)
    rows = work.session.execute(question.where(PrintedLabel.item_id == item_id).order_by(PrintedLabel.id))
    return [(job, label) for job, label in rows]


def _labels_of(work: Work, item: Item) -> list[Label]:
    template, lines = DRAWN[Kind(item.kind)]
    label = Label(item.identifier, template, lines(work, item))
    return [label] * _copies(work, item)


def _copies(work: Work, item: Item) -> int:
    tube = specification_of_tube(work, item) if item.kind == Kind.TUBE.value else None
    return tube.labels if tube else 1


def _kit(work: Work, kit: Item) -> tuple[str, ...]:
    tubes = len(tubes_of_kit(work, kit.id))
    return (
        work.settings.programme,
        f"{kit.specification}, {tubes} {'tube' if tubes == 1 else 'tubes'}",
        f"Lot {kit.lot}" if kit.lot else "",
        f"Use by {kit.expires_on}" if kit.expires_on else "",
        kit.site or "",
    )


def _tube(work: Work, tube: Item) -> tuple[str, ...]:
    known = specification_of_tube(work, tube)
    kit = kit_of(work, tube)
    code = tube.specification or ""
    return (
        known.label if known else code,
        _filling(known) if known else "",
        code,
        printed(kit.identifier) if kit else "",
        _shortened(work.settings.programme, LONGEST_PROGRAMME),
    )


def _filling(tube: TubeSpecification) -> str:
    """What is in it before the draw; where that is nothing, what goes in."""
    return tube.additive if tube.additive != "none" else f"{tube.specimen.value}, no additive"


def _shortened(text: str, most: int) -> str:
    """Whole words as far as they fit, else the first one's beginning."""
    return textwrap.shorten(text, most, placeholder="") or text[:most]


def _aliquot(work: Work, aliquot: Item) -> tuple[str, ...]:
    parents = parents_of(work, aliquot.id)
    volume = aliquot.volume_microlitres
    return (
        aliquot.specification or "Aliquot",
        f"{volume / 1000:g} mL" if volume else "",
        f"{aliquot.collected_at:%Y-%m-%d}" if aliquot.collected_at else "",
        printed(parents[0].identifier) if len(parents) == 1 else f"{len(parents)} parents",
    )


def _place(work: Work, place: Item) -> tuple[str, ...]:
    unit = work.session.get(StorageUnit, place.id)
    around = [outer.specification or printed(outer.identifier) for outer in place_path(work, place)]
    celsius = unit.temperature_celsius if unit else None
    return (
        place.specification or place.kind.replace("_", " "),
        ", ".join([*around, place.site or ""]).strip(", ")[:LONGEST_PLACE],
        f"{celsius} °C" if celsius is not None else "",
    )


def _waste(_work: Work, batch: Item) -> tuple[str, ...]:
    opened = batch.occurred_at or batch.recorded_at
    return batch.specification or "Waste", f"Opened {opened:%Y-%m-%d}", batch.site or ""


def _parcel(work: Work, parcel: Item) -> tuple[str, ...]:
    shipment = work.session.get(Shipment, parcel.id)
    inside = len(contents(work, parcel.id))
    return (
        shipment.origin if shipment else parcel.site or "",
        shipment.destination if shipment else parcel.sent_to or "",
        f"{inside} {'specimen' if inside == 1 else 'specimens'}",
        "",
    )


DRAWN: Mapping[Kind, tuple[str, Callable[[Work, Item], tuple[str, ...]]]] = {
    Kind.KIT: ("kit_box", _kit),
    Kind.TUBE: ("tube", _tube),
    Kind.ALIQUOT: ("aliquot", _aliquot),
    Kind.BOX: ("storage_box", _place),
    Kind.WASTE: ("waste_bag", _waste),
    Kind.PARCEL: ("parcel", _parcel),
    **dict.fromkeys(
        (Kind.ROOM, Kind.FREEZER, Kind.SHELF, Kind.RACK, Kind.QUARANTINE_PLACE), ("storage_unit", _place)
    ),
}
"""The template of a kind, and the text for its lines."""
