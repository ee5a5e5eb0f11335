"""What the bench calls what it makes stands on labels: nobody's own name gets there, nor beside a step of a pool."""

import pytest

from biobank.custody.states import Action
from biobank.participants import own_names
from biobank.participants.own_names import OwnNameWritten
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from tests.floor import CODE, SCAN

SST, OTHER = "1SS08", "A500000001"


@pytest.fixture
def asked(floor, monkeypatch):
    """Whom the vault was asked about; the second participant's name is Testa."""
    told = []

    def is_own(_work, _by, code, text):
        told.append((code, text))
        return code == OTHER and "Testa" in text

    monkeypatch.setattr(own_names, "_installed", [is_own])
    floor.participant(OTHER)
    return told


def pool(floor, *tubes, called="serum pool"):
    parts = tuple(Part(tube, 500) for tube in tubes)
    new = NewPool(parts=parts, specification=called)
    return make_pool(floor.work, new, by=floor.technician, source=SCAN, at=floor.told()).pool.identifier


def both(floor):
    return floor.received()[SST], floor.received(participant=OTHER)[SST]


def test_a_pool_is_called_by_the_name_of_nobody_in_it(floor, asked):
    tubes = both(floor)
    with pytest.raises(OwnNameWritten, match="^specification holds a word"):
        pool(floor, *tubes, called="serum of Testa")
    assert {code for code, _ in asked} == {CODE, OTHER}
    assert pool(floor, *tubes)


def test_a_reason_about_a_pool_is_asked_of_everybody_in_it(floor, asked):
    made = pool(floor, *both(floor))
    told = {"hold": "discrepancy", "reason": "Testa called about it"}
    with pytest.raises(OwnNameWritten, match="^details.reason holds a word"):
        floor.step(made, Action.QUARANTINE, details=told)
    assert floor.holds(made) == set()


def test_a_derivative_is_called_by_nobodys_name_and_a_material_of_a_plan_asks_nobody(floor, asked):
    tube = floor.received(participant=OTHER)[SST]
    with pytest.raises(OwnNameWritten, match=r"^details\.children holds a word"):
        floor.step(tube, Action.DERIVE, details={"children": [{"specification": "RNA Testa"}]})
    asked.clear()
    floor.step(tube, Action.ALIQUOT, details={"children": [{"specification": "serum"}]})
    assert asked == []
