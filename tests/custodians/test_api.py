"""Custodians outside over HTTP and at the command line: registered, sent to, asked, attesting, accepted."""

import hashlib

import pytest

from biobank.commands import main
from tests.programme import PASSWORD
from tests.withdrawals.test_api import decision

LAB = {"code": "lab-1", "kind": "contract_lab", "organisation": "Invented laboratories", "agreement": "AG-7"}
SHA256 = hashlib.sha256(b"a scanned document").hexdigest()


@pytest.fixture
def settings(settings):
    return settings.with_changes(hold_window_days=0)


@pytest.fixture
def sent_out(programme):
    """A tube that came back to the biobank, went on to a contract lab, and whose participant withdrew then."""
    _, [tube, *_] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tube, "receive")
    assert programme.post("biobank_lead", "/custodians", LAB).json["code"] == "LAB-1"
    details = {"custodian": "LAB-1", "purpose": "contract_work"}
    programme.taken("biobank_technician", tube, "send_out", details=details)
    programme.let_sign("tech.here", "lead.here", "comp.here")
    order = programme.post("compliance", "/withdrawals", decision()).json["order"]
    return tube, order


def attestation(tube, **more):
    told = {
        "custodian": "LAB-1", "items": [tube], "document": "DOC-1", "sha256": SHA256,
        "signer_role": "director", "destroyed_on": "2026-11-20", "method": "autoclave", "reference": "RUN-1",
    }  # fmt: skip
    return told | more


def test_from_the_question_to_the_acceptance(programme, sent_out):
    tube, order = sent_out
    [line] = programme.get("compliance", "/custodians/outside").json["outside"]
    assert (line["item"], line["order"], line["custodian"], line["to_be_asked"]) == (
        tube,
        order,
        "LAB-1",
        True,
    )
    question = {"items": [tube], "wanted": "destroy"}
    assert programme.post("biobank_lead", "/custodians/questions", question).status == 403
    assert programme.post("compliance", "/custodians/questions", question).status == 201
    [line] = programme.get("compliance", "/custodians/outside").json["outside"]
    assert (line["asked"]["wanted"], line["to_be_asked"], line["late"]) == ("destroy", False, False)
    today = programme.get("biobank_lead", f"/items/{tube}").json["recorded_at"][:10]
    told = programme.post("biobank_lead", "/attestations", attestation(tube, destroyed_on=today))
    assert (told.status, told.json["state"]) == (201, "waiting"), told.json
    number = told.json["number"]
    said = {"username": "comp.here", "password": PASSWORD, "sha256": told.json["sha256"]}
    wrong = programme.post("compliance", f"/attestations/{number}/acceptance", said | {"sha256": "0" * 64})
    assert (wrong.status, wrong.json["error"]) == (409, "RecordChanged")
    taken = programme.post("compliance", f"/attestations/{number}/acceptance", said)
    assert (taken.status, taken.json["state"]) == (201, "accepted"), taken.json
    again = programme.post("compliance", f"/attestations/{number}/acceptance", said)
    assert (again.status, again.json["error"]) == (409, "AttestationEnded")
    assert programme.get("auditor", f"/items/{tube}").json["state"] == "destroyed"
    waiting = programme.get("compliance", "/attestations?waiting=true").json["attestations"]
    assert waiting == []


def test_a_bad_file_is_answered_row_by_row(programme, sent_out):
    tube, _ = sent_out
    rows = (
        f"code,date,method,reference\n{tube},2026-02-30,autoclave,R1\nT000000000000,2026-02-20,autoclave,R1\n"
    )
    report = {"custodian": "LAB-1", "number": "FILE-1", "content": rows}
    answer = programme.post("biobank_lead", "/attestations/reports", report)
    assert (answer.status, answer.json["error"]) == (422, "ReportRefused")
    assert [said.partition(":")[0] for said in answer.json["problems"]] == [
        "Line 2, column date", "Line 3, column code",
    ]  # fmt: skip
    assert programme.post("biobank_technician", "/attestations/reports", report).status == 403


def test_a_custodian_that_is_out_of_use_gets_nothing_more_and_keeps_its_code(programme):
    _, [tube, *_] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tube, "receive")
    assert programme.post("biobank_lead", "/custodians", LAB).status == 201
    assert programme.post("biobank_lead", "/custodians", LAB).json["error"] == "CustodianExists"
    bad = programme.post("biobank_lead", "/custodians", LAB | {"code": "LAB 2"})
    assert (bad.status, bad.json["field"]) == (422, "code")
    named = programme.post("biobank_lead", "/custodians", LAB | {"code": "L", "organisation": "a@b.example"})
    assert named.json["error"] == "NamesSomebody"
    ended = programme.ask("compliance", "PATCH", "/custodians/LAB-1", {"in_use": False})
    assert (ended.json["in_use"], ended.json["holds"]) == (False, 0)
    for purpose, error in (("repository", "DetailMissing"), ("storage", "CustodianNotInUse")):
        details = {"custodian": "LAB-1", "purpose": purpose}
        refused = programme.scan("biobank_technician", tube, "send_out", details=details)
        assert refused.json["error"] == error


def test_the_command_shows_what_is_outside_and_says_no_while_somebody_has_to_ask(programme, sent_out):
    tube, _ = sent_out

    def run(*words):
        told = [*words, "--as", "comp.here"]
        token = {"BIOBANK_TOKEN": programme.tokens["compliance"]}
        return programme.app.test_cli_runner().invoke(main, told, env=token, obj=lambda: programme.app)

    shown = run("custodians", "outside", "--json")
    assert shown.exit_code == 1
    assert tube in shown.output
    listed = run("custodians", "list")
    assert listed.exit_code == 0
    assert "LAB-1" in listed.output
