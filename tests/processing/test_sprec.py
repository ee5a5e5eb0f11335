"""SPREC: each element's letters by the standard's own table, and the code of real specimens from what was recorded."""

from datetime import UTC, datetime, timedelta

import pytest

from biobank.custody.queries import EVENTS_LOOKED_AT
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, Kind
from biobank.processing.choices import Balance, Brake, Kept, Rotor
from biobank.processing.inputs import NewPool, NewProgramme, NewRun, Part
from biobank.processing.operations import add_programme
from biobank.processing.pools import make_pool
from biobank.processing.replay import run_findings, spin_findings
from biobank.processing.runs import end_run, start_run, tubes_in
from biobank.processing.sprec import PRIMARY, SpinFacts, after, before, spun, stored
from biobank.processing.sprec_facts import sprec_code, sprec_of
from tests.floor import PAPER, SCAN
from tests.processing.test_aliquoting import Vials, make

SST, EDTA, EDTA_4, PAXGENE, URINE = "1SS08", "1ED10", "1ED04", "1PXR2", "1UR10"
DRAWN = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "room", "cold"),
    [(0, "A", "B"), (1.9, "A", "B"), (2, "C", "D"), (4, "E", "F"), (8, "G", "H"), (12, "I", "J"), (24, "K", "L"), (48, "M", "N")],
)  # fmt: skip
def test_before_the_centrifuge(hours, room, cold):
    into = DRAWN + timedelta(hours=hours)
    assert (before(DRAWN, into, Kept.ROOM), before(DRAWN, into, Kept.COLD)) == (room, cold)


@pytest.mark.parametrize(
    ("hours", "room", "cold"), [(0, "B", "A"), (1, "D", "C"), (2, "F", "E"), (8, "H", "G"), (24, "J", "I")]
)
def test_after_the_centrifuge(hours, room, cold):
    frozen = DRAWN + timedelta(hours=hours)
    assert (after(DRAWN, frozen, Kept.ROOM), after(DRAWN, frozen, Kept.COLD)) == (room, cold)


def test_what_nobody_knows_is_x_and_what_the_standard_has_not_is_z():
    later = DRAWN + timedelta(hours=1)
    assert {before(None, later, Kept.ROOM), before(DRAWN, None, Kept.ROOM), before(DRAWN, later, None)} == {
        "X"
    }
    assert before(later, DRAWN, Kept.ROOM) == "X"  # spun before it was collected
    assert (before(DRAWN, later, Kept.BODY), before(DRAWN, DRAWN + timedelta(hours=3), Kept.BODY)) == (
        "O",
        "Z",
    )
    assert after(DRAWN, later, Kept.BODY) == "Z"
    assert spun(SpinFacts(DRAWN, 10, 1300, 20, None)) == "X"


@pytest.mark.parametrize(
    ("minutes", "g", "celsius", "brake", "letter"),
    [
        (10, 1300, 20, Brake.OFF, "A"), (15, 2999, 28, Brake.ON, "B"), (12, 1300, 4, Brake.OFF, "C"),
        (12, 1300, 10, Brake.ON, "D"), (10, 3000, 20, Brake.ON, "E"), (10, 5999, 4, Brake.ON, "F"),
        (10, 6000, 20, Brake.ON, "G"), (10, 6000, 4, Brake.ON, "H"), (10, 10000, 20, Brake.ON, "I"),
        (10, 15000, 4, Brake.ON, "J"), (30, 900, 20, Brake.OFF, "M"), (10, 3000, 20, Brake.OFF, "Z"),
        (20, 1300, 20, Brake.ON, "Z"), (10, 1300, 14, Brake.ON, "Z"), (30, 1000, 20, Brake.OFF, "Z"),
    ],
)  # fmt: skip
def test_a_run(minutes, g, celsius, brake, letter):
    assert spun(SpinFacts(DRAWN, minutes, g, celsius, brake)) == letter


@pytest.mark.parametrize(
    ("vial", "celsius", "letter"),
    [
        ("cryotube_1_to_2_ml", -80, "D"), ("cryotube_1_to_2_ml", -196, "C"), ("cryotube_1_to_2_ml", -20, "Z"),
        ("pp_tube_half_to_2_ml", -80, "A"), ("pp_tube_half_to_2_ml", -20, "B"), ("pp_tube_half_to_2_ml", -150, "V"),
        ("pp_tube_over_5_ml", -80, "J"), ("pp_tube_over_5_ml", -20, "K"), ("pp_tube_40_to_500_ul", -80, "S"),
        ("pp_tube_40_to_500_ul", -20, "T"), ("pp_tube_40_to_500_ul", -150, "W"), (PRIMARY, -80, "Y"),
        (PRIMARY, 4, "Z"), (None, -80, "X"), ("cryotube_1_to_2_ml", None, "X"),
    ],
)  # fmt: skip
def test_long_term_storage(vial, celsius, letter):
    assert stored(vial, celsius) == letter


def at(floor, box, item, position, minutes):
    floor.step(item, Action.STORE, place=box, position=position, minutes=minutes)


def code(floor, item):
    return sprec_code(floor.work, floor.now(item))


def test_serum_from_the_draw_to_the_freezer(floor):
    """Drawn, kept cold for 3 hours, spun at 20 °C with the brake on, 30 minutes on the bench, frozen at -80 °C."""
    tube = floor.received(minutes=60)[SST]
    new = NewProgramme(
        site="biobank-1",
        name="Gel",
        g=1300,
        minutes=15,
        temperature_celsius=20,
        rotor=Rotor.FIXED_ANGLE,
        brake=Brake.ON,
    )
    spin = NewRun(tubes=(tube,), balance=Balance.COUNTERWEIGHT, kept_at=Kept.COLD)
    told = {"by": floor.technician, "source": SCAN}
    start_run(floor.work, spin, add_programme(floor.work, new, by=floor.lead), at=floor.told(180), **told)
    vial = make(floor, tube, Vials("serum", 500), minutes=210, kept_at=Kept.ROOM)[0].born[0].identifier
    assert code(floor, vial) == "SER-SST-D-B-N-X-X"
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=-80)
    box = floor.box(inside=freezer.identifier)
    at(floor, box, vial, "A1", 225)
    assert code(floor, vial) == "SER-SST-D-B-N-B-D"
    elements = sprec_of(floor.work, floor.now(vial))
    assert elements[2].facts["Kept at"] == "2_to_10_degrees"
    assert elements[6].facts == {"Vessel": "cryotube_1_to_2_ml", "Stored at": -80}
    for _ in range(EVENTS_LOOKED_AT):
        floor.step(vial, Action.THAW, minutes=230)
        floor.step(tube, Action.THAW, minutes=230)
    assert code(floor, vial) == "SER-SST-D-B-N-B-D"  # its first events are not among the newest any more


@pytest.mark.parametrize(("celsius", "since_the_spin"), [(-18, "B"), (-17, "X")])
def test_what_was_put_into_a_place_of_eighteen_degrees_of_cold_is_frozen_since(
    floor, celsius, since_the_spin
):
    tube = floor.received(minutes=60)[SST]
    programme = {"g": 1300, "minutes": 15, "temperature_celsius": 20}
    floor.step(tube, Action.CENTRIFUGE, minutes=100, details={"programme": programme})
    vial = make(floor, tube, Vials("serum", 500), minutes=130, kept_at=Kept.ROOM)[0].born[0].identifier
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=celsius)
    place = {"place": floor.box(inside=freezer.identifier), "position": "A1"}
    floor.step(vial, Action.STORE, **place, minutes=145, confirmation="no other was free")
    assert code(floor, vial).split("-")[5] == since_the_spin


def test_what_is_not_spun_what_is_kept_whole_and_what_has_no_code(floor):
    tubes = floor.received(minutes=60)
    blood = make(floor, tubes[EDTA_4], Vials("whole blood", 900), minutes=90, kept_at=Kept.ROOM)[0].born[0]
    assert code(floor, blood.identifier) == "BLD-PED-A-N-N-N-X"
    floor.step(tubes[PAXGENE], Action.FREEZE, minutes=600)
    assert code(floor, tubes[PAXGENE]) == "BLD-PAX-X-N-N-N-X"
    assert code(floor, tubes[URINE]) == "URN-XXX-X-N-N-N-X"
    parts = (
        Part(blood.identifier, 100),
        Part(make(floor, tubes[EDTA], Vials("plasma", 500))[0].born[0].identifier, 100),
    )
    pool = make_pool(
        floor.work,
        NewPool(parts=parts, specification="plasma"),
        by=floor.technician,
        source=PAPER,
        at=floor.told(),
    ).pool
    assert code(floor, pool.identifier) is None
    again = floor.step(
        blood.identifier, Action.ALIQUOT, details={"children": [{"specification": "whole blood"}]}
    )
    assert code(floor, again.born[0].identifier) == "BLD-PED-A-N-N-N-X"


@pytest.mark.parametrize(("minutes", "letter"), [(4, "Z"), (9.9, "Z"), (10, "C")])
def test_plasma_that_was_spun_twice_and_a_run_that_ended_early(floor, minutes, letter):
    tube = floor.received(minutes=60)[EDTA]
    told = {"by": floor.technician, "source": SCAN}
    new = NewProgramme(
        site="biobank-1", name="Soft", g=1300, minutes=15, temperature_celsius=4, brake=Brake.OFF
    )
    programme = add_programme(floor.work, new, by=floor.lead)
    spin = NewRun(tubes=(tube,), balance=Balance.COUNTERWEIGHT)
    start_run(floor.work, spin, programme, at=floor.told(100), **told)
    again, _ = start_run(
        floor.work, spin, programme, at=floor.told(130), confirmation="a second spin", **told
    )
    end_run(floor.work, again.id, by=floor.technician, at=floor.told(130 + minutes))
    vial = make(floor, tube, Vials("plasma", 500), minutes=150)[0].born[0].identifier
    assert code(floor, vial) == f"PL2-PED-X-C-{letter}-X-X"


def test_separated_plasma_goes_into_the_centrifuge_again_and_what_is_made_of_it_says_so(floor):
    """Spun in its tube, taken off, spun once more in another tube, then put into vials and frozen."""
    tube, other = (floor.received(minutes=60)[EDTA] for _ in range(2))
    told = {"by": floor.technician, "source": SCAN}
    numbers = {"site": "biobank-1", "minutes": 15, "temperature_celsius": 20, "brake": Brake.ON}
    soft, hard = (
        add_programme(floor.work, NewProgramme(name=name, g=g, **numbers), by=floor.lead)
        for name, g in (("Soft", 1300), ("Hard", 3000))
    )
    run = NewRun(tubes=(tube, other), balance=Balance.EVEN, kept_at=Kept.COLD)
    start_run(floor.work, run, soft, at=floor.told(100), **told)
    taken_off = [
        make(floor, each, Vials("plasma", 4000), minutes=120, kept_at=Kept.ROOM)[0].born[0].identifier
        for each in (tube, other)
    ]
    again, steps = start_run(
        floor.work, NewRun(tubes=tuple(taken_off), balance=Balance.EVEN), hard, at=floor.told(130), **told
    )
    assert [step.event.get("flags") for step in steps] == [None, None]
    assert [code(floor, each) for each in taken_off] == ["PL1-PED-B-B-N-X-X"] * 2
    vial = (
        make(floor, taken_off[0], Vials("plasma", 500), minutes=150, kept_at=Kept.COLD)[0].born[0].identifier
    )
    floor.step(vial, Action.FREEZE, minutes=200)
    assert code(floor, vial) == "PL2-PED-B-B-E-A-X"
    assert sprec_of(floor.work, floor.now(vial))[4].facts["Force"] == 3000
    assert [tube.identifier for _, tube in tubes_in(floor.work, again)] == taken_off
    floor.step(taken_off[1], Action.CORRECT, details={"undo": "newest step"}, corrects=2, minutes=140)
    other_vial = make(floor, taken_off[1], Vials("plasma", 500), minutes=150)[0].born[0].identifier
    assert code(floor, other_vial).startswith("PL1-PED-B-B-N-")
    assert [*run_findings(floor.work), *spin_findings(floor.work), *state_findings(floor.work)] == []
