"""Whatever is stored, moved, merged, kept free and renamed: nothing is in two places, nothing is lost."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.core.errors import DomainError
from biobank.custody.births import Birth, register
from biobank.custody.queries import item_by_id
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, Kind
from biobank.items.models import Item
from biobank.storage.choices import Naming
from biobank.storage.consolidation import moves_between
from biobank.storage.filling import filling
from biobank.storage.proposals import propose_position
from biobank.storage.queries import map_of, unit_named
from biobank.storage.replay import unit_findings
from biobank.storage.storing import put
from tests.floor import SCAN

PIECES = 7


@pytest.fixture
def places(floor):
    """Two racks, three boxes of two grids, a bench; and pieces that lie nowhere."""
    floor.racks = [floor.unit(Kind.RACK, f"Rack {number}").identifier for number in (1, 2)]
    floor.boxes = [
        floor.box("Box 1", 2, 2, inside=floor.racks[0]),
        floor.box("Box 2", 3, 2, inside=floor.racks[0], naming=Naming.RUNNING),
        floor.box("Box 3", 2, 3, inside=floor.racks[1]),
    ]
    floor.bench = floor.unit(Kind.BENCH, "Bench").identifier
    floor.pieces = [
        register(
            floor.work,
            Birth(
                kind=Kind.ALIQUOT, specification="Serum", site="biobank-1", custodian="site:biobank-1",
                participant="A100000001",
            ),
            by=floor.technician, source=SCAN,
        ).identifier
        for _ in range(PIECES)
    ]  # fmt: skip
    return floor


def one_of(values):
    return st.integers(0, len(values) - 1)


def lies(floor, piece):
    return floor.row(piece).container_id is not None or floor.row(piece).place_unknown_since is not None


DEEDS = st.sampled_from(["put", "proposed", "bench", "carry", "merge", "rename", "out"])


@pytest.mark.campaign
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_nothing_is_in_two_places_and_nothing_is_lost(places, data):
    floor, work = places, places.work
    for deed in data.draw(st.lists(DEEDS, max_size=14)):
        piece = floor.pieces[data.draw(one_of(floor.pieces))]
        box = floor.boxes[data.draw(one_of(floor.boxes))]
        done(floor, work, data, deed, piece, box)
    rows = work.session.query(Item).filter(Item.container_id.is_not(None)).all()
    spots = [(row.container_id, row.position) for row in rows if row.position]
    assert len(spots) == len(set(spots))
    for box in floor.boxes:
        shown = map_of(work, box)
        on_map = [item.identifier for _, cells in shown.rows for _, item in cells if item]
        inside = [row.identifier for row in rows if row.container_id == shown.unit.item.id]
        assert sorted(on_map + [item.identifier for item in shown.loose]) == sorted(inside)
        assert filling(work, [shown.unit.item.id])[shown.unit.item.id].held == len(inside)
    for piece in floor.pieces:
        assert lies(floor, piece) or floor.row(piece).state in ("received", "checked_out")
        assert floor.row(piece).place_unknown_since is None or "displaced" in floor.cases(piece)
    assert list(state_findings(work)) == []
    assert list(unit_findings(work)) == []


def done(floor, work, data, deed, piece, box):
    """One thing that people do on a floor; what is refused changes nothing."""
    now, by, at = floor.now(piece), floor.technician, floor.told()
    if deed == "put":
        positions = list(map_of(work, box).unit.fittings.grid.positions())
        spot = positions[data.draw(one_of(positions))]
        put(work, now, box, spot, by=by, at=at, confirmation="it lies there")
        assert (item_by_id(work, floor.row(piece).container_id).identifier, floor.row(piece).position) == (
            box,
            spot,
        )
    elif deed == "proposed":
        proposal = propose_position(work, now, by)
        if proposal is not None:
            put(work, now, proposal.unit.item.identifier, proposal.position, by=by, at=at)
    elif deed == "bench":
        put(work, now, floor.bench, None, by=by, at=at)
    elif deed == "carry":
        put(work, floor.now(box), floor.racks[data.draw(st.integers(0, 1))], None, by=by, at=at)
    elif deed == "merge":
        merge(floor, work, box, floor.boxes[data.draw(one_of(floor.boxes))])
    elif deed == "rename":
        floor.step(box, Action.REFIT, floor.lead, details={"name": data.draw(st.sampled_from("ABC"))})
    elif now.state == "stored":
        floor.step(piece, Action.CHECK_OUT)


def merge(floor, work, box, other):
    """All of it, or refused before anything was moved."""
    try:
        moves = moves_between(work, unit_named(work, box), unit_named(work, other), floor.technician)
    except DomainError:
        return
    for move in moves:
        item = floor.now(move.item.identifier)
        put(work, item, other, move.goes_to, by=floor.technician, at=floor.told(), confirmation="moved")
        assert floor.row(item.identifier).position == move.goes_to
    assert unit_named(work, box).held == 0
