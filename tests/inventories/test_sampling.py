"""Boxes are due by when they were counted last; a sample can be drawn again; the log is measured; verify sees it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from biobank.access.checks import SiteNotYours
from biobank.core import moments
from biobank.custody.states import Action
from biobank.inventories.checks import SampleRefused
from biobank.inventories.choices import CheckState
from biobank.inventories.inputs import NewSample
from biobank.inventories.models import InventoryReading
from biobank.inventories.operations import cancel_check
from biobank.inventories.queries import (
    Accuracy,
    accuracy,
    accuracy_of_sample,
    boxes_due,
    checks_seen_by,
    differences_by_kind,
)
from biobank.inventories.replay import inventory_findings
from biobank.inventories.sampling import draw_sample, drawn_of, plan_due
from biobank.items.models import Item
from tests.campaigns.tampering import Tampering


def due(bench):
    question = boxes_due(bench.work, frozenset({"biobank-1"})).order_by(Item.id)
    return [box.identifier for box in bench.work.session.scalars(question)]


def test_boxes_are_due_until_they_are_counted_and_again_after_the_cycle(bench, monkeypatch):
    floor = bench.floor
    boxes = [floor.box(f"Box {number}") for number in (1, 2, 3)]
    floor.box("Far", site="biobank-2")
    assert due(bench) == boxes
    bench.count(boxes[0]).end()
    bench.close()
    assert due(bench) == boxes[1:]
    later = moments.now() + timedelta(days=bench.work.settings.inventory_cycle_days + 1)
    monkeypatch.setattr(moments, "now", lambda: later)
    assert due(bench) == boxes
    planned = plan_due(bench.work, "biobank-1", 2, by=floor.lead)
    assert [check.unit_id for check in planned] == [floor.now(box).id for box in boxes[1:]]
    assert due(bench) == boxes[:1]
    with pytest.raises(SiteNotYours):
        plan_due(bench.work, "biobank-2", 2, by=floor.lead)


def test_a_sample_is_drawn_the_same_again_and_tells_how_right_the_log_is(bench):
    floor = bench.floor
    boxes = [floor.box(f"Box {number}") for number in range(6)]
    asked = NewSample(site="biobank-1", size=3, seed="2026-11")
    sample = draw_sample(bench.work, asked, by=floor.compliance)
    drawn = drawn_of(boxes[::-1], "2026-11", 3)
    planned = bench.work.session.scalars(checks_seen_by(floor.lead, CheckState.PLANNED)).all()
    assert {check.unit_id for check in planned} == {floor.now(box).id for box in drawn}
    assert sample.population == 6
    tubes = floor.received()
    for number, code in enumerate(("1ED04", "1SS08", "1ED10")):
        floor.step(tubes[code], Action.STORE, place=drawn[0], position=f"A{number + 1}")
    bench.count(drawn[0]).read(tubes["1ED04"], "A1")
    bench.read(tubes["1SS08"], "B1")
    bench.end()
    bench.close()
    measured = accuracy_of_sample(bench.work, sample)
    assert measured == Accuracy(1, 3, 2)
    now = moments.now()
    ago = now - timedelta(days=1)
    assert accuracy(bench.work, floor.lead.sites, ago, now) == measured
    assert accuracy(bench.work, None, ago - timedelta(days=1), ago).share is None
    assert differences_by_kind(bench.work, None, ago, now) == {"missing": 1, "wrong_position": 1}
    for size, seed in ((0, "x"), (501, "x"), (3, "")):
        with pytest.raises(SampleRefused):
            draw_sample(bench.work, NewSample(site="biobank-1", size=size, seed=seed), by=floor.lead)
    assert list(inventory_findings(bench.work)) == []
    bench.work.session.execute(text("UPDATE inventory_checks SET agreed = 9 WHERE agreed = 1"))
    bench.work.session.execute(text("UPDATE inventory_checks SET reason = 'routine' WHERE state = 'planned'"))
    bench.work.session.execute(text("UPDATE inventory_checks SET counted_by = 'bio.theo' WHERE agreed = 9"))
    bench.work.session.expire_all()
    assert len(list(inventory_findings(bench.work))) == 4


def test_every_moment_and_person_of_a_check_is_compared_with_the_log(bench):
    """Of one that was counted twice and closed, one that was given up, and a sample."""
    floor, session = bench.floor, bench.work.session
    box, other = floor.box("Box 1"), floor.box("Box 2")
    tube = bench.stored(box)
    bench.count(box).read(tube, "A2")
    bench.end()
    bench.again().read(tube, "A2", by=bench.second)
    bench.end(bench.second)
    closed = bench.close(because=None).check.id
    given_up = bench.count(other).number
    cancel_check(bench.work, given_up, "the box is being moved", by=floor.lead)
    draw_sample(bench.work, NewSample(site="biobank-1", size=1, seed="7"), by=floor.lead)
    assert list(inventory_findings(bench.work)) == []
    columns = [
        ("inventory_checks", closed, column)
        for change in ("planned", "begun", "counted", "closed")
        for column in (f"{change}_at", f"{change}_by")
    ]
    reading = session.scalar(select(InventoryReading.id).where(InventoryReading.read_by == "bio.tess"))
    columns += [("inventory_checks", given_up, "closed_at"), ("inventory_samples", 1, "drawn_at")]
    columns += [("inventory_readings", reading, column) for column in ("read_at", "read_by", "source")]
    Tampering(bench.work, {}).fences_down()
    for table, number, column in columns:
        before = session.execute(text(f"SELECT {column} FROM {table} WHERE id = {number}")).scalar_one()
        changed = before - 1 if column.endswith("_at") else "bio.theo"
        for value, is_found in ((changed, True), (before, False)):
            session.execute(
                text(f"UPDATE {table} SET {column} = :value WHERE id = {number}"), {"value": value}
            )
            session.expire_all()
            assert bool(list(inventory_findings(bench.work))) is is_found, (table, column)


def test_the_bounds_of_a_share_are_wilsons():
    """As any table has them: 8 of 10 lie between 49.0 and 94.3 percent."""
    low, high = Accuracy(1, 10, 2).bounds
    assert (round(low, 1), round(high, 1)) == (49.0, 94.3)
    assert Accuracy(0, 0, 0).bounds is None
