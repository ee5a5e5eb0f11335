"""Aliquots by plan, derivatives with what was measured, and the thaws that go with the material."""

import pytest

from biobank.custody.queries import newest_events
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack
from biobank.items.queries import children_of
from biobank.ledger.findings import Finding
from biobank.processing.aliquoting import aliquot
from biobank.processing.choices import ChildrenRefused, Kept, NotMade
from biobank.processing.freezing import newest_change, thaw_counts, thaws_of
from biobank.processing.inputs import NewAliquots, NewPool, Part, Vials
from biobank.processing.pools import make_pool
from biobank.processing.replay import freezing_findings
from tests.asking import statements
from tests.floor import PAPER, SCAN

SST, EDTA = "1SS08", "1ED10"
LATE = "told after the night"


def make(floor, parent, *vials, minutes=600, confirmation=None, **more):
    new = NewAliquots(parent=parent, vials=vials, **more)
    return aliquot(
        floor.work, new, by=floor.technician, source=SCAN, at=floor.told(minutes), confirmation=confirmation
    )


def children(floor, item):
    return children_of(floor.work, floor.now(item).id)


def born_with(floor, item):
    return newest_events(floor.work, item, 5)[-1]["details"]


def wrongs(floor) -> list[Finding]:
    return list(freezing_findings(floor.work))


def test_what_was_really_made_is_one_step_that_names_the_plan_and_what_is_lacking(floor):
    tube = floor.received(minutes=60)[EDTA]
    floor.step(tube, Action.CENTRIFUGE, minutes=580)
    made, used_up = make(
        floor, tube, Vials("plasma", 500, ("", "", "")), Vials("plasma", 300), Vials("buffy coat", None, ("FX001",)),
        not_made=(("plasma", 4, NotMade.NOT_ENOUGH), ("buffy coat", 1, NotMade.SPILLED)),
        issuer="FluidX", kept_at=Kept.COLD, used_up=True,
    )  # fmt: skip
    details = made.event["details"]
    assert (details["plan"], details["kept_at"], made.event.get("flags")) == (
        "aliquots-1",
        "2_to_10_degrees",
        None,
    )
    assert details["not_made"] == [
        {"specification": "plasma", "count": 4, "reason": "not_enough_material"},
        {"specification": "buffy coat", "count": 1, "reason": "spilled"},
    ]
    assert [(child.specification, child.volume_microlitres) for child in children(floor, tube)] == [
        *[("plasma", 500)] * 3, ("plasma", 300), ("buffy coat", None),
    ]  # fmt: skip
    assert floor.now("FX001").specification == "buffy coat"
    assert (used_up.item.state, used_up.item.volume_microlitres) == (State.CONSUMED, None)


def test_nobody_spun_it_and_too_late_stay_with_the_step_and_nothing_made_is_refused(floor):
    tube = floor.received(minutes=60)[SST]
    with pytest.raises(ChildrenRefused, match="Nothing was made"):
        make(floor, tube)
    made = make(floor, tube, Vials("serum", 500), minutes=1441)[0]
    assert made.event["flags"] == ["aliquoted_unspun", "aliquoted_late"]
    told = "was aliquoted 25 hours after its collection; 24 is the most."
    assert any(alert.text.endswith(told) for alert in made.alerts)
    assert floor.cases(tube) == ["unexpected_step"]  # it was brought by hand
    for told in ({"not_made": ["plasma"]}, {"kept_at": "warm"}, {"plan": 7}):
        with pytest.raises(ChildrenRefused):
            floor.step(tube, Action.ALIQUOT, details={"children": [{"specification": "serum"}], **told})


def test_all_or_nothing_a_vial_that_is_known_already_is_asked_back_and_nothing_was_made(floor):
    tubes = floor.received(minutes=60)
    make(floor, tubes[EDTA], Vials("plasma", 500, ("FX001",)), issuer="FluidX")
    with pytest.raises(AskedBack, match="FX001"):
        make(floor, tubes[SST], Vials("serum", 500, ("FX002", "FX001")), issuer="FluidX")
    assert children(floor, tubes[SST]) == []
    born = make(
        floor, tubes[SST], Vials("serum", 500, ("FX001",)), issuer="FluidX", confirmation="that stands on it"
    )
    assert floor.holds(born[0].born[0].identifier) == {"discrepancy"}


def test_what_was_measured_of_a_derivative_stands_in_its_first_event_as_whole_numbers(floor):
    coat = make(floor, floor.received(minutes=60)[EDTA], Vials("buffy coat", 500))[0].born[0].identifier
    measured = {"concentration_picograms_per_microlitre": 48_500, "a260_280_thousandths": 1_840}
    told = [{"specification": "DNA", "volume_microlitres": 100, **measured}]
    for wrong in (1.84, -1, 10**9, "1.8"):
        with pytest.raises(ChildrenRefused, match="A260/280"):
            floor.step(
                coat, Action.DERIVE, details={"children": [{**told[0], "a260_280_thousandths": wrong}]}
            )
    with pytest.raises(AskedBack, match="no consent"):
        floor.step(coat, Action.DERIVE, details={"children": told})
    made = floor.step(coat, Action.DERIVE, details={"children": told}, confirmation="extracted already")
    dna = made.born[0]
    assert born_with(floor, dna.identifier)["concentration_picograms_per_microlitre"] == 48_500
    assert (dna.volume_microlitres, floor.holds(dna.identifier)) == (100, {"consent"})


# Frozen and thawed.


def test_thaws_are_counted_and_one_too_many_is_a_case(floor):
    vial = make(floor, floor.received(minutes=60)[SST], Vials("serum", 500))[0].born[0].identifier
    for number in range(3):
        floor.step(vial, Action.FREEZE, minutes=700 + number * 100)
        thawed = floor.step(vial, Action.THAW, minutes=750 + number * 100)
    assert thawed.event["flags"] == ["thawed_too_often"]
    assert thawed.alerts[-1].text.endswith("has 3 thaws now; serum may have 2.")
    assert (thaws_of(floor.work, floor.now(vial).id), floor.cases(vial)[-1]) == (3, "thawed_too_often")
    floor.step(vial, Action.CORRECT, details={"undo": "newest step"}, corrects=floor.now(vial).sequence)
    assert thaws_of(floor.work, floor.now(vial).id) == 2
    assert newest_change(floor.work, floor.now(vial).id).change == "frozen"
    assert wrongs(floor) == []


def test_a_vial_that_was_frozen_too_late_keeps_a_note_and_only_the_first_time(floor):
    tubes = floor.received(minutes=60)
    vials = [each.identifier for each in make(floor, tubes[SST], Vials("serum", 500, ("", "")))[0].born]
    assert floor.step(vials[0], Action.FREEZE, minutes=660).event.get("flags") is None
    late = floor.step(vials[1], Action.FREEZE, minutes=660.1)
    assert late.event["flags"] == ["frozen_late"]
    assert late.alerts[-1].text.endswith("was frozen after 61 minutes; 60 is the most.")
    floor.step(vials[1], Action.THAW, minutes=800)
    assert floor.step(vials[1], Action.FREEZE, minutes=900).event.get("flags") is None


def test_what_is_made_of_thawed_material_was_thawed_as_often(floor):
    tubes = floor.received(minutes=60)
    first = make(floor, tubes[EDTA], Vials("plasma", 500))[0].born[0].identifier
    other = make(floor, tubes[SST], Vials("serum", 500))[0].born[0].identifier
    floor.step(first, Action.THAW, minutes=700)
    with statements() as asked:
        second, *_ = floor.step(
            first, Action.ALIQUOT, details={"children": [{"specification": "plasma"}] * 9}
        ).born
    assert born_with(floor, second.identifier)["thaws_before"] == 1
    assert sum("sum(freeze_thaws.thaws)" in each for each in asked) == 1, "once, not once a vial"
    parts = (Part(other, 100), Part(second.identifier, 100))
    new = NewPool(parts=parts, specification="plasma")
    pool = make_pool(floor.work, new, by=floor.technician, source=PAPER, at=floor.told()).pool
    assert thaw_counts(floor.work, [floor.now(each).id for each in (other, first)]) == {
        floor.now(first).id: 1
    }
    assert thaws_of(floor.work, pool.id) == 1
    assert wrongs(floor) == []


def test_what_is_stored_otherwise_than_the_log_says_is_found(floor):
    vial = make(floor, floor.received(minutes=60)[SST], Vials("serum", 500))[0].born[0].identifier
    floor.step(vial, Action.THAW, minutes=700)
    change = newest_change(floor.work, floor.now(vial).id)
    change.thaws = 0
    assert "is stored with" in wrongs(floor)[0].sentence
    floor.work.session.delete(change)
    assert "is in the log and not stored" in wrongs(floor)[0].sentence
