"""The floor that these tests start from: boxes in freezers, and an approved study whose participants share."""

from types import SimpleNamespace

import pytest

from biobank.core import moments
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.retrieval import operations
from biobank.retrieval.choices import PickPurpose
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.retrieval.queries import line_of, list_numbered
from biobank.retrieval.replay import list_findings, sample_findings
from tests.leaving import URINE, Leaving
from tests.leaving import leaving as leaving_floor
from tests.studies import NUMBER, approved, committee, shares

leaving = leaving_floor
SCAN = Source("scan")


class Picking:
    """Two freezers with a box each, and how lists are made of what stands in them."""

    def __init__(self, floor: Leaving):
        self.floor, self.work = floor, floor.work
        self.freezers = [
            floor.unit(Kind.FREEZER, f"Freezer {n}", temperature_celsius=-80).identifier for n in (2, 10)
        ]
        self.boxes = [floor.box(f"Box {n}", inside=freezer) for n, freezer in enumerate(self.freezers, 1)]

    def stored(self, count, box=0, first=1, participants=1):
        """Urine tubes, each of a participant who shares."""
        tubes = []
        for number in range(first, first + count):
            code = f"A30000{box}{number:03d}"
            self.floor.participant(code)
            shares(self.floor, code)
            tube = self.floor.tube(code)
            self.floor.step(tube, Action.STORE, place=self.boxes[box], position=f"A{number}")
            tubes.append(tube)
        return tubes

    def make(self, count=1, *, purpose=PickPurpose.STUDY, **told):
        new = {"request": NUMBER} if purpose is PickPurpose.STUDY else {"goes_to": "BENCH-4"}
        new |= {"wishes": (Wish(kind=Kind.TUBE, specification=URINE, count=count),)} | told
        if new.get("items"):
            new["wishes"] = ()
        told = NewPickList(purpose=purpose, site="biobank-1", **new)
        made = operations.make_list(self.work, told, by=self.floor.technician)
        return SimpleNamespace(id=made.id, wanted=made.wanted)  # a refusal forgets what was loaded

    def listed(self, made):
        return list_numbered(self.work, made.id)

    def pick(self, listed, item, by=None):
        at = moments.told(moments.now())
        return operations.pick(self.work, listed.id, item, by=by or self.floor.technician, source=SCAN, at=at)

    def line(self, listed, item):
        return line_of(self.work, listed, self.floor.now(item).id)

    def state(self, listed, item):
        return self.line(listed, item).state

    def clean(self):
        assert [*list_findings(self.work), *sample_findings(self.work)] == []


def picking_floor(work):
    floor = Leaving(work)
    committee(floor)
    approved(floor)
    return Picking(floor)


@pytest.fixture
def picking(leaving):
    committee(leaving)
    approved(leaving)
    return Picking(leaving)
