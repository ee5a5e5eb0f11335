"""Lists of the floor ask the database no more for many lines than for a few."""

import pytest

from tests.asking import statements
from tests.programme import just_now

FEW, MANY = 2, 6


class Store:
    """A freezer in a room: each shelf that is added has a rack, and that a box in which nothing lies."""

    def __init__(self, programme, lead):
        self.programme, self.lead, self.boxes, self.racks = programme, lead, [], []
        self.room = self.add(kind="room", name="Room")
        self.freezer = self.add(kind="freezer", name="Freezer", temperature_celsius=-80, inside=self.room)

    def add(self, **unit):
        answer = self.programme.post("biobank_lead", "/storage/units", {"site": "biobank-1", **unit})
        assert answer.status == 201, answer.json
        return answer.json["identifier"]

    def grow(self, count):
        shelf = self.add(kind="shelf", name="Shelf", inside=self.freezer)
        for number in range(count):
            self.add(kind="shelf", name=f"Shelf {number}", inside=self.freezer)
            self.racks.append(self.add(kind="rack", name=f"Rack {number}", inside=shelf))
            self.boxes.append(
                self.add(kind="box", name=f"Box {number}", inside=self.racks[0], rows=2, columns=2)
            )

    def asked(self, path):
        with statements() as sent:
            page = self.lead.get(path)
        assert page.status == 200, (path, page.answer)
        return len(sent)


@pytest.fixture
def store(programme, seat):
    return Store(programme, seat("lead.here"))


def test_a_place_its_boxes_that_are_due_and_those_with_room(store):
    paths = [
        f"/storage/units/{store.room}",
        f"/storage/units/{store.freezer}",
        "/inventories/plan",
        "/storage/room?count=3&kind=tube",
    ]
    store.grow(FEW)
    few = [store.asked(path) for path in paths]
    store.grow(MANY)
    assert [store.asked(path) for path in paths] == few


def test_checks_and_those_of_what_stands_in_one(store, programme):
    def planned(box):
        answer = programme.post("biobank_lead", "/inventories", {"unit": box, "reason": "routine"})
        assert answer.status == 201, answer.json

    store.grow(MANY)
    planned(store.boxes[0])
    few = store.asked("/inventories")
    for box in store.boxes[1:]:
        planned(box)
    assert store.asked("/inventories") == few
    with statements() as sent:
        programme.get("biobank_lead", "/inventories")
    assert len([text for text in sent if "FROM items" in text]) == 1


def test_what_is_carried_out_of_a_freezer(store, programme):
    store.grow(MANY)
    spare = store.add(kind="freezer", name="Spare", temperature_celsius=-80, inside=store.room)
    store.lead.sent("/outages", unit=store.freezer, temperature="-61", occurred_at="")

    def carried(rack):
        told = {"piece": rack, "place": spare, "occurred_at": just_now()}
        answer = programme.post("biobank_lead", "/outages/1/carried-out", told)
        assert answer.status == 200, answer.json

    carried(store.racks[0])
    few = store.asked("/outages/1?show=out")
    for rack in store.racks[1:]:
        carried(rack)
    assert store.asked("/outages/1?show=out") == few
