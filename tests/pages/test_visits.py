"""The checklist as people send it: one step after the other, and what a wrong code or a missing answer says."""

import re

import pytest

from biobank.core.database import writing
from biobank.sites.queries import site_named
from tests.programme import PARTICIPANT
from tests.visits.conftest import NOTHING_AMISS, today

SAFE = {"question_set": "adult-1", **NOTHING_AMISS}
TWO = {"identifiers": ["full_name", "birth_date"]}


@pytest.fixture
def kit(programme):
    return programme.issued_kit()[0]


def done(page):
    return re.findall(r'data-step="(\w+)" data-done="yes"', page.text)


def test_a_visit_goes_from_the_code_to_the_picture_of_the_kit(app, seat, kit):
    with app.app_context(), writing() as work:
        site_named(work, "clinic-1").name = "North Clinic"
    clinic = seat("clinic.here")
    page = clinic.post("/visits", code=PARTICIPANT, code_again="A100000010", site="clinic-1")
    assert (page.status, "not the same" in page.problems) == (422, True)
    page = clinic.sent("/visits", code=PARTICIPANT, code_again=PARTICIPANT, site="clinic-1")
    assert done(page) == ["consents"]
    head = page.text.split('id="visit"')[1].split("</section>")[0]
    assert ("North Clinic" in head, "clinic-1" in head) == (True, False)
    page = clinic.post("/visits/1/scan", text=kit)
    assert page.answer[0] == "Who is it?"
    assert f'data-kit="{kit}"' in page.text
    page = clinic.sent("/visits/1/identity", **TWO, kit=kit)
    page = clinic.post("/visits/1/safety", **{**SAFE, "fainted_before": ""})
    assert "one of them is still open" in page.problems
    assert 'id="donated_past_week-no" name="donated_past_week" value="no" checked' in page.text
    assert "counts as yes" in page.text
    page = clinic.sent("/visits/1/safety", **{**SAFE, "donated_past_week": "unknown"}, kit=kit)
    assert page.answer[0] == "No blood today"
    assert "is not known, which counts the same" in page.answer[1]
    page = clinic.sent("/visits/1/safety", **SAFE, kit=kit)
    assert done(page) == ["identity", "consents", "safety"]
    answer = clinic.post("/visits/1/scan", text=kit)
    assert (answer.status, answer.leads_to) == (303, f"/kits/{kit}/collect")
    page = clinic.get("/visits/1")
    assert re.search(rf'data-kit="{kit}" data-complete="no"', page.text)
    page = clinic.sent("/visits/1/compensation")
    assert page.answer == ("Handed out", f"25 USD to {PARTICIPANT}.")
    assert "close" not in done(page)
    assert clinic.sent("/visits/1/close").answer[0] == "Visit closed"
    goodbye = clinic.get("/visits/1").text.split('id="step-close"')[1].split("</li>")[0]
    assert "Done" in goodbye
    assert 'class="visit__by"' in goodbye
    page = clinic.post("/visits/1/cancel", reason="other")
    assert "what the other reason is" in page.text
    page = clinic.sent("/visits/1/cancel", reason="label_error")
    assert "Cancelled" in page.text
    assert clinic.sent("/visits/1/restore", reason="right_participant").answer[0] == "Visit restored"


def test_a_kit_without_a_visit_asks_for_whom_it_is(seat, kit):
    clinic = seat("clinic.here")
    assert "For whom is it?" in clinic.get(f"/visits/kits/{kit}").text
    answer = clinic.post(f"/visits/kits/{kit}", code=PARTICIPANT, scanned="yes")
    assert answer.leads_to == f"/visits/1?kit={kit}"
    assert f'data-kit="{kit}"' in clinic.get(answer.leads_to).text
    assert 'name="visit" value="1"' in clinic.get(f"/visits/kits/{kit}").text
    elsewhere = seat("clinic.elsewhere")
    assert elsewhere.get(f"/visits/kits/{kit}").leads_to == f"/kits/{kit}/collect"
    elsewhere.sent("/visits", code=PARTICIPANT, scanned="yes", site="clinic-2", confirmation="sits here")
    page = elsewhere.post("/visits/2/scan", text=kit)
    assert f'<a href="/kits/{kit}/collect">Tell them that it is here</a>' in page.text


def test_who_is_new_here_is_asked_about_once(seat):
    clinic = seat("clinic.elsewhere")
    page = clinic.post("/visits", code=PARTICIPANT, scanned="yes", site="clinic-2")
    assert page.status == 409
    assert "was never at clinic-2" in page.text
    assert 'name="scanned" value="yes"' in page.text
    again = re.search(r'<input[^>]*id="code_again"[^>]*>', page.text)
    assert again
    assert "required" not in again[0]
    page = clinic.sent("/visits", code=PARTICIPANT, scanned="yes", site="clinic-2", confirmation="sits here")
    assert f'id="who">{PARTICIPANT}<' in page.text
    assert seat("clinic.here").get("/visits/1").status == 404


def test_another_participant_scanned_in_a_visit_is_told(programme, seat):
    programme.add_participant("A100000077")
    clinic = seat("clinic.here")
    clinic.sent("/visits", code=PARTICIPANT, scanned="yes", site="clinic-1")
    page = clinic.post("/visits/1/scan", text="A100000077")
    assert page.answer[0] == "Somebody else"
    assert clinic.sent("/visits/1/scan", text=PARTICIPANT).answer[0] == "Right"


def test_a_consent_is_recorded_on_the_spot(programme, seat):
    clinic = seat("clinic.here")
    code = "A100000078"
    page = clinic.sent("/visits", code=code, scanned="yes", site="clinic-1", confirmation="is here")
    assert "No consent is in force for blood." in page.text
    assert 'value="guardian"' in page.text
    form = {
        "form_version": "2026-2", "source": "F-17", "effective_at": "2026-03-01T09:30", "language": "es",
        "scopes": ["blood", "urine"], "signed_by": "participant",
    }  # fmt: skip
    assert clinic.post("/visits/1/consents", **{**form, "scopes": []}).status == 422
    assert clinic.post("/visits/1/consents", **{**form, "source": "Testa Participant 17"}).status == 422
    page = clinic.sent("/visits/1/consents", **form)
    assert "2026-2" in page.text
    assert "consents" in done(page)


def test_expected_people_are_listed_until_they_come(seat):
    clinic = seat("clinic.here")
    told = {"expected": PARTICIPANT, "expected_again": PARTICIPANT, "site": "clinic-1", "time": "09:30"}
    page = clinic.sent("/visits/expected", **told, on=today())
    assert f'data-expected="{PARTICIPANT}"' in page.text
    clinic.sent("/visits", code=PARTICIPANT, scanned="yes", site="clinic-1")
    page = clinic.get("/visits")
    assert "data-expected" not in page.text
    assert 'data-visit="1"' in page.text
