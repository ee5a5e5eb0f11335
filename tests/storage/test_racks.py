"""A whole rack stored, moved or named by its scanner's file: all of it or nothing, and what differs is listed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.custody.checks import NotYourStep, OtherSite
from biobank.custody.queries import newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, Kind, State
from biobank.items.aliases import AliasRefused
from biobank.items.identifiers import printed
from biobank.items.models import LoggedScan
from biobank.storage.checks import NotAPlace
from biobank.storage.choices import Grid
from biobank.storage.operations import name_rack, rehearsed, store_rack
from biobank.storage.rack_files import read_rack_file
from biobank.storage.rack_plans import Deed, RackRefused, WellStep, in_order
from tests.custody.test_truth_table import item as item_in

FILE = "FX90000017.csv"


def scan(**wells):
    """A reading of a rack of 2 x 3; `_` is not mentioned."""
    lines = [f"{well},{code}" for well, code in wells.items()]
    return read_rack_file("\n".join(lines).encode(), FILE, grid=Grid(2, 3))


@pytest.fixture
def box(floor):
    return floor.box("Box 7", rows=2, columns=3)


@pytest.fixture
def tubes(floor):
    return list(floor.received().values())


def store(floor, box, reading, by=None, **asked):
    return store_rack(
        floor.work, floor.now(box), reading, by=by or floor.technician, at=floor.told(), **asked
    )


def name(floor, box, reading, issuer="FluidX", by=None, **asked):
    return name_rack(
        floor.work, floor.now(box), reading, issuer, by=by or floor.technician, at=floor.told(), **asked
    )


def lies(floor, *items):
    found = [floor.now(item) for item in items]
    return [(each.state.value, each.position) for each in found]


def deeds(plan):
    return {well.position: well.deed.value for well in plan.wells}


def test_each_tube_is_stored_where_it_was_read_by_the_ordinary_step(floor, box, tubes):
    plan = store(floor, box, scan(A1=tubes[0], A2=tubes[1], A3="NO TUBE", B1="No Read", B2=""))
    assert deeds(plan) == {
        "A1": "stored", "A2": "stored", "A3": "empty", "B1": "unread", "B2": "empty", "B3": "not_mentioned",
    }  # fmt: skip
    assert lies(floor, *tubes[:2]) == [("stored", "A1"), ("stored", "A2")]
    event = newest_events(floor.work, tubes[1], 1)[0]
    assert (event["action"], event["place"], event["position"]) == ("store", box, "A2")
    assert event["source"] == {"kind": "file", "reference": "FX90000017.csv, line 2"}
    assert (plan.is_done, plan.counts["stored"], plan.counts["unread"]) == (True, 2, 1)
    assert plan.notes == (
        "FX90000017.csv says nothing of 1 well (B3); what is known of them stays.",
        "The file names its rack FX90000017, which is no code of anything here.",
    )
    assert list(state_findings(floor.work)) == []


def test_each_item_takes_the_step_that_fits_it(floor, box, tubes):
    other = floor.box("Box 8")
    floor.step(tubes[0], Action.STORE, place=other, position="C5")
    floor.step(tubes[1], Action.STORE, place=other, position="C6")
    floor.step(tubes[1], Action.CHECK_OUT)
    floor.step(tubes[2], Action.STORE, place=box, position="B3")
    plan = store(floor, box, scan(A1=tubes[0], A2=tubes[1], A3=tubes[3], B3=tubes[2]))
    assert deeds(plan) | {"B1": "", "B2": ""} == {
        "A1": "moved", "A2": "checked_in", "A3": "stored", "B3": "in_place", "B1": "", "B2": "",
    }  # fmt: skip
    actions = [newest_events(floor.work, tube, 1)[0]["action"] for tube in tubes[:4]]
    assert actions == ["move", "check_in", "store", "store"]
    assert newest_events(floor.work, tubes[2], 1)[0]["source"]["kind"] == "scan"


def test_makers_codes_are_read_as_well(floor, box, tubes):
    floor.step(tubes[0], Action.LABEL, details={"issuer": "FluidX", "code": "FR90000001"})
    store(floor, box, scan(A1="FR90000001", A2=tubes[1]))
    assert lies(floor, tubes[0]) == [("stored", "A1")]


def test_what_the_log_has_and_the_file_has_not_is_listed_and_left(floor, box, tubes):
    for tube, position in zip(tubes, ("A1", "A2", "A3"), strict=False):
        floor.step(tube, Action.STORE, place=box, position=position)
    plan = store(floor, box, scan(A1="NO TUBE", A2="NO READ", B1=tubes[3]))
    listed = {well.position: well.sentence for well in plan.wells if well.is_different}
    assert listed == {
        "A1": f"The log has {printed(tubes[0])} here and no tube was seen.",
        "A2": f"The log has {printed(tubes[1])} here; what stands here was not read.",
        "A3": f"The log has {printed(tubes[2])} here; the file says nothing of it.",
    }
    assert lies(floor, *tubes[:3]) == [("stored", "A1"), ("stored", "A2"), ("stored", "A3")]


def test_who_is_logged_where_another_was_read_has_to_leave_and_is_looked_for(floor, box, tubes):
    floor.step(tubes[0], Action.STORE, place=box, position="A1")
    plan = store(floor, box, scan(A1=tubes[1]))
    assert plan.counts["displaced"] == 1
    assert plan.wells[0].sentence == f"{printed(tubes[0])} is logged here and was not read; look for it."
    assert lies(floor, tubes[1]) == [("stored", "A1")]
    assert floor.row(tubes[0]).place_unknown_since is not None
    assert "displaced" in floor.cases(tubes[0])


def test_tubes_that_changed_places_follow_without_anybody_being_looked_for(floor, box, tubes):
    for tube, position in zip(tubes, ("A1", "A2", "A3", "B1"), strict=False):
        floor.step(tube, Action.STORE, place=box, position=position)
    cases = [floor.cases(tube) for tube in tubes[:4]]
    plan = store(floor, box, scan(A1=tubes[1], A2=tubes[2], A3=tubes[0], B2=tubes[3]))
    assert lies(floor, *tubes[:4]) == [("stored", "A3"), ("stored", "A1"), ("stored", "A2"), ("stored", "B2")]
    assert (plan.counts["moved"], plan.counts["displaced"]) == (4, 0)
    assert [floor.cases(tube) for tube in tubes[:4]] == cases
    lifted = [
        event["details"]
        for tube in tubes[:4]
        for event in newest_events(floor.work, tube, 3)
        if event["action"] == "displace"
    ]
    assert [each["place"] for each in lifted] == [box]
    assert list(state_findings(floor.work)) == []


def test_only_a_file_says_where_somebody_was_found(floor, box, tubes):
    floor.step(tubes[0], Action.STORE, place=box, position="A1")
    floor.step(tubes[0], Action.DISPLACE, details={"found_at": "A2"})
    assert "displaced" in floor.cases(tubes[0])


def test_the_same_file_again_changes_nothing(floor, box, tubes):
    reading = scan(A1=tubes[0], A2=tubes[1])
    store(floor, box, reading)
    before = floor.now(tubes[0]).sequence
    plan = store(floor, box, reading)
    assert (plan.counts["in_place"], plan.steps, floor.now(tubes[0]).sequence) == (2, [], before)


def test_unknown_codes_refuse_the_file_with_a_sentence_each(floor, box, tubes):
    with pytest.raises(RackRefused) as refused:
        store(floor, box, scan(A1=tubes[0], A2="FR90000002", B1="T483134562452"))
    first, second = refused.value.extra["problems"]
    assert first.startswith("FX90000017.csv, line 2, well A2: 'FR90000002' is not a code of ours; check")
    assert second.startswith("FX90000017.csv, line 3, well B1: The check digits do not fit")
    assert refused.value.detail.endswith("Also refused: 1 more. Nothing of the file was done.")
    assert lies(floor, tubes[0]) == [("received", None)]


def test_unknown_codes_are_left_out_when_somebody_chooses_so(floor, box, tubes):
    floor.step(tubes[1], Action.STORE, place=box, position="A2")
    plan = store(floor, box, scan(A1=tubes[0], A2="FR90000002"), leave_out_unknown=True)
    assert deeds(plan)["A2"] == "left_out"
    assert plan.wells[1].item.identifier == tubes[1]
    assert lies(floor, tubes[0], tubes[1]) == [("stored", "A1"), ("stored", "A2")]


def test_a_tube_of_another_site_refuses_the_file_and_its_participant_is_not_named(floor, box, tubes):
    there = floor.box("Box there", site="biobank-2")
    elsewhere = floor.collected()["1ED04"]
    with pytest.raises(
        RackRefused, match=r"line 2, well A2: T .* is of clinic-1; tell them that it is here\."
    ):
        store(floor, box, scan(A1=tubes[0], A2=elsewhere))
    plan = store(floor, box, scan(A1=tubes[0], A2=elsewhere), leave_out_unknown=True)
    assert plan.counts["left_out"] == 1
    with pytest.raises(OtherSite):
        store(floor, there, scan(A1=tubes[0]))


def test_what_lies_in_no_well_and_what_was_read_twice_refuses_the_file(floor, box, tubes):
    other = floor.box("Box 8")
    floor.step(tubes[0], Action.LABEL, details={"issuer": "FluidX", "code": "FR90000001"})
    with pytest.raises(RackRefused) as refused:
        store(floor, box, scan(A1=tubes[0], A2="FR90000001", B1=other), leave_out_unknown=True)
    first, second = refused.value.extra["problems"]
    assert first.endswith(f"well A2: FR90000001 is {printed(tubes[0])}, which was read in A1 too.")
    assert second.endswith(f"well B1: {printed(other)} is a box; no well has one.")


def test_a_file_of_another_rack_of_ours_is_refused(floor, box, tubes):
    other = floor.box("Box 8")
    floor.step(other, Action.LABEL, details={"issuer": "FluidX", "code": "FX90000017"})
    with pytest.raises(RackRefused, match=r"is of rack FX90000017, which is Box 8 .* this is Box 7"):
        store(floor, box, scan(A1=tubes[0]))
    plan = store(floor, other, scan(A1=tubes[0]))
    assert not any("no code of anything" in note for note in plan.notes)


def test_a_box_that_is_smaller_than_the_rack_and_what_has_no_positions_are_refused(floor, tubes):
    small, shelf = floor.box("Small", rows=1, columns=2), floor.unit(Kind.SHELF, "Shelf 1").identifier
    with pytest.raises(RackRefused, match=r"line 2, well B3: it is no position of box Small .*rows A-A"):
        store(floor, small, scan(A1=tubes[0], B3="NO TUBE"))
    for place in (shelf, tubes[0]):
        with pytest.raises(NotAPlace, match="There are no positions in"):
            store(floor, place, scan(A1=tubes[1]))


def test_who_may_not_store_stores_no_rack_either(floor, box, tubes):
    with pytest.raises(NotYourStep):
        store(floor, box, scan(A1=tubes[0]), by=floor.compliance)


def test_a_tube_that_was_thought_destroyed_is_taken_and_cried_out(floor, box, tubes):
    floor.step(tubes[0], Action.REPORT_LOST)
    plan = store(floor, box, scan(A1=tubes[0]))
    assert lies(floor, tubes[0]) == [("stored", "A1")]
    assert floor.holds(tubes[0]) == {"discrepancy"}
    assert any("is lost since" in alert.text for alert in plan.wells[0].alerts)


def test_what_was_rehearsed_is_what_happens_and_nothing_is_kept_of_it(floor, box, tubes):
    floor.step(tubes[1], Action.QUARANTINE, details={"hold": "temperature", "reason": "warm"})
    reading = scan(A1=tubes[0], A2=tubes[1], A3="NO READ")
    tried = rehearsed(floor.work, lambda: store(floor, box, reading))
    assert (tried.is_done, lies(floor, tubes[0])) == (False, [("received", None)])
    assert newest_events(floor.work, tubes[0], 1)[0]["action"] == "receive"
    assert tried.wells[1].alerts[0].text.endswith("is under a hold (temperature): it may not be used.")
    done = store(floor, box, reading, expected=tried.fingerprint)
    assert done.wells == tried.wells


def test_what_changed_since_it_was_shown_is_shown_again(floor, box, tubes):
    reading = scan(A1=tubes[0])
    tried = rehearsed(floor.work, lambda: store(floor, box, reading))
    floor.step(tubes[1], Action.STORE, place=box, position="A1")
    with pytest.raises(RackRefused, match="changed since the file was shown; look at it again"):
        store(floor, box, reading, expected=tried.fingerprint)
    assert lies(floor, tubes[0]) == [("received", None)]


def test_each_well_that_was_taken_is_a_scan_in_the_log_of_scans(floor, box, tubes):
    store(floor, box, scan(A1=tubes[0], A2="NO READ"))
    logged = floor.work.session.query(LoggedScan).all()
    assert [(each.text_seen, each.outcome, each.action) for each in logged] == [(tubes[0], "taken", "store")]


def test_a_tube_of_who_withdrew_stops_the_hands(leaving):
    tube, *_ = leaving.received().values()
    leaving.decide()
    rack = leaving.box("Box 7", rows=2, columns=3)
    tried = rehearsed(leaving.work, lambda: store(leaving, rack, scan(A1=tube)))
    (stop,) = [alert.text for alert in tried.wells[0].alerts if alert.kind == "withdrawal"]
    assert stop.startswith(f"STOP: {printed(tube)} is of a participant who withdrew, on order N ")
    done = store(leaving, rack, scan(A1=tube))
    assert stop in [alert.text for alert in done.wells[0].alerts]
    assert leaving.holds(tube) == {"withdrawal"}


# Makers' codes of what lies there.


def test_what_lies_there_gets_the_code_that_was_read_there(floor, box, tubes):
    store(floor, box, scan(A1=tubes[0], A2=tubes[1]))
    plan = name(floor, box, scan(A1="FR90000001", A2="FR90000002", B1="NO TUBE"))
    assert (plan.counts["named"], plan.issuer) == (2, "FluidX")
    assert floor.now("FR90000002").identifier == tubes[1]
    event = newest_events(floor.work, tubes[0], 1)[0]
    assert (event["details"], event["source"]["reference"]) == (
        {"issuer": "FluidX", "code": "FR90000001"},
        "FX90000017.csv, line 1",
    )
    again = name(floor, box, scan(A1="FR90000001", A2="FR90000002"))
    assert (again.counts["in_place"], again.steps) == (2, [])
    assert store(floor, box, scan(A1="FR90000002", A2="FR90000001")).counts["moved"] == 2
    assert list(state_findings(floor.work)) == []


def test_codes_that_cannot_be_refuse_the_whole_naming(floor, box, tubes):
    store(floor, box, scan(A1=tubes[0], A2=tubes[1], A3=tubes[2], B2=tubes[3]))
    floor.step(tubes[0], Action.LABEL, details={"issuer": "fluidx", "code": "FR90000001"})
    with pytest.raises(RackRefused) as refused:
        name(floor, box, scan(A1="FR90000009", A2="FR90000001", A3="A100000001", B1="FR9", B2=tubes[4]))
    says = [problem.partition(": ")[2] for problem in refused.value.extra["problems"]]
    assert says == [
        (
            f"{printed(tubes[0])} bears FR90000001 of FluidX already and FR90000009 was read; look whether "
            "it is the right tube."
        ),
        f"FR90000001 (FluidX) is on {printed(tubes[0])} already, and one code cannot be on two things.",
        "This has the shape of a participant code and cannot stand on a thing; scan our own label.",
        "FR9 was read where the log has nothing; store the tube first.",
        "This is one of our own codes, which stands on one thing already; scan the maker's.",
    ]
    with pytest.raises(AliasRefused, match="Say whose code it is"):
        name(floor, box, scan(A1="FR90000001"), issuer="")


# The order of the steps.

POSITIONS = list(Grid(2, 4).positions())


@given(st.permutations(POSITIONS), st.permutations(POSITIONS), st.integers(1, 8))
def test_whoever_is_in_the_way_leaves_first(sources, targets, count):
    box = item_in(Kind.BOX, State.IN_SERVICE)._replace(id=99)
    steps = [
        WellStep(
            target, Action.MOVE,
            item_in(Kind.TUBE, State.STORED)._replace(id=number, container_id=99, position=source), f"X{number}",
        )
        for number, (source, target) in enumerate(zip(sources[:count], targets, strict=False), 1)
    ]  # fmt: skip
    lying = {step.item.position: step.item.id for step in steps}
    moved, lifts = 0, 0
    for step, is_lifted in in_order(steps, box):
        lying = {position: number for position, number in lying.items() if number != step.item.id}
        if is_lifted:
            lifts += 1
            continue
        assert step.position not in lying
        lying[step.position] = step.item.id
        moved += 1
    assert (moved, lying) == (count, {step.position: step.item.id for step in steps})
    assert lifts <= count // 2


def test_every_deed_is_of_one_well():
    assert len({deed.value for deed in Deed}) == len(Deed)
