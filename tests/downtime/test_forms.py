"""Paper that is entered later: who drew is the performer, the number the source, and no fact is refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from biobank.access.queries import actor_named
from biobank.core.database import reading, writing
from biobank.core.moments import zone_named
from biobank.custody.queries import item_now
from biobank.custody.replay import state_findings
from biobank.custody.states import HoldKind, State
from biobank.downtime.checks import EntryRefused, FormNotOut
from biobank.downtime.choices import FormStanding, FormVoidReason, TubeOutcome
from biobank.downtime.inputs import EnteredTube
from biobank.downtime.models import LateEntry
from biobank.downtime.operations import void_form
from biobank.downtime.queries import FormElsewhere, form_named, forms_listed, late_entries
from biobank.downtime.replay import form_findings
from biobank.items.identifiers import check_digits
from biobank.kits.choices import NotCollectedReason
from biobank.visits.queries import visit_of_kit
from biobank.visits.replay import visit_findings
from tests.cases import open_cases
from tests.programme import PARTICIPANT


def log_is_whole(paper):
    return paper.asked(
        lambda work: [*state_findings(work), *form_findings(work), *visit_findings(work)] == []
    )


def test_a_form_becomes_a_visit_and_tubes_drawn_by_who_drew_and_recorded_by_the_clerk(paper):
    [number] = paper.forms()
    assert (number[0], number[-2:]) == ("F", check_digits(number[:-2]))
    kit, tubes = paper.issued()
    told = paper.filled(number, kit)
    serum, *others = told.tubes
    told = replace(told, tubes=(replace(serum, spun_at=paper.told(45)), *others), compensated=True)
    paper.enter(told)
    spun, collected, *_ = paper.events(tubes[0])
    assert (collected["action"], collected["performed_by"], collected["recorded_by"]) == (
        "collect", "nurse.here", "clinic.here",
    )  # fmt: skip
    assert collected["source"] == {"kind": "paper", "reference": number}
    assert (collected["zone"], collected["details"]["fill"]) == ("America/Chicago", "full")
    assert (spun["action"], "centrifuged_early" in spun.get("flags", ())) == ("centrifuge", False)
    with paper.programme.app.app_context(), reading() as work:
        found = item_now(work, kit)
        visit = visit_of_kit(work, found)
        assert (found.state, found.participant) == (State.ASSIGNED, PARTICIPANT)
        assert (visit.identity_attested_by, visit.clearance, visit.state) == ("nurse.here", "full", "closed")
        assert visit.on == paper.drawn_at.astimezone(zone_named("America/Chicago")).date()
        assert visit.compensated_by == "nurse.here"
        form = form_named(work, actor_named(work, "clinic.here"), number)
        assert (form.kit_id, form.entered_by) == (found.id, "clinic.here")
    assert log_is_whole(paper)


def test_a_form_entered_twice_says_who_entered_it_and_when(paper):
    [number] = paper.forms(definition="urine-1")
    kit, _ = paper.issued("urine-1")
    paper.enter(paper.filled(number, kit))
    with pytest.raises(FormNotOut, match=r"was entered by clinic.here at 2\d{3}-\d\d-\d\d \d\d:\d\d UTC"):
        paper.enter(paper.filled(number, kit))


def test_short_not_drawn_and_left_blank_are_three_things_and_an_unknown_time_stays_unknown(paper):
    [number] = paper.forms()
    kit, tubes = paper.issued()
    rows = (
        EnteredTube(tube=tubes[0], outcome=TubeOutcome.SHORT, volume_microlitres=2500),
        EnteredTube(
            tube=tubes[1], outcome=TubeOutcome.NOT_DRAWN, at=paper.told(2), reason=NotCollectedReason.FAINTED
        ),
    )
    paper.enter(paper.filled(number, kit, tubes=rows))
    assert [paper.state(tube) for tube in tubes[:3]] == [State.COLLECTED, State.NOT_COLLECTED, State.EXPECTED]
    short, missing = paper.events(tubes[0])[0], paper.events(tubes[1])[0]
    assert (short["occurred_at"], short["volume_microlitres"]) == (None, 2500)
    assert missing["details"]["reason"] == "fainted"


def test_what_is_odd_on_a_form_is_taken_with_a_flag(paper):
    first, second, voided = paper.forms(3, "urine-1")
    kit, [tube] = paper.issued("urine-1")
    paper.enter(paper.filled(first, kit))
    other = paper.programme.add_participant("A100000002")
    paper.enter(paper.filled(second, kit, participant=other))
    event = paper.events(tube)[0]
    assert {"kit_on_two_forms", "other_participant_on_paper"} <= set(event["flags"])
    assert HoldKind.IDENTITY in paper.holds(tube)
    with paper.programme.app.app_context(), writing() as work:
        void_form(work, voided, FormVoidReason.LOST, by=actor_named(work, "clinic.here"))
        with pytest.raises(FormNotOut, match="was voided by clinic.here"):
            void_form(work, voided, FormVoidReason.LOST, by=actor_named(work, "clinic.here"))
    kit, [tube, *_] = paper.issued()
    paper.enter(paper.filled(voided, kit))
    assert {"voided_form", "other_definition"} <= set(paper.events(tube)[0]["flags"])
    told = paper.asked(lambda work: [case.kind for case in open_cases(work)])
    assert told.count("voided_form") == 1  # one case a form, not one a tube
    assert log_is_whole(paper)


def test_a_kit_that_cannot_be_assigned_any_more_does_not_lose_its_tubes(paper):
    [number] = paper.forms(definition="urine-1")
    kit, [tube] = paper.programme.kit("urine-1")  # nobody issued it
    paper.enter(paper.filled(number, kit))
    event = paper.events(tube)[0]
    assert (paper.state(tube), paper.state(kit)) == (State.COLLECTED, State.REGISTERED)
    assert {"not_assigned", "kit_not_assigned"} <= set(event["flags"])
    assert PARTICIPANT in event["details"]["odd"][0]["sentence"]
    assert HoldKind.IDENTITY in paper.holds(tube)


def test_blood_that_paper_says_was_not_cleared_is_flagged(paper):
    [number] = paper.forms()
    kit, tubes = paper.issued()
    paper.enter(paper.filled(number, kit, blood_cleared=False))
    assert "not_cleared" in paper.events(tubes[0])[0]["flags"]


def test_who_drew_is_somebody_of_the_site_and_a_form_is_entered_at_its_own(paper):
    [number] = paper.forms(definition="urine-1")
    kit, _ = paper.issued("urine-1")
    with pytest.raises(EntryRefused, match="Nobody at clinic-1 has this user name"):
        paper.enter(paper.filled(number, kit, performer="tech.here"))
    with pytest.raises(FormElsewhere, match="is of clinic-1"):
        paper.enter(paper.filled(number, kit), who="clinic.elsewhere")
    assert paper.asked(lambda work: work.session.query(LateEntry).count()) == 0


def test_forms_are_listed_by_where_they_stand_and_late_steps_by_site(paper):
    out, entered, voided = paper.forms(3, "urine-1")
    kit, [tube] = paper.issued("urine-1")
    paper.enter(paper.filled(entered, kit))
    with paper.programme.app.app_context(), writing() as work:
        by = actor_named(work, "clinic.here")
        void_form(work, voided, FormVoidReason.SPOILED, by=by)
        listed = {
            standing: [form.number for form in work.session.scalars(forms_listed(by, standing))]
            for standing in FormStanding
        }
        assert listed == {
            FormStanding.OUT: [out],
            FormStanding.ENTERED: [entered],
            FormStanding.VOIDED: [voided],
        }
        late = work.session.scalars(late_entries(by)).all()
        assert {(each.action, each.source, each.reference) for each in late} == {
            ("assign", "paper", entered), ("collect", "paper", entered),
        }  # fmt: skip
        assert work.session.scalars(late_entries(actor_named(work, "clinic.elsewhere"))).all() == []
        rows = work.session.scalars(select(LateEntry.item_id)).all()
        assert item_now(work, tube).id in rows


def test_of_two_who_enter_one_form_at_once_the_second_is_told(paper):
    [number] = paper.forms(definition="urine-1")
    kit, [tube] = paper.issued("urine-1")
    told = paper.filled(number, kit)

    def enter(_):
        try:
            paper.enter(told)
        except FormNotOut:
            return "told"
        return "entered"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(enter, range(3))) == ["entered", "told", "told"]
    assert [event["action"] for event in paper.events(tube)].count("collect") == 1
