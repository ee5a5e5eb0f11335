"""A character that nobody can see is refused at its field before any database is asked, on pages and over HTTP."""

import logging
import re

import pytest

from tests.pages.conftest import Seat
from tests.programme import just_now

UNSEEN = ["a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "Box \u202e7", "Box \u20677"]
SEEN = ["Box \N{MICROSCOPE}", "Caja número 7", "صندوق", "冷凍庫"]


@pytest.fixture
def box(programme):
    unit = {"kind": "box", "name": "Box 7", "site": "biobank-1", "rows": 2, "columns": 2}
    return programme.post("biobank_lead", "/storage/units", unit).json["identifier"]


@pytest.fixture
def nothing_unexpected(caplog):
    caplog.set_level(logging.ERROR)
    yield
    assert not caplog.records, caplog.text


def name_of(programme, box):
    return programme.get("biobank_lead", f"/items/{box}").json["specification"]


@pytest.mark.parametrize("text", UNSEEN)
def test_what_nobody_can_see_is_refused_at_its_field(programme, box, nothing_unexpected, text):
    lead, refit = Seat(programme, "lead.here"), f"/storage/units/{box}/refit"
    page = lead.post(refit, name=text, kind="box")
    sentence = re.search(r'id="name-error"[^>]*>(?:<[^>]*>)*([^<]+)', page.text)
    assert (page.status, "nobody can see (U+" in sentence[1]) == (422, True)
    details = {"item": box, "action": "refit", "occurred_at": just_now(), "details": {"name": text}}
    for path, body, field in (
        ("/custody/events", details, "details.name"),
        ("/storage/units", {"kind": "box", "name": text, "site": "biobank-1"}, "name"),
        ("/inventories", {"unit": text}, "unit"),
    ):
        answer = programme.post("biobank_lead", path, body)
        assert (answer.status, answer.json["field"]) == (422, field)
        assert re.search(r"Character \d is one that nobody can see \(U\+", answer.json["detail"])
    [alone] = programme.post("biobank_lead", "/custody/batches", {"scans": [details]}).json["results"]
    assert (alone["status"], alone["field"]) == (422, "details.name")
    assert name_of(programme, box) == "Box 7"


def test_an_address_with_what_nobody_can_see_leads_nowhere(programme, nothing_unexpected):
    lead = Seat(programme, "lead.here")
    for path in ("/study-requests/a%00b", "/items/a%00b", "/pick-lists/new?request=a%00b"):
        assert lead.get(path).status in (404, 422), path
        assert programme.get("biobank_lead", path).status in (404, 422), path


@pytest.mark.parametrize("text", SEEN)
def test_what_can_be_read_in_any_writing_is_taken(programme, box, nothing_unexpected, text):
    programme.taken("biobank_lead", box, "refit", details={"name": text})
    assert name_of(programme, box) == text
