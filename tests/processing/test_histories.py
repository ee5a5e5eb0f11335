"""Whatever is spun, aliquoted, pooled, frozen, stored and taken back: volumes add up or are flagged, nothing is lost."""

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.core.errors import DomainError
from biobank.custody.queries import newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, State
from biobank.items.models import Item
from biobank.items.queries import children_of, parents_of
from biobank.processing.aliquoting import aliquot
from biobank.processing.choices import Balance, Brake
from biobank.processing.inputs import NewAliquots, NewPool, NewProgramme, NewRun, Part, Vials
from biobank.processing.operations import add_programme
from biobank.processing.pools import make_pool
from biobank.processing.queries import programme_named
from biobank.processing.replay import freezing_findings, run_findings, spin_findings
from biobank.processing.runs import end_run, start_run
from biobank.storage.queries import map_of
from biobank.storage.replay import unit_findings
from biobank.storage.storing import put
from tests.floor import SCAN

TUBES = ("1ED10", "1SS08", "1UR10", "1CFD9")
DEEDS = st.sampled_from(
    [
        "run",
        "out",
        "aliquot",
        "aliquot",
        "aliquot",
        "derive",
        "pool",
        "undo",
        "freeze",
        "thaw",
        "store",
        "check_out",
    ]
)
VOLUMES = st.sampled_from([None, 1, 400, 500, 2_000, 5_000, 11_000, 200_000])
NOT_OF_THE_BENCH = ("collect", "receive", "register")
HISTORIES = {"deadline": None, "suppress_health_check": list(HealthCheck)}


class TakenBack(Exception):
    """After a history."""


class Bench:
    """Everything on it by identifier, and the deeds of who works there; what is refused changes nothing."""

    def __init__(self, floor, data):
        self.floor, self.work, self.data = floor, floor.work, data
        self.pieces = [*floor.tubes, *floor.made]

    def draw(self, strategy):
        return self.data.draw(strategy)

    def piece(self):
        return self.pieces[self.draw(st.integers(0, 11)) % len(self.pieces)]

    def told(self, **more):
        sure = "it really is so" if self.draw(st.booleans()) else None
        return {
            "by": self.floor.technician,
            "source": SCAN,
            "at": self.floor.told(),
            "confirmation": sure,
        } | more

    def do(self, deed):
        before = {piece: self.floor.now(piece).sequence for piece in self.pieces}
        try:
            with self.work.savepoint():
                born = getattr(self, deed)() or []
        except DomainError:
            assert {piece: self.floor.now(piece).sequence for piece in self.pieces} == before
            return
        self.pieces += [each.identifier for each in born]
        self.floor.made += [each.identifier for each in born]

    def run(self):
        tubes = tuple(dict.fromkeys((self.piece(), self.piece())))
        new = NewRun(tubes=tubes, balance=Balance.COUNTERWEIGHT)
        self.floor.runs.append(
            start_run(self.work, new, programme_named(self.work, "biobank-1", "Soft"), **self.told())[0].id
        )

    def out(self):
        if self.floor.runs:
            end_run(self.work, self.floor.runs[-1], by=self.floor.technician, at=self.floor.told())

    def aliquot(self):
        volumes = self.draw(st.lists(VOLUMES, min_size=1, max_size=3))
        new = NewAliquots(
            parent=self.piece(),
            vials=tuple(Vials("plasma", volume) for volume in volumes),
            used_up=self.draw(st.integers(0, 9)) == 0,
        )
        return aliquot(self.work, new, **self.told())[0].born

    def derive(self):
        child = {"specification": "protein", "volume_microlitres": self.draw(VOLUMES) or 1}
        details = {"children": [child]}
        told = self.told()
        return self.floor.step(
            self.piece(), Action.DERIVE, details=details, confirmation=told["confirmation"]
        ).born

    def pool(self):
        parts = tuple(Part(self.piece(), self.draw(VOLUMES)) for _ in range(2))
        return [make_pool(self.work, NewPool(parts=parts, specification="plasma"), **self.told()).pool]

    def undo(self):
        piece = self.piece()
        newest = newest_events(self.work, piece, 1)[0]
        if newest["action"] not in NOT_OF_THE_BENCH:
            undo = {"undo": "newest step"}
            self.floor.step(piece, Action.CORRECT, details=undo, corrects=newest["sequence"])

    def freeze(self):
        self.floor.step(self.piece(), Action.FREEZE, confirmation=self.told()["confirmation"])

    def thaw(self):
        self.floor.step(self.piece(), Action.THAW, confirmation=self.told()["confirmation"])

    def store(self):
        spots = list(map_of(self.work, self.floor.shelf).unit.fittings.grid.positions())
        spot = self.draw(st.sampled_from(spots))
        told = self.told()
        put(
            self.work, self.floor.now(self.piece()), self.floor.shelf, spot, by=told["by"], at=told["at"],
            confirmation=told["confirmation"],
        )  # fmt: skip

    def check_out(self):
        number = self.draw(st.integers(0, 11))
        stored = [piece for piece in self.pieces if self.floor.now(piece).state is State.STORED]
        if stored:
            self.floor.step(stored[number % len(stored)], Action.CHECK_OUT)


@pytest.fixture
def bench(floor):
    """Four tubes, one of them of a volume that nobody knows; a programme, and a box of nine."""
    received = floor.received()
    floor.tubes = [received[code] for code in TUBES]
    floor.shelf = floor.box("Box 1", 3, 3)
    new = NewProgramme(
        site="biobank-1", name="Soft", g=1300, minutes=15, temperature_celsius=20, brake=Brake.ON
    )
    add_programme(floor.work, new, by=floor.lead)
    return floor


def history(floor, data):
    """Each begins with the same four tubes: what it did is taken back."""
    with suppress(TakenBack), floor.work.savepoint():
        floor.made, floor.runs = [], []
        bench = Bench(floor, data)
        for deed in data.draw(st.lists(DEEDS, max_size=24)):
            bench.do(deed)
        for piece in bench.pieces:
            volumes_add_up_or_are_flagged(floor, piece)
        nothing_is_in_two_places(floor)
        nothing_is_lost(floor)
        raise TakenBack
    floor.work.expire()


def taken(event):
    """Microlitres that a step is known to have taken out."""
    details = event.get("details", {})
    if event["action"] == "pool":
        return details.get("volume_microlitres") or 0
    return sum(child.get("volume_microlitres") or 0 for child in details.get("children", ()))


def volumes_add_up_or_are_flagged(floor, piece):
    events = newest_events(floor.work, piece)
    told = [event["volume_microlitres"] for event in events if event.get("volume_microlitres") is not None]
    flagged = any("overdrawn" in event.get("flags", ()) for event in events)
    out = sum(taken(event) for event in events)
    assert flagged or not told or out <= max(told), (piece, out, told)
    assert ("overdrawn" in floor.cases(piece)) == flagged
    left = floor.now(piece).volume_microlitres
    assert left is None or left == max(0, max(told) - out) or flagged


def nothing_is_in_two_places(floor):
    rows = floor.work.session.query(Item).filter(Item.position.is_not(None)).all()
    places = Counter((row.container_id, row.position) for row in rows)
    assert all(count == 1 for count in places.values())
    shown = map_of(floor.work, floor.shelf)
    on_map = [item.identifier for _, cells in shown.rows for _, item in cells if item]
    assert sorted(on_map) == sorted(row.identifier for row in rows if row.container_id == shown.unit.item.id)


def nothing_is_lost(floor):
    """Everything that a step made is there, by its parents and their children; the log tells the same."""
    for piece in floor.made:
        parents = parents_of(floor.work, floor.now(piece).id)
        assert parents
        assert all(
            piece in [child.identifier for child in children_of(floor.work, each.id)] for each in parents
        )
    made = floor.work.session.query(Item).filter(Item.kind.in_(["aliquot", "derivative", "pool"])).count()
    assert made == len(floor.made)
    for findings in (state_findings, spin_findings, run_findings, freezing_findings, unit_findings):
        assert list(findings(floor.work)) == []


@settings(max_examples=4, **HISTORIES)
@given(st.data())
def test_volumes_add_up_or_are_flagged_and_nothing_is_lost(bench, data):
    history(bench, data)


@pytest.mark.campaign
@settings(max_examples=200, **HISTORIES)
@given(st.data())
def test_many_histories_of_the_bench(bench, data):
    history(bench, data)
