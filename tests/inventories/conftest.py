"""The floor, and a box that is counted."""

import pytest

from biobank.access.permissions import Role
from biobank.custody.states import Action
from biobank.inventories.closing import close_check
from biobank.inventories.comparing import compare
from biobank.inventories.counting import take_reading
from biobank.inventories.inputs import Read
from biobank.inventories.operations import count_again, count_unit, end_count
from biobank.inventories.queries import check_numbered, differences_of
from tests.floor import actor, floor
from tests.leaving import leaving

__all__ = ["bench", "floor", "leaving"]


class Bench:
    """Somebody before an open box: what they read, and what comes of it."""

    def __init__(self, floor):
        self.floor, self.work = floor, floor.work
        self.first, self.second = floor.technician, actor("bio.tom", Role.TECHNICIAN, "biobank-1")
        self.number = 0

    def stored(self, box, specification="1ED04", position="A1", **kit):
        tube = self.floor.received(**kit)[specification]
        self.floor.step(tube, Action.STORE, place=box, position=position)
        return tube

    def count(self, box):
        self.number = count_unit(self.work, box, by=self.first).id
        return self

    def read(self, text="", position=None, by=None, **told):
        return take_reading(
            self.work, self.number, Read(text=text, position=position, **told), by=by or self.first
        )

    def end(self, by=None):
        end_count(self.work, self.number, by=by or self.first)
        return self.compared()

    def again(self):
        count_again(self.work, self.number, by=self.second)
        return self

    def compared(self):
        return compare(self.work, self.check)

    @property
    def check(self):
        return check_numbered(self.work, self.number)

    def close(self, **told):
        return close_check(self.work, self.number, **({"by": self.floor.lead, "because": "seen"} | told))

    def found(self):
        """Kinds of what a closed check found, with the item."""
        return [(found.kind, found.code) for found, _ in differences_of(self.work, self.check)]

    def cases(self, item):
        """What checks opened; a tube that was brought by hand has a case of that."""
        return [kind for kind in self.floor.cases(item) if kind.startswith("inventory_")]


@pytest.fixture
def bench(floor):
    return Bench(floor)
