"""One hold on many items at once says of each what one by one would have said."""

import pytest
from sqlalchemy import select

from biobank.custody.holds import lift_hold, open_discrepancy, place_hold
from biobank.custody.many_holds import lift_holds, place_holds
from biobank.custody.models import Hold
from biobank.custody.queries import holds_on
from biobank.custody.states import HoldKind
from biobank.custody.stories import events_of
from biobank.items.models import Item
from tests.custody.conftest import COMPLIANCE

WAYS = {
    "one by one": (
        lambda bench, tubes, kind, why: [
            place_hold(bench.work, bench.now(tube), kind, why, by=COMPLIANCE) for tube in tubes
        ],
        lambda bench, tubes, kind, why: [
            lift_hold(bench.work, bench.now(tube), kind, why, by=COMPLIANCE) for tube in tubes
        ],
    ),
    "at once": (
        lambda bench, tubes, kind, why: place_holds(
            bench.work, numbers(bench, tubes), kind, why, by=COMPLIANCE
        ),
        lambda bench, tubes, kind, why: lift_holds(
            bench.work, numbers(bench, tubes), kind, why, by=COMPLIANCE
        ),
    ),
}


def numbers(bench, tubes):
    return [bench.now(tube).id for tube in tubes]


@pytest.mark.parametrize("way", sorted(WAYS))
def test_who_placed_and_lifted_it_and_why_is_an_entry_of_each_item(bench, way):
    place, lift = WAYS[way]
    tubes = [bench.tube("received") for _ in range(3)]
    rows = [bench.work.session.get_one(Item, number) for number in numbers(bench, tubes)]
    before = [row.sequence for row in rows]
    place(bench, tubes, HoldKind.RECALL, "lot 7")
    assert [row.sequence for row in rows] == [number + 1 for number in before]
    lift(bench, tubes, HoldKind.RECALL, "lot 7 was fine")
    assert [row.sequence for row in rows] == [number + 2 for number in before]
    for tube, row in zip(tubes, rows, strict=True):
        placed, lifted = events_of(bench.work, tube)[-2:]
        told = ("kind", "hold", "change", "reason", "recorded_by", "sequence")
        assert [placed[name] for name in told] == [
            "hold", "recall", "placed", "lot 7", COMPLIANCE.person, row.sequence - 1,
        ]  # fmt: skip
        assert [lifted[name] for name in told] == [
            "hold", "recall", "lifted", "lot 7 was fine", COMPLIANCE.person, row.sequence,
        ]  # fmt: skip
        [kept] = bench.work.session.scalars(select(Hold).where(Hold.item_id == row.id))
        assert (kept.reason, kept.lifted_sequence) == ("lot 7", row.sequence)
        assert holds_on(bench.work, row.id) == frozenset()


def test_what_has_the_hold_already_is_left_as_it_is(bench):
    tubes = [bench.tube("received") for _ in range(3)]
    place_holds(bench.work, numbers(bench, tubes[:1]), HoldKind.RECALL, "lot 7", by=COMPLIANCE)
    assert place_holds(bench.work, numbers(bench, tubes), HoldKind.RECALL, "lot 7", by=COMPLIANCE) == 2
    assert lift_holds(bench.work, numbers(bench, tubes[:2]), HoldKind.RECALL, "fine", by=COMPLIANCE) == 2
    assert lift_holds(bench.work, numbers(bench, tubes), HoldKind.RECALL, "fine", by=COMPLIANCE) == 1
    assert place_holds(bench.work, [], HoldKind.RECALL, "none", by=COMPLIANCE) == 0
    holds = [event for event in events_of(bench.work, tubes[0]) if event["kind"] == "hold"]
    assert [event["change"] for event in holds] == ["placed", "lifted"]


def test_a_case_has_its_number_at_once(bench):
    tube = bench.tube("received")
    case = open_discrepancy(bench.work, bench.now(tube), "temperature", "Too warm.", by=COMPLIANCE)
    assert case.id is not None
    assert (case.opened_by, case.site, case.opened_sequence) == (
        COMPLIANCE.person, bench.now(tube).site, bench.now(tube).sequence,
    )  # fmt: skip
