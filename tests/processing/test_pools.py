"""Derivatives and pools: what they inherit, whose consent they need, and who is found behind them."""

import pytest

from biobank.custody.queries import newest_events
from biobank.custody.states import Action, Kind
from biobank.custody.steps import AskedBack
from biobank.items.aliases import Alias
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import aliases_of, children_of, parents_of, participants_behind, specimens_of
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import OnlyWithItsPool, PoolRefused, make_pool
from tests.floor import CODE, SCAN

SST, OTHER = "1SS08", "A500000001"


@pytest.fixture
def mixed(floor):
    """A received serum tube of each of two participants."""
    floor.participant(OTHER)
    return floor.received()[SST], floor.received(participant=OTHER)[SST]


def pool(floor, *parts, specification="serum pool", confirmation=None, **more):
    new = NewPool(
        parts=tuple(part if isinstance(part, Part) else Part(part, 500) for part in parts),
        specification=specification,
        **more,
    )
    return make_pool(
        floor.work, new, by=floor.technician, source=SCAN, at=floor.told(), confirmation=confirmation
    )


def derive(floor, item, *children, **asked):
    told = [{"specification": name, "volume_microlitres": 100} for name in children]
    return floor.step(item, Action.DERIVE, details={"children": told}, **asked)


def test_a_pool_is_of_everybody_in_it_and_each_part_has_less(floor, mixed):
    made = pool(floor, *mixed).pool
    row = floor.work.session.get_one(Item, made.id)
    assert (row.kind, row.state, row.participant, row.volume_microlitres) == ("pool", "received", None, 1000)
    assert participants_behind(floor.work, made.id) == [CODE, OTHER]
    assert [parent.identifier for parent in parents_of(floor.work, made.id)] == list(mixed)
    assert [floor.now(tube).volume_microlitres for tube in mixed] == [7500, 7500]
    assert [newest_events(floor.work, tube, 1)[0]["details"]["pool"] for tube in mixed] == [
        made.identifier
    ] * 2
    for code in (CODE, OTHER):
        assert made.id in {item.id for item in specimens_of(floor.work, code)}
    assert floor.holds(made.identifier) == set()


def test_whose_a_pool_is_follows_its_parts(floor, mixed):
    made = pool(floor, *mixed).pool.identifier
    third = floor.participant("A600000001")
    with pytest.raises(PoolRefused, match="link the specimen that it was made of"):
        floor.step(made, Action.LINK, floor.lead, details={"participant": third})
    floor.step(mixed[0], Action.LINK, floor.lead, details={"participant": third})
    assert participants_behind(floor.work, floor.now(made).id) == [OTHER, third]


def test_a_pool_of_one_participant_is_theirs(floor):
    tubes = floor.received()
    assert pool(floor, tubes[SST], tubes["PS04A"]).pool.participant == CODE


def test_what_is_used_up_is_consumed_and_what_nobody_measured_stays_unknown(floor, mixed):
    made = pool(floor, Part(mixed[0], None, used_up=True), Part(mixed[1])).pool
    assert floor.now(mixed[0]).state == "consumed"
    assert (floor.now(mixed[1]).state, floor.now(mixed[1]).volume_microlitres) == ("received", None)
    assert made.volume_microlitres is None


def test_a_pool_and_all_below_it_inherit_every_hold(floor, mixed):
    floor.step(mixed[1], Action.QUARANTINE, details={"hold": "temperature", "reason": "logger"})
    with pytest.raises(AskedBack, match="hold"):
        pool(floor, *mixed)
    made = pool(floor, *mixed, confirmation="it was done")
    assert floor.holds(made.pool.identifier) == {"temperature"}
    assert any(
        f"Put pool {printed(made.pool.identifier)} in quarantine" in alert.text for alert in made.alerts
    )
    with pytest.raises(AskedBack):
        derive(floor, made.pool.identifier, "DNA")
    derive(floor, made.pool.identifier, "protein", confirmation="it was done")
    [child] = children_of(floor.work, made.pool.id)
    assert (child.kind, child.participant, child.state) == (Kind.DERIVATIVE, None, "received")
    assert floor.holds(child.identifier) == {"temperature"}


def test_everybody_in_a_pool_consents_to_it(floor, mixed):
    third = floor.participant("A600000001", scopes=("urine",))
    floor.participant("A700000001")
    unlike = floor.received(participant="A700000001")[SST]
    floor.step(unlike, Action.LINK, floor.lead, details={"participant": third})
    with pytest.raises(AskedBack, match=f"no consent of {third} for blood"):
        pool(floor, mixed[0], unlike)
    made = pool(floor, mixed[0], unlike, confirmation="it was done")
    assert "consent" in floor.holds(made.pool.identifier)
    assert "consent" not in floor.holds(mixed[0])


def test_dna_needs_a_consent_that_covers_it(floor):
    tube = floor.received()[SST]
    with pytest.raises(AskedBack, match="for dna"):
        derive(floor, tube, "gDNA")
    floor.participant("A600000001", scopes=("blood", "urine", "dna"))
    derive(floor, floor.received(participant="A600000001")[SST], "gDNA")
    derive(floor, tube, "protein")
    [child] = children_of(floor.work, floor.now(tube).id)
    assert (child.kind, child.specification, child.participant) == ("derivative", "protein", CODE)
    assert floor.now(tube).volume_microlitres == 7900


def test_a_part_is_never_pooled_by_itself(floor, mixed):
    for details in ({}, {"pool": mixed[1]}, {"pool": "nothing"}):
        with pytest.raises(OnlyWithItsPool, match="make the pool of all its parts at once"):
            floor.step(mixed[0], Action.POOL, details=details)
    made = pool(floor, *mixed).pool.identifier
    with pytest.raises(OnlyWithItsPool):
        floor.step(mixed[0], Action.POOL, details={"pool": made})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"parts": 1}, "2 to 200 specimens"),
        ({"twice": True}, "scanned twice"),
        ({"specification": " "}, "Say what it is"),
        ({"volume_microlitres": -1}, "whole microlitres"),
    ],
)
def test_what_cannot_be_a_pool_is_refused_and_leaves_nothing(floor, mixed, change, sentence):
    told = dict(change)
    parts = mixed[: told.pop("parts", 2)] if not told.pop("twice", False) else (mixed[0], mixed[0])
    with pytest.raises(PoolRefused, match=sentence), floor.work.savepoint():
        pool(floor, *parts, **told)
    assert floor.now(mixed[0]).volume_microlitres == 8000
    assert floor.work.session.query(Item).filter_by(kind="pool").count() == 0


def test_the_tube_of_a_pool_may_bear_a_code_that_is_on_nothing_else(floor, mixed):
    made = pool(floor, *mixed, alias=Alias("FluidX", "FD0001")).pool
    assert [alias.value for alias in aliases_of(floor.work, made.id)] == ["FD0001"]
    with pytest.raises(PoolRefused, match="Take another tube"), floor.work.savepoint():
        pool(floor, *mixed, alias=Alias("FluidX", "FD0001"))


def test_more_than_there_was_is_asked_back_and_then_a_case(floor, mixed):
    parts = (Part(mixed[0], 9000), Part(mixed[1], 500))
    with (
        pytest.raises(AskedBack, match="held 8 mL as far as known, and 9 mL were taken"),
        floor.work.savepoint(),
    ):
        pool(floor, *parts)
    with pytest.raises(AskedBack, match="Look at the unit: 500 mL are 500000 µL"), floor.work.savepoint():
        pool(floor, Part(mixed[0], 500_000), Part(mixed[1], 500))
    pool(floor, *parts, confirmation="it was overfull")
    assert "overdrawn" in floor.cases(mixed[0])
    assert floor.now(mixed[0]).volume_microlitres == 0


def test_what_went_into_a_pool_is_gone_also_from_what_nobody_measured_since(floor, mixed):
    pool(floor, Part(mixed[0], None), Part(mixed[1], 500))
    assert floor.now(mixed[0]).volume_microlitres is None
    pool(floor, Part(mixed[0], 7000), Part(mixed[1], 500))
    with pytest.raises(AskedBack, match="held 1 mL as far as known, and 2 mL were taken"):
        pool(floor, Part(mixed[0], 2000), Part(mixed[1], 500))


def test_more_in_a_pool_than_went_in_is_asked_back_and_then_told_with_it(floor, mixed):
    with pytest.raises(AskedBack, match="1 mL went into the pool, and 1.5 mL are said to be in it"):
        pool(floor, *mixed, volume_microlitres=1500)
    made = pool(floor, *mixed, volume_microlitres=1500, confirmation="a diluent was added").pool
    assert newest_events(floor.work, made.identifier, 1)[0]["details"] == {"went_in_microlitres": 1000}
    assert made.volume_microlitres == 1500
