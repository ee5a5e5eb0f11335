"""The start page: what waits is counted as one question and by indexes, and each count is that of its list."""

from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from biobank.access.queries import actor_named
from biobank.core.database import reading
from biobank.web.waiting import counted, how_many_each, numbers_in, piles_of
from biobank.web.waiting_lists import lists_of
from tests.asking import statements

MOST = {"clinic.here": 12, "tech.here": 12, "lead.here": 16, "comp.here": 22}
"""Statements of the whole page; of what has no index and few rows each list asks for itself."""

MANY = ("items", "holds", "discrepancies", "visits", "shipments", "participants", "inventory_checks",
        "supply_orders", "pick_lists", "pick_lines", "offline_scans", "messages", "ledger_entries",
        "destruction_lines")  # fmt: skip
OF_FEW = ("uq_holds_standing", "ix_pick_lines_due", "ix_discrepancies_due", "ix_participants_undecided")
"""Indexes that hold only the rows that wait."""
OF_A_SITE = ("ix_discrepancies_site_id", "ix_discrepancies_found_at_id")


@pytest.fixture
def waiting(programme):
    """Tubes to pack and to spin, kits at the clinic, on its shelf and its participant's, and one to be issued."""
    programme.collected_kit()
    programme.assigned_kit()
    programme.issued_kit()
    programme.kit()
    return programme


@pytest.mark.parametrize("person", MOST)
def test_what_waits_is_asked_as_one_question(waiting, seat, person):
    someone = seat(person)
    with statements() as sent:
        assert someone.get("/").status == 200
    assert len(sent) <= MOST[person], "\n\n".join(sent)


@pytest.mark.parametrize("person", MOST)
def test_each_count_that_is_asked_with_the_others_is_that_of_its_list(waiting, person):
    with waiting.app.app_context(), reading() as work:
        by = actor_named(work, person)
        piles, lists = piles_of(by), lists_of(by)
        asked = [*(numbers_in(pile, by) for pile in piles), *(each.asks(work, by) for each in lists)]
        alone = [*(counted(work, pile, by) for pile in piles), *(each.count(work, by) for each in lists)]
        assert how_many_each(work, asked) == alone
    assert any(alone) or person == "comp.here"


@pytest.mark.parametrize("person", MOST)
def test_nothing_that_grows_with_the_years_is_read_whole(waiting, seat, person):
    someone = seat(person)
    with plans() as found:
        assert someone.get("/").status == 200
    assert [plan for plan in found if reads_all(plan)] == []


@pytest.mark.parametrize("code", ["collecting", "kits"])
def test_kits_being_collected_are_found_by_their_tubes(waiting, code):
    """A clinic's assigned kits are more every day; the tubes that are expected there are few."""
    with waiting.app.app_context(), reading() as work:
        by = actor_named(work, "clinic.here")
        pile = next(each for each in piles_of(by) if each.code == code)
        with plans() as found:
            counted(work, pile, by)
    if work.connection.dialect.name == "sqlite":
        assert any("ix_items_expected (site=?)" in plan for plan in found), found
    assert not any("ix_items_kits" in plan for plan in found), found


@contextmanager
def plans():
    """How SQLite goes about each statement, line by line; PostgreSQL plans by what is in the tables."""
    found = []

    def explain(_connection, cursor, statement, parameters, *_more):
        if "sqlite" in type(cursor).__module__ and statement.lstrip().startswith("SELECT"):
            asked = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(row[-1] for row in asked.fetchall())

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", explain)


def reads_all(plan):
    """Of a big table every row, or of cases all that a site ever had."""
    how, name = plan.split()[:2]
    of_few = any(index in plan for index in OF_FEW)
    return (how == "SCAN" and name.rstrip("_0123456789") in MANY and not of_few) or any(
        index in plan for index in OF_A_SITE
    )
