"""Whatever lies in a box and whatever the log says of it: all is accounted for, and nothing is in two places."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.custody.replay import state_findings
from biobank.custody.states import Action, State
from biobank.inventories.choices import Seen
from biobank.inventories.queries import differences_of
from biobank.inventories.replay import inventory_findings
from biobank.items.models import Item
from biobank.items.queries import contents
from tests.journeys.invariants import it_is_in_one_place_and_one_custody

pytestmark = pytest.mark.campaign

SPOTS = [f"{row}{column}" for row in "AB" for column in (1, 2, 3)]
FATES = ("here", "there", "lost", "used_up", "displaced")
NUMBERS = count(5653780)


def told_to_the_log(floor, tubes, box, other, drawn):
    """Each tube has a fate in the log: a position here, one in another box, or none."""
    free = {box: list(SPOTS), other: list(SPOTS)}
    for tube in tubes:
        floor.step(tube, Action.DISPLACE, at=None)
    for tube, fate in zip(tubes, drawn, strict=True):
        if fate in ("here", "there"):
            place = box if fate == "here" else other
            floor.step(tube, Action.STORE, place=place, position=free[place].pop(0), confirmation="set up")
        elif fate == "lost":
            floor.step(tube, Action.REPORT_LOST, confirmation="set up")
        elif fate == "used_up":
            floor.step(tube, Action.CONSUME, confirmation="set up")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_arrangement_against_any_map(bench, data):
    floor = bench.floor
    tubes = list(floor.received().values())[:5]
    box, other = floor.box(rows=2, columns=3), floor.box(rows=2, columns=3)
    told_to_the_log(floor, tubes, box, other, data.draw(st.tuples(*(st.sampled_from(FATES) for _ in tubes))))
    strange = [f"FR{next(NUMBERS):08}" for _ in range(2)]  # one that was counted is known from then on
    inside = data.draw(st.permutations([*tubes, *strange, None, None]))[: len(SPOTS)]
    lies = dict(zip(data.draw(st.permutations(SPOTS)), inside, strict=True))
    unread = data.draw(st.sets(st.sampled_from(SPOTS), max_size=2))
    before = {item.identifier for item in contents(bench.work, floor.now(box).id)}
    bench.count(box)
    for spot, code in lies.items():
        if spot in unread and code is not None:
            bench.read(position=spot, seen=Seen.NO_READ)
        elif code is not None:
            bench.read(code, spot)
    shown = bench.end()
    bench.close(expected=shown.fingerprint)
    read = {code: spot for spot, code in lies.items() if code is not None and spot not in unread}
    everything_read_lies_where_it_was_read(bench, box, read)
    everything_else_is_elsewhere_or_unread(bench, box, before - set(read), unread)
    every_difference_is_a_case(bench, shown)
    what_nobody_knew_is_held(bench, [code for code in strange if code in read])
    nothing_is_in_two_places(bench, {*tubes, *read})
    assert [str(each) for replay in (state_findings, inventory_findings) for each in replay(bench.work)] == []


def everything_read_lies_where_it_was_read(bench, box, read):
    here = bench.floor.now(box).id
    for tube, spot in read.items():
        now = bench.floor.now(tube)
        assert (now.container_id, now.position) == (here, spot), (tube, spot)
        assert now.state is not State.LOST


def everything_else_is_elsewhere_or_unread(bench, box, left, unread):
    """What the log had here and nobody read is nowhere now, or stands where a code could not be read."""
    here = bench.floor.now(box).id
    for tube in left:
        now = bench.floor.now(tube)
        stands = now.container_id == here and now.position in unread
        assert stands or now.place_unknown_since is not None, tube


def every_difference_is_a_case(bench, shown):
    """One each, of the thing itself; of what has no code to be read, of the box or of what should be there."""
    found = differences_of(bench.work, bench.check)
    assert bench.check.differences == len(shown.differences) == len({case.id for _, case in found})
    assert {(each.position, each.code) for each, _ in found} == {
        (each.position, each.code) for each in shown.differences
    }
    for each, case in found:
        assert case.item_id == (each.item_id or bench.check.unit_id)
        assert case.kind == f"inventory_{each.kind}"


def what_nobody_knew_is_held(bench, codes):
    for code in codes:
        now = bench.floor.now(code)
        assert bench.floor.holds(now.identifier) == {"identity"}
        assert bench.cases(now.identifier) == ["inventory_unknown_code"]


def nothing_is_in_two_places(bench, tubes):
    rows = [bench.floor.row(bench.floor.now(tube).identifier) for tube in tubes]
    for row in rows:
        assert list(it_is_in_one_place_and_one_custody(row, bench.work)) == []
    taken = [(row.container_id, row.position) for row in rows if row.position]
    assert len(taken) == len(set(taken))
    codes = [row.identifier for row in rows]
    assert bench.work.session.query(Item).filter(Item.identifier.in_(codes)).count() == len(tubes)
