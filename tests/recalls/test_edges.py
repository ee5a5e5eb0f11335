"""Recalls over HTTP, as commands and as pages."""

import pytest
from click.testing import CliRunner

from biobank.commands import main
from tests.pages.conftest import Seat
from tests.programme import just_now


@pytest.fixture
def kit(programme):
    """A kit of lot L7 on the shelf of clinic-1."""
    made = programme.post(
        "biobank_lead", "/kits", {"definition": "urine-1", "site": "biobank-1", "lot": "L7"}
    ).json["kits"][0]
    programme.taken("biobank_lead", made["identifier"], "issue", details={"site": "clinic-1"})
    programme.taken("clinic_staff", made["identifier"], "arrive")
    return made["identifier"]


def opened(programme):
    asked = {"lot": "L7", "cause": "contamination", "notice": "FSN 7"}
    answer = programme.post("biobank_lead", "/recalls", asked)
    assert answer.status == 201, answer.json
    return answer.json["recall"]["number"]


def test_a_recall_over_http_from_the_look_to_the_lifting(programme, kit):
    look = programme.get("biobank_lead", "/recalls/look?lot=L7").json["counts"]
    assert {count["kind"]: count["items"] for count in look} == {"kit": 1, "tube": 1}
    number = opened(programme)
    refused = programme.scan("clinic_staff", kit, "assign", details={"participant": "A100000001"})
    assert (refused.status, refused.json["holds"]) == (409, ["recall"])
    assert [
        each["number"] for each in programme.get("auditor", "/recalls?standing=true").json["recalls"]
    ] == [number]
    listed = programme.get("clinic_staff", f"/recalls/{number}/items").json["items"]
    assert [item["identifier"] for item in listed] == [kit]
    assert programme.get("clinic_staff elsewhere", f"/recalls/{number}/items").json["items"] == []
    assert programme.get("clinic_staff elsewhere", f"/recalls/{number}/items?site=clinic-1").status == 403
    found = {"item": kit, "occurred_at": just_now()}
    assert programme.post("clinic_staff", f"/recalls/{number}/found", found).json["item"] == kit
    told = programme.get("clinic_staff", f"/recalls/{number}").json["progress"]
    assert ("found", 1) in [(each["standing"], each["items"]) for each in told]
    lifted = programme.post("compliance", f"/recalls/{number}/lift", {"reason": "It was tested."}).json
    assert lifted["recall"]["lifted_by"] == "comp.here"
    programme.taken("clinic_staff", kit, "assign", details={"participant": "A100000001"})


def test_the_stock_over_http(programme, kit):
    shelf = programme.get("clinic_staff", "/kits/stock").json["on_the_shelf"]
    assert [(each["lot"], each["kits"], each["recalled"]) for each in shelf] == [("L7", 1, 0)]
    assert programme.get("clinic_staff elsewhere", "/kits/stock").json["on_the_shelf"] == []
    assert programme.get("clinic_staff elsewhere", "/kits/stock?site=clinic-1").status == 403
    level = {"site": "clinic-1", "kit": "urine", "lowest": 5}
    assert programme.ask("clinic_staff", "PUT", "/kits/levels", level).status == 200
    low = programme.get("biobank_technician", "/kits/stock?site=clinic-1").json["running_low"]
    assert low == [{"site": "clinic-1", "kit": "urine", "lowest": 5, "usable": 1}]


def test_who_looks_for_it_works_on_one_page(programme, kit):
    number = opened(programme)
    seat = Seat(programme, "clinic.here")
    assert "clinic-1" in seat.get(f"/recalls/{number}").text
    after = seat.sent(f"/recalls/{number}/found", text=kit, then="void")
    assert after.answer[0].startswith("Voided")
    again = seat.sent(f"/recalls/{number}/found", text=kit, then="void")
    assert again.answer[0] == "Found"
    wrong = seat.post(f"/recalls/{number}/found", text="not a code")
    assert (wrong.status, wrong.answer[0]) == (404, "Unknown barcode")
    lead = Seat(programme, "lead.here")
    asked = lead.post("/recalls", lot="L8", cause="")
    assert "Choose why" in asked.problems
    lead.sent(f"/recalls/{number}/lift", reason="It was tested.")
    assert "Lifted" in lead.get("/recalls?show=lifted").text


def test_recalls_as_commands(programme, kit, monkeypatch):
    monkeypatch.setenv("BIOBANK_TOKEN", programme.tokens["biobank_lead"])

    def run(*arguments):
        named = ["recalls", *arguments, "--as", "lead.here"]
        return CliRunner().invoke(main, named, obj=lambda: programme.app).output

    assert "Nothing was ever recalled." in run("list")
    assert "issued" in run("look", "L7")
    assert "Recall 1 of lot L7 covers 2." in run("open", "L7", "--cause", "defect")
    assert "L7" in run("list")
    assert "to_find" in run("show", "1")
    assert "is lifted" in run("lift", "1", "--reason", "It was tested.")
