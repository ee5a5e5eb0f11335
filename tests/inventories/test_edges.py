"""Inventory checks over HTTP, as pages and as commands."""

import io
import re

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner

from biobank.access.permissions import Role
from biobank.commands import main
from biobank.core import moments
from biobank.core.database import writing
from biobank.items.identifiers import printed
from biobank.printing.count_sheets import CountSheet, count_sheet_pdf
from tests.pages.conftest import Seat
from tests.programme import person

UNKNOWN = "FR05653780"


@pytest.fixture(params=["sqlite"])
def database_url(sqlite_start, tmp_path, identity_template):
    """Pages and routes: the rules below them are asked on both."""
    import shutil

    shutil.copy(identity_template, tmp_path / "identity.db")
    shutil.copy(sqlite_start, tmp_path / "biobank.db")
    return f"sqlite:///{tmp_path / 'biobank.db'}"


@pytest.fixture
def box(programme):
    return unit(programme, "box", "Box 7", rows=2, columns=3)


@pytest.fixture
def tube(programme, box):
    """Stored in the first position of the box."""
    _, [made] = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", made, "receive")
    programme.taken("biobank_technician", made, "store", place=box, position="A1")
    return made


def unit(programme, kind, name, **more):
    asked = {"kind": kind, "name": name, "site": "biobank-1"} | more
    return programme.post("biobank_lead", "/storage/units", asked).json["identifier"]


def done(answer):
    assert answer.status < 400, answer.json
    return answer.json


def test_a_check_over_http_from_the_plan_to_its_cases(programme, box, tube):
    asked = {"unit": box, "reason": "before_shipping", "due_on": "2026-12-01"}
    number = done(programme.post("biobank_lead", "/inventories", asked))["check"]["number"]
    path = f"/inventories/{number}"
    assert programme.post("biobank_lead", "/inventories", asked).status == 409
    done(programme.post("biobank_technician", f"{path}/begin", {}))
    read = {"text": tube, "position": "B1"}
    assert done(programme.post("biobank_technician", f"{path}/readings", read))["code"] == tube
    twice = programme.post("biobank_technician", f"{path}/readings", read | {"position": "B2"})
    assert (twice.status, twice.json["reason_code"]) == (409, "read_elsewhere")
    assert done(programme.get("auditor", path))["result"] is None
    done(programme.post("biobank_technician", f"{path}/readings", {"text": UNKNOWN, "position": "A2"}))
    done(programme.post("biobank_technician", f"{path}/readings", {"position": "A3", "seen": "no_read"}))
    undone = done(programme.post("biobank_technician", f"{path}/take-back", {}))
    assert (undone["taken_back"], undone["position"]) == (True, "A3")
    shown = done(programme.post("biobank_technician", f"{path}/end", {}))["result"]
    assert [(each["kind"], each["position"]) for each in shown["differences"]] == [
        ("wrong_position", "B1"), ("unknown_code", "A2"),
    ]  # fmt: skip
    assert programme.post("biobank_technician", f"{path}/second-count", {}).status == 403
    close = {"expected": shown["fingerprint"], "because": "Both were looked at."}
    assert programme.post("biobank_technician", f"{path}/close", close).status == 409
    result = done(programme.post("biobank_lead", f"{path}/close", close))["result"]
    assert all(each["case"] for each in result["differences"])
    item = done(programme.get("auditor", f"/items/{tube}"))
    assert "B1" in str(item)
    window = "from=2026-01-01T00:00:00Z&until=2099-01-01T00:00:00Z"
    told = done(programme.get("compliance", f"/inventories/accuracy?{window}"))
    assert (told["checked"], told["differences"]) == (2, 2)
    assert told["by_kind"] == {"unknown_code": 1, "wrong_position": 1}
    assert done(programme.get("biobank_technician elsewhere", "/inventories"))["checks"] == []


def test_a_file_is_the_count_over_http_and_a_check_is_given_up(programme, box, tube):
    number = done(programme.post("compliance", "/inventories", {"unit": box}))["check"]["number"]
    path = f"/inventories/{number}"
    done(programme.post("biobank_technician", f"{path}/begin", {}))
    content = f"position,code\nA1,{tube}\nA2,\n".encode()
    headers = {"Authorization": f"Bearer {programme.tokens['biobank_technician']}"}
    answer = programme.app.test_client().post(
        f"/api/v1{path}/rack-scans?file_name=r.csv", data=content, headers=headers, content_type="text/csv"
    )
    assert (answer.status_code, answer.get_json()["read"]) == (200, 2)
    assert done(programme.post("biobank_technician", f"{path}/end", {}))["result"]["agreed"] == 1
    given_up = programme.post("biobank_lead", f"{path}/cancel", {"because": "The box is moved."})
    assert done(given_up)["check"]["state"] == "cancelled"


def test_a_box_is_counted_on_its_page_blind_until_the_end(programme, box, tube):
    seat = Seat(programme, "tech.here")
    page = seat.sent("/inventories/begin", text=box)
    number = int(re.search(r'<a class="usa-link" href="/inventories">.*?(\d+)', page.text, re.DOTALL)[1])
    path = f"/inventories/{number}"
    assert 'id="cursor">A1<' in page.text
    assert tube[-5:] not in page.text
    assert 'id="cursor">A2<' in seat.sent(f"{path}/scan", seen="empty", position="A1").text
    assert 'id="cursor">B3<' in seat.sent(f"{path}/scan", text="b3", position="A2").text
    assert seat.sent(f"{path}/scan", text=tube, position="B3").answer[0] == "Read"
    mistyped = seat.post(f"{path}/scan", text="z9", position="B1").text
    assert ("no position Z9 here" in mistyped, 'id="cursor">B1<' in mistyped) == (True, True)
    asked = seat.post(f"{path}/scan", text=tube, position="A3")
    assert asked.status == 409
    assert 'data-ask-back="read_elsewhere"' in asked.text
    assert seat.sent(f"{path}/scan", text=UNKNOWN, position="A3").answer[0] == "No code of ours"
    assert seat.sent(f"{path}/back").answer[0] == "Taken back"
    wrong = seat.post(f"{path}/scan", text=box, position="A3")
    assert (wrong.status, "is the box that you count" in wrong.text) == (422, True)
    ended = seat.sent(f"{path}/end")
    assert ended.answer == ("Counted", "Differences: 1. Somebody else counts once more.")
    assert 'data-kind="wrong_position"' in ended.text
    assert 'id="record"' not in ended.text
    other = Seat(programme, "lead.here")
    expected = re.search(r'name="expected" value="(\w+)"', other.get(path).text)[1]
    assert "Say why" in other.post(f"{path}/close", expected=expected, because="x" * 501).text
    closed = other.sent(f"{path}/close", expected=expected, because="It was looked at twice.")
    assert closed.answer == ("Closed", "Differences: 1. Each is recorded and has its case.")
    assert "/discrepancies/" in closed.text
    assert "100.00" not in other.get("/inventories/accuracy").text
    assert "Missing" not in other.get("/inventories/accuracy.csv").text


def test_two_counts_that_differ_are_settled_on_the_page_where_they_differ(programme, box, tube):
    """The page says what is left to be read, that the rest stays, and offers nobody what would be refused."""
    lead, other = Seat(programme, "lead.here"), Seat(programme, "tech.here")
    path = "/inventories/1"
    lead.sent("/inventories/begin", text=box)
    lead.sent(f"{path}/scan", text=tube, position="B1")
    assert 'id="again"' not in lead.sent(f"{path}/end").text
    assert 'id="again"' in other.get(path).text
    other.sent(f"{path}/again")
    other.sent(f"{path}/scan", text=tube, position="B2")
    assert other.sent(f"{path}/end").answer == ("Counted", "The two counts differ. To be read once more: 2.")
    shown = other.sent(f"{path}/scan", seen="empty", position="B1").text
    assert ('id="cursor">B2<' in shown, 'data-left="1"' in shown) == (True, True)
    assert "Still to be read where the two counts differ: 1. All else stays" in shown
    shown = other.sent(f"{path}/scan", text=tube, position="B2").text
    assert ('id="cursor">–<' in shown, "empty once the count has ended" in shown) == (True, False)
    assert "All is read where the two counts differ" in shown
    assert other.sent(f"{path}/end").answer[1] == "Differences: 1. Look at them, then close the check."


def test_what_nobody_knew_is_closed_with_its_label_to_print(programme, box):
    lead = Seat(programme, "lead.here")
    lead.sent("/inventories/begin", text=box)
    lead.sent("/inventories/1/scan", text=UNKNOWN, position="A2")
    ended = lead.sent("/inventories/1/end").text
    assert "It gets a code and a label of its own" in ended
    expected = re.search(r'name="expected" value="(\w+)"', ended)[1]
    closed = lead.sent("/inventories/1/close", expected=expected, because="It was looked at twice.")
    assert closed.answer[0] == "Labels are due"
    link = re.search(r'href="/printing\?item=(T\d{12})"', closed.text)
    assert f'/items/{link[1]}"' in closed.text
    assert link[1] in lead.get(f"/printing?item={link[1]}").text


def test_what_is_due_is_planned_and_a_sample_is_drawn_on_pages(programme, box):
    lead = Seat(programme, "lead.here")
    assert "Box 7" in lead.get("/inventories/plan").text
    assert "Choose why" in lead.post("/inventories/plan", unit=box, reason="").text
    planned = lead.sent("/inventories/plan", unit=box, reason="routine", whole="yes", due_on="2026-12-01")
    assert planned.answer[0] == "Planned"
    assert "Nothing is due" in lead.get("/inventories/plan").text
    other = unit(programme, "box", "Box 8", rows=2, columns=3)
    assert "whole number" in lead.post("/inventories/plan/due", site="biobank-1", most="-").text
    assert (
        lead.sent("/inventories/plan/due", site="biobank-1", most="5").answer[1] == "Boxes to be counted: 1."
    )
    drawn = lead.sent("/inventories/plan/sample", site="biobank-1", size="1", seed="4")
    assert drawn.answer[1] == "Boxes to be counted: 1 of 2."
    assert lead.get(f"/inventories?show=open&unit={other}").status == 200
    begun = lead.sent("/inventories/1/begin")
    assert 'data-state="counting"' in begun.text
    file = {"file": (io.BytesIO(b"position,code\nA1,\n"), "rack.csv")}
    assert lead.sent("/inventories/1/file", layout="", **file).answer[0] == "Read"
    assert "no layout" in lead.post("/inventories/1/file", layout="x", file=(io.BytesIO(b"x"), "x")).text
    assert lead.sent("/inventories/1/cancel", because="It was moved.").answer[0] == "Cancelled"
    assert "Cancelled" in lead.get("/inventories?show=all").text


def test_a_box_is_counted_on_paper_where_no_station_is(programme, box, tube):
    """The sheet is as blind as the page; its symbol is read back; what is keyed from it is the count."""
    seat = Seat(programme, "tech.here")
    page = seat.sent("/inventories/begin", text=box).text
    assert 'href="/inventories/1/sheet.pdf"' in page
    told = seat.client.get("/inventories/1/sheet.pdf")
    document = pypdfium2.PdfDocument(told.data)
    text = document[0].get_textpage().get_text_range()
    assert all(position in text for position in ("A1", "A2", "A3", "B1", "B2", "B3"))
    assert tube[1:5] not in text.replace(printed(box), "")
    assert all(each in text for each in ("Counted by", "Began", "Box 7", printed(box)))
    [symbol] = zxingcpp.read_barcodes(document[0].render(scale=200 / 72).to_pil())
    assert symbol.text == box
    told = seat.client.get("/inventories/1/sheet.pdf", headers={"Accept-Language": "es"})
    spanish = pypdfium2.PdfDocument(told.data)[0].get_textpage().get_text_range()
    assert all(each in spanish for each in ("Hoja de conteo, verificación 1", "Contado por", "Página 1"))
    assert not {"Count", "Printed", "Where", "Write", "Codes", "Date"} & set(re.findall(r"\w+", spanish))
    seat.sent("/inventories/1/cancel", because="It was moved.")
    assert seat.get("/inventories/1/sheet.pdf").status == 409


def test_who_counts_a_second_time_is_not_shown_the_first_count(programme, box, tube):
    with programme.app.app_context(), writing() as work:
        person(work, "tech.second", Role.TECHNICIAN, "biobank-1")
    first, second, lead = (Seat(programme, each) for each in ("tech.here", "tech.second", "lead.here"))
    first.sent("/inventories/begin", text=box)
    first.sent("/inventories/1/scan", position="A1", seen="empty")
    counted = first.sent("/inventories/1/end").text
    assert 'data-differences="1"' in counted
    assert printed(tube) in counted
    shown = second.sent("/inventories/begin", text=box).text
    assert 'id="again"' in shown
    assert 'data-differences="1"' not in shown
    assert printed(tube) not in shown
    assert printed(tube) in lead.get("/inventories/1").text


@pytest.mark.parametrize(("rows", "columns", "pages"), [(8, 12, 1), (9, 9, 1), (16, 24, 4), (0, 0, 1)])
def test_a_sheet_has_every_position_once(rows, columns, pages):
    grid = tuple(
        (chr(65 + row), tuple(f"{chr(65 + row)}{column + 1}" for column in range(columns)))
        for row in range(rows)
    )
    place = ("Room 1", "Freezer <2>")
    sheet = CountSheet("Programme", 7, "B483134562451", "Box & 7", place, grid, moments.now(), "UTC")
    found = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(count_sheet_pdf(sheet))]
    assert len(found) == pages
    assert all("B 4831 3456 24-51" in page for page in found)
    positions = re.findall(r"\b[A-P]\d+\b", " ".join(found))
    assert sorted(positions) == sorted(position for _, cells in grid for position in cells)


def test_what_is_overdue_waits_on_the_start_page_and_has_its_list(programme, box):
    lead, other = Seat(programme, "lead.here"), unit(programme, "box", "Box 8", rows=2, columns=3)
    lead.sent("/inventories/plan", unit=other, reason="routine", due_on="2099-12-31")
    assert "/inventories?show=overdue" not in lead.get("/").text
    lead.sent("/inventories/plan", unit=box, reason="routine", due_on="2026-01-02")
    home = lead.get("/").text
    assert re.search(r'href="/inventories\?show=overdue".*?Counts overdue', home, re.DOTALL)
    late = lead.get("/inventories?show=overdue").text
    assert ("Box 7" in late, "Box 8" in late) == (True, False)


def test_inventories_as_commands(programme, box, monkeypatch):
    monkeypatch.setenv("BIOBANK_TOKEN", programme.tokens["biobank_lead"])

    def run(*arguments):
        named = ["inventories", *arguments, "--as", "lead.here"]
        return CliRunner().invoke(main, named, obj=lambda: programme.app).output

    assert box in run("due")
    assert "There is no such check." in run("list", "--state", "closed")
    assert "is drawn out of 1 boxes" in run("sample", "biobank-1", "--size", "3", "--seed", "4")
    assert "Nothing is due." in run("due")
    assert "Planned: 0 checks." in run("plan-due", "biobank-1")
    rack = unit(programme, "rack", "Rack 1", rows=2, columns=2)
    assert "Check 2 is planned." in run("plan", rack, "--whole")
    assert rack in run("list")
    assert "nothing was checked" in run("accuracy")
