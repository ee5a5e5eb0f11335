"""A rack scanner's file over HTTP, on the command line and as pages: shown first, then done."""

import io
import json
import re
from base64 import b64encode

import pytest

from biobank.commands import main
from biobank.core.database import reading
from biobank.custody.operations import record
from biobank.items.identifiers import printed
from biobank.items.models import LoggedScan
from biobank.storage import operations
from tests.pages.conftest import Seat

PATH = "/storage/units/{}/rack-scans"


@pytest.fixture
def box(programme):
    unit = {"kind": "box", "name": "Box 7", "site": "biobank-1", "rows": 2, "columns": 3}
    return programme.post("biobank_lead", "/storage/units", unit).json["identifier"]


@pytest.fixture
def tubes(programme):
    _, tubes = programme.collected_kit()
    for tube in tubes[:3]:
        programme.taken("biobank_technician", tube, "receive")
    return tubes


def send(programme, box, text, query="", who="biobank_technician", **headers):
    return programme.app.test_client().post(
        f"/api/v1{PATH.format(box)}{query}",
        data=text.encode(),
        headers={"Authorization": f"Bearer {programme.tokens[who]}", "Content-Type": "text/csv", **headers},
    )


def lies(programme, *tubes):
    found = [programme.get("biobank_technician", f"/items/{tube}").json for tube in tubes]
    return [(each["state"], each["position"]) for each in found]


# Over HTTP.


def test_a_file_is_shown_first_and_then_done(programme, box, tubes):
    text = f"A1,{tubes[0]}\nA2,{tubes[1]}\nA3,NO READ\n"
    shown = send(programme, box, text, "?dry_run=true&file_name=FX1.csv")
    assert (shown.status_code, shown.json["done"], shown.json["layout"], shown.json["rack"]) == (
        200,
        False,
        "fluidx",
        "FX1",
    )
    assert shown.json["counts"] | {"stored": 2, "unread": 1} == shown.json["counts"]
    assert lies(programme, *tubes[:2]) == [("received", None), ("received", None)]
    done = send(programme, box, text, f"?file_name=FX1.csv&expected={shown.json['fingerprint']}")
    assert (done.json["done"], done.json["wells"][0]["item"], done.json["wells"][0]["deed"]) == (
        True,
        tubes[0],
        "stored",
    )
    assert lies(programme, *tubes[:2]) == [("stored", "A1"), ("stored", "A2")]


def test_a_file_may_come_as_an_upload(programme, box, tubes):
    answer = programme.app.test_client().post(
        f"/api/v1{PATH.format(box)}",
        data={"file": (io.BytesIO(f"position;code\nB1;{tubes[0]}".encode()), "scans/box7.csv")},
        headers={"Authorization": f"Bearer {programme.tokens['biobank_technician']}"},
    )
    assert (answer.status_code, answer.json["layout"]) == (200, "plain")
    events = programme.get("biobank_technician", f"/items/{tubes[0]}/events").json["events"]
    assert events[-1]["event"]["source"] == {"kind": "file", "reference": "box7.csv, line 2"}


def test_what_cannot_be_is_a_sentence_for_each_well_and_nothing_is_done(programme, box, tubes):
    text = f"A1,{tubes[0]}\nA2,FR90000002\nA3,FR90000003\n"
    refused = send(programme, box, text)
    assert (refused.status_code, refused.json["error"], len(refused.json["problems"])) == (
        409,
        "RackRefused",
        2,
    )
    assert "line 2, well A2: 'FR90000002' is not a code of ours" in refused.json["detail"]
    with programme.app.app_context(), reading() as work:
        logged = work.session.query(LoggedScan).order_by(LoggedScan.id).all()
        assert [(scan.text_seen, scan.outcome) for scan in logged if scan.text_seen.startswith("FR")] == [
            ("FR90000002", "refused"),
            ("FR90000003", "refused"),
        ]
    unreadable = send(programme, box, "\x00\x01")
    assert (unreadable.status_code, unreadable.json["error"]) == (422, "RackFileRefused")
    assert lies(programme, tubes[0]) == [("received", None)]
    left_out = send(programme, box, text, "?leave_out_unknown=true")
    assert left_out.json["counts"] | {"stored": 1, "left_out": 2} == left_out.json["counts"]


def test_a_failure_in_the_middle_leaves_nothing(programme, box, tubes, monkeypatch):
    taken = []

    def failing(work, item, *given, **named):
        taken.append(item)
        if len(taken) > 1:
            raise OSError("no space left on device")
        return record(work, item, *given, **named)

    monkeypatch.setattr(operations, "record", failing)
    programme.app.config["PROPAGATE_EXCEPTIONS"] = False
    failed = send(programme, box, f"A1,{tubes[0]}\nA2,{tubes[1]}\n")
    assert (failed.status_code, taken) == (500, tubes[:2])
    assert lies(programme, *tubes[:2]) == [("received", None), ("received", None)]


def test_the_same_request_sent_twice_is_done_once(programme, box, tubes):
    text, key = f"A1,{tubes[0]}\n", {"Idempotency-Key": "rack-1"}
    first, second = send(programme, box, text, **key), send(programme, box, text, **key)
    assert (first.json, second.headers["Idempotency-Replayed"]) == (second.json, "true")


def test_codes_of_the_maker_are_given_to_what_lies_there(programme, box, tubes):
    send(programme, box, f"A1,{tubes[0]}\n")
    named = send(programme, box, "A1,FR90000001\n", "?factory_codes=FluidX")
    assert (named.json["factory_codes"], named.json["counts"]["named"]) == ("FluidX", 1)
    item = programme.get("biobank_technician", "/items/FR90000001").json
    assert (item["identifier"], item["aliases"]) == (
        tubes[0],
        [{"issuer": "FluidX", "value": "FR90000001"}],
    )
    assert send(programme, box, "A1,FR90000001\n").json["counts"]["in_place"] == 1


def test_aliquots_are_made_into_coded_tubes(programme, tubes):
    child = {"specification": "plasma", "issuer": "FluidX", "code": "FR90000001"}
    programme.taken("biobank_technician", tubes[0], "aliquot", details={"children": [child]})
    born = programme.get("biobank_technician", "/items/FR90000001").json
    assert (born["kind"], born["parents"]) == ("aliquot", [tubes[0]])


# On the command line.


@pytest.fixture
def run(programme, tmp_path):
    def run(text, *words, name="FX1.csv"):
        file = tmp_path / name
        if text is not None:
            file.write_bytes(text.encode())
        return programme.app.test_cli_runner().invoke(
            main,
            ["storage", "rack", str(file), *words, "--as", "tech.here"],
            env={"BIOBANK_TOKEN": programme.tokens["biobank_technician"]},
            obj=lambda: programme.app,
        )

    return run


def test_the_command_says_what_would_happen_and_then_what_did(run, programme, box, tubes):
    text = f"A1,{tubes[0]}\nA2,NO READ\n"
    shown = run(text, "--box", box, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines() == [
        "FX1.csv (fluidx) in Box 7: 1 stored, 4 not mentioned, 1 unread.",
        "FX1.csv says nothing of 4 wells (A3, B1, B2, B3); what is known of them stays.",
        "The file names its rack FX1, which is no code of anything here.",
        "A2  unread: The log has nothing here; what stands here was not read.",
        "Nothing was done; without --dry-run it is.",
    ]
    assert lies(programme, tubes[0]) == [("received", None)]
    done = json.loads(run(text, "--box", box, "--layout", "fluidx", "--json").output)
    assert (done["done"], done["counts"]["stored"]) == (True, 1)
    assert lies(programme, tubes[0]) == [("stored", "A1")]
    named = run("A1,FR90000001\n", "--box", box, "--factory-codes", "FluidX")
    assert named.output.startswith("FX1.csv (fluidx) in Box 7: 1 named,")


def test_the_command_refuses_in_sentences(run, programme, box, tubes):
    refused = run(f"A1,{tubes[0]}\nA2,FR2\nA3,FR3\n", "--box", box)
    assert refused.exit_code == 2
    assert [line.partition(" is not")[0] for line in refused.output.splitlines()] == [
        "Error: FX1.csv, line 3, well A3: 'FR3'",
        "FX1.csv, line 2, well A2: 'FR2'",
    ]
    missing = run(None, "--box", box, name="none.csv")
    assert (missing.exit_code, missing.output) == (
        2,
        "Error: none.csv: it cannot be opened (No such file or directory).\n",
    )
    large = run("\n" * 300_001, "--box", box)
    assert "it is larger than 300000 bytes" in large.output
    assert run("A1,X1\n", "--box", tubes[0]).output.startswith("Error: There are no positions in tube")


def test_the_command_cries_out_what_a_scan_would(run, programme, box, tubes):
    programme.taken(
        "biobank_technician", tubes[0], "quarantine", details={"hold": "temperature", "reason": "warm"}
    )
    told = run(f"A1,{tubes[0]}\n", "--box", box).output
    assert f"A1  ! {printed(tubes[0])} is under a hold (temperature): it may not be used." in told


# As pages.


@pytest.fixture
def technician(programme):
    return Seat(programme, "tech.here")


def upload(seat, box, text, **form):
    token = re.search(r'name="csrf_token" value="(\w*)"', seat.client.get("/").text)[1]
    data = {"csrf_token": token, "file": (io.BytesIO(text.encode()), "FX1.csv"), **form}
    return seat.client.post(f"/storage/units/{box}/rack-scan", data=data)


def hidden(text):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text.partition("<main")[2]))


def test_a_page_shows_each_well_and_records_it_when_it_is_confirmed(technician, programme, box, tubes):
    assert "Read a rack scanner" in technician.get(f"/storage/units/{box}").text
    spanish = technician.client.get(
        f"/storage/units/{box}/rack-scan", headers={"Accept-Language": "es-MX"}
    ).text
    assert "cualquier CSV cuyo encabezado" in spanish
    assert "FluidX, with the rack in each line" not in spanish
    shown = upload(technician, box, f"A1,{tubes[0]}\nA2,No Read\n")
    assert (shown.status_code, "Store 1: record it" in shown.text) == (200, True)
    assert lies(programme, tubes[0]) == [("received", None)]
    done = technician.client.post(f"/storage/units/{box}/rack-scan/confirm", data=hidden(shown.text))
    assert (done.status_code, "All of it, as it was shown." in done.text) == (200, True)
    assert lies(programme, tubes[0]) == [("stored", "A1")]
    again = technician.client.post(f"/storage/units/{box}/rack-scan/confirm", data=hidden(shown.text))
    assert again.headers["Idempotency-Replayed"] == "true"
    nothing = upload(technician, box, f"A1,{tubes[0]}\n")
    assert "Everything that was read is so already." in nothing.text


def test_what_changed_since_is_not_recorded_and_the_file_is_still_there(technician, programme, box, tubes):
    shown = hidden(upload(technician, box, f"A1,{tubes[0]}\n").text)
    programme.taken("biobank_technician", tubes[1], "store", place=box, position="A1")
    refused = technician.client.post(f"/storage/units/{box}/rack-scan/confirm", data=shown)
    assert (refused.status_code, "changed since the file was shown" in refused.text) == (409, True)
    kept = hidden(refused.text)
    assert (kept["file_name"], kept["content"]) == ("FX1.csv", shown["content"])
    shown = technician.client.post(f"/storage/units/{box}/rack-scan", data=kept)
    assert "another leaves" in shown.text
    assert printed(tubes[1]) in shown.text


def test_wells_that_stand_in_the_way_are_listed_and_may_be_left_out(technician, programme, box, tubes):
    refused = upload(technician, box, f"A1,{tubes[0]}\nA2,FR90000002\nA3,FR90000003\n")
    assert refused.status_code == 409
    assert len(re.findall(r"<li>FX1.csv, line \d, well A\d", refused.text)) == 2
    form = hidden(refused.text) | {"leave_out_unknown": "yes"}
    shown = technician.client.post(f"/storage/units/{box}/rack-scan", data=form)
    assert "Store 1: record it" in shown.text
    done = technician.client.post(f"/storage/units/{box}/rack-scan/confirm", data=hidden(shown.text))
    assert (done.status_code, lies(programme, tubes[0])) == (200, [("stored", "A1")])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "choose the file that the rack scanner wrote"),
        ("not base64", "it did not arrive whole; choose it again"),
        (b64encode(b"\x01\x02").decode(), "x.csv: it is no text"),
        (b64encode(b"A1,X1\n" * 60_000).decode(), "it is larger than 300000 bytes"),
    ],
)
def test_what_is_no_file_is_said_on_the_form(technician, box, content, sentence):
    token = hidden(technician.get(f"/storage/units/{box}/rack-scan").text)
    form = token | {"content": content, "file_name": "x.csv"}
    answer = technician.client.post(f"/storage/units/{box}/rack-scan", data=form)
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_codes_are_given_on_the_page_too(technician, programme, box, tubes):
    programme.taken("biobank_technician", tubes[0], "store", place=box, position="A1")
    shown = upload(technician, box, "A1,FR90000001\n", issuer="FluidX")
    assert "New code 1: record it" in shown.text
    technician.client.post(f"/storage/units/{box}/rack-scan/confirm", data=hidden(shown.text))
    assert "FR90000001 (FluidX)" in technician.get(f"/items/{tubes[0]}").text


def test_who_only_looks_is_offered_nothing(programme, box):
    auditor = Seat(programme, "audit.here")
    assert "Read a rack scanner" not in auditor.get(f"/storage/units/{box}").text


def test_the_forms_of_a_tube_take_its_makers_code(technician, programme, tubes):
    form = {"issuer": "FluidX", "code": "FR90000001"}
    page = technician.sent(f"/items/{tubes[0]}/steps/label", **form)
    assert "FR90000001 (FluidX)" in page.text
    made = {
        "specification": "plasma",
        "count": "2",
        "volume": "0.5",
        "issuer": "FluidX",
        "codes": "FR2\nFR3\n",
    }
    technician.sent(f"/items/{tubes[0]}/steps/aliquot", **made)
    assert programme.get("biobank_technician", "/items/FR3").json["parents"] == [tubes[0]]
    wrong = technician.post(f"/items/{tubes[0]}/steps/aliquot", **(made | {"count": "3"}))
    assert "There are 2 codes and 3 were made" in wrong.problems
