"""A case from question to end, by the rules: who asks, who answers, who resolves, and when something is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.cases import due_from
from biobank.custody.checks import NotYourStep, OtherSite
from biobank.custody.holds import open_discrepancy
from biobank.custody.models import Discrepancy
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, State
from biobank.discrepancies import checks
from biobank.discrepancies.choices import CaseState, Resolution, SiteAnswer
from biobank.discrepancies.inputs import Answering, Asking, CasesAsked, Resolving
from biobank.discrepancies.operations import (
    answer_case,
    ask_site,
    assign,
    assign_many,
    reopen,
    resolve,
    resolve_many,
)
from biobank.discrepancies.queries import (
    NoSuchCase,
    case_numbered,
    cases_asked_for,
    cases_given_to,
    cases_to_answer,
    overdue_cases,
)
from biobank.discrepancies.replay import case_findings
from biobank.ledger.queries import entries_of
from biobank.settings import SettingRefused
from tests.cases import open_cases
from tests.floor import SCAN, actor


def missing(floor, *, tube="1ED04"):
    """A tube that was on the list and not in the parcel, and its case."""
    tubes = floor.collected()
    parcel = floor.parcel()
    for code in (tube, "1SS08"):
        floor.step(tubes[code], Action.PACK, floor.clinic, place=parcel)
    floor.step(
        parcel, Action.DISPATCH, floor.clinic, details={"carrier": "courier"}, confirmation="it was so"
    )
    for action in (Action.ARRIVE, Action.OPEN):
        floor.step(parcel, action)
    floor.step(tubes["1SS08"], Action.RECEIVE)
    floor.step(parcel, Action.RECEIVE)
    return tubes[tube], open_cases(floor.work, "clinic-1")[-1].id


def warm(floor, count=1):
    """Tubes that arrived too warm, and the numbers of their cases."""
    tubes = floor.collected()
    for code in list(tubes)[:count]:
        floor.step(tubes[code], Action.RECEIVE, details={"conditions": ["too_warm"]})
    cases = [case.id for case in open_cases(floor.work) if case.kind == "condition_too_warm"]
    return [tubes[code] for code in list(tubes)[:count]], cases


def ended(floor, case, resolution, by=None, sentence="It was looked at by the bench"):
    told = Resolving(resolution=resolution, sentence=sentence)
    return resolve(floor.work, case, told, by=by or floor.lead, source=SCAN, at=floor.told())


def answered(floor, case, answer=SiteAnswer.NOT_KNOWN):
    told = Answering(answer=answer, sentence="Nothing is in our rack")
    return answer_case(floor.work, case, told, by=floor.clinic)


def row(floor, case):
    return floor.work.session.get_one(Discrepancy, case)


def later(monkeypatch, days):
    at = moments.now() + timedelta(days=days)
    monkeypatch.setattr(moments, "now", lambda: at)


def listed(floor, by, **asked):
    return [case.id for case in floor.work.session.scalars(cases_asked_for(by, CasesAsked(**asked)))]


def test_a_missing_tube_is_lost_only_after_its_site_looked(floor):
    tube, case = missing(floor)
    assert (row(floor, case).site, row(floor, case).found_at) == ("clinic-1", "biobank-1")
    with pytest.raises(checks.SiteLooksFirst):
        ended(floor, case, Resolution.LOST)
    assign(floor.work, case, "bio.tess", by=floor.technician)
    ask_site(floor.work, case, Asking(sentence="Is it in your rack?"), by=floor.technician)
    with pytest.raises(checks.SiteLooksFirst):
        ended(floor, case, Resolution.LOST)
    assert floor.now(tube).state is State.IN_TRANSIT, "a refusal leaves nothing behind"
    with pytest.raises(checks.NotAskedOfYou):
        answer_case(floor.work, case, Answering(answer=SiteAnswer.FOUND_HERE), by=floor.technician)
    answered(floor, case)
    assert row(floor, case).state == CaseState.ANSWERED
    with pytest.raises(checks.NotYoursToResolve):
        ended(floor, case, Resolution.LOST, floor.clinic)
    ended(floor, case, Resolution.LOST)
    found = row(floor, case)
    assert (found.state, found.resolved_as, found.resolved_by) == ("resolved", "lost", "bio.lea")
    assert (found.owner, found.answer, found.due_at) == ("bio.tess", "not_known", None)
    assert floor.now(tube).state is State.LOST
    with pytest.raises(checks.CaseResolved):
        ended(floor, case, Resolution.ACCEPTED)
    assert list(case_findings(floor.work)) == []
    found.sentence = "Nothing was wrong."
    assert "sentence_sha256" in next(iter(case_findings(floor.work))).sentence


def test_a_site_that_does_not_answer_in_its_time_is_waited_for_no_longer(floor, monkeypatch):
    tube, case = missing(floor)
    ask_site(floor.work, case, Asking(), by=floor.technician)
    assert list(floor.work.session.scalars(cases_to_answer(floor.clinic))) == [case]
    assert list(floor.work.session.scalars(overdue_cases(floor.clinic))) == []
    later(monkeypatch, 4)
    assert list(floor.work.session.scalars(overdue_cases(floor.clinic))) == [case]
    ended(floor, case, Resolution.LOST)
    assert floor.now(tube).state is State.LOST


def test_what_is_found_after_all_is_here_and_a_case_can_be_opened_again(floor):
    tube, case = missing(floor)
    ended(floor, case, Resolution.FOUND)
    assert floor.now(tube).state is State.RECEIVED
    assert floor.cases(tube) == ["not_in_parcel"], "to find it opens no other case"
    reopen(floor.work, case, "It was another tube", by=floor.technician)
    found = row(floor, case)
    assert (found.state, found.resolved_as, found.resolved_at) == ("reopened", None, None)
    assert found.due_at is not None
    with pytest.raises(checks.CaseStands):
        reopen(floor.work, case, "Once more", by=floor.technician)
    assert list(case_findings(floor.work)) == []


def test_a_release_takes_off_the_hold_of_its_kind_and_only_judges_decide_it(floor):
    [tube], [case] = warm(floor)
    assert floor.holds(tube) == {"temperature"}
    with pytest.raises(NotYourStep):
        ended(floor, case, Resolution.RELEASED, floor.technician)
    ended(floor, case, Resolution.RELEASED)
    assert floor.holds(tube) == set()
    assert newest_events(floor.work, tube)[0]["details"]["hold"] == "temperature"


def test_a_case_never_says_more_than_the_log_of_its_item(floor):
    [tube], [case] = warm(floor)
    with pytest.raises(checks.NotSo):
        ended(floor, case, Resolution.DESTROYED)
    with pytest.raises(checks.TwoPeopleNeeded):
        ended(floor, case, Resolution.CODES_SEPARATED)
    with pytest.raises(NamesSomebody):
        ended(floor, case, Resolution.ACCEPTED, sentence="Ask testa@example.org about it")
    with pytest.raises(checks.CaseRefused):
        ended(floor, case, Resolution.ACCEPTED, sentence="  ")
    floor.step(tube, Action.BREAK, details={"reason": "dropped"})
    ended(floor, case, Resolution.DESTROYED)
    assert row(floor, case).resolved_as == "destroyed"


def test_several_are_assigned_and_resolved_at_once_or_none(floor):
    tubes, cases = warm(floor, 3)
    assign_many(floor.work, cases, "bio.lea", by=floor.lead)
    assert listed(floor, floor.lead, owner="bio.lea") == cases
    told = Resolving(resolution=Resolution.RELEASED, sentence="Two hours in the sun, within its limits")
    with pytest.raises(checks.CaseRefused):
        resolve_many(floor.work, [], told, by=floor.lead, source=SCAN, at=floor.told())
    resolve_many(floor.work, cases, told, by=floor.lead, source=SCAN, at=floor.told())
    assert [floor.holds(tube) for tube in tubes] == [set()] * 3
    assert listed(floor, floor.lead, kind="condition_too_warm") == []
    assert listed(floor, floor.lead, standing=False) == cases
    assert list(case_findings(floor.work)) == []


def test_a_list_is_of_the_sites_of_its_reader_and_as_narrow_as_asked(floor, monkeypatch):
    _, case = missing(floor)
    assert listed(floor, floor.clinic) == listed(floor, floor.lead) == listed(floor, floor.compliance)
    assert case in listed(floor, floor.clinic, kind="not_in_parcel", site="clinic-1")
    assert listed(floor, floor.clinic, older_than_days=2) == []
    other = actor("bio.olaf", Role.LEAD, "biobank-2")
    assert listed(floor, other) == []
    with pytest.raises(OtherSite):
        case_numbered(floor.work, other, case)
    later(monkeypatch, 3)
    assert case in listed(floor, floor.clinic, older_than_days=2, overdue=True)


def test_a_case_that_was_changed_past_the_log_is_found(floor):
    _, case = missing(floor)
    row(floor, case).owner = "nobody.knows"
    assert [finding.sentence for finding in case_findings(floor.work)] == [
        f"discrepancy:{case} is stored with owner nobody.knows, not None."
    ]


def test_who_merely_sees_a_case_neither_gives_it_to_somebody_nor_asks_nor_opens_it_again(floor):
    _, case = missing(floor)
    for step in (
        lambda by: assign(floor.work, case, "bio.tess", by=by),
        lambda by: ask_site(floor.work, case, Asking(), by=by),
    ):
        with pytest.raises(checks.NotYoursToResolve, match="they see to it, and you answer"):
            step(floor.clinic)
        step(floor.technician)
    ended(floor, case, Resolution.ACCEPTED)
    with pytest.raises(checks.NotYoursToResolve):
        reopen(floor.work, case, "It came", by=floor.clinic)
    assert reopen(floor.work, case, "It came", by=floor.compliance).state == CaseState.REOPENED


def test_what_has_to_be_reported_is_resolved_by_compliance_alone(floor):
    tube = floor.received()["1ED04"]
    case = open_discrepancy(
        floor.work, floor.now(tube), "false_destruction", "Found.", by=floor.technician
    ).id
    with pytest.raises(checks.NotYoursToResolve, match="compliance"):
        ended(floor, case, Resolution.ACCEPTED)
    ended(floor, case, Resolution.ACCEPTED, floor.compliance)
    with pytest.raises(checks.CaseRefused, match="at most 500 char"):
        reopen(floor.work, case, "x" * 501, by=floor.compliance)


def test_somebody_of_the_site_answers_and_nobody_for_all_sites(floor):
    _, case = missing(floor)
    with pytest.raises(checks.NotAskedOfYou):
        answer_case(floor.work, case, Answering(answer=SiteAnswer.NOT_KNOWN), by=floor.compliance)


def test_of_a_thing_of_no_site_nobody_has_to_look_before_it_is_lost(floor):
    tube = floor.received()["1ED04"]
    item = floor.now(tube)._replace(site=None)
    case = open_discrepancy(floor.work, item, "displaced", "Displaced.", by=floor.technician).id
    with pytest.raises(checks.CaseRefused, match="which site"):
        ask_site(floor.work, case, Asking(), by=floor.technician)
    ended(floor, case, Resolution.LOST)
    again = open_discrepancy(floor.work, item, "displaced", "Displaced.", by=floor.technician).id
    ended(floor, again, Resolution.LOST)
    third = open_discrepancy(floor.work, item, "displaced", "Displaced.", by=floor.technician).id
    ended(floor, third, Resolution.FOUND)
    assert floor.now(tube).state is State.RECEIVED
    fourth = open_discrepancy(floor.work, item, "displaced", "Displaced.", by=floor.technician).id
    ended(floor, fourth, Resolution.FOUND)
    assert newest_events(floor.work, tube)[0]["action"] == "find", "what is here needs no step"


def test_what_went_missing_in_the_house_is_looked_for_as_long_as_its_case_has_time(floor, monkeypatch):
    tube = floor.received()["1ED04"]
    case = open_discrepancy(floor.work, floor.now(tube), "displaced", "Gone.", by=floor.technician).id
    with pytest.raises(checks.SiteLooksFirst, match="time to look"):
        ended(floor, case, Resolution.LOST)
    later(monkeypatch, 15)
    ended(floor, case, Resolution.LOST)
    assert floor.now(tube).state is State.LOST


def test_the_time_to_look_is_over_at_its_very_end(floor, monkeypatch):
    tube = floor.received()["1ED04"]
    case = open_discrepancy(floor.work, floor.now(tube), "displaced", "Gone.", by=floor.technician).id
    end = row(floor, case).due_at
    monkeypatch.setattr(moments, "now", lambda: end - timedelta(seconds=1))
    with pytest.raises(checks.SiteLooksFirst, match="time to look"):
        ended(floor, case, Resolution.LOST)
    monkeypatch.setattr(moments, "now", lambda: end)
    ended(floor, case, Resolution.LOST)
    assert row(floor, case).resolved_as == "lost"


def test_a_sentence_is_one_line_as_long_as_is_said(floor):
    _, cases = warm(floor, 2)
    for sentence, refusal in (("  \n ", "one sentence"), ("a\0b", "at most 500"), ("x" * 501, "at most 500")):
        with pytest.raises(checks.CaseRefused, match=refusal):
            ended(floor, cases[0], Resolution.ACCEPTED, sentence=sentence)
    for case, sentence, kept in ((cases[0], "x" * 500, "x" * 500), (cases[1], " two\n lines ", "two lines")):
        ended(floor, case, Resolution.ACCEPTED, sentence=sentence)
        assert row(floor, case).resolution == kept


def test_what_broke_is_resolved_as_destroyed_once_it_is_so(floor):
    [tube], [case] = warm(floor)
    with pytest.raises(checks.NotSo, match="is received; put it in waste or report it broken first"):
        ended(floor, case, Resolution.DESTROYED)
    floor.step(tube, Action.BREAK, details={"reason": "it fell"})
    ended(floor, case, Resolution.DESTROYED)
    assert row(floor, case).resolved_as == "destroyed"


def test_more_than_may_be_done_at_once_are_refused_and_a_case_that_is_none(floor):
    with pytest.raises(checks.CaseRefused, match="at least one case"):
        assign_many(floor.work, (), "bio.lea", by=floor.lead)
    with pytest.raises(checks.CaseRefused, match="At most 500"):
        assign_many(floor.work, range(1, 502), "bio.lea", by=floor.lead)
    for number in (0, 99, 2**63):
        with pytest.raises(NoSuchCase):
            case_numbered(floor.work, floor.lead, number)
    two = actor("bio.olaf", Role.LEAD, "biobank-2")
    both = replace(two, grants=two.grants | floor.lead.grants)
    _, case = missing(floor)
    assert case in listed(floor, both)
    assert listed(floor, both, states=(CaseState.ASKED,)) == []
    assert case in listed(floor, both, site="clinic-1", found_at="biobank-1", standing=None)
    assign(floor.work, case, "bio.lea", by=floor.lead)
    assign(floor.work, case, "bio.lea", by=floor.lead)
    changes = [entry.event["change"] for entry in entries_of(floor.work, f"discrepancy:{case}")]
    assert changes == ["opened", "assigned"], "what is so already is no entry"
    assert list(floor.work.session.scalars(cases_given_to(floor.lead))) == [case]


def test_days_are_of_the_kind_and_a_file_without_them_is_refused(floor, tmp_path):
    at = moments.now()
    settings = floor.work.settings
    assert due_from(at, "not_in_parcel", settings) == at + timedelta(days=3)
    assert due_from(at, "anything", settings) == at + timedelta(days=14)
    for text in ("[days]\nnot_in_parcel = 3", "[days]\nusual = -1", "days"):
        file = tmp_path / f"{len(text)}.toml"
        file.write_text(text)
        with pytest.raises(SettingRefused):
            due_from(at, "x", settings.with_changes(discrepancies_file=str(file)))


def test_a_case_from_before_has_no_entry_of_its_opening_and_one_that_was_removed_is_missed(floor):
    tube, case = missing(floor)
    number, at = floor.now(tube).id, moments.now()
    told = {"item_id": number, "sentence": "It was so.", "opened_at": at, "opened_by": "bio.tess"}
    before = Discrepancy(kind="displaced", opened_sequence=1, has_entry=False, **told)
    floor.work.session.add(before)
    floor.work.flush()
    assert list(case_findings(floor.work)) == []
    assign(floor.work, before.id, "bio.lea", by=floor.lead)
    before.owner = None
    assert [finding.subject for finding in case_findings(floor.work)] == [f"discrepancy:{before.id}"]
    before.owner = "bio.lea"
    floor.work.session.delete(row(floor, case))
    assert [finding.sentence for finding in case_findings(floor.work)] == [
        f"discrepancy:{case} has entries and is not stored."
    ]
