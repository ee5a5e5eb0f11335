"""The programme's file at the desk: chosen, read whole or not at all, each row's answer shown and downloaded."""

import io
import re

import pytest

from biobank.feeds.formats import COLUMNS
from tests.feeds.test_withdrawals_in import file, line
from tests.pages.conftest import seat
from tests.programme import PARTICIPANT

__all__ = ["seat"]


@pytest.fixture
def desk(programme):
    client = programme.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {programme.tokens['compliance']}"
    return client


def send(desk, content, name="report_2026-2_withdrawals.csv"):
    return desk.post("/feeds/withdrawals", data={"file": (io.BytesIO(content), name)})


def test_a_file_is_chosen_and_every_row_has_its_answer(desk):
    answer = send(desk, file(line(PARTICIPANT), line("A700000007", reason="=cmd")))
    assert answer.status_code == 303
    page = desk.get(answer.headers["Location"]).text
    assert page.count('scope="row"') == 2
    assert PARTICIPANT in page
    [link] = re.findall(r'href="(/feeds/deliveries/\d+/acknowledgements\.csv)"', page)
    rows = desk.get(link).text.splitlines()
    assert [row.split(",")[6] for row in rows[1:]] == ["recorded", "recorded"]
    assert (
        send(desk, file(line(PARTICIPANT), line("A700000007"))).headers["Location"]
        == answer.headers["Location"]
    )
    assert "report_2026-2_withdrawals.csv" in desk.get("/feeds").text


def test_a_file_that_cannot_be_read_is_answered_where_it_was_chosen(desk):
    answer = send(desk, file(line(PARTICIPANT), line("A700000007", ceremony="Testa Participant")))
    assert answer.status_code == 422
    assert "line 3, column needs_disposal_ceremony" in answer.text
    assert "Testa Participant" not in answer.text
    assert send(desk, b"").status_code == 422


def test_the_desk_names_the_columns_and_says_which_is_missing(desk):
    page = desk.get("/feeds").text
    assert ", ".join(COLUMNS) in page
    without = file(header=",".join(COLUMNS[:-1]))
    assert f"column {COLUMNS[-1]}: this column is missing; add it." in send(desk, without).text


def test_a_file_without_a_row_is_no_success(seat):
    def sent(*lines):
        content = io.BytesIO(file(*lines))
        return seat("comp.here").sent("/feeds/withdrawals", file=(content, "report.csv")).answer

    assert sent() == ("No row", "The file has its header and no row: there was nothing to record.")
    assert sent(line(PARTICIPANT)) == ("Recorded", "New withdrawals among its rows: 1 of 1.")


def test_a_file_whose_name_is_no_plain_name_keeps_none(desk):
    send(desk, file(line(PARTICIPANT)), name="for testa@example.org.csv")
    assert "testa@example.org" not in desk.get("/feeds").text


def test_results_are_downloaded(desk):
    assert desk.get("/feeds/destructions.csv").text.splitlines() == [
        "row,status,participant,item,outcome,grade,occurred_at,certificate,certificate_sha256,replaces,order,recorded_at"
    ]
