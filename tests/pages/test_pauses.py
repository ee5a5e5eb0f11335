"""What stops an order, as compliance meets it on pages and other systems over HTTP; and pools at the bench."""

import re

import pytest

from tests.programme import PARTICIPANT, just_now
from tests.withdrawals.test_api import decision

OTHER = "A100000002"


@pytest.fixture
def settings(settings):
    return settings.with_changes(hold_window_days=0)


@pytest.fixture
def order(programme):
    """An order that may be carried out, and its tube at the biobank."""
    _, [tube] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tube, "receive")
    told = decision(ceremony="not_applicable")
    return programme.post("compliance", "/withdrawals", told).json["order"], tube


def test_a_legal_hold_is_placed_and_lifted_on_pages(seat, order):
    compliance, url = seat("comp.here"), f"/destruction-orders/{order[0]}"
    assert compliance.post(f"{url}/legal-holds", because="court_order").problems
    page = compliance.sent(f"{url}/legal-holds", because="court_order", reference="docket 4")
    assert page.answer[0] == "Legal hold placed"
    assert "Its clock stands still" in page.text
    assert "docket 4" not in seat("tech.here").get(url).text
    hold = re.search(r"/legal-holds/(\d+)/lift", compliance.get(f"{url}/pauses").text)[1]
    page = compliance.sent(
        f"{url}/legal-holds/{hold}/lift", lifted_because="duty_ended", reference="docket 4 closed"
    )
    assert page.answer[0] == "Lifted"
    assert seat("lead.here").get(f"{url}/pauses").status == 403


def test_ceremonies_over_http_and_nobody_says_why(programme, seat):
    programme.collected_kit(definition="urine-1")
    told = decision(ceremony="yes")
    order = programme.post("compliance", "/withdrawals", told).json["order"]
    plan = {"on": just_now()[:10], "place": "outside", "orders": [order]}
    made = programme.post("compliance", "/ceremonies", plan)
    assert (made.status, made.json["state"], made.json["orders"]) == (201, "planned", [order])
    page = seat("comp.here").get("/ceremonies").text
    assert f"ceremony-{made.json['id']}" in page
    held = programme.post("compliance", f"/ceremonies/{made.json['id']}/held", {})
    assert held.json["state"] == "held"
    again = programme.post("compliance", f"/ceremonies/{made.json['id']}/call-off", {})
    assert (again.status, "was held" in again.json["detail"]) == (409, True)
    assert programme.get("compliance", f"/destruction-orders/{order}").json["stage"] == "ready"
    assert programme.post("biobank_lead", "/ceremonies", plan).status == 403


def tubes_of_two(programme):
    """Received, of two participants."""
    programme.add_participant(OTHER)
    tubes = []
    for code in (PARTICIPANT, OTHER):
        _, [tube] = programme.collected_kit(definition="urine-1", participant=code)
        programme.taken("biobank_technician", tube, "receive")
        tubes.append(tube)
    return tubes


def test_a_pool_is_made_at_the_bench_and_shows_nobody_elses_code(programme, seat):
    tubes = tubes_of_two(programme)
    page = seat("tech.here").sent(
        "/pools", parts="\n".join(tubes), each="0.5", specification="urine pool", occurred_at=""
    )
    assert page.answer[0] == "Pooled"
    assert "Specimens: 2. Participants: 2." in page.text
    assert PARTICIPANT not in page.text
    assert OTHER not in page.text
    pool = re.search(r"<h1[^>]*>\s*(S [\d -]+)", page.text)[1].replace(" ", "").replace("-", "")
    told = programme.get("biobank_technician", f"/items/{pool}").json
    assert (told["kind"], told["participant"], told["parents"]) == ("pool", None, tubes)
    refused = programme.post(
        "biobank_technician", "/pools",
        {"parts": [{"item": tubes[0]}, {"item": tubes[0]}], "specification": "x", "occurred_at": just_now()},
    )  # fmt: skip
    assert (refused.status, "scanned twice" in refused.json["detail"]) == (422, True)


def test_the_life_of_a_pool_names_nothing_of_other_sites(programme, seat):
    tubes = tubes_of_two(programme)
    held = {"hold": "temperature", "reason": "logger 4"}
    programme.taken("biobank_lead", tubes[1], "quarantine", details=held)
    parts = {"parts": [{"item": each} for each in tubes], "specification": "urine pool"}
    told = {"occurred_at": just_now(), "confirmation": "It is mixed."}
    pool = programme.post("biobank_technician", "/pools", parts | told).json["identifier"]
    programme.taken("biobank_technician elsewhere", tubes[1], "receive")
    lead = seat("lead.here")
    answers = [
        programme.get("biobank_lead", f"/items/{pool}{more}").data.decode()
        for more in ("", "/events", "/proof")
    ]
    for text in (*answers, lead.get(f"/items/{pool}").text):
        assert tubes[1] not in text.replace(" ", "").replace("-", "")
    assert tubes[0] in answers[1]
    assert programme.get("biobank_lead", f"/items/{pool}/proof").json["withheld"]
    assert tubes[1] in programme.get("auditor", f"/items/{pool}/events").data.decode()


def test_what_is_on_no_list_is_not_looked_for(programme, seat, order):
    _, tube = order
    tech = seat("tech.here")
    bag = programme.post("biobank_technician", "/waste-batches", {"site": "biobank-1"}).json["identifier"]
    programme.taken("biobank_technician", tube, "put_in_waste", place=bag)
    assert tech.get("/rechecks").status == 200
    assert programme.get("biobank_technician", f"/waste-batches/{bag}/recheck").json == {"pieces": []}
    assert programme.post("biobank_technician", f"/waste-batches/{bag}/recheck", {"item": tube}).status == 404
    assert tech.post(f"/rechecks/{bag}/not-found", item=tube).status == 404


def test_open_lines_that_nobody_can_fetch_are_loud(programme, seat):
    programme.assigned_kit(definition="urine-1")
    order = programme.post("compliance", "/withdrawals", decision(ceremony="not_applicable")).json["order"]
    page = seat("comp.here").get("/destruction-orders").text
    assert re.search(rf'id="alarms".*{order}', page, re.DOTALL)
    assert "Orders with open lines and nothing to fetch" in seat("comp.here").get("/").text
