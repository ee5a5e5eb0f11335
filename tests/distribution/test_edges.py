"""A study from its request to what its holder answers, over HTTP, on pages and at the terminal."""

import io
import json
from datetime import timedelta

import pypdf
import pytest
from click.testing import CliRunner

from biobank.commands import main
from biobank.core import moments
from biobank.core.database import writing
from biobank.distribution.queries import request_called
from biobank.distribution.records import request_record
from biobank.participants.operations import record_consent
from biobank.sites.queries import site_named
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT, PASSWORD, just_now
from tests.withdrawals.test_api import decision

STUDY = {
    "number": "REQ-7", "study": "STUDY-A", "receiver": "UNI-1", "agreement": "MTA-3", "purpose": "Lipids, sleep",
    "valid_from": "2026-03-02", "valid_until": (moments.now() + timedelta(days=9)).date().isoformat(),
}  # fmt: skip
PORTIONS = [{"kind": "tube", "most": 3}]


def today():
    return moments.now().date().isoformat()


def received(programme):
    """A tube at the biobank, of a participant who lets studies have it."""
    with programme.app.app_context(), writing() as work:
        record_consent(
            work, programme.actor("clinic.here"), participant=PARTICIPANT, form_version="2", language="en",
            scopes=("urine", "sharing"), effective_at=moments.now() - timedelta(days=1), source="form F3",
        )  # fmt: skip
    _, [tube] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tube, "receive")
    return tube


@pytest.fixture
def tube(programme):
    programme.let_sign("comp.here", "committee.here")
    return received(programme)


def test_over_http_a_study_gets_what_it_may_and_is_asked_for_it_later(programme, tube):
    path = "/study-requests/REQ-7"
    registered = programme.post("biobank_lead", "/study-requests", {**STUDY, "portions": PORTIONS})
    assert (registered.status, registered.json["standing"]) == (201, "registered")
    signing = {"password": PASSWORD, "sha256": registered.json["sha256"]}
    assert (
        programme.post("biobank_lead", f"{path}/approval", {**signing, "username": "lead.here"}).status == 403
    )
    signed = programme.post("access_committee", f"{path}/approval", {**signing, "username": "committee.here"})
    assert (signed.status, signed.json["standing"], signed.json["approved_by"]) == (
        200,
        "open",
        "committee.here",
    )
    file = programme.post("biobank_lead", f"{path}/file.csv", {})
    assert tube.encode() in file.data
    given = programme.post("biobank_technician", f"{path}/distributions", {"site": "biobank-1"}).json[
        "number"
    ]
    scan = {"items": [tube], "occurred_at": just_now()}
    handed = programme.post("biobank_technician", f"/distributions/{given}/items", scan)
    assert (handed.status, handed.json["items"]) == (201, [tube])
    assert programme.post("biobank_technician", f"/distributions/{given}/close", {}).status == 200
    assert programme.get("biobank_technician", path).json["portions"][0]["given"] == 1
    assert programme.post("compliance", "/withdrawals", decision()).status == 201
    assert [each["item"] for each in programme.get("compliance", "/holders").json["items"]] == [tube]
    note = {"item": tube, "on": today(), "answer": "used_up", "reference": "LETTER-2"}
    assert programme.post("compliance", "/holders/notes", note).json["answer"] == "used_up"
    assert programme.get("compliance", "/holders").json["items"] == []
    checked = programme.post("compliance", f"{path}/checks", {"reference": "CHECK-1"})
    assert [each["answer"] for each in checked.json["items"]] == ["used_up"]
    ended = programme.post("access_committee", f"{path}/end", {"because": "study_finished"})
    assert ended.json["standing"] == "ended"


def test_on_pages_a_study_is_registered_approved_handed_to_and_its_list_names_nobody(programme, tube):
    lead, comp = Seat(programme, "lead.here"), Seat(programme, "comp.here")
    sent = lead.post("/study-requests", **STUDY, kind_1="tube", specification_1="", most_1="3")
    assert sent.leads_to == "/study-requests/REQ-7"
    with programme.app.app_context(), writing() as work:
        sha256 = request_record(request_called(work, "REQ-7"))[1]
    assert sha256 in comp.get("/study-requests/REQ-7").text
    signed = {"sha256": sha256, "signer": "comp.here", "password": PASSWORD}
    assert comp.post("/study-requests/REQ-7/approval", **signed).status == 303
    begun = lead.post("/study-requests/REQ-7/distributions").leads_to
    assert lead.post(f"{begun}/items", text=tube).status == 303
    again = lead.post(f"{begun}/items", text=tube)
    assert again.status == 409
    lead.post(f"{begun}/close")
    pdf = lead.client.get(f"{begun}/packing-list.pdf").data
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert "UNI-1" in text
    assert "Pieces: 1, given for good" in text
    assert PARTICIPANT not in text
    order = programme.post("compliance", "/withdrawals", decision()).json["order"]
    assert "UNI-1" in comp.get("/holders").text
    assert "The study was not asked yet." in comp.get(f"/destruction-orders/{order}").text
    comp.post("/holders", item=tube, answer="asked", on=today())
    assert "and has not answered." in comp.get(f"/destruction-orders/{order}").text
    comp.post("/holders", item=tube, answer="kept", on=today(), reference="L-77")
    asked = comp.get("/holders").text
    assert "Nobody to ask" in asked
    urls = (f"/destruction-orders/{order}", f"/items/{tube}")
    for page in (asked, *(comp.get(url).text for url in urls)):
        told = page[page.index("The study answered on") :]
        assert "kept. Letter L-77." in told
    shown = comp.post("/study-requests/REQ-7/checks", reference="CHECK-1")
    assert shown.status == 200
    assert "What request REQ-7 was given" in shown.text


def test_at_the_terminal_a_file_is_made_and_who_is_still_to_be_asked_is_an_exit_code(
    programme, tube, tmp_path
):
    registered = programme.post("biobank_lead", "/study-requests", {**STUDY, "portions": PORTIONS}).json
    signing = {"username": "comp.here", "password": PASSWORD, "sha256": registered["sha256"]}
    programme.post("compliance", "/study-requests/REQ-7/approval", signing)

    def run(who, *words):
        person = {"biobank_lead": "lead.here", "compliance": "comp.here"}[who]
        told = CliRunner(env={"BIOBANK_TOKEN": programme.tokens[who]})
        return told.invoke(main, [*words, "--as", person, "--json"], obj=lambda: programme.app)

    file = tmp_path / "study.csv"
    made = run("biobank_lead", "export", "study", "REQ-7", str(file))
    assert (made.exit_code, json.loads(made.output)["rows"]) == (0, 1), made.output
    assert tube in file.read_text()
    assert json.loads(run("compliance", "studies", "list").output)["requests"][0]["standing"] == "open"
    details = {"request": "REQ-7"}
    programme.taken("biobank_technician", tube, "distribute", details=details)
    assert run("compliance", "studies", "holders").exit_code == 0
    programme.post("compliance", "/withdrawals", decision())
    assert run("compliance", "studies", "holders").exit_code == 1


def test_where_a_study_is_handed_to_is_said_by_the_sites_name(programme, tube):
    registered = programme.post("biobank_lead", "/study-requests", {**STUDY, "portions": PORTIONS}).json
    signing = {"username": "comp.here", "password": PASSWORD, "sha256": registered["sha256"]}
    programme.post("compliance", "/study-requests/REQ-7/approval", signing)
    programme.post("biobank_technician", "/study-requests/REQ-7/distributions", {"site": "biobank-1"})
    with programme.app.app_context(), writing() as work:
        site_named(work, "biobank-1").name = "Biobank by the Lake"
    lead = Seat(programme, "lead.here")
    for path in ("/study-requests", "/study-requests/REQ-7"):
        page = lead.get(path).text
        assert "distribution 1" in page.lower()
        assert page[page.lower().index("distribution 1") :].count("Biobank by the Lake")
