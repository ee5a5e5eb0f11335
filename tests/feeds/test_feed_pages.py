"""The programme's file at the desk: chosen, read whole or not at all, each row's answer shown and downloaded."""

import io
import re

import pytest

from tests.feeds.test_withdrawals_in import file, line
from tests.programme import PARTICIPANT


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


def test_a_file_whose_name_is_no_plain_name_keeps_none(desk):
    send(desk, file(line(PARTICIPANT)), name="for testa@example.org.csv")
    assert "testa@example.org" not in desk.get("/feeds").text


def test_results_are_downloaded(desk):
    assert desk.get("/feeds/destructions.csv").text.splitlines() == [
        "row,status,participant,item,outcome,grade,occurred_at,certificate,certificate_sha256,replaces,order,recorded_at"
    ]
