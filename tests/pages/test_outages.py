"""A freezer fails: what its people see and send, on pages and over HTTP."""

import json
import re

import pytest
from click.testing import CliRunner

from biobank.commands import main
from tests.programme import PASSWORD, just_now


def unit(programme, kind, name, inside=None, **more):
    told = {"kind": kind, "name": name, "site": "biobank-1", "inside": inside, **more}
    answer = programme.post(
        "biobank_lead", "/storage/units", {key: value for key, value in told.items() if value is not None}
    )
    return answer.json["identifier"]


@pytest.fixture
def freezers(programme):
    """A full freezer and one with two free positions; the rack and its tube."""
    failed = unit(programme, "freezer", "Freezer 7", temperature_celsius=-80)
    rack = unit(programme, "rack", "Rack 1", inside=failed)
    box = unit(programme, "box", "Box 1", inside=rack, rows=2, columns=2)
    other = unit(programme, "freezer", "Freezer 8", temperature_celsius=-80, rows=3, columns=1)
    shelf = unit(
        programme, "shelf", "Spare", inside=other, position="B1", rows=1, columns=2, allowed=["rack"]
    )
    _, [tube] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tube, "receive")
    programme.taken("biobank_technician", tube, "store", place=box, position="A1")
    return failed, rack, shelf, tube


def test_one_person_carries_a_rack_out_and_a_lead_signs_by_day(programme, seat, freezers):
    failed, rack, shelf, tube = freezers
    programme.let_sign("lead.here")
    tech, lead = seat("tech.here"), seat("lead.here")
    assert "It has failed" in tech.get(f"/storage/units/{failed}").steps
    assert "whole degrees" in tech.post("/outages", unit=failed, temperature="warm").problems
    page = tech.sent("/outages", unit=failed, temperature="-61", occurred_at="")
    assert page.answer == (
        "Out of service",
        "All that lies in it is held, specimens: 1. Racks and boxes to be carried out: 1.",
    )
    assert "Testa tech.here</dd>" in page.text
    assert re.search(r'data-label="Without cooling">since\s*<time', page.text)
    assert "/outages/1" in tech.get(f"/storage/units/{failed}").text
    told = [tech.get(f"/storage/units/{place}").text for place in (failed, rack, shelf)]
    assert ["Freezer 7 is out of service" in each for each in told] == [True, True, False]
    assert 'href="/outages"' in tech.get("/").text
    assert "Spare" in tech.get("/outages/1/places").text
    kit = programme.kit()[0]
    refused = tech.post("/outages/1/carry/piece", text=kit)
    assert (refused.status, refused.answer[0]) == (422, "Scan what you carry")
    page = tech.sent("/outages/1/carry/piece", text=rack)
    assert re.search(r'outage__position">A1<', page.text)
    assert re.search(r">Freezer 8</a><span[^>]*>›</span><span>Spare</span>", page.text)
    assert tech.post("/outages/1/carry/place", piece=rack, text="X999").status == 404
    page = tech.sent("/outages/1/carry/place", piece=rack, text=shelf)
    assert page.answer == ("Recorded", "Rack 1 stands in A1 in Spare. 1 of 1 are out.")
    assert "All of it is out" in page.text
    assert "is out of service" not in tech.get(f"/storage/units/{rack}").text
    assert tech.sent("/outages/1/temperature", temperature="-40").answer[1] == "The warmest so far is -40 °C."
    assert (
        tech.sent("/outages/1/end", how="back_in_service", occurred_at="").answer[0] == "The outage is over"
    )
    assert tech.get("/outages/1/judge").status == 403
    assert "Choose what becomes" in lead.post("/outages/1/decisions", grouping="rack", all="yes").problems
    page = lead.sent(
        "/outages/1/decisions", grouping="rack", all="yes", outcome="released", reason="Cold all the time."
    )
    sha256 = re.search(r'name="sha256" value="(\w+)"', page.text)[1]
    assert lead.post("/outages/1/decisions/1/signature", sha256="0" * 64, signer="lead.here").status == 409
    page = lead.sent("/outages/1/decisions/1/signature", sha256=sha256, signer="lead.here", password=PASSWORD)
    assert page.answer == ("Decided", "Specimens that were judged: 1. Each has an entry of its own.")
    assert programme.get("biobank_lead", f"/items/{tube}").json["holds"] == []
    assert seat("tech.elsewhere").get("/outages/1").status == 404
    assert "Freezer 7" not in seat("tech.elsewhere").get("/outages?show=all").text


def test_a_signature_that_ends_specimens_shows_how_many_and_of_which_kinds(programme, seat, freezers):
    """What a court keeps is counted out before anybody signs."""
    failed, _, _, tube = freezers
    lead = seat("lead.here")
    seat("tech.here").sent("/outages", unit=failed, temperature="-61", occurred_at="")
    lead.sent("/outages/1/end", how="given_up", occurred_at="")
    new = {"grouping": "rack", "all": "yes", "outcome": "ended", "reason": "Warm all night."}
    page = lead.sent("/outages/1/decisions", **new).text
    kinds = re.search(r'<ul class="plain" id="kinds">(.*?)</ul>', page)[1]
    assert re.sub(r"<.*?>", "", kinds) == "1 tube, Urine 10 mL"
    assert "One specimen ends with this signature." in page
    held = {"hold": "legal", "reason": "order 7"}
    programme.taken("compliance", tube, "quarantine", details=held)
    page = lead.get("/outages/1/decisions/1").text
    assert (
        "0 specimens end with this signature. The others ended already, or a legal hold keeps them." in page
    )
    kept = lead.sent("/outages/1/decisions", **new | {"outcome": "kept"}).text
    assert "with this signature" not in kept


def test_the_same_over_http(programme, freezers):
    failed, rack, shelf, tube = freezers
    programme.let_sign("lead.here")
    tech = "biobank_technician"
    told = {"unit": failed, "occurred_at": None}
    made = programme.post(tech, "/outages", told)
    assert (made.status, made.json["began_at"], made.json["specimens"]) == (201, None, 1)
    assert programme.post(tech, "/outages", told).status == 409
    [place] = programme.get(tech, "/outages/1/places").json["places"]
    assert (place["piece"], place["place"], place["position"]) == (rack, shelf, "A1")
    carried = {"piece": rack, "place": shelf, "position": "A1", "occurred_at": just_now()}
    done = programme.post(tech, "/outages/1/carried-out", carried).json
    assert (done["outage"]["carried_out"], done["position"]) == (1, "A1")
    programme.post(tech, "/outages/1/temperature", {"temperature_celsius": -50, "occurred_at": just_now()})
    assert programme.post(tech, "/outages/1/end", {"how": "given_up"}).json["warmest_celsius"] == -50
    [group] = programme.get(tech, "/outages/1/groups?by=minutes").json["groups"]
    assert (group["code"], group["minutes"]) == ("not_known", None)
    new = {"outcome": "ended", "grouping": "minutes", "groups": ["not_known"], "reason": "Nobody knows."}
    assert programme.post(tech, "/outages/1/decisions", new).status == 403
    shown = programme.post("biobank_lead", "/outages/1/decisions", new).json
    signing = {"username": "lead.here", "password": PASSWORD, "sha256": shown["sha256"]}
    signed = programme.post("biobank_lead", "/outages/1/decisions/1/signature", signing).json
    assert (signed["items"], signed["approved_by"]) == (1, "lead.here")
    assert programme.get(tech, f"/items/{tube}").json["state"] == "broken"
    assert programme.get(tech, "/outages?standing=false").json["outages"][0]["undecided"] == 0
    assert programme.get("biobank_technician elsewhere", "/outages/1").status == 404


def test_the_same_on_the_command_line(programme, freezers):
    failed, rack, shelf, _ = freezers

    def run(*told):
        given = [*told, "--as", "tech.here", "--json"]
        environment = {"BIOBANK_TOKEN": programme.tokens["biobank_technician"]}
        answer = CliRunner(env=environment).invoke(main, given, obj=lambda: programme.app)
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    assert run("outages", "declare", failed, "--temperature", "-61")["specimens"] == 1
    assert run("outages", "places", "1")["places"][0]["place"] == shelf
    assert run("outages", "carry", "1", rack, shelf, "--position", "A2")["position"] == "A2"
    assert run("outages", "end", "1", "--how", "given_up")["undecided"] == 1
    assert run("outages", "list")["outages"][0]["carried_out"] == 1
