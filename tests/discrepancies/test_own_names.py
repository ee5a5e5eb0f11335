"""A sentence about a parcel or a box names nobody whose tubes lie in it, or were sent in it."""

import pytest

from biobank.custody.states import Action, Kind
from biobank.discrepancies.checks import sentence_can_be
from biobank.participants import own_names
from biobank.participants.own_names import OwnNameWritten
from tests.floor import CODE

OTHER = "A500000001"
SENTENCE = "Testa called about it"


@pytest.fixture
def asked(floor, monkeypatch):
    """Whom the vault was asked about; the second participant's name is Testa."""
    told = []

    def is_own(_work, _by, code, text):
        told.append(code)
        return code == OTHER and "Testa" in text

    monkeypatch.setattr(own_names, "_installed", [is_own])
    floor.participant(OTHER)
    return told


def is_refused(floor, item):
    with pytest.raises(OwnNameWritten, match="^sentence holds a word"):
        sentence_can_be(floor.work, floor.technician, floor.now(item), SENTENCE)


def test_of_a_box_everybody_is_asked_whose_tubes_lie_in_it_however_deep(floor, asked):
    rack = floor.unit(Kind.RACK, "Rack 1", rows=1, columns=2, allowed=(Kind.BOX,)).identifier
    box = floor.box(inside=rack, position="A1")
    for position, code in (("A1", CODE), ("A2", OTHER)):
        tube = floor.received(participant=code)["1ED04"]
        floor.step(tube, Action.STORE, place=box, position=position)
    asked.clear()
    for place in (box, rack):
        is_refused(floor, place)
    assert set(asked) == {CODE, OTHER}
    assert sentence_can_be(floor.work, floor.technician, floor.now(floor.box("Box 2")), SENTENCE) == SENTENCE


def test_of_a_parcel_everybody_is_asked_also_once_the_tubes_are_out_of_it(floor, asked):
    parcel, tube = floor.parcel(), floor.collected(participant=OTHER)["1ED04"]
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    is_refused(floor, parcel)
    floor.step(parcel, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    floor.step(parcel, Action.ARRIVE)
    floor.step(parcel, Action.OPEN)
    floor.step(tube, Action.RECEIVE)
    assert floor.now(tube).container_id is None
    is_refused(floor, parcel)


def test_a_reason_beside_a_step_of_a_parcel_is_asked_too(floor, asked):
    parcel, tube = floor.parcel(), floor.collected(participant=OTHER)["1ED04"]
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    floor.step(parcel, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    with pytest.raises(OwnNameWritten, match="^confirmation holds a word"):
        floor.step(parcel, Action.ARRIVE, confirmation=SENTENCE)
    assert floor.now(parcel).state == "in_transit"
