"""Printing over HTTP: as it is described, once for each key, to configured printers alone."""

from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from biobank.core.database import reading
from biobank.items.queries import item_of
from biobank.printing.choices import CopyReason
from biobank.printing.queries import prints_of
from tests.printing.label_printer import status

LEAD = "biobank_lead"


@pytest.fixture
def kit(programme):
    return programme.kit("urine-1")


def made(programme, **asked):
    answer = programme.post(LEAD, "/print-jobs", asked)
    assert answer.status == 201, answer.json
    return answer.json


def test_a_job_is_made_looked_at_and_fetched(programme, kit):
    job = made(programme, kits=[kit[0]], start=3)
    assert (job["state"], job["count"], job["start"], job["printer"]) == ("made", 3, 3, "sheets")
    assert [label["copy"] for label in job["labels"]] == [1, 1, 2]
    assert [document["name"] for document in job["documents"]] == ["labels.pdf", "requisition.pdf"]
    for document in job["documents"]:
        fetched = programme.get(LEAD, document["href"].removeprefix("/api/v1"))
        assert fetched.data.startswith(b"%PDF")
        assert document["name"] in fetched.headers["Content-Disposition"]
    shown = programme.get(LEAD, f"/print-jobs/{job['id']}").json
    assert (shown["state"], [event["state"] for event in shown["events"]]) == (
        "handed_out", ["made", "handed_out", "handed_out"],
    )  # fmt: skip
    assert programme.get(LEAD, f"/print-jobs/{job['id']}/labels.zpl").status == 422


def test_jobs_are_listed_by_cursor_and_by_item(programme, kit):
    numbers = [made(programme, items=[code])["id"] for code in (kit[0], *kit[1])]
    first = programme.get(LEAD, "/print-jobs?limit=1").json
    second = programme.get(LEAD, f"/print-jobs?limit=1&cursor={first['next_cursor']}").json
    assert [first["jobs"][0]["id"], second["jobs"][0]["id"], second["next_cursor"]] == [*numbers, None]
    of_tube = programme.get(LEAD, f"/print-jobs?item={kit[1][0]}").json["jobs"]
    assert [job["id"] for job in of_tube] == numbers[1:]


def test_a_second_label_without_a_reason_is_refused_and_with_one_counted(programme, kit):
    made(programme, items=[kit[0]])
    refused = programme.post(LEAD, "/print-jobs", {"items": [kit[0]]})
    assert (refused.status, refused.json["error"], refused.json["printed"]) == (422, "ReasonMissing", 1)
    again = made(programme, items=[kit[0]], reason="spoiled", remark="torn")["labels"][0]
    assert (again["copy"], again["reason"], again["remark"]) == (2, "spoiled", "torn")


def test_a_list_with_wrong_lines_names_them_all(programme, kit):
    answer = programme.post(LEAD, "/print-jobs", {"items": [kit[0], "T123", kit[0]]})
    assert answer.status == 422
    assert [line["line"] for line in answer.json["lines"]] == [2, 3]
    assert programme.get(LEAD, "/print-jobs").json["jobs"] == []


def test_the_same_request_is_one_job(programme, kit):
    answers = [
        programme.post(LEAD, "/print-jobs", {"items": [kit[0]]}, Idempotency_Key="k1").json for _ in range(2)
    ]
    assert answers[0] == answers[1]


def test_it_is_sent_at_once_and_the_answer_says_how_it_went(programme, bench, kit):
    job = made(programme, kits=[kit[0]], printer="bench", send=True)
    assert (job["state"], job["events"][-1]["state"], bench.labels) == ("sent", "sent", 3)
    again = programme.post(LEAD, f"/print-jobs/{job['id']}/send", {})
    assert (again.status, again.json["error"], bench.labels) == (409, "NotSendable", 3)


def test_a_request_to_send_that_is_repeated_sends_nothing_again(programme, bench, kit):
    number = made(programme, kits=[kit[0]], printer="bench")["id"]
    first, again = (
        programme.post(LEAD, f"/print-jobs/{number}/send", {}, Idempotency_Key="send-1") for _ in range(2)
    )
    assert (first.json["state"], again.json["state"], bench.labels) == ("sent", "sending", 3)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert programme.get(LEAD, f"/print-jobs/{number}").json["state"] == "sent"


def test_what_is_unclear_is_settled_and_reprinted(programme, bench, kit):
    bench.answers = [status(), "close", status()]
    job = made(programme, items=[kit[0]], printer="bench", send=True)
    assert (job["state"], "Labels may be out" in job["events"][-1]["remark"]) == ("unclear", True)
    settled = programme.post(LEAD, f"/print-jobs/{job['id']}/settlement", {"outcome": "printed"}).json
    assert settled["state"] == "printed"
    again = programme.post(LEAD, f"/print-jobs/{job['id']}/reprint", {"reason": "lost", "send": True})
    assert (again.status, again.json["state"], again.json["reprint_of"]) == (201, "sent", job["id"])
    assert again.json["documents"][0]["sha256"] == job["documents"][0]["sha256"]


def test_nothing_is_sent_for_a_request_that_was_refused(programme, bench, kit):
    refused = programme.post(LEAD, "/print-jobs", {"kits": [kit[0]], "printer": "sheets", "send": True})
    assert (refused.status, refused.json["error"], bench.connections) == (409, "NotSendable", 0)
    assert programme.get(LEAD, "/print-jobs").json["jobs"] == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9100", "http://bench", "../bench"])
def test_no_address_of_a_request_is_ever_used(programme, bench, kit, host):
    answer = programme.post(LEAD, "/print-jobs", {"items": [kit[0]], "printer": host, "send": True})
    assert (answer.status, answer.json["error"], bench.connections) == (404, "PrinterUnknown", 0)
    assert programme.post(LEAD, "/print-jobs", {"items": [kit[0]], "host": host}).status == 422


def test_a_whole_job_is_voided(programme, kit):
    number = made(programme, kits=[kit[0]])["id"]
    answer = programme.post(LEAD, f"/print-jobs/{number}/void", {"reason": "spoiled"})
    assert sorted(answer.json["voided"]) == sorted([kit[0], *kit[1]])
    assert programme.post(LEAD, f"/print-jobs/{number}/void", {"reason": "spoiled"}).status == 409


def test_previews_are_pictures_and_log_nothing(programme, kit):
    shown = programme.post(LEAD, "/print-jobs/previews", {"kits": [kit[0]]}).json
    assert (shown["count"], shown["printer"], len(shown["labels"])) == (3, "sheets", 3)
    number = made(programme, kits=[kit[0]])["id"]
    stored = programme.get(LEAD, f"/print-jobs/{number}/previews").json
    assert stored["labels"] == shown["labels"]


def test_printers_are_those_of_ones_sites_and_one_is_chosen(programme, bench):
    mine = programme.get(LEAD, "/printers").json
    assert ([printer["name"] for printer in mine["printers"]], mine["own"]) == (["sheets", "bench"], None)
    assert "host" not in mine["printers"][1]
    theirs = programme.get("biobank_lead elsewhere", "/printers").json
    assert [printer["name"] for printer in theirs["printers"]] == ["sheets"]
    assert programme.post(LEAD, "/printers/choice", {"printer": "bench"}).json["own"] == "bench"
    refused = programme.post("biobank_lead elsewhere", "/printers/choice", {"printer": "bench"})
    assert refused.status == 404
    assert programme.post(LEAD, "/printers/choice", {"printer": None}).json["own"] is None


def test_a_calibration_page_is_for_an_office_printer(programme, bench):
    assert programme.get(LEAD, "/printers/sheets/calibration.pdf").data.startswith(b"%PDF")
    assert programme.get(LEAD, "/printers/bench/calibration.pdf").status == 422


# By the kit's code, for programs.


def copies(programme, code):
    with programme.app.app_context(), reading() as work:
        return [label.reason for _, label in prints_of(work, item_of(work, code).id)]


def test_a_kits_labels_are_the_same_document_each_time(programme, kit):
    fetched = [programme.get(LEAD, f"/kits/{kit[0]}/labels.pdf").data for _ in range(3)]
    assert fetched[0].startswith(b"%PDF")
    assert fetched[0] == fetched[1] == fetched[2]
    assert copies(programme, kit[0]) == [None]
    assert programme.get(LEAD, f"/kits/{kit[0]}/labels.zpl").data.startswith(b"^XA")
    assert copies(programme, kit[0]) == [None, CopyReason.OTHER_PRINTER]
    events = programme.get(LEAD, "/print-jobs/1").json["events"]
    assert [event["state"] for event in events] == ["made", "handed_out", "handed_out", "handed_out"]


def test_a_kits_labels_are_a_new_job_when_they_changed_or_a_reason_is_given(programme, kit):
    before = programme.get(LEAD, f"/kits/{kit[0]}/labels.pdf").data
    assert programme.get(LEAD, f"/kits/{kit[0]}/labels.pdf?reason=spoiled").data == before
    programme.taken(LEAD, kit[0], "issue", details={"site": "clinic-1"})
    assert programme.get("clinic_staff", f"/kits/{kit[0]}/labels.pdf").data != before
    assert copies(programme, kit[0]) == [None, "spoiled", "changed"]
    assert programme.get(LEAD, f"/kits/{kit[0]}/labels.pdf?reason=bored").status == 422


def test_a_label_is_looked_at_before_it_is_printed(programme, kit):
    for ending, kind, beginning in (("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")):
        picture = programme.get(LEAD, f"/items/{kit[1][0]}/label.{ending}")
        assert picture.headers["Content-Type"].startswith(kind)
        assert picture.data.startswith(beginning)
    read = zxingcpp.read_barcodes(np.asarray(Image.open(BytesIO(picture.data)).convert("L")))
    assert {code.text for code in read} == {kit[1][0]}
    assert programme.get(LEAD, "/print-jobs").json["jobs"] == []
