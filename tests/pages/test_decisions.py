"""Decisions of participants on pages: open answers, requests that wait, deaths, and what two people sign."""

import re

from tests.programme import PARTICIPANT, PASSWORD

ASKED = {
    "capacity": "participant",
    "requested_by": PARTICIPANT,
    "channel": "phone",
    "decided_at": "2026-11-02T09:00",
}
DECISION = ASKED | {"bundle": "destroy", "ceremony": "not_applicable"}
UNDECIDED = {"bundle": "separate", "leaves": "true", "information": "undecided", "samples": "undecided"}
URL = f"/participants/{PARTICIPANT}"
BOTH = {
    "signer": "comp.here",
    "password": PASSWORD,
    "second_signer": "lead.here",
    "second_password": PASSWORD,
}


def sha256_of(page) -> str:
    return re.search(r'name="sha256" value="(\w{64})"', page.text)[1]


def test_answering_from_the_list_is_one_click_to_a_form_without_answers(programme, seat):
    programme.collected_kit(definition="urine-1")
    seat("clinic.here").sent(f"{URL}/decision", **(DECISION | UNDECIDED))
    compliance = seat("comp.here")
    link = re.search(r'href="(/participants/\w+/decision\?open=1)"', compliance.get("/decisions/open").text)[
        1
    ]
    form = compliance.get(link).text
    assert 'value="true" checked' in form
    assert not re.search(r'name="(information|samples)" value="\w+" checked', form)
    page = compliance.sent(
        f"{URL}/decision", **(DECISION | UNDECIDED | {"information": "keep", "samples": "keep"})
    )
    assert page.answer[0] == "Recorded"
    assert "No answer is open" in compliance.get("/decisions/open").text
    assert "Leaves." in compliance.get("/decisions").text


def test_next_of_kin_without_papers_wait_on_a_page(programme, seat):
    _, tubes = programme.collected_kit(definition="urine-1")
    kin = {"capacity": "next_of_kin", "requested_by": "kin-1"}
    clinic, compliance = seat("clinic.here"), seat("comp.here")
    assert clinic.sent(f"{URL}/decision", **(DECISION | kin)).answer[0] == "It waits"
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["holds"] == []
    url = re.search(r'href="(/requests/\d+)"', compliance.get("/requests").text)[1]
    assert compliance.post(f"{url}/decline", because="").status == 422
    assert compliance.post(f"{url}/completion", evidence="", accepted_at="2026-11-03T09:00").status == 422
    page = compliance.sent(f"{url}/completion", evidence="letter 7", accepted_at="2026-11-03T09:00")
    assert page.answer[0] == "Recorded"
    assert "It waits no more" in compliance.get(url).text
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["holds"] == ["withdrawal"]


def test_a_death_is_told_and_taken_back_by_two(programme, seat):
    programme.let_sign("comp.here", "lead.here")
    clinic, compliance = seat("clinic.here"), seat("comp.here")
    told = ASKED | {"capacity": "next_of_kin", "requested_by": "kin-1"}
    assert clinic.post(f"{URL}/death", **(told | {"died_on": "2126-01-01"})).status == 422
    assert "Deceased" in clinic.sent(f"{URL}/death", **told).text
    link = re.search(r'href="(/deaths/\d+/mistake)"', compliance.get("/deaths").text)[1]
    sha256 = sha256_of(compliance.get(link))
    alone = BOTH | {"second_signer": "comp.here"}
    assert compliance.post(link, sha256=sha256, **ASKED, **alone).status == 403
    assert "Takes part" in compliance.sent(link, sha256=sha256, **ASKED, **BOTH).text


def test_a_reversal_is_signed_by_two_and_the_tubes_are_free(programme, seat):
    _, tubes = programme.collected_kit(definition="urine-1")
    programme.let_sign("comp.here", "lead.here")
    seat("clinic.here").sent(f"{URL}/decision", **DECISION)
    compliance = seat("comp.here")
    shown = compliance.get(f"{URL}/reversal")
    wrong = compliance.post(f"{URL}/reversal", sha256="0" * 64, **ASKED, **BOTH)
    assert (wrong.status, PASSWORD in wrong.text) == (409, False)
    page = compliance.sent(f"{URL}/reversal", sha256=sha256_of(shown), **ASKED, **BOTH)
    assert page.answer[0] == "Signed by both"
    assert "Taken back by the participant." in page.text
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["holds"] == []
    assert "Not possible" in compliance.get(f"{URL}/reversal").text


def test_a_decision_of_the_wrong_participant_goes_to_the_right_one(programme, seat):
    programme.collected_kit(definition="urine-1")
    programme.add_participant("A200000002")
    programme.let_sign("comp.here", "lead.here")
    seat("clinic.here").sent(f"{URL}/decision", **DECISION)
    compliance = seat("comp.here")
    link = re.search(r'href="(/decisions/\d+/mistake)"', compliance.get(URL).text)[1]
    shown = compliance.get(f"{link}?other=A200000002")
    page = compliance.sent(link, sha256=sha256_of(shown), other="A200000002", **ASKED, **BOTH)
    assert "Entered for the wrong participant." in page.text
    assert "Left" in compliance.get("/participants/A200000002").text


def test_two_codes_become_one_participant(programme, seat):
    programme.add_participant("A200000002")
    programme.let_sign("comp.here", "lead.here")
    compliance = seat("comp.here")
    assert not re.search("sha256", compliance.get(f"{URL}/same-person").text)
    shown = compliance.get(f"{URL}/same-person?other=A200000002")
    page = compliance.sent(f"{URL}/same-person", sha256=sha256_of(shown), other="A200000002", **ASKED, **BOTH)
    assert page.answer == ("Signed by both", "Both codes are one participant now.")
    assert "A200000002" in page.text


def test_coming_back_and_giving_no_more_of_something(programme, seat):
    clinic = seat("clinic.here")
    assert clinic.post(f"{URL}/refusal", **ASKED).status == 422
    assert "Gives no more: blood." in clinic.sent(f"{URL}/refusal", scopes="blood", **ASKED).text
    clinic.sent(f"{URL}/decision", **DECISION)
    consent = {
        "form_version": "2026-2", "language": "en", "scopes": "urine", "effective_at": "2026-11-05T09:00", "source": "form F2",
    }  # fmt: skip
    assert clinic.post(f"{URL}/period", **(consent | {"source": ""})).status == 422
    page = clinic.sent(f"{URL}/period", **consent)
    assert page.answer[0] == "Takes part again"
    assert "Took part again, with a new consent." in page.text


def test_what_was_used_before_the_decision_was_entered_is_listed(programme, seat):
    _, tubes = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tubes[0], "receive")
    programme.taken("biobank_technician", tubes[0], "consume")
    compliance = seat("comp.here")
    assert "Nothing to report" in compliance.get("/reportable-events").text
    seat("clinic.here").sent(f"{URL}/decision", **DECISION)
    assert "before it was entered" in compliance.get("/reportable-events").text
    assert "Reportable events" in compliance.get("/").text
