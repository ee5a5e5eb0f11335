"""What leaves, what is demanded and what was seen, over HTTP, on pages and at the terminal."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from biobank.access.permissions import Role
from biobank.commands import main
from biobank.core import moments
from biobank.core.database import writing
from tests.identity.conftest import IDENTITY
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT, PASSWORD, person

DEMAND = {
    "reference": "CASE-12", "kind": "subpoena", "demanded_by": "COURT-1", "received_on": "2026-03-02",
    "participants": [PARTICIPANT], "asks_for": ["given_name", "phone"],
}  # fmt: skip
OPENED = {
    "participant": PARTICIPANT, "basis": "report_required", "gives_out": ["phone"], "receiver": "HEALTH-DEPT",
    "purpose": "Report of a finding",
}  # fmt: skip


def today():
    return moments.now().date().isoformat()


@pytest.fixture
def office(settled):
    settled.let_sign("comp.here", "comp.elsewhere")
    return settled


def signing(sha256, who="comp.here"):
    return {"username": who, "password": PASSWORD, "sha256": sha256}


def run(office, *words):
    told = CliRunner(env={"BIOBANK_TOKEN": office.tokens["compliance"]})
    return told.invoke(main, [*words, "--as", "comp.here"], obj=lambda: office.app)


def test_over_http_a_demand_is_decided_and_what_it_lets_out_leaves_once(office):
    demand = office.post("compliance", "/legal-demands", DEMAND)
    assert demand.status == 201
    assert run(office, "disclosures", "open").exit_code == 1
    number = demand.json["number"]
    under = {**OPENED, "basis": "legal_demand", "demand": number}
    assert office.post("compliance", "/disclosures", under).status == 409
    decision = {
        "decision": "in_part",
        "lets_out": ["phone"],
        "reason": "Heard with counsel.",
        "certificate_cited": False,
    }
    decided = office.post(
        "compliance", f"/legal-demands/{number}/decisions", {**decision, **signing(demand.json["sha256"])}
    )
    assert (decided.status, decided.json["decisions"][0]["lets_out"]) == (201, ["phone"])
    opened = office.post("compliance", "/disclosures", under)
    path = f"/disclosures/{opened.json['number']}"
    signed = office.post("compliance", f"{path}/approval", signing(opened.json["sha256"], "comp.elsewhere"))
    assert signed.json["state"] == "approved"
    left = office.post("identity_officer", f"{path}/hand-out", {}, Idempotency_Key="once")
    assert left.json["contents"] == {"phone": IDENTITY.phone}
    again = office.post("identity_officer", f"{path}/hand-out", {}, Idempotency_Key="once")
    assert IDENTITY.phone.encode() not in again.data
    assert [each["number"] for each in office.get("auditor", "/disclosures/untold").json["disclosures"]] == [
        opened.json["number"]
    ]
    assert run(office, "disclosures", "open").exit_code == 1
    day = today()
    assert office.post("compliance", f"{path}/message", {}).json["told_on"] in (day, today())
    assert run(office, "disclosures", "open").exit_code == 0
    assert office.get("auditor", path).json["state"] == "handed_out"


def test_over_http_a_breach_tells_what_was_seen_and_that_some_things_are_in_no_record(office):
    office.post(
        "identity_officer", f"/identity/{PARTICIPANT}/reads", {"reason": "caller", "fields": ["phone"]}
    )
    now = moments.now()
    told = {
        "about": "account", "named": "ident.here", "from_at": (now - timedelta(hours=1)).isoformat(),
        "until_at": (now + timedelta(minutes=1)).isoformat(), "cause": "misuse", "found_on": today(), "steps": ["ask_us"],
    }  # fmt: skip
    reported = office.post("compliance", "/breaches", told)
    assert reported.status == 201, reported.json
    [person] = reported.json["people"]
    assert (person["participant"], "phone" in person["shown"], person["message"]) == (PARTICIPANT, True, None)
    assert reported.json["cannot_be_known"]
    path = f"/breaches/{reported.json['number']}"
    assert office.post("compliance", f"{path}/messages", {}).json == {"queued": 1}
    assert office.get("auditor", path).json["people"][0]["message"] == "queued"


def test_on_pages_compliance_refuses_a_demand_and_hands_out_what_was_approved(office):
    first, officer = Seat(office, "comp.here"), Seat(office, "ident.here")
    form = {**DEMAND, "participants": PARTICIPANT, "fields": ["given_name", "phone"]}
    led = first.post("/legal-demands", **{name: form[name] for name in form if name != "asks_for"}).leads_to
    sha256 = office.get("compliance", led).json["sha256"]
    signed = {"signer": "comp.here", "password": PASSWORD, "sha256": sha256}
    refused = {"decision": "refused", "certificate": "CC-2026-9", "reason": "The certificate protects it."}
    assert first.post(f"{led}/decisions", **refused, **signed).status == 303
    assert "Certificate of Confidentiality CC-2026-9 was cited." in first.get(led).text
    told = {**OPENED, "fields": ["phone"]}
    led = first.post("/disclosures", **{name: told[name] for name in told if name != "gives_out"}).leads_to
    sha256 = office.get("compliance", led).json["sha256"]
    own = first.post(f"{led}/approval", signer="comp.here", password=PASSWORD, sha256=sha256)
    assert own.status == 403
    other = first.post(f"{led}/approval", signer="comp.elsewhere", password=PASSWORD, sha256=sha256)
    assert other.status == 303
    shown = officer.post(f"{led}/hand-out")
    assert shown.status == 200
    assert IDENTITY.phone in shown.text
    assert IDENTITY.given_name not in shown.text
    assert PARTICIPANT in first.get("/disclosures").text
    later = (moments.now() + timedelta(days=30)).date().isoformat()
    assert first.post(f"{led}/not-told", because="not_reached", look_again_on=later).status == 303
    assert "not reached" in first.get(led).text
    assert first.post(f"{led}/told", how="phone", on=today()).status == 303


def test_on_pages_a_breach_is_reported_and_people_are_told(office):
    comp, now = Seat(office, "comp.here"), moments.now()
    local = "%Y-%m-%dT%H:%M"
    told = {
        "about": "window", "named": "", "cause": "attack", "found_on": today(), "steps": "watch_for_calls",
        "from_at": (now - timedelta(hours=20)).strftime(local), "until_at": (now + timedelta(hours=1)).strftime(local),
    }  # fmt: skip
    led = comp.post("/breaches", **told).leads_to
    assert PARTICIPANT in comp.get(led).text
    assert comp.post(f"{led}/messages").status == 303
    assert "queued" in comp.get(led).text
    assert f"Breach {led.rpartition('/')[2]}" in comp.get("/breaches").text
    wrong = comp.post("/breaches", **{**told, "named": "ident.here"})
    assert wrong.status == 422


MANY = "9" * 5_000
OPEN = {
    "participant": PARTICIPANT,
    "basis": "report_required",
    "fields": "phone",
    "receiver": "H-1",
    "purpose": "A report",
}
DEMANDED = {
    "reference": "CASE-13", "kind": "subpoena", "demanded_by": "COURT-1", "received_on": "2026-03-02", "fields": "phone",
    "participants": PARTICIPANT,
}  # fmt: skip
SEEN = {
    "about": "window", "named": "", "cause": "attack", "found_on": "2026-01-03", "from_at": "2026-01-01T10:00",
    "until_at": "2026-01-02T10:00",
}  # fmt: skip


def test_nonsense_is_answered_beside_its_field(office):
    comp, lead = Seat(office, "comp.here"), Seat(office, "lead.here")
    for seat, path, typed, field in (
        (comp, "/disclosures", {**OPEN, "demand": MANY, "basis": "legal_demand"}, "demand"),
        (comp, "/disclosures", {**OPEN, "demand": "7", "basis": "legal_demand"}, "demand"),
        (comp, "/disclosures", {**OPEN, "participant": "A999999999"}, "participant"),
        (comp, "/disclosures", {**OPEN, "receiver": "Participant-Nandu"}, "receiver"),
        (comp, "/legal-demands", {**DEMANDED, "participants": "A999999999"}, "participants"),
        (comp, "/legal-demands", {**DEMANDED, "reference": "STATE-V-TESTA-9"}, "reference"),
        (comp, "/legal-demands", {**DEMANDED, "demanded_by": "testa"}, "demanded_by"),
        (comp, "/breaches", {**SEEN, "about": "token", "named": MANY}, "named"),
        (comp, "/breaches", {**SEEN, "about": "account", "named": "nobody.here"}, "named"),
        (comp, "/breaches", {**SEEN, "from_at": "9999-12-31T23:59"}, "from_at"),
        (comp, "/breaches", {**SEEN, "until_at": "2999-12-31T23:59"}, "until_at"),
        (comp, "/breaches", {**SEEN, "found_on": "1900-01-01"}, "found_on"),
        (lead, "/study-requests", {"valid_from": "2026-03-02", "valid_until": "2026-03-02", "kind_1": "tube", "most_1": MANY}, "most_1"),
    ):  # fmt: skip
        answer = seat.post(path, **typed)
        assert (answer.status in (404, 422), path) == (True, path)
        assert f'id="{field}-error"' in answer.text


def test_a_number_that_no_record_can_have_is_no_record(office):
    comp = Seat(office, "comp.here")
    for path in ("/disclosures", "/legal-demands", "/breaches", "/messages", "/feeds/deliveries"):
        assert (comp.get(f"{path}/{MANY[:20]}").status, path) == (404, path)
    delivered = Seat(office, "lead.here").post("/kits/deliveries", newest=MANY, site="clinic-1")
    assert delivered.status == 422


def test_the_start_page_says_what_waits_for_an_approval_and_to_be_handed_out(office):
    with office.app.app_context(), writing() as work:
        person(work, "comp.second", Role.COMPLIANCE, None)
    office.let_sign("comp.second")
    names = ("comp.here", "comp.second", "ident.here", "comp.elsewhere")
    first, second, officer, elsewhere = (Seat(office, name) for name in names)
    led = first.post("/disclosures", **OPEN).leads_to
    waits, to_hand_out = "Disclosures that wait for your approval", "Disclosures to hand out"
    assert [waits in seat.get("/").text for seat in (first, second, officer)] == [False, True, False]
    sha256 = office.get("compliance", led).json["sha256"]
    assert waits not in elsewhere.get("/").text
    second.post(f"{led}/approval", signer="comp.second", password=PASSWORD, sha256=sha256)
    assert waits not in second.get("/").text
    assert to_hand_out in officer.get("/").text
    officer.post(f"{led}/hand-out")
    assert to_hand_out not in officer.get("/").text


def test_whoever_may_look_gets_from_a_participant_to_the_identity_desk(office):
    page = f"/participants/{PARTICIPANT}"
    for who, leads in (("comp.here", True), ("ident.here", True), ("clinic.here", False)):
        assert (f'href="/identity/{PARTICIPANT}"' in Seat(office, who).get(page).text) is leads
