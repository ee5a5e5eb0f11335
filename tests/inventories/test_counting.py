"""A box is counted blind; each difference is a case, and what was found is recorded by the ordinary steps."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm.attributes import set_committed_value

from biobank.access.checks import SiteNotYours
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.errors import Invalid
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.queries import newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import AskedBack
from biobank.inventories import checks
from biobank.inventories.checks import (
    CountedAlready,
    DifferencesChanged,
    NotAtThisPoint,
    NotCountable,
    NotLookedAtAgain,
    ReadingRefused,
    SecondCountByAnother,
    SecondCountNeeded,
    TooMany,
)
from biobank.inventories.choices import CheckState, Difference, Seen
from biobank.inventories.counting import take_back, take_file
from biobank.inventories.inputs import NewCheck, NewSample
from biobank.inventories.models import InventoryReading
from biobank.inventories.operations import (
    begin_check,
    cancel_check,
    count_unit,
    plan_check,
    readings_told,
)
from biobank.inventories.queries import (
    NoSuchCheck,
    check_numbered,
    checks_within,
    progress_within,
    sample_numbered,
)
from biobank.inventories.replay import inventory_findings
from biobank.inventories.sampling import draw_sample
from biobank.items.identifiers import Letter, new_identifier
from biobank.storage.checks import NoSuchPosition
from biobank.storage.rack_plans import RackRefused
from tests.asking import statements
from tests.floor import actor

UNKNOWN = "FR05653780"


def test_a_box_as_the_log_has_it_closes_without_a_case(bench):
    box = bench.floor.box()
    tube = bench.stored(box)
    bench.count(box).read(tube, "a01")
    assert bench.read(tube, "A1").repeated
    assert bench.end().differences == ()
    before = bench.floor.now(tube).sequence
    closed = bench.close(because=None).check
    assert (closed.state, closed.agreed, closed.differences) == ("closed", 1, 0)
    assert bench.floor.now(tube).sequence == before
    assert bench.cases(tube) == []


def test_four_kinds_of_difference_become_facts_and_cases(bench):
    """Missing, in a wrong position, of another box, and lost: all are where they were found, and explained."""
    floor = bench.floor
    box, other = floor.box("Box 1"), floor.box("Box 2")
    tubes = floor.received()
    missing, wrong, strange, lost = (tubes[code] for code in ("1ED04", "1SS08", "1ED10", "PS04A"))
    for tube, place, position in ((missing, box, "A1"), (wrong, box, "A2"), (strange, other, "C3")):
        floor.step(tube, Action.STORE, place=place, position=position)
    floor.step(lost, Action.REPORT_LOST)
    bench.count(box).read(wrong, "A1")
    bench.read(strange, "A2")
    assert bench.read(lost, "A3").is_out_of_place
    bench.read(UNKNOWN, "A4")
    bench.read(position="A5", seen=Seen.NO_READ)
    shown = bench.end()
    assert shown.agreed == 0
    closed = bench.close(expected=shown.fingerprint).check
    assert sorted(bench.found(), key=str) == sorted(
        [
            ("missing", missing), ("wrong_position", wrong), ("elsewhere", strange), ("not_expected", lost),
            ("unknown_code", UNKNOWN), ("unread", None),
        ],
        key=str,
    )  # fmt: skip
    assert closed.differences == 6
    where = {tube: (floor.now(tube).container_id, floor.now(tube).position) for tube in tubes.values()}
    here = floor.now(box).id
    assert where[missing] == (None, None)
    assert floor.now(missing).place_unknown_since is not None
    assert (where[wrong], where[strange], where[lost]) == ((here, "A1"), (here, "A2"), (here, "A3"))
    assert (floor.now(lost).state, floor.holds(lost)) == (State.RECEIVED, {"discrepancy"})
    assert bench.cases(missing) == ["inventory_missing"]
    assert bench.cases(wrong) == ["inventory_wrong_position"]
    assert bench.cases(strange) == ["inventory_elsewhere"]
    assert bench.cases(lost) == ["inventory_not_expected"]
    assert bench.cases(box) == ["inventory_unread"]
    assert bench.cases(UNKNOWN) == ["inventory_unknown_code"]
    moved = newest_events(bench.work, strange)[0]
    assert (moved["performed_by"], moved["recorded_by"]) == ("bio.tess", "bio.lea")


def test_a_code_that_nobody_knows_becomes_a_thing_of_its_own(bench):
    """It has a code and a label of its own, is held where it lies, and the next count finds it there."""
    floor = bench.floor
    box = floor.box()
    missing = bench.stored(box, position="A4")
    bench.count(box)
    bench.read(UNKNOWN, "A4")
    bench.read(UNKNOWN.replace("80", "81"), "A5", by=bench.second)
    bench.read(new_identifier(Letter.TUBE), "A6")  # a label that is on nothing in the log
    assert {found.step for found in bench.end().differences} == {Action.REGISTER, Action.DISPLACE}
    done = bench.close()
    found = floor.now(UNKNOWN)
    assert (found.kind, found.state, found.position) == (Kind.TUBE, State.RECEIVED, "A4")
    assert (found.container_id, found.custodian) == (floor.now(box).id, "site:biobank-1")
    assert (floor.holds(found.identifier), floor.now(missing).container_id) == ({"identity"}, None)
    assert bench.cases(found.identifier) == ["inventory_unknown_code"]
    assert newest_events(bench.work, floor.now("FR05653781").identifier)[0]["performed_by"] == "bio.tom"
    assert sum("Print the label" in alert.text for alert in done.alerts) == 3
    assert [str(each) for each in (*inventory_findings(bench.work), *state_findings(bench.work))] == []
    bench.count(box).read(found.identifier, "A4")
    bench.read("FR05653781", "A5")
    left = bench.end().differences  # the one whose label of ours is on nothing yet
    assert [(each.kind, each.position) for each in left] == [(Difference.MISSING, "A6")]


def test_in_a_rack_a_code_that_nobody_knows_is_only_a_case(bench):
    rack = bench.floor.unit(Kind.RACK, "Rack 1", rows=2, columns=2, allowed=(Kind.BOX,)).identifier
    bench.count(rack).read(UNKNOWN, "A1")
    assert [found.step for found in bench.end().differences] == [None]
    bench.close()
    assert bench.cases(rack) == ["inventory_unknown_code"]


def test_tubes_that_changed_places_lie_where_they_were_read(bench):
    floor = bench.floor
    box, tubes = floor.box(), floor.received()
    ring = [tubes[code] for code in ("1ED04", "1SS08", "1ED10")]
    for position, tube in zip(("A1", "A2", "A3"), ring, strict=True):
        floor.step(tube, Action.STORE, place=box, position=position)
    bench.count(box)
    for position, tube in zip(("A2", "A3", "A1"), ring, strict=True):
        bench.read(tube, position)
    bench.end()
    bench.close()
    assert [floor.now(tube).position for tube in ring] == ["A2", "A3", "A1"]
    assert [bench.cases(tube) for tube in ring] == [["inventory_wrong_position"]] * 3


def test_one_code_on_two_things_is_asked_back_and_then_quarantined(bench):
    box = bench.floor.box()
    tube = bench.stored(box)
    bench.count(box).read(tube, "A1")
    with pytest.raises(AskedBack, match="was read in A1 already"):
        bench.read(tube, "B2")
    with pytest.raises(NamesSomebody):
        bench.read(tube, "B2", confirmation="ask 612-555-0143")
    bench.read(tube, "B2", confirmation="two tubes, one label")
    assert ["B2", "code", tube, "two tubes, one label"] in readings_told(bench.work, bench.check)
    bench.end()
    bench.close()
    assert bench.found() == [("same_code", tube)]
    assert (bench.floor.now(tube).position, bench.floor.holds(tube)) == ("A1", {"discrepancy"})


def test_a_slip_is_taken_back(bench):
    box = bench.floor.box()
    tube = bench.stored(box)
    assert take_back(bench.work, bench.count(box).number, by=bench.first) is None
    bench.read(tube, "A2")
    assert take_back(bench.work, bench.number, by=bench.first).position == "A2"
    bench.read(tube, "A1")
    assert bench.end().differences == ()


def test_what_changed_in_the_log_meanwhile_is_looked_at_again(bench):
    floor = bench.floor
    box = floor.box()
    tube = floor.received()["1ED04"]
    bench.count(box)
    floor.step(tube, Action.STORE, place=box, position="A1")
    shown = bench.end()
    assert [found.is_overtaken for found in shown.differences] == [True]
    with pytest.raises(NotLookedAtAgain, match="The log changed"):
        bench.close()
    bench.read(tube, "A1")
    assert bench.check.state == CheckState.COUNTING
    assert bench.end().differences == ()
    other = bench.stored(box, "1SS08", "A2")
    with pytest.raises(DifferencesChanged):
        bench.close(expected=shown.fingerprint)
    bench.read(position="A2", seen=Seen.EMPTY)
    bench.end()
    bench.close()
    assert bench.found() == [("missing", other)]


def test_a_second_count_is_by_somebody_else_and_decides_nothing_alone(bench):
    floor = bench.floor
    box = floor.box()
    tube = bench.stored(box)
    bench.count(box)
    bench.end()
    with pytest.raises(SecondCountNeeded):
        bench.close(by=floor.technician)
    with pytest.raises(SecondCountNeeded):
        bench.close(because=None)
    with pytest.raises(SecondCountByAnother):  # an empty first count is a count, too
        bench.read(position="A2", seen=Seen.EMPTY)
        bench.end()
        bench.again()
        bench.read(tube, "A1")
    bench.read(tube, "A1", by=bench.second)
    assert bench.end(bench.second).disputed == ("A1",)
    with pytest.raises(NotLookedAtAgain, match="The two counts differ in A1; read"):
        bench.close()
    bench.read(tube, "A1")
    assert bench.end().disputed == ()
    assert bench.close(by=floor.technician, because=None).check.differences == 0
    assert bench.found() == []


def test_two_counts_of_a_place_without_positions_are_settled_thing_by_thing(bench):
    """A code, a code that is not ours, and something that cannot be read: the second one saw none of them."""
    floor = bench.floor
    shelf = floor.unit(Kind.SHELF, "Shelf 1").identifier
    tube = floor.received()["1ED04"]
    floor.step(tube, Action.STORE, place=shelf)
    bench.count(shelf).read(tube)
    bench.read(UNKNOWN)
    bench.read(seen=Seen.NO_READ)
    bench.read(seen=Seen.NO_READ)
    assert take_back(bench.work, bench.number, by=bench.first) is not None
    bench.end()
    bench.again()
    assert set(bench.end(bench.second).disputed) == {tube, UNKNOWN, "unread 1"}
    bench.read(tube)
    bench.read(UNKNOWN, seen=Seen.EMPTY)
    bench.read(seen=Seen.EMPTY)
    assert bench.end().disputed == ()
    assert bench.close(because=None).check.agreed == 1
    assert bench.found() == []


def test_two_counts_that_agree_close_without_a_reason(bench):
    box = bench.floor.box()
    tube = bench.stored(box)
    bench.count(box).read(tube, "A2")
    bench.end()
    bench.again().read(tube, "A2", by=bench.second)
    bench.end(bench.second)
    assert bench.close(by=bench.first, because=None).check.differences == 1


def test_what_is_no_content_of_a_box_is_refused_or_told(bench):
    floor = bench.floor
    box, other, parcel = floor.box(), floor.box("Box 2"), floor.parcel()
    bench.count(box)
    for code, sentence in ((box, "is the box that you count"), (other, "end this count first")):
        with pytest.raises(ReadingRefused, match=sentence):
            bench.read(code, "A1")
    for position in (None, "Z9"):
        with pytest.raises(NoSuchPosition):
            bench.read(UNKNOWN, position)
    with pytest.raises(ReadingRefused, match="Nothing was scanned"):
        bench.read("", "A1")
    bench.read(parcel, "A1")
    bench.end()
    bench.close()
    assert bench.found() == [("not_for_here", parcel)]
    assert floor.now(parcel).state is State.PACKING


def test_who_may_count_what(bench):
    floor = bench.floor
    box, tube = floor.box(), floor.received()["1ED04"]
    with pytest.raises(NotCountable, match="is a tube"):
        count_unit(bench.work, tube, by=floor.technician)
    with pytest.raises(SiteNotYours):
        count_unit(bench.work, box, by=actor("bio.far", Role.TECHNICIAN, "biobank-2"))
    planned = plan_check(bench.work, NewCheck(unit=box), by=floor.lead)
    with pytest.raises(CountedAlready):
        plan_check(bench.work, NewCheck(unit=box), by=floor.lead)
    assert count_unit(bench.work, box, by=floor.technician).id == planned.id
    assert begin_check(bench.work, planned.id, by=floor.lead).begun_by == "bio.tess"
    assert cancel_check(bench.work, planned.id, "the box is being moved", by=floor.lead).state == "cancelled"
    bench.number = planned.id
    with pytest.raises(NotAtThisPoint, match="is cancelled"):
        bench.read(tube, "A1")
    assert count_unit(bench.work, box, by=floor.technician).id != planned.id


FILE = "position,code\nA1,{}\nA2,{}\nA3,NO READ\nA4,\nB1,{}\n"


def test_a_rack_scanners_file_is_the_count(bench):
    floor = bench.floor
    box = floor.box()
    tubes = floor.received()
    here, there, unread, gone = (tubes[code] for code in ("1ED04", "1SS08", "1ED10", "PS04A"))
    for tube, position in ((here, "A1"), (there, "A5"), (unread, "A3"), (gone, "A4")):
        floor.step(tube, Action.STORE, place=box, position=position)
    content = FILE.format(here, there, UNKNOWN).encode()
    bench.count(box)
    assert len(take_file(bench.work, bench.number, content, "rack.csv", by=bench.first).wells) == 5
    assert bench.end().agreed == 1
    bench.close()
    assert sorted(bench.found(), key=str) == sorted(
        [("wrong_position", there), ("unread", None), ("missing", gone), ("unknown_code", UNKNOWN)], key=str
    )
    assert newest_events(bench.work, there)[0]["source"] == {"kind": "file", "reference": "rack.csv, line 3"}
    assert floor.now(unread).position == "A3"
    other = floor.box("Box 2")
    with pytest.raises(RackRefused, match="and Box 2"):
        take_file(bench.work, bench.count(other).number, content, f"{box}.csv", by=bench.first)


def test_a_freezer_is_counted_with_everything_in_it(bench):
    """Its racks are counted like tubes; what stands in it has checks of its own, and a count of them."""
    floor = bench.floor
    freezer = floor.unit(Kind.FREEZER, "Freezer 1").identifier
    rack, gone = (
        floor.unit(Kind.RACK, name, inside=freezer, rows=3, columns=3, allowed=(Kind.BOX,)).identifier
        for name in ("Rack 1", "Rack 2")
    )
    box = floor.box(inside=rack, position="A1")
    early = plan_check(bench.work, NewCheck(unit=box), by=floor.lead)
    outer = plan_check(bench.work, NewCheck(unit=freezer, whole=True), by=floor.lead)
    inner = list(bench.work.session.scalars(checks_within(outer)))
    assert {check.unit_id for check in inner} == {floor.now(unit).id for unit in (rack, gone, box)}
    assert check_numbered(bench.work, early.id).within_id == outer.id
    assert progress_within(bench.work, outer) == {CheckState.PLANNED: 3}
    bench.count(freezer).read(rack)
    bench.end()
    bench.close()
    assert bench.found() == [("missing", gone)]
    assert floor.row(gone).place_unknown_since is not None
    bench.count(rack).read(box, "A2")
    with pytest.raises(ReadingRefused, match="is what you count"):
        bench.read(freezer, "A3")
    bench.end()
    bench.close()
    assert (floor.now(box).position, bench.cases(box)) == ("A2", ["inventory_wrong_position"])


def test_checks_that_are_open_are_asked_for_once_however_many_are_planned(bench):
    floor = bench.floor
    freezer = floor.unit(Kind.FREEZER, "Freezer 1").identifier
    for number in range(6):
        floor.box(f"Box {number}", inside=freezer)
    with statements() as asked:
        plan_check(bench.work, NewCheck(unit=freezer, whole=True), by=floor.lead)
        draw_sample(bench.work, NewSample(site="biobank-1", size=5, seed="x"), by=floor.lead)
    assert len([sent for sent in asked if "FROM inventory_checks" in sent and "state IN" in sent]) == 3


def test_what_is_of_no_place_or_of_another_site_is_said_so(bench):
    floor = bench.floor
    box, far = floor.box(), floor.box("Far", site="biobank-2")
    tubes = floor.received()
    loose, taken_out, of_others, displaced = (tubes[code] for code in ("1ED04", "1SS08", "1ED10", "PS04A"))
    floor.step(taken_out, Action.STORE, place=box, position="A2")
    floor.step(taken_out, Action.CHECK_OUT)
    floor.step(of_others, Action.STORE, place=far, position="A1", confirmation="it lies there")
    floor.step(displaced, Action.STORE, place=box, position="A4")
    bench.work.session.execute(text("UPDATE items SET position = NULL WHERE position = 'A4'"))
    bench.count(box)
    for position, tube in zip(
        ("A1", "A2", "A3", "A4"), (loose, taken_out, of_others, displaced), strict=True
    ):
        bench.read(tube, position)
    told = {found.code: found.sentence.partition("; ")[2] for found in bench.end().differences}
    assert told == {
        loose: "the log has it in no place.",
        taken_out: "the log has it in no place.",
        of_others: "the log has it at another site.",
        displaced: "the log has it in no position.",
    }
    bench.close()
    states = [floor.now(tube).state for tube in (loose, taken_out, of_others)]
    assert states == [State.STORED] * 3


def test_what_is_not_possible_at_this_point_says_so(bench, monkeypatch):
    floor = bench.floor
    box = floor.box()
    bench.count(box)
    assert bench.end().differences == bench.end().differences == ()
    with pytest.raises(Invalid, match="Say why"):
        cancel_check(bench.work, bench.number, " ", by=floor.lead)
    bench.again().again()
    bench.end(bench.second)
    with pytest.raises(NotAtThisPoint, match="was counted twice"):
        bench.again()
    shelf = floor.unit(Kind.SHELF, "Shelf 1").identifier
    bench.count(shelf)
    with pytest.raises(NoSuchPosition, match="There are no positions"):
        bench.read(UNKNOWN, "A1")
    with pytest.raises(NoSuchPosition, match="scan what lies in it"):
        take_file(bench.work, bench.number, b"A1,X", "rack.csv", by=bench.first)
    floor.unit(Kind.BOX, "Inner", inside=shelf)
    cancel_check(bench.work, bench.number, "planned as a whole", by=floor.lead)
    monkeypatch.setattr(checks, "MOST_WITHIN", 0)
    with pytest.raises(TooMany, match="1 units stand in it"):
        plan_check(bench.work, NewCheck(unit=shelf, whole=True), by=floor.lead)
    given_up = floor.box("Old")
    floor.step(given_up, Action.VOID, floor.lead, details={"reason": "damaged"})
    with pytest.raises(NotCountable, match="is not in use any more"):
        count_unit(bench.work, given_up, by=floor.lead)
    with pytest.raises(NoSuchCheck):
        check_numbered(bench.work, 4711)
    with pytest.raises(NoSuchCheck):
        sample_numbered(bench.work, 4711)


@pytest.mark.parametrize(
    ("column", "value"), [("read_by", "bio.tom"), ("read_at", moments.EPOCH), ("reference", "x"), ("turn", 2)]
)
def test_a_reading_that_somebody_changed_beside_the_log_is_found(bench, column, value):
    box = bench.floor.box()
    stored = bench.stored(box, position="A1")
    bench.count(box)
    bench.read(stored, "A1")
    bench.end()
    assert list(inventory_findings(bench.work)) == []
    reading = bench.work.session.query(InventoryReading).first()
    set_committed_value(reading, column, value)  # the first fence refuses it by the ordinary way
    assert "read_sha256" in " ".join(each.sentence for each in inventory_findings(bench.work))
