"""Two different things at one moment: nothing lost, nothing in two places, nothing used that was withdrawn."""

import os

import pytest

from tests import meetings_of_the_floor as floor
from tests import meetings_of_uses as uses
from tests import meetings_with_outages as outages
from tests.meetings import every_way, ground

EVERY_DAY = 2
"""Statements at which somebody is held up in the tests of every day: one in the middle, and the commit."""
MOST = int(os.environ.get("CAMPAIGN_ROUNDS") or 5)
"""The same in the campaign, for each order of the two."""

QUICK = (
    floor.giving_up_a_place_and_storing_into_it,
    floor.keeping_free_and_storing,
    floor.two_racks_into_each_other,
    floor.closing_a_count_and_taking_out_what_changed_its_position,
    outages.failing_and_storing,
    outages.packing_and_sending,
    uses.aliquots_twice,
    uses.distribution_and_failing,
)
ALL = (
    floor.storing_and_withdrawal,
    floor.moving_a_box_and_storing_into_it,
    floor.giving_up_a_place_and_putting_a_box_on_it,
    floor.refitting_a_box_and_storing_into_it,
    floor.keeping_a_shelf_free_and_storing,
    floor.a_rack_file_and_withdrawal,
    floor.closing_a_count_and_moving_the_box,
    floor.closing_a_count_and_taking_out_what_was_missed,
    floor.closing_a_count_and_withdrawal,
    floor.closing_a_count_and_storing,
    outages.failing_and_moving_a_box_into_it,
    outages.failing_and_taking_out,
    outages.failing_and_withdrawal,
    outages.carrying_and_moving_by_hand,
    outages.carrying_and_storing_into_it,
    outages.ending_and_storing,
    outages.a_lead_ends_and_somebody_rescues,
    outages.a_lead_ends_and_withdrawal,
    outages.receiving_and_withdrawal,
    outages.receiving_as_one_and_scanning_the_rest,
    outages.a_logger_and_taking_out,
    outages.a_logger_and_receiving,
    uses.aliquots_and_withdrawal,
    uses.aliquots_and_pool,
    uses.pool_and_failing,
    uses.distribution_and_withdrawal,
    uses.picking_and_withdrawal,
    uses.a_logger_and_picking,
    uses.picking_and_cancelling_its_list,
    uses.picking_and_somebody_else_takes_it,
    uses.a_cancelled_order_and_taking_out,
    uses.separation_and_a_scan,
    *QUICK,
)


@pytest.mark.parametrize("scene", QUICK, ids=lambda each: each.__name__)
def test_two_different_things_at_one_moment(app, monkeypatch, scene):
    with ground(app, monkeypatch, floor.floor_of_studies) as place:
        found, _ = every_way(place, scene, EVERY_DAY)
    assert found == []


@pytest.mark.campaign
@pytest.mark.parametrize("scene", ALL, ids=lambda each: each.__name__)
def test_two_different_things_at_whichever_moment(app, monkeypatch, scene, record_property):
    with ground(app, monkeypatch, floor.floor_of_studies) as place:
        found, rounds = every_way(place, scene, MOST)
    told = f"{scene.__name__}: {rounds} rounds, {len(found)} wrong"
    print(told)
    record_property("race", told)
    assert found == []
