"""Into the centrifuge: what waits and until when, one scan one run, what was odd stays with the tube."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.custody.queries import newest_events
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack
from biobank.processing.checks import ProgrammeExists, ProgrammeRefused
from biobank.processing.choices import Phase, Rotor
from biobank.processing.inputs import NewProgramme
from biobank.processing.models import Spin
from biobank.processing.operations import add_programme, retire_programme, spin
from biobank.processing.queries import (
    ProgrammeUnknown,
    count_waiting,
    ends_at,
    newest_spin,
    programme_numbered,
    programmes_of,
    spins_shown,
    tubes_waiting,
)
from biobank.processing.replay import spin_findings
from tests.floor import PAPER, SCAN

SST, PST_1, PST_2, EDTA = "1SS08", "PS04A", "PS04B", "1ED04"
HERE = ["clinic-1"]
GEL = {"site": "clinic-1", "name": "Gel tubes", "g": 1300, "minutes": 15, "temperature_celsius": 20}


@pytest.fixture
def programme(floor):
    return add_programme(floor.work, NewProgramme(**GEL, rotor=Rotor.SWINGING_BUCKET), by=floor.clinic)


def into(floor, tube, programme, minutes, **asked):
    told = {"by": floor.clinic, "source": SCAN, "at": floor.told(minutes), **asked}
    return spin(floor.work, tube, programme, **told)


def waiting(floor, minutes):
    """Phases of what waits at the clinic, so many minutes after the collection."""
    at = floor.collected_at + timedelta(minutes=minutes)
    return {each.tube.specification: each.window.phase(at) for each in tubes_waiting(floor.work, HERE)}


def test_what_is_to_be_spun_waits_with_its_own_window(floor):
    dict(floor.collected())
    assert waiting(floor, 10) == {SST: Phase.CLOTTING, PST_1: Phase.READY, PST_2: Phase.READY}
    assert set(waiting(floor, 31).values()) == {Phase.READY}
    assert set(waiting(floor, 215).values()) == {Phase.HURRY}
    assert set(waiting(floor, 241).values()) == {Phase.LATE}
    assert tubes_waiting(floor.work, ["clinic-2"]) == []
    assert len(tubes_waiting(floor.work, None)) == count_waiting(floor.work, None) == 3


def test_a_tube_of_which_nobody_knows_the_time_waits_last(floor):
    tubes = dict(floor.collected())
    known = {"corrects": 4, "changes": {"collected_at": None}, "minutes": 1}
    floor.step(tubes[SST], Action.CORRECT, floor.clinic, **known)
    found = [(each.tube.specification, each.window.closes_at) for each in tubes_waiting(floor.work, HERE)]
    assert found[-1] == (SST, None)
    assert waiting(floor, 300)[SST] is Phase.UNKNOWN


def test_one_scan_is_one_run_and_the_second_pst_is_checked_like_the_first(floor, programme):
    tubes = dict(floor.collected())
    first, second = (into(floor, tubes[code], programme, 241) for code in (PST_1, PST_2))
    assert [each.event["flags"] for each in (first, second)] == [["centrifuged_late"]] * 2
    assert first.event["details"] == {
        "programme": {"name": "Gel tubes", "g": 1300, "minutes": 15, "temperature_celsius": 20},
        "rotor": "swinging_bucket",
    }
    assert floor.cases(tubes[PST_1]) == []
    assert set(waiting(floor, 241)) == {SST}
    now = floor.collected_at + timedelta(minutes=242)
    shown = spins_shown(floor.work, HERE, now)
    assert [(tube.specification, run.warning) for run, tube in shown] == [
        (PST_1, "centrifuged_late"),
        (PST_2, "centrifuged_late"),
    ]
    assert ends_at(shown[0][0]) == floor.collected_at + timedelta(minutes=256)


def test_scanned_again_while_it_spins_it_is_the_same_run_and_later_it_is_asked_back(floor, programme):
    tube = floor.collected()[SST]
    run = into(floor, tube, programme, 40)
    again = into(floor, tube, programme, 41)
    assert (again.repeated, again.event["sequence"]) == (True, run.event["sequence"])
    with pytest.raises(AskedBack, match="was centrifuged already"):
        into(floor, tube, programme, 60)
    confirmed = into(floor, tube, programme, 60, confirmation="the gel had not moved")
    assert confirmed.event["flags"] == ["centrifuged_twice"]
    assert floor.cases(tube) == ["centrifuged_twice"]


def test_a_run_that_was_taken_back_leaves_the_tube_waiting(floor, programme):
    tube = floor.collected()[SST]
    run = into(floor, tube, programme, 40)
    undo = {"corrects": run.event["sequence"], "details": {"undo": "newest step"}, "minutes": 41}
    floor.step(tube, Action.CORRECT, floor.clinic, **undo)
    assert newest_spin(floor.work, floor.now(tube).id) is None
    assert SST in waiting(floor, 42)
    assert "flags" not in into(floor, tube, programme, 45).event


def test_a_tube_that_is_not_to_be_spun_is_asked_back(floor, programme):
    tube = floor.collected()[EDTA]
    with pytest.raises(AskedBack, match="4 mL EDTA is not centrifuged at a clinic"):
        into(floor, tube, programme, 40)
    assert into(floor, tube, programme, 40, source=PAPER).event["flags"] == ["spin_not_foreseen"]


def test_without_a_programme_the_run_is_recorded_all_the_same(floor):
    tube = floor.collected()[SST]
    run = into(floor, tube, None, 40)
    assert "details" not in run.event
    assert ends_at(newest_spin(floor.work, floor.now(tube).id)) is None


def test_a_tube_that_is_packed_unspun_says_so(floor):
    tubes = floor.collected()
    parcel = floor.parcel()
    packed = [floor.step(tubes[code], Action.PACK, floor.clinic, place=parcel) for code in (SST, EDTA)]
    assert [each.event.get("flags") for each in packed] == [["packed_unspun"], None]
    assert floor.cases(tubes[SST]) == []
    assert SST not in waiting(floor, 40)


def test_a_programme_is_of_one_site_and_is_retired_not_changed(floor, programme):
    assert programmes_of(floor.work, HERE) == programmes_of(floor.work, None) == [programme]
    assert programmes_of(floor.work, ["clinic-2"]) == []
    assert programme_numbered(floor.work, floor.clinic, programme.id) is programme
    with pytest.raises(ProgrammeUnknown):
        programme_numbered(floor.work, floor.technician, programme.id)
    with pytest.raises(ProgrammeExists):
        add_programme(floor.work, NewProgramme(**GEL), by=floor.clinic)
    retire_programme(floor.work, "clinic-1", "Gel tubes", by=floor.clinic)
    assert programmes_of(floor.work, HERE) == []
    with pytest.raises(ProgrammeUnknown):
        retire_programme(floor.work, "clinic-1", "Other", by=floor.clinic)


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"name": "x" * 41}, {"g": 0}, {"minutes": 601}, {"temperature_celsius": 90}],
)
def test_a_programme_that_cannot_be_is_refused(floor, wrong):
    with pytest.raises(ProgrammeRefused) as refusal:
        add_programme(floor.work, NewProgramme(**{**GEL, **wrong}), by=floor.clinic)
    assert refusal.value.extra["field"] in wrong


def test_numbers_that_no_centrifuge_has_do_not_reach_the_list(floor):
    tube = floor.collected()[SST]
    details = {"programme": {"name": "x" * 99, "minutes": 10**12}}
    floor.step(tube, Action.CENTRIFUGE, floor.clinic, minutes=40, details=details)
    run = newest_spin(floor.work, floor.now(tube).id)
    assert (run.programme, run.minutes) == ("x" * 40, None)
    assert newest_events(floor.work, tube, 1)[0]["details"] == details
    assert moments.now() > run.began_at


def test_what_is_stored_of_a_run_is_compared_with_the_log(floor, programme):
    tubes = floor.collected()
    runs = [into(floor, tubes[code], programme, 60) for code in (SST, PST_1, PST_2)]
    undo = {"corrects": runs[0].event["sequence"], "details": {"undo": "newest step"}, "minutes": 61}
    floor.step(tubes[SST], Action.CORRECT, floor.clinic, **undo)
    assert list(spin_findings(floor.work)) == []
    changed, removed = (newest_spin(floor.work, floor.now(tubes[code]).id) for code in (PST_1, PST_2))
    changed.minutes = 5
    floor.work.session.delete(removed)
    floor.work.session.add(Spin(item_id=floor.now(tubes[EDTA]).id, sequence=1))
    said = [finding.sentence for finding in spin_findings(floor.work)]
    assert len(said) == 3
    assert "with minutes 5, not 15" in said[0]
    assert "has no entry in the log" in said[1]
    assert f"{tubes[PST_2]} is in the log and not stored" in said[2]


def test_the_warning_of_a_run_is_compared_with_the_flags_of_its_entry(floor, programme):
    tube = floor.collected()[SST]
    into(floor, tube, programme, 60)
    assert list(spin_findings(floor.work)) == []
    newest_spin(floor.work, floor.now(tube).id).warning = "centrifuged_late"
    assert "with warning centrifuged_late, not None" in next(iter(spin_findings(floor.work))).sentence
