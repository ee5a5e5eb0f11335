"""What waits on the floor in the demonstration: parcels at the dock, a tube at the bench, racks of boxes."""

from datetime import timedelta
from pathlib import Path

from biobank.access.queries import actor_named
from biobank.core.database import Work
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.demo.desk import Desk
from biobank.demo.logger_files import LOGGER, write_logger_files
from biobank.inventories.counting import take_reading
from biobank.inventories.inputs import NewCheck, Read
from biobank.inventories.operations import count_unit, end_count, plan_check
from biobank.items.queries import children_of
from biobank.shipments.choices import Carrier
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from biobank.shipments.queries import shipment_named
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit

GAVE = "A900000005"
STAYS = "A900000006"
SOURCE = Source("command", "demo")
ALIQUOTS = 6
SPUN_FIRST = "1SS08"
HOLDS = {Kind.SHELF: (Kind.RACK,), Kind.BOX: (Kind.ALIQUOT,)}
"""What may stand in a unit of the kind; in others anything that fits."""
NO_SPIN = ("1ED10", "1ED04", "1UR10")
GIVEN_AGO = timedelta(hours=3)
"""So long was the parcel on its way: too long for warm urine, and there is time left to spin serum."""


def lay_floor(work: Work, *, clinic_site: str, biobank: str, loggers: Path) -> None:
    """Two parcels on their way, one of them at the dock, whose logger's files lie in the folder `loggers`;
    stored aliquots; a count; tubes for the bench.
    """
    desk = Desk(work, clinic_site=clinic_site, box="")
    boxes = _freezer(work, biobank)
    desk.takes_part(STAYS)
    _counts(work, boxes, _aliquots(desk, boxes[0]))
    desk.ago = GIVEN_AGO
    desk.takes_part(GAVE)
    write_logger_files(loggers, shipment_named(work, _parcel(desk, biobank, arrived=True)))
    _parcel(desk, biobank, arrived=False)


def _freezer(work: Work, biobank: str) -> list[ItemNow]:
    """Two shelves with two racks each, three boxes of 9 x 9 for vials in every rack; returns the boxes.

    Another freezer has a shelf with room for as many racks: what this one holds can be carried there.
    """
    lead = actor_named(work, "demo.lead")

    def added(name: str, kind: Kind, inside: ItemNow | None, position: str | None, *grid: int) -> ItemNow:
        unit = NewUnit(
            kind=kind, name=name, site=biobank, inside=inside.identifier if inside else None,
            position=position, rows=grid[0], columns=grid[1],
            temperature_celsius=-80 if inside is None else None, allowed=HOLDS.get(kind, ()),
        )  # fmt: skip
        return add_unit(work, unit, by=lead, source=SOURCE)

    freezer = added("Freezer 2", Kind.FREEZER, None, None, 2, 1)
    boxes = []
    for shelf_row in "AB":
        shelf = added(f"Shelf {shelf_row}", Kind.SHELF, freezer, f"{shelf_row}1", 1, 2)
        for column in (1, 2):
            rack = added(f"Rack {shelf_row}{column}", Kind.RACK, shelf, f"A{column}", 1, 3)
            boxes += [
                added(f"Box {shelf_row}{column}-{slot}", Kind.BOX, rack, f"A{slot}", 9, 9)
                for slot in (1, 2, 3)
            ]
    added("Shelf for racks", Kind.SHELF, added("Freezer 3", Kind.FREEZER, None, None, 1, 1), "A1", 1, 4)
    return boxes


def _aliquots(desk: Desk, box: ItemNow) -> list[str]:
    """Of one who stays: whole blood in vials, stored; the urine still waits at the bench. Gives the vials."""
    blood, _, urine = desk.tubes("adult-3.2", STAYS, NO_SPIN)
    for tube in (blood, urine):
        desk.arrives(tube)
    told = [{"specification": "whole blood", "volume_microlitres": 1000} for _ in range(ALIQUOTS)]
    desk.step(blood, Action.ALIQUOT, desk.technician, details={"children": told})
    made = _children(desk.work, blood)
    for column, aliquot in enumerate(made, 1):
        desk.step(aliquot, Action.STORE, desk.technician, place=box.identifier, position=f"A{column}")
    return made


def _counts(work: Work, boxes: list[ItemNow], vials: list[str]) -> None:
    """Of one box the count has ended: its last vial stands in another row. Another box is to be counted."""
    technician, lead = (actor_named(work, f"demo.{name}") for name in ("technician", "lead"))
    check = count_unit(work, boxes[0].identifier, by=technician).id
    for column, vial in enumerate(vials, 1):
        position = f"A{column}" if vial != vials[-1] else "B1"
        take_reading(work, check, Read(text=vial, position=position, source=SOURCE), by=technician)
    end_count(work, check, by=technician)
    plan_check(work, NewCheck(unit=boxes[1].identifier), by=lead)


def _children(work: Work, parent: str) -> list[str]:
    return [child.identifier for child in children_of(work, item_now(work, parent).id)]


def _parcel(desk: Desk, biobank: str, *, arrived: bool) -> str:
    """From the clinic by courier; in the one that arrived lies a tube that was not spun, and a logger."""
    given = (SPUN_FIRST, *NO_SPIN) if arrived else NO_SPIN
    desk.ago = GIVEN_AGO if arrived else timedelta(0)
    tubes = desk.tubes("adult-3.2", GAVE, given)
    sent = NewShipment(
        origin=desk.clinic_site,
        destination=biobank,
        carrier=Carrier.COURIER,
        seal="SEAL-DEMO-1" if arrived else None,
        logger=LOGGER if arrived else None,
    )
    parcel = start_shipment(desk.work, sent, by=desk.clinic, source=SOURCE, at=desk.now()).identifier
    for tube in tubes:
        desk.step(tube, Action.PACK, desk.clinic, place=parcel, surprise="The courier was at the door.")
    desk.step(parcel, Action.DISPATCH, desk.clinic, surprise="The courier was at the door.")
    desk.ago = timedelta(0)
    if arrived:
        desk.step(parcel, Action.ARRIVE, desk.technician)
    return parcel
