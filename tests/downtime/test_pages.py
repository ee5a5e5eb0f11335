"""Downtime for people: a pack made and fetched, what is typed wrongly named by its field, forms of others unseen."""

import re

import pytest

from biobank.core.database import writing
from biobank.sites.queries import site_named
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT


@pytest.fixture
def clinic(paper):
    return Seat(paper.programme, "clinic.here")


def test_a_pack_is_made_once_and_can_be_opened_again(paper, clinic):
    told = {"site": "clinic-1", "definition": "urine-1", "paper": "a4"}
    page = clinic.sent("/downtime/packs", count="2", **told)
    url = re.search(r'id="open-pack" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    pdf = clinic.client.get(url)
    assert (pdf.content_type, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert clinic.client.get(url).data == pdf.data
    assert Seat(paper.programme, "clinic.elsewhere").get(url).status == 403
    for count in ("0", "101", "many"):
        assert clinic.post("/downtime/packs", count=count, **told).status == 422


WRONG = (
    ({"participant_again": "A100000010"}, "are not the same"),
    (
        {"participant": "TESTA PARTICIPANT", "participant_again": "TESTA PARTICIPANT"},
        "not a participant code",
    ),
    ({"performer": "nobody"}, "Nobody at clinic-1"),
    ({"outcome-1": ""}, "Tick what became of tube 1"),
    ({"at-1": "half past nine"}, "Type the time as on the form"),
    ({"on": ""}, "Type the date"),
    ({"outcome-1": "short", "volume-1": "much"}, "Type a number"),
    ({"on": "2026-11-01", "at-1": "01:30"}, "came twice"),
    ({"on": "2990-01-01"}, "has not come yet"),
)


def test_what_was_typed_wrongly_is_named_and_nothing_is_recorded(paper, clinic):
    [number] = paper.forms(definition="urine-1")
    kit, [tube] = paper.issued("urine-1")
    right = {
        "kit": kit,
        "participant": PARTICIPANT,
        "participant_again": PARTICIPANT,
        "on": f"{paper.drawn_at:%Y-%m-%d}",
        "performer": "nurse.here",
        "outcome-1": "full",
        "at-1": "930",
    }
    for typed, says in WRONG:
        refused = clinic.post(f"/downtime/forms/{number}", **{**right, **typed})
        assert (refused.status, says in refused.text) == (422, True), (typed, refused.text)
    assert paper.state(tube) == "expected"
    taken = clinic.post(f"/downtime/forms/{number}", **right)
    assert taken.status == 303, taken.text
    again = clinic.post(f"/downtime/forms/{number}", **right)
    assert (again.status, "was entered by clinic.here" in again.text) == (409, True)


def test_blank_forms_are_listed_and_entered_under_the_sites_name(paper, clinic):
    [number] = paper.forms(definition="urine-1")
    with paper.programme.app.app_context(), writing() as work:
        site_named(work, "clinic-1").name = "Clinic by the Lake"
    listed = clinic.get("/downtime").text
    row = listed[listed.index(f'data-form="{number}"') :].partition("</tr>")[0]
    assert ">Clinic by the Lake</td>" in row
    assert "Clinic by the Lake" in clinic.get(f"/downtime/forms/{number}").text
