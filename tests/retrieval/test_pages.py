"""Pick lists on pages, over HTTP and at the terminal, as their people use them."""

import io
import json
import re
from datetime import timedelta

import pypdf
import pytest
from click.testing import CliRunner

from biobank.commands import main
from biobank.core import moments
from biobank.core.database import writing
from biobank.items.identifiers import printed
from biobank.participants.operations import record_consent
from tests.distribution.test_edges import PORTIONS, STUDY
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT, PASSWORD, just_now
from tests.withdrawals.test_api import decision

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def stored(programme):
    """Two tubes in a box of a frozen room, and the study that may have them."""
    programme.let_sign("comp.here", "tech.here")
    with programme.app.app_context(), writing() as work:
        record_consent(
            work, programme.actor("clinic.here"), participant=PARTICIPANT, form_version="2", language="en",
            scopes=("urine", "sharing"), effective_at=moments.now() - timedelta(days=1), source="form F3",
        )  # fmt: skip
    shown = programme.post("biobank_lead", "/study-requests", {**STUDY, "portions": PORTIONS}).json
    signed = {"username": "comp.here", "password": PASSWORD, "sha256": shown["sha256"]}
    programme.post("compliance", "/study-requests/REQ-7/approval", signed)
    freezer = unit(programme, kind="freezer", name="Freezer 2", temperature_celsius=-80)
    box = unit(programme, kind="box", name="Box 7", rows=2, columns=2, inside=freezer)
    tubes = []
    for position in ("A1", "A2"):
        _, [tube] = programme.collected_kit(definition="urine-1")
        programme.taken("biobank_technician", tube, "receive")
        programme.taken("biobank_technician", tube, "store", place=box, position=position)
        tubes.append(tube)
    return tubes


def unit(programme, **told):
    return programme.post("biobank_lead", "/storage/units", {"site": "biobank-1", **told}).json["identifier"]


STUDY_LIST = {"request": "REQ-7", "rule": "oldest", "site": "biobank-1"}


def test_on_pages_a_list_is_made_walked_and_handed_over(programme, stored):
    one, two = stored
    tech = Seat(programme, "tech.here")
    assert "/pick-lists/new?request=REQ-7" in tech.get("/study-requests/REQ-7").text
    wrong = tech.post("/pick-lists", **STUDY_LIST, count_1="many")
    assert "Type a whole number." in wrong.problems
    made = tech.post("/pick-lists", **STUDY_LIST, count_1="2").leads_to
    assert made == "/pick-lists/1"
    page = tech.get(made)
    assert page.answer == ("List made", "Pieces to pick: 2.")
    assert page.text.index('data-item="' + one) < page.text.index('data-item="' + two)
    assert tech.post(f"{made}/scan", text=one).status == 303
    picked = tech.get(made)
    assert (picked.answer[0], "Testa tech.here</td>" in picked.text) == ("Picked", True)
    assert "Testa tech.here" in tech.get("/check-outs").text.split("</header>")[1]
    assert tech.post(f"{made}/scan", text=one).answer[0] == "Picked already"
    asked = re.findall(r"<details.*?</summary>\s*<p>(.*?)</p>\s*<button.*?</details>", picked.text, re.DOTALL)
    assert [each.partition(".")[0] for each in asked] == [
        "Look in the positions beside it, too", "One piece goes to UNI-1 for good",
    ]  # fmt: skip
    tech.post(f"{made}/not-there", item=two)
    short = tech.get(made).text
    assert "No other piece may be picked for it." in short
    assert "One piece that may be picked is lacking." in short
    assert tech.post(f"{made}/scan", text=two).status == 303
    pdf = tech.client.get(f"{made}/walk.pdf").data
    assert "Pick list 1" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    handed = tech.post(f"{made}/hand-over").leads_to
    assert handed == "/distributions/1"
    page = tech.get(handed)
    assert page.answer == ("Handed on", "For good to UNI-1: 2.")
    told = tech.post(f"{handed}/manifest", dates="none", format="csv").text
    token = re.search(r'name="csrf_token" value="(\w+)"', tech.get(handed).text)[1]
    form = {"csrf_token": token, "dates": "none", "format": "pdf"}
    paper = tech.client.post(f"{handed}/manifest", data=form).data
    told += "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)
    assert len(set(re.findall(r"S-\w{4}-\w{4}", told))) == 2
    hidden = (one, two, printed(one), PARTICIPANT, str(moments.now().year))
    assert not [each for each in hidden if each in told]
    assert "Nothing left to pick" in tech.get(made).text


def test_on_pages_what_comes_back_goes_where_it_was(programme, stored):
    one, two = stored
    tech = Seat(programme, "tech.here")
    bench = {"purpose": "bench", "goes_to": "BENCH-4", "rule": "oldest", "site": "biobank-1"}
    made = tech.post("/pick-lists", **bench, codes=f"{one}\n{two}").leads_to
    for tube in stored:
        tech.post(f"{made}/scan", text=tube)
    assert "BENCH-4" in tech.get("/check-outs").text
    led = tech.post("/check-outs/scan", text=one).leads_to
    page = tech.get(led)
    assert "Put it back where it was:" in page.text
    assert tech.post("/check-outs/back", item=one, taken="0.5").status == 303
    assert tech.get("/check-outs").answer[0] == "It is back"
    assert tech.post("/check-outs/used-up", item=two).status == 303
    assert "Nothing is out" in tech.get("/check-outs").text
    assert tech.post("/check-outs/scan", text=one).answer[0] == "Not out"


def test_on_pages_who_withdrew_is_a_stop_and_off_the_list(programme, stored):
    one, _ = stored
    tech = Seat(programme, "tech.here")
    made = tech.post("/pick-lists", **STUDY_LIST, count_1="2").leads_to
    programme.post("compliance", "/withdrawals", decision())
    assert "Not to be picked any more" in tech.get(made).text
    tech.post(f"{made}/scan", text=one)
    assert tech.get(made).answer[0] == "Stop: do not pick it"
    tech.post(f"{made}/gone")
    assert tech.get(made).answer == ("Taken off", "What may not be picked any more is on the list no more.")
    assert tech.post(f"{made}/cancellation", because="not_needed").status == 303
    assert "Cancelled" in tech.get("/pick-lists").text


def test_over_http_a_list_is_made_picked_from_and_brought_back(programme, stored):
    one, two = stored
    told = {
        "purpose": "study", "site": "biobank-1", "request": "REQ-7", "wishes": [{"kind": "tube", "count": 2}],
    }  # fmt: skip
    made = programme.post("biobank_technician", "/pick-lists", told)
    assert (made.status, made.json["lines"], made.json["standing"]) == (201, {"to_pick": 2}, "to_pick")
    path = f"/pick-lists/{made.json['number']}"
    walk = programme.get("auditor", f"{path}/walk").json
    assert ([piece["item"] for piece in walk["stops"][0]["pieces"]], walk["doors"]) == ([one, two], 1)
    scan = {"item": one, "occurred_at": just_now()}
    assert programme.post("biobank_technician", f"{path}/picks", scan).json["picked"] is True
    assert programme.post("biobank_technician", f"{path}/picks", scan).status == 409
    assert programme.get("biobank_technician", "/check-outs").json["out"][0]["item"] == one
    back = programme.post("biobank_technician", "/check-outs/returns", scan)
    assert (back.json["state"], back.json["thawed"]) == ("stored", False)
    assert programme.get("biobank_technician elsewhere", path).status == 404
    lists = programme.get("biobank_lead", "/pick-lists?request=REQ-7").json["lists"]
    assert lists[0]["lines"] == {"returned": 1, "to_pick": 1}


def test_at_the_terminal_what_is_overdue_is_an_exit_code(programme, stored, monkeypatch, tmp_path):
    def run(*words):
        told = CliRunner(env={"BIOBANK_TOKEN": programme.tokens["biobank_technician"]})
        return told.invoke(main, ["picks", *words, "--as", "tech.here", "--json"], obj=lambda: programme.app)

    told = {"purpose": "bench", "site": "biobank-1", "goes_to": "BENCH-4", "items": stored, "out_hours": 2}
    number = programme.post("biobank_technician", "/pick-lists", told).json["number"]
    paper = tmp_path / "walk.pdf"
    walk = run("walk", str(number), "--out", str(paper))
    assert [each["item"] for each in json.loads(walk.output)["pieces"]] == stored
    assert paper.read_bytes().startswith(b"%PDF")
    scan = {"item": stored[0], "occurred_at": just_now()}
    programme.post("biobank_technician", f"/pick-lists/{number}/picks", scan)
    assert json.loads(run("list").output)["lists"][0]["to_pick"] == 1
    assert run("overdue").exit_code == 0
    later = moments.now() + timedelta(hours=3)
    monkeypatch.setattr(moments, "now", lambda: later)
    late = run("overdue")
    assert (late.exit_code, [each["item"] for each in json.loads(late.output)["overdue"]]) == (1, stored[:1])
