"""What reports say of a period: by the site's own calendar day, from milestones that follow the log."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from biobank.access.checks import SiteNotYours
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.tables import table_of
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.cancelling import cancel_collection, restore_collection
from biobank.kits.choices import CancelReason, RestoreReason
from biobank.kits.operations import make_kits
from biobank.reports.checks import PeriodRefused, period_told, sites_reported
from biobank.reports.choices import Step
from biobank.reports.milestones import make_again, tubes_after
from biobank.reports.models import Milestone
from biobank.reports.queries import collections, late, shortfalls, turnaround
from biobank.sites.operations import add_site
from tests.floor import CODE, actor

PAPER = Source("paper", "form 1")
MARCH = datetime(2026, 3, 10, 15, tzinfo=UTC)  # ten in the morning in Chicago
DAY = date(2026, 3, 10)
PERIOD = period_told(date(2026, 3, 9), date(2026, 3, 12))


@pytest.fixture
def march(floor, monkeypatch):
    """The programme in March 2026, with a clinic in Honolulu beside the one in Chicago."""
    monkeypatch.setattr(moments, "now", lambda: MARCH + timedelta(days=20))
    add_site(floor.work, by="setup", code="clinic-9", name="clinic-9", kind="clinic", zone="Pacific/Honolulu")
    return floor


def kit(floor, site="clinic-1", definition="adult-3.2"):
    """A kit that was given to somebody: its tubes."""
    made = make_kits(floor.work, definition, 1, by=floor.technician, site="biobank-1")[0].identifier
    by = actor("clinic.kai", Role.CLINIC, site)
    told(floor, made, Action.ISSUE, MARCH, floor.technician, details={"site": site})
    told(floor, made, Action.ASSIGN, MARCH, by, details={"participant": CODE})
    return by, [tube.identifier for tube in tubes_of_kit(floor.work, item_now(floor.work, made).id)]


def told(floor, item, action, at, by=None, **asked):
    return record(
        floor.work, item, action, by=by or floor.technician, source=PAPER, at=moments.told(at), **asked
    )


def draw(floor, tubes, at, by=None, fill="full"):
    for tube in tubes:
        told(floor, tube, Action.COLLECT, at, by or floor.clinic, details={"fill": fill})


def sites(floor, by=None, chosen=""):
    return sites_reported(floor.work, by or floor.lead, chosen)


def test_a_collection_is_of_the_day_on_its_sites_own_calendar(march):
    by, tubes = kit(march)
    draw(march, tubes[:2], MARCH, by)
    draw(march, tubes[2:3], datetime(2026, 3, 11, 4, 30, tzinfo=UTC), by)  # half past eleven in the evening
    draw(march, tubes[3:4], datetime(2026, 3, 11, 5, 30, tzinfo=UTC), by)
    there, others = kit(march, site="clinic-9")
    draw(march, others[:1], datetime(2026, 3, 11, 9, 59, tzinfo=UTC), there)
    found = [
        (row.day, row.site, row.kits, row.tubes) for row in collections(march.work, sites(march), PERIOD)
    ]
    assert found == [
        (DAY, "clinic-1", 1, 3),
        (DAY, "clinic-9", 1, 1),
        (DAY + timedelta(days=1), "clinic-1", 1, 1),
    ]
    assert collections(march.work, [], PERIOD) == []


def test_a_cancelled_collection_counts_nowhere_until_it_is_restored(march):
    by, tubes = kit(march)
    draw(march, tubes[:2], MARCH, by)
    told(march, tubes[2], Action.MARK_NOT_COLLECTED, MARCH, by, details={"reason": "no_vein"})
    tube = march.work.session.get(Item, item_now(march.work, tubes[0]).id)
    whole = item_by_id(march.work, tube.kit_id).identifier

    def counted():
        work, ours = march.work, sites(march)
        found = collections(work, ours, PERIOD), late(work, ours, PERIOD, moments.now())
        return [sum(row.tubes for row in rows) for rows in (*found, shortfalls(work, ours, PERIOD))]

    assert counted() == [2, 2, 1]
    cancel_collection(march.work, whole, CancelReason.OTHER, by=by, source=PAPER, at=None)
    assert counted() == [0, 0, 0]
    restore_collection(march.work, whole, RestoreReason.OTHER, by=by, source=PAPER, at=None)
    assert counted() == [2, 2, 1]


def test_turnaround_is_the_nearest_rank_of_the_hours_since_the_collection(march):
    tubes = [*kit(march)[1], *kit(march)[1]][:10]
    draw(march, tubes, MARCH)
    for hours, tube in enumerate(tubes, 1):
        told(march, tube, Action.RECEIVE, MARCH + timedelta(hours=hours))
    [row] = turnaround(march.work, sites(march), PERIOD)
    assert (row.day, row.step, row.tubes) == (DAY, Step.RECEIVED, 10)
    assert (row.median, row.ninetieth) == (5, 9)
    told(march, tubes[0], Action.RECEIVE, MARCH + timedelta(hours=90))
    assert turnaround(march.work, sites(march), PERIOD) == [row], "the first time counts"


def test_what_fell_short_is_told_by_reason(march):
    _, tubes = kit(march)
    draw(march, tubes[:1], MARCH)
    draw(march, tubes[1:2], MARCH, fill="short")
    for tube in tubes[2:5]:
        told(march, tube, Action.MARK_NOT_COLLECTED, MARCH, march.clinic, details={"reason": "fainted"})
    found = [(row.step, row.answer, row.tubes) for row in shortfalls(march.work, sites(march), PERIOD)]
    assert found == [(Step.NOT_COLLECTED, "fainted", 3), (Step.COLLECTED, "short", 1)]


def test_late_is_what_came_late_and_what_has_not_come_yet(march):
    _, tubes = kit(march)
    draw(march, tubes[:5], MARCH)
    told(march, tubes[0], Action.DISPATCH, MARCH + timedelta(hours=2), march.clinic)
    told(march, tubes[0], Action.RECEIVE, MARCH + timedelta(hours=90))
    told(march, tubes[1], Action.DISPATCH, MARCH + timedelta(hours=30), march.clinic)
    told(march, tubes[2], Action.REPORT_LOST, MARCH + timedelta(hours=31), march.clinic)
    told(march, tubes[3], Action.BREAK, MARCH + timedelta(hours=1), march.clinic)
    at = MARCH + timedelta(hours=23)
    [early] = late(march.work, sites(march), PERIOD, at)
    assert (early.sent_late, early.received_late) == (1, 1)
    [row] = late(march.work, sites(march), PERIOD, MARCH + timedelta(days=10))
    assert (row.tubes, row.sent_late, row.received_late, row.missing) == (5, 2, 3, 1)


def test_a_step_taken_back_is_no_milestone(march):
    _, tubes = kit(march)
    draw(march, tubes[:2], MARCH)
    undo = {"undo": "newest step", "reason": "wrong tube"}
    told(
        march, tubes[0], Action.CORRECT, MARCH, march.clinic, details=undo,
        corrects=item_now(march.work, tubes[0]).sequence,
    )  # fmt: skip
    assert [row.tubes for row in collections(march.work, sites(march), PERIOD)] == [1]


def test_milestones_are_made_again_from_the_log_as_they_were(march):
    _, tubes = kit(march)
    draw(march, tubes[:3], MARCH)
    told(march, tubes[3], Action.MARK_NOT_COLLECTED, MARCH, march.clinic, details={"reason": "time"})
    told(march, tubes[0], Action.DISPATCH, MARCH + timedelta(hours=1), march.clinic)
    told(march, tubes[0], Action.RECEIVE, MARCH + timedelta(hours=9))
    milestones = table_of(Milestone)
    question = select(milestones).order_by(milestones.c.item_id, milestones.c.step)
    before = march.work.connection.execute(question).all()
    assert len(before) == 6
    march.work.connection.execute(delete(milestones))
    assert (
        tubes_after(march.work, march.work.session.query(Item.id).order_by(Item.id.desc()).first()[0]) == []
    )
    make_again(march.work, tubes_after(march.work, 0))
    assert march.work.connection.execute(question).all() == before


def test_who_sees_whose_figures(march):
    assert [site.code for site in sites(march, march.clinic)] == ["clinic-1"]
    assert "clinic-9" in [site.code for site in sites(march)]
    assert [site.code for site in sites(march, chosen="clinic-9")] == ["clinic-9"]
    with pytest.raises(SiteNotYours):
        sites(march, march.clinic, "clinic-9")


@pytest.mark.parametrize("days", [-1, 92])
def test_a_period_is_bounded(days):
    with pytest.raises(PeriodRefused):
        period_told(DAY, DAY + timedelta(days=days))
    assert len(period_told(DAY, DAY + timedelta(days=91)).days) == 92
