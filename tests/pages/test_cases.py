"""Cases on their pages and over HTTP: a clinic answers, the biobank resolves several at once, two people sign."""

import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from biobank.commands import main
from biobank.core.database import writing
from biobank.custody.holds import open_discrepancy
from biobank.custody.models import Discrepancy
from biobank.custody.queries import item_now
from tests.asking import statements
from tests.programme import PASSWORD, just_now


@pytest.fixture
def missing(programme):
    """Two tubes that were on a parcel's list and not in it, and the parcel."""
    _, tubes = programme.collected_kit()
    sent = {"origin": "clinic-1", "destination": "biobank-1"}
    parcel = programme.post("clinic_staff", "/shipments", sent).json["identifier"]
    for tube in tubes[:3]:
        programme.taken("clinic_staff", tube, "pack", place=parcel, confirmation="it was so")
    courier = {"carrier": "courier"}
    programme.taken("clinic_staff", parcel, "dispatch", details=courier, confirmation="it was so")
    for action in ("arrive", "open"):
        programme.taken("biobank_technician", parcel, action)
    programme.taken("biobank_technician", tubes[0], "receive")
    programme.taken("biobank_technician", parcel, "receive")
    found = programme.get("biobank_technician", f"/discrepancies?parcel={parcel}&kind=not_in_parcel").json
    return parcel, tubes[1:3], [case["number"] for case in found["cases"]]


def test_a_clinic_is_asked_on_its_start_page_answers_and_the_biobank_resolves(programme, seat, missing):
    _, tubes, cases = missing
    number, tech, clinic = cases[0], seat("tech.here"), seat("clinic.here")
    assert f'href="/discrepancies/{number}"' in tech.get("/discrepancies?found_at=biobank-1").text
    page = tech.get(f"/discrepancies/{number}").text
    assert 'id="ask-form"' in page
    assert 'id="answer-form"' not in page, "who asks does not answer"
    tech.post(f"/discrepancies/{number}/owner", owner="tech.here")
    early = tech.post(f"/discrepancies/{number}/resolution", resolution="lost", why="Not seen anywhere")
    assert early.answer[0] == "The site looks first"
    asked = tech.sent(f"/discrepancies/{number}/question", question="In the rack by the door?")
    assert asked.answer == ("Asked", f"clinic-1 finds case {number} on its start page.")
    assert "/discrepancies?state=asked" in clinic.get("/").text
    assert 'id="resolve-form"' not in clinic.get(f"/discrepancies/{number}").text
    refused = clinic.post(
        f"/discrepancies/{number}/answer", site_answer="found_here", found_out="Call 312 555 0147"
    )
    assert "phone number" in refused.problems
    clinic.post(f"/discrepancies/{number}/answer", site_answer="found_here", found_out="In the rack")
    page = tech.get(f"/discrepancies/{number}").text
    assert "It is here" in page
    assert "In the rack" in page
    tech.post(f"/discrepancies/{number}/resolution", resolution="found", why="It came by courier")
    told = programme.get("biobank_technician", f"/discrepancies/{number}").json
    assert (told["state"], told["resolved_as"], told["owner"]) == ("resolved", "found", "tech.here")
    assert programme.get("biobank_technician", f"/items/{told['item']}").json["state"] == "received"
    assert told["item"] in tubes


def test_those_of_one_parcel_are_given_and_resolved_together_or_not_at_all(programme, seat, missing):
    parcel, tubes, cases = missing
    lead = seat("lead.here")
    narrowed = f"parcel={parcel}&kind=not_in_parcel"
    given = lead.post("/discrepancies/owner", filter=narrowed, all="yes")
    assert given.leads_to.startswith("/discrepancies?")
    mine = programme.get("biobank_lead", "/discrepancies?owner=lead.here").json["cases"]
    assert [case["number"] for case in mine] == cases
    nothing = lead.post("/discrepancies/resolution", filter=narrowed, resolution="accepted", sentence="Why")
    assert "at least one case" in nothing.problems or "at least one case" in nothing.answer[1]
    ticked = {"case": cases, "resolution": "found", "sentence": "They came in a second parcel"}
    lead.post("/discrepancies/resolution", filter=narrowed, **ticked)
    assert lead.get(f"/discrepancies?{narrowed}").text.count('name="case"') == 0
    assert {programme.get("biobank_lead", f"/items/{tube}").json["state"] for tube in tubes} == {"received"}


def test_two_tubes_with_one_code_are_set_aside_and_signed_by_two(programme, seat):
    _, tubes = programme.collected_kit()
    programme.taken("biobank_technician", tubes[0], "receive")
    programme.let_sign("lead.here", "tech.here")
    tech = seat("tech.here")
    case = tech.post("/discrepancies/two-with-one-code", text=tubes[0]).leads_to
    assert "Put both in quarantine" in tech.get(case).text
    other = re.search(r"until two|is (\w \d{4} \d{4} \d{2}-\d\d?)", tech.get(case).text)[1]
    told = {"outcome": "codes_separated", "other": other, "which": "The fuller one is of the kit"}
    tech.post(f"{case}/separation", **told)
    sha256 = re.search(r'name="sha256" value="(\w{64})"', tech.get(case).text)[1]
    alone = tech.post(f"{case}/approval", signer="tech.here", password=PASSWORD, sha256=sha256)
    assert "somebody else" in alone.problems
    tech.post(f"{case}/approval", signer="lead.here", password=PASSWORD, sha256=sha256)
    shown = tech.get(case).text
    assert "Codes separated" in shown
    assert not re.search(r"(?<!Testa )(tech|lead)\.here", shown), "people are told by their names"
    assert programme.get("biobank_lead", f"/items/{tubes[0]}").json["state"] == "voided"
    again = programme.scan("biobank_technician", tubes[0], "check_out", occurred_at=just_now())
    assert again.status == 409


def test_over_http_a_case_goes_the_same_way(programme, missing):
    _, _, cases = missing
    one, other = cases
    path = f"/discrepancies/{one}"
    now = {"occurred_at": just_now()}
    assert (
        programme.post("biobank_lead", f"{path}/owner", {"owner": "tech.here"}).json["owner"] == "tech.here"
    )
    asked = programme.post("biobank_technician", f"{path}/question", {"sentence": "Please look"})
    assert asked.json["state"] == "asked"
    told = {"answer": "sent_separately", "sentence": "By courier"}
    assert programme.post("clinic_staff", f"{path}/answer", told).json["answer"] == "sent_separately"
    ended = {"resolution": "accepted", "sentence": "It is on its way", **now}
    assert programme.post("biobank_lead", f"{path}/resolution", ended).json["resolved_by"] == "lead.here"
    again = programme.post("biobank_lead", f"{path}/reopening", {"sentence": "It did not come"})
    assert again.json["state"] == "reopened"
    given = programme.post("biobank_lead", "/discrepancies/owner", {"cases": cases, "owner": None}).json[
        "cases"
    ]
    assert [case["owner"] for case in given] == [None, None]
    both = programme.post("biobank_lead", "/discrepancies/resolution", {"cases": cases, **ended})
    assert {case["resolved_as"] for case in both.json["cases"]} == {"accepted"}
    refused = programme.post("clinic_staff", f"/discrepancies/{other}/resolution", ended)
    assert (refused.status, refused.json["error"]) == (409, "CaseResolved")


def test_over_http_two_tubes_get_two_codes_by_two_people(programme):
    _, tubes = programme.collected_kit()
    programme.taken("biobank_technician", tubes[0], "receive")
    programme.let_sign("lead.here")
    told = {"item": tubes[0], "occurred_at": just_now()}
    found = programme.post("biobank_technician", "/discrepancies/two-with-one-code", told).json
    path = f"/discrepancies/{found['case']['number']}/separation"
    told = {"outcome": "codes_separated", "sentence": "By its lot", "other": found["other"]}
    proposed = programme.post("biobank_technician", path, told).json
    assert (proposed["item"], proposed["other"]) == (tubes[0], found["other"])
    signed = {"username": "lead.here", "password": PASSWORD, "sha256": proposed["sha256"]}
    done = programme.post("biobank_lead", f"{path}/approval", signed).json
    assert (done["state"], done["resolved_as"]) == ("resolved", "codes_separated")


def test_cases_that_stand_are_listed_on_the_command_line_and_overdue_ones_are_its_answer(programme, missing):
    def listed(*told, who="biobank_technician", name="tech.here"):
        environment = {"BIOBANK_TOKEN": programme.tokens[who]}
        given = ["discrepancies", "list", *told, "--as", name]
        return CliRunner(env=environment).invoke(main, given, obj=lambda: programme.app)

    _, _, cases = missing
    plain = listed()
    assert plain.exit_code == 0, plain.output
    assert plain.output.startswith("case  kind")
    assert "not_in_parcel" in plain.output
    told = json.loads(listed("--json", "--site", "clinic-1").output)["cases"]
    assert {each["case"] for each in told if each["kind"] == "not_in_parcel"} == set(cases)
    assert {each["overdue"] for each in told} == {False}
    none = listed("--overdue")
    assert (none.exit_code, none.output) == (0, "No case stands.\n")
    assert listed("--site", "nowhere").exit_code == 2
    with programme.app.app_context(), writing() as work:
        found = work.session.query(Discrepancy).filter(Discrepancy.id == cases[0]).one()
        found.due_at -= timedelta(days=30)
    late = listed("--overdue", "--json")
    assert (late.exit_code, [each["case"] for each in json.loads(late.output)["cases"]]) == (1, cases[:1])
    assert listed().exit_code == 1


def test_a_page_of_cases_asks_no_more_for_many_than_for_few(programme, seat):
    compliance, asked = seat("comp.here"), []
    for kits in (1, 3):
        for _ in range(kits):
            _, tubes = programme.collected_kit()
            with programme.app.app_context(), writing() as work:
                lead = programme.actor("lead.here")
                open_discrepancy(work, item_now(work, tubes[0]), "displaced", "Not in its place.", by=lead)
        with statements() as these:
            page = compliance.get("/discrepancies").text
        assert len(re.findall(r'href="/discrepancies/\d+"', page)) == len(asked) * 3 + 1
        asked.append(len(these))
    assert asked[0] == asked[1]
