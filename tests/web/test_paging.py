"""Lists by cursor: every row once, however pages are cut."""

import base64

import pytest
from sqlalchemy import select

from biobank.sites.models import Site, Station
from biobank.sites.operations import add_site, register_station
from biobank.web.paging import CursorRefused, page


@pytest.fixture
def filled(work):
    for site in ("b", "a", "c"):
        add_site(work, by="x", code=site, name=site, kind="clinic", zone="UTC")
        for number in (3, 1, 2):
            register_station(work, by="x", site=site, name=f"s{number}")
    return work


def pages(work, query, keys, limit):
    found, cursor = [], None
    while True:
        part = page(work, query, keys, cursor=cursor, limit=limit)
        assert len(part.rows) <= limit
        found += part.rows
        cursor = part.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9, 10])
def test_every_row_once_in_order(filled, limit):
    rows = pages(filled, select(Station), [Station.site, Station.name], limit)
    assert [(row.site, row.name) for row in rows] == [
        (site, f"s{number}") for site in "abc" for number in (1, 2, 3)
    ]


def test_a_filter_stays(filled):
    rows = pages(filled, select(Station).where(Station.site == "b"), [Station.id], 2)
    assert {row.site for row in rows} == {"b"}
    assert len(rows) == 3


def test_a_limit_is_kept_in_bounds(filled):
    assert len(page(filled, select(Site), [Site.code], limit=0).rows) == 1
    assert len(page(filled, select(Site), [Site.code], limit=10**9).rows) == 4


@pytest.mark.parametrize("told", [f"[{2**63}]", f"[{'9' * 5000}]", "[" * 20_000])
def test_a_cursor_that_nothing_can_be_asked_with_is_refused(filled, told):
    cursor = base64.urlsafe_b64encode(told.encode()).decode()
    with pytest.raises(CursorRefused):
        page(filled, select(Station), [Station.id], cursor=cursor)


@pytest.mark.parametrize(
    "cursor", ["x", "é", "W10", "WzFd", "bnVsbA", "eyJhIjoxfQ", "WyJhIiwgImIiXQ", "A" * 999]
)
def test_a_cursor_that_no_list_gave_is_refused(filled, cursor):
    with pytest.raises(CursorRefused):
        page(filled, select(Site), [Site.code], cursor=cursor)
