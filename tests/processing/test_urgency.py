"""What of the tubes that came goes first: by what is to be done with each, and until when."""

from datetime import timedelta

import pytest

from biobank.custody.states import Action
from biobank.discrepancies.choices import Resolution
from biobank.discrepancies.inputs import Resolving
from biobank.discrepancies.operations import resolve
from biobank.processing.choices import Phase
from biobank.processing.urgency import Need, what_goes_first
from tests.cases import open_cases
from tests.floor import SCAN

SST, EDTA, BLOOD, PAXGENE = "1SS08", "1ED10", "1ED04", "1PXR2"


@pytest.fixture
def tubes(floor):
    return floor.received(minutes=20)


def first(floor, *tubes, minutes=60):
    """Of each tube that waits for something: its code, what for, and until how many minutes after its collection."""
    items = [floor.row(tube) for tube in tubes]
    found = what_goes_first(floor.work, items, floor.told(minutes).at)
    since = floor.told(0).at
    return [
        (each.tube.identifier, each.need, each.until and (each.until - since) / timedelta(minutes=1))
        for each in found
    ]


def test_each_tube_waits_for_what_its_kind_needs_the_first_to_end_first(floor, tubes):
    codes = [tubes[code] for code in (PAXGENE, BLOOD, EDTA, SST)]
    assert first(floor, *codes) == [
        (codes[3], Need.SPIN, 240),
        (codes[1], Need.ALIQUOT, 1440),
        (codes[2], Need.SPIN, 1440),
        (codes[0], Need.FREEZE, 7200),
    ]


def test_what_was_spun_waits_to_be_taken_off_until_its_plan_says(floor, tubes):
    for code in (SST, EDTA):
        floor.step(tubes[code], Action.CENTRIFUGE, minutes=50)
        assert first(floor, tubes[code]) == [(tubes[code], Need.ALIQUOT, 1440)]
    newest = floor.now(tubes[EDTA]).sequence
    floor.step(tubes[EDTA], Action.CORRECT, details={"undo": "newest step"}, corrects=newest)
    assert first(floor, tubes[EDTA]) == [(tubes[EDTA], Need.SPIN, 1440)]


def test_what_is_late_goes_before_what_hurries_and_that_before_what_nobody_knows(floor, tubes):
    """At four hours and a quarter; of the blood nobody knows when it was collected."""
    floor.step(
        tubes[BLOOD], Action.CORRECT, floor.clinic, corrects=2, changes={"collected_at": None}, minutes=30
    )
    codes = [tubes[code] for code in (EDTA, BLOOD, SST)]
    assert [each[0] for each in first(floor, *codes, minutes=255)] == [codes[2], codes[1], codes[0]]
    items = [floor.row(tube) for tube in codes]
    for minutes, phase in ((210, Phase.READY), (211, Phase.HURRY), (240, Phase.HURRY), (241, Phase.LATE)):
        at = floor.told(minutes).at
        found = {each.tube.identifier: each.phase(at) for each in what_goes_first(floor.work, items, at)}
        assert (found[codes[2]], found[codes[1]]) == (phase, Phase.UNKNOWN)
    assert first(floor, tubes[BLOOD]) == [(tubes[BLOOD], Need.ALIQUOT, None)]


def test_what_is_not_in_hand_was_used_or_is_held_waits_for_nothing(floor, tubes):
    stored, used = tubes[BLOOD], tubes[EDTA]
    floor.step(stored, Action.STORE, place=floor.box(), position="A1")
    floor.step(used, Action.CENTRIFUGE, minutes=50)
    floor.step(used, Action.ALIQUOT, details={"children": [{"specification": "plasma"}]})
    for code in (SST, PAXGENE):
        floor.step(tubes[code], Action.QUARANTINE, details={"hold": "biohazard", "reason": "a splash"})
    told = first(floor, stored, used, tubes[SST], tubes[PAXGENE])
    assert told == [(tubes[PAXGENE], Need.FREEZE, 7200)], (
        "what is frozen as it is does not wait for a release"
    )


def test_what_came_broken_waits_for_nothing_until_somebody_says_that_it_can_be_used(floor):
    tube = floor.collected()[BLOOD]
    floor.step(tube, Action.RECEIVE, details={"conditions": ["broken"]})
    assert first(floor, tube) == []
    [case] = [case.id for case in open_cases(floor.work) if case.kind == "condition_broken"]
    told = Resolving(resolution=Resolution.ACCEPTED, sentence="Only its cap was cracked")
    resolve(floor.work, case, told, by=floor.lead, source=SCAN, at=floor.told())
    assert [each[1] for each in first(floor, tube)] == [Need.ALIQUOT]
