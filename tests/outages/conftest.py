"""The floor that these tests start from, and a freezer with racks, boxes and tubes."""

import pytest

from biobank.custody.states import Action, Kind
from tests.floor import floor

__all__ = ["floor"]

TAKES_RACKS = {"rows": 2, "columns": 4, "allowed": (Kind.RACK,)}


class Ground:
    """Freezer 1 at -80 with two shelves and three racks; freezer 2 stands beside it, nearly as empty."""

    def __init__(self, floor):
        self.floor = floor
        self.freezer = self._freezer("Freezer 1", -80)
        self.shelf = self._shelf(self.freezer, "Shelf 1")
        self.racks = [self._rack(self.shelf, number) for number in (1, 2, 3)]
        self.boxes = [self._box(rack, f"Box {number}") for number, rack in enumerate(self.racks, 1)]
        self.other = self._freezer("Freezer 2", -80)
        self.spare = self._shelf(self.other, "Spare shelf")
        self.tubes = floor.received()

    def _freezer(self, name, celsius):
        return self.floor.unit(Kind.FREEZER, name, temperature_celsius=celsius).identifier

    def _shelf(self, freezer, name):
        return self.floor.unit(Kind.SHELF, name, inside=freezer, **TAKES_RACKS).identifier

    def _rack(self, shelf, number):
        place = {"inside": shelf, "position": f"A{number}"}
        return self.floor.unit(Kind.RACK, f"Rack {number}", **place).identifier

    def _box(self, rack, name):
        return self.floor.box(name, inside=rack)

    def stored(self, box, position, specification):
        tube = self.tubes[specification]
        self.floor.step(tube, Action.STORE, place=box, position=position)
        return tube


@pytest.fixture
def ground(floor):
    return Ground(floor)
