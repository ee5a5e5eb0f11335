"""Centrifuge programmes as a page: who adds one, where it can be chosen then, and that it is retired for good."""

import re

import pytest

from tests.pages.conftest import Seat

URL = "/centrifuge/programmes"
GEL = {
    "site": "clinic-1",
    "name": "Gel tubes",
    "g": "1300",
    "minutes": "15",
    "temperature_celsius": "-4",
    "rotor": "",
}


@pytest.fixture
def seat(programme):
    return lambda username: Seat(programme, username)


def test_an_administrator_adds_a_programme_that_the_site_chooses_and_takes_it_off_again(seat):
    administrator, clinic = seat("admin.here"), seat("clinic.here")
    page = administrator.sent(URL, **GEL)
    assert page.answer[0] == "Programme added"
    assert "1300 g, 15 min, -4 °C" in " ".join(page.text.split())
    assert "Gel tubes" in clinic.get("/centrifuge").text
    assert "Gel tubes" not in seat("clinic.elsewhere").get("/centrifuge").text
    again = administrator.post(URL, **GEL)
    assert (again.status, "never used again" in again.problems) == (409, True)
    number = re.search(r'data-programme="([0-9]+)"', page.text)[1]
    assert administrator.sent(f"{URL}/{number}/retire").answer[0] == "No longer offered"
    assert "Gel tubes" not in clinic.get("/centrifuge").text
    assert administrator.post(f"{URL}/{number}/retire").status == 404


@pytest.mark.parametrize(
    ("field", "typed"),
    [("g", "much"), ("minutes", ""), ("g", "90000"), ("site", ""), ("rotor", "square"), ("name", " ")],
)
def test_what_no_centrifuge_has_is_told_beside_its_field_and_what_was_typed_stays(seat, field, typed):
    page = seat("admin.here").post(URL, **GEL | {field: typed})
    assert page.status == 422
    assert f'href="#{field}"' in page.text
    assert 'value="15"' in page.text or field == "minutes"


def test_whoever_sees_the_link_to_a_page_may_open_it(seat):
    """And who may not spin sees neither the centrifuge nor its programmes."""
    for name in ("clinic", "tech", "lead", "comp", "ident", "audit", "admin"):
        there = seat(f"{name}.here")
        for link in set(re.findall(r'href="(/centrifuge[^"#]*)"', there.get("/").text)):
            assert there.get(link).status == 200
        spins, adds = name in ("clinic", "tech", "lead"), name == "admin"
        assert [there.get(link).status == 200 for link in ("/centrifuge", URL)] == [spins, adds]
