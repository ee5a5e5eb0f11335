"""Everything ready of a kit goes into a parcel at once; what is not there says why."""

import pytest

from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack
from biobank.processing.choices import PackStanding
from biobank.processing.inputs import NewProgramme
from biobank.processing.operations import add_programme, spin
from biobank.processing.packing import NothingReady, kits_to_pack, lines_of_kit, put_in
from tests.floor import SCAN, actor

SST, PST_1, PST_2, EDTA = "1SS08", "PS04A", "PS04B", "1ED04"


def kit_of(floor, tubes):
    return floor.work.session.get_one(type(floor.row(tubes[EDTA])), floor.now(tubes[EDTA]).kit_id)


def standings(floor, tubes, parcel):
    lines = lines_of_kit(floor.work, kit_of(floor, tubes), floor.now(parcel))
    return {line.tube.specification: line.standing for line in lines}


def packed(floor, parcel, text, **asked):
    told = {"by": floor.clinic, "source": SCAN, "at": floor.told(), **asked}
    return put_in(floor.work, parcel, text, **told)


def spun(floor, tubes, *codes):
    new = NewProgramme(site="clinic-1", name="Gel", g=1300, minutes=15)
    programme = add_programme(floor.work, new, by=floor.clinic)
    for code in codes:
        spin(floor.work, tubes[code], programme, by=floor.clinic, source=SCAN, at=floor.told(60))


def test_a_kits_label_packs_all_that_is_ready_and_the_rest_says_why(floor):
    tubes = dict(floor.collected())
    spun(floor, tubes, SST, PST_1)
    floor.step(tubes["1HEP4"], Action.BREAK, floor.clinic, details={"reason": "fell"})
    floor.step(
        tubes["1UR10"], Action.QUARANTINE, floor.clinic, details={"hold": "identity", "reason": "label"}
    )
    parcel = floor.parcel()
    before = standings(floor, tubes, parcel)
    assert before[PST_2] is PackStanding.TOO_LATE
    assert before["1HEP4"] is PackStanding.BROKEN
    assert before["1UR10"] is PackStanding.HELD
    done = packed(floor, parcel, kit_of(floor, tubes).identifier)
    assert {each.item.specification for each in done} == set(tubes) - {PST_2, "1HEP4", "1UR10"}
    after = standings(floor, tubes, parcel)
    assert after[SST] is PackStanding.INSIDE
    assert [kit.id for kit in kits_to_pack(floor.work, "clinic-1", floor.now(parcel))] == [
        kit_of(floor, tubes).id
    ]
    with pytest.raises(NothingReady, match="lies in this parcel already"):
        packed(floor, parcel, kit_of(floor, tubes).identifier)
    packed(floor, parcel, tubes[PST_2])
    assert standings(floor, tubes, parcel)[PST_2] is PackStanding.INSIDE


def test_a_tube_scanned_twice_is_packed_once(floor):
    tube = floor.collected()[EDTA]
    parcel = floor.parcel()
    first = packed(floor, parcel, tube)[0]
    again = packed(floor, parcel, tube)[0]
    assert (again.repeated, again.event["sequence"]) == (True, first.event["sequence"])


def test_a_straggler_goes_alone_while_its_siblings_are_on_their_way(floor):
    tubes = dict(floor.collected())
    straggler = tubes.pop(EDTA)
    first, second = floor.parcel(), floor.parcel()
    for tube in tubes.values():
        floor.step(tube, Action.PACK, floor.clinic, place=first)
    tubes[EDTA] = straggler
    assert standings(floor, tubes, second)[SST] is PackStanding.OTHER_PARCEL
    floor.step(first, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    assert standings(floor, tubes, second) == dict.fromkeys(tubes, PackStanding.SENT) | {
        EDTA: PackStanding.READY
    }
    assert [each.item.identifier for each in packed(floor, second, kit_of(floor, tubes).identifier)] == [
        straggler
    ]
    floor.step(second, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    assert floor.now(straggler).state is State.IN_TRANSIT


def test_what_clots_or_spins_is_left_for_later(floor, monkeypatch):
    tubes, parcel = dict(floor.collected()), floor.parcel()
    spun(floor, tubes, PST_1)
    at = floor.told(20).at
    monkeypatch.setattr(moments, "now", lambda: at)
    assert standings(floor, tubes, parcel)[SST] is PackStanding.CLOTTING
    assert standings(floor, tubes, parcel)[PST_2] is PackStanding.TO_SPIN
    monkeypatch.setattr(moments, "now", lambda: floor.told(70).at)
    assert standings(floor, tubes, parcel)[PST_1] is PackStanding.SPINNING


def test_a_tube_that_still_spins_is_asked_back_once(floor):
    tubes, parcel = dict(floor.collected()), floor.parcel()
    spun(floor, tubes, SST, PST_1)
    with pytest.raises(AskedBack, match="is in the centrifuge until"):
        packed(floor, parcel, tubes[SST], at=floor.told(74))
    confirmed = packed(floor, parcel, tubes[SST], at=floor.told(74), confirmation="the power failed")[0]
    assert confirmed.event["flags"] == ["packed_while_spinning"]
    assert floor.cases(tubes[SST]) == ["packed_while_spinning"]
    assert "flags" not in packed(floor, parcel, tubes[PST_1], at=floor.told(75))[0].event


def test_a_kit_of_another_site_stays_theirs_and_a_tube_that_is_not_collected_is_asked_back(floor):
    tubes, parcel = dict(floor.collected()), floor.parcel()
    elsewhere = actor("clinic.bo", Role.CLINIC, "clinic-2")
    with pytest.raises(Exception, match="clinic-1"):
        packed(floor, parcel, kit_of(floor, tubes).identifier, by=elsewhere)
    floor.step(tubes[EDTA], Action.BREAK, floor.clinic, details={"reason": "fell"})
    with pytest.raises(AskedBack, match="broken"):
        packed(floor, parcel, tubes[EDTA])
    assert packed(floor, parcel, tubes[EDTA], confirmation="glued")[0].event["flags"] == ["unexpected_step"]
