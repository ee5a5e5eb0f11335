"""Two tubes with one code: both set aside, two people sign, and the old code is on nothing any more."""

import pytest

from biobank.access.inputs import Signing
from biobank.custody.checks import StepRefused
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack
from biobank.destruction.queries import lines_of
from biobank.discrepancies import checks
from biobank.discrepancies.choices import Resolution
from biobank.discrepancies.inputs import Resolving, Separating
from biobank.discrepancies.models import CodeSeparation
from biobank.discrepancies.operations import reopen, resolve
from biobank.discrepancies.queries import newest_separation
from biobank.discrepancies.replay import case_findings
from biobank.discrepancies.separating import approve_separation, propose, report_same_code, shown_for_approval
from biobank.items.models import Item
from biobank.participants import own_names
from biobank.participants.own_names import OwnNameWritten
from biobank.processing.freezing import thaws_of
from biobank.processing.models import Spin
from biobank.processing.replay import freezing_findings, spin_findings
from tests.cases import open_cases
from tests.floor import CODE, SCAN
from tests.leaving import PASSWORD


def reported(floor, tube):
    return report_same_code(floor.work, tube, by=floor.technician, source=SCAN, at=floor.told())


def proposed(floor, found, outcome=Resolution.CODES_SEPARATED):
    told = Separating(
        outcome=outcome, sentence="The fuller one is of the kit by its lot", other=found.other.identifier
    )
    return propose(floor.work, found.case.id, told, by=floor.technician)


def approved(floor, found, who="bio.lea"):
    kept = newest_separation(floor.work, found.case) or CodeSeparation(case_id=0)
    sha256 = shown_for_approval(floor.work, found.case, kept)
    signing = Signing(username=who, password=PASSWORD, sha256=sha256)
    return approve_separation(floor.work, found.case.id, signing, by=floor.lead)


def test_both_are_held_and_two_people_give_the_code_up(floor):
    tube = floor.received()["1SS08"]
    found = reported(floor, tube)
    assert floor.holds(tube) == {"discrepancy"}
    assert floor.holds(found.other.identifier) == {"identity"}
    alone = Resolving(resolution=Resolution.ACCEPTED, sentence="I know it")
    with pytest.raises(checks.TwoPeopleNeeded):
        resolve(floor.work, found.case.id, alone, by=floor.lead, source=SCAN, at=floor.told())
    proposed(floor, found)
    with pytest.raises(checks.OwnProposal):
        approved(floor, found, "bio.tess")
    case = approved(floor, found)
    assert (case.state, case.resolved_as) == ("resolved", "codes_separated")
    heir = floor.work.session.query(Item).order_by(Item.id.desc()).first()
    assert (heir.participant, heir.state, heir.specification) == (CODE, "received", "1SS08")
    assert floor.holds(heir.identifier) == set()
    assert floor.now(tube).state is State.VOIDED
    with pytest.raises(checks.TwoPeopleNeeded):
        reopen(floor.work, case.id, "Once more", by=floor.lead)
    assert list(case_findings(floor.work)) == []
    assert list(state_findings(floor.work)) == []


def test_what_goes_on_under_another_code_stays_on_the_order_of_its_participant(floor):
    floor.window(0)
    tube = floor.received()["1SS08"]
    floor.decide(hours=1)
    found = reported(floor, tube)
    proposed(floor, found)
    approved(floor, found)
    lines = {line.item_id: line.outcome for line in lines_of(floor.work, floor.order())}
    heir = floor.work.session.query(Item).order_by(Item.id.desc()).first()
    assert lines[floor.now(tube).id] == "code_replaced"
    assert lines[heir.id] is None, "it is still to be destroyed"
    assert "withdrawal" in floor.holds(heir.identifier)


def test_thaws_go_on_with_the_material_and_a_run_is_told_of_the_new_code_by_who_sees_it(floor):
    tube = floor.received()["1SS08"]
    floor.step(tube, Action.CENTRIFUGE, floor.clinic, minutes=40, confirmation="it was so")
    for change in (Action.FREEZE, Action.THAW, Action.FREEZE, Action.THAW):
        floor.step(tube, change, confirmation="it was so")
    found = reported(floor, tube)
    proposed(floor, found)
    approved(floor, found)
    heir = floor.work.session.query(Item).order_by(Item.id.desc()).first().identifier
    assert thaws_of(floor.work, floor.now(heir).id) == 2
    assert thaws_of(floor.work, floor.now(tube).id) == 2
    spun = floor.work.session.query(Spin.item_id).all()
    assert spun == [(floor.now(tube).id,)]
    with pytest.raises(AskedBack, match="lies before the last step"):
        floor.step(heir, Action.CENTRIFUGE, minutes=40)
    floor.step(heir, Action.CENTRIFUGE, minutes=40, confirmation="The gel is between")
    assert floor.work.session.query(Spin).filter_by(item_id=floor.now(heir).id).count() == 1
    for findings in (freezing_findings, spin_findings, state_findings, case_findings):
        assert list(findings(floor.work)) == []


def test_the_old_code_is_never_used_again(floor):
    tube = floor.received()["1SS08"]
    found = reported(floor, tube)
    proposed(floor, found)
    approved(floor, found)
    children = {"children": [{"specification": "serum"}]}
    with pytest.raises(StepRefused, match="voided on"):
        floor.step(tube, Action.ALIQUOT, details=children)
    with pytest.raises(AskedBack):
        floor.step(tube, Action.CENTRIFUGE)
    floor.step(tube, Action.RECEIVE)
    assert "discrepancy" in floor.holds(tube), "something is behind it, and goes into quarantine"


def test_nobody_gives_a_code_up_by_the_step_alone(floor):
    tube = floor.received()["1SS08"]
    found = reported(floor, tube)
    kept = proposed(floor, found)
    for details in ({}, {"separation": kept.id}, {"separation": "1"}, {"separation": True}):
        with pytest.raises(checks.TwoPeopleNeeded):
            floor.step(tube, Action.REPLACE_CODE, details=details)


def test_it_was_one_tube_after_all(floor):
    tube = floor.received()["1SS08"]
    found = reported(floor, tube)
    proposed(floor, found, Resolution.MISTAKE)
    assert approved(floor, found).resolved_as == "mistake"
    assert floor.now(tube).state is State.RECEIVED


def test_a_urine_cup_and_its_tube_are_not_two(floor):
    tube = floor.received()["1UR10"]
    with pytest.raises(checks.OneSpecimen, match="2 labels"):
        reported(floor, tube)
    assert "two_with_one_code" not in floor.cases(tube)


def test_a_proposal_is_about_two_tubes_and_says_which(floor):
    tubes = floor.received()
    found = reported(floor, tubes["1SS08"])
    with pytest.raises(checks.TwoPeopleNeeded, match="Nothing is proposed"):
        sign = Signing(username="bio.lea", password=PASSWORD, sha256="0" * 64)
        approve_separation(floor.work, found.case.id, sign, by=floor.lead)
    told = {"outcome": Resolution.CODES_SEPARATED, "sentence": "By its lot"}
    for wrong in (
        {},
        {"outcome": Resolution.ACCEPTED},
        {"other": tubes["1SS08"]},
        {"other": floor.box()},
    ):
        with pytest.raises(checks.CaseRefused):
            propose(floor.work, found.case.id, Separating(**(told | wrong)), by=floor.technician)
    floor.step(tubes["1ED04"], Action.RECEIVE, details={"conditions": ["leaked"]})
    other = open_cases(floor.work)[-1].id
    with pytest.raises(checks.CaseRefused, match="not about two"):
        propose(floor.work, other, Separating(**told, other=tubes["1ED04"]), by=floor.technician)
    with pytest.raises(checks.CaseRefused, match="no specimen"):
        reported(floor, floor.box("Box 2"))


def test_which_tube_is_which_is_told_without_the_name_of_anybody_of_the_two(floor, monkeypatch):
    floor.participant("A500000001")
    found = reported(floor, floor.received()["1SS08"])
    other = floor.received(participant="A500000001")["1SS08"]
    told = Separating(outcome=Resolution.CODES_SEPARATED, sentence="The second is of Testa", other=other)
    asked = [lambda _work, _by, code, text: code == "A500000001" and "Testa" in text]
    monkeypatch.setattr(own_names, "_installed", asked)
    with pytest.raises(OwnNameWritten, match="^sentence holds a word"):
        propose(floor.work, found.case.id, told, by=floor.technician)
    assert newest_separation(floor.work, found.case) is None
