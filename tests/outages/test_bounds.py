"""The rules of an outage at their edges: what a display can show, when it began, who signs, how warm is too warm."""

from datetime import timedelta

import pytest

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP, Role
from biobank.access.checks import PermissionMissing
from biobank.core import moments
from biobank.custody.states import Action, Kind
from biobank.outages.carrying import carry_out
from biobank.outages.checks import DecidedAlready, DecisionRefused, NotYoursToDecide, OutageRefused
from biobank.outages.choices import BANDS, EndedHow, Grouping, Outcome
from biobank.outages.deciding import drop_decision, sign_decision
from biobank.outages.groups import groups_of
from biobank.outages.inputs import CarriedOut, NewOutage
from biobank.outages.operations import declare_outage, end_outage, tell_temperature
from biobank.outages.queries import outage_seen_by
from biobank.outages.spare_space import spare_space
from tests.floor import SCAN
from tests.leaving import PASSWORD
from tests.outages.test_outages import decide, declare, end, is_whole, lead, propose, signing

__all__ = ["lead"]


def seen(ground, outage):
    return outage_seen_by(ground.floor.work, ground.floor.lead, outage)


@pytest.mark.parametrize("celsius", [-200, 60])
def test_a_display_shows_what_a_freezer_can_be_and_nothing_beyond(ground, celsius):
    outage = declare(ground, celsius=celsius)
    beyond = celsius - 1 if celsius < 0 else celsius + 1
    with pytest.raises(OutageRefused, match=r"between -200 and 60 °C"):
        tell_temperature(ground.floor.work, outage, beyond, by=ground.floor.technician, at=None)
    with pytest.raises(OutageRefused, match=r"between -200 and 60 °C"):
        declare(ground, unit=ground.other, celsius=beyond)
    assert seen(ground, outage).warmest_celsius == celsius


def test_an_outage_is_of_the_past_and_ends_no_sooner_than_it_began(ground):
    floor, hour = ground.floor, timedelta(hours=1)
    ahead = moments.told(moments.now() + hour)
    with pytest.raises(OutageRefused, match="has not come yet"):
        declare_outage(floor.work, NewOutage(unit=ground.freezer, began=ahead), by=floor.technician)
    outage = declare(ground)
    with pytest.raises(OutageRefused, match="has not come yet"):
        tell_temperature(floor.work, outage, -60, by=floor.technician, at=ahead)
    began = seen(ground, outage).began_at
    for at, sentence in ((ahead, "has not come yet"), (moments.told(began - hour), "before it began")):
        with pytest.raises(OutageRefused, match=sentence):
            end_outage(floor.work, outage, EndedHow.GIVEN_UP, by=floor.technician, at=at)
    ended = end_outage(floor.work, outage, EndedHow.GIVEN_UP, by=floor.technician, at=moments.told(began))
    assert ended.ended_at == began
    is_whole(ground)


@pytest.mark.usefixtures("lead")
def test_a_decision_is_signed_once_and_by_a_lead_of_the_site(ground):
    """Whoever brings it to the screen: the one who signs has to be the lead, and of this site."""
    floor = ground.floor
    for username, role, site in (
        ("bio.tess", Role.TECHNICIAN, "biobank-1"),
        ("bio.lin", Role.LEAD, "biobank-2"),
    ):
        access.add_person(
            floor.work, SETTING_UP, username=username, printed_name="Testa Test", password=PASSWORD
        )
        access.grant_role(floor.work, SETTING_UP, username=username, role=role.value, site=site)
    tube = ground.stored(ground.boxes[0], "A1", "1ED04")
    outage = declare(ground)
    end(ground, outage)
    found = propose(ground, outage, Outcome.RELEASED, Grouping.RACK, ground.racks[0])
    for username, refusal in (("bio.tess", PermissionMissing), ("bio.lin", NotYoursToDecide)):
        signed = signing(ground, outage, found, username)
        with pytest.raises(refusal), floor.work.session.begin_nested():
            sign_decision(floor.work, outage, found.id, signed, by=floor.lead)
        assert floor.holds(tube) == {"temperature"}
    signed = signing(ground, outage, found)
    sign_decision(floor.work, outage, found.id, signed, by=floor.lead)
    with pytest.raises(DecidedAlready, match=r"was signed by bio\.lea already"):
        sign_decision(floor.work, outage, found.id, signed, by=floor.lead)
    is_whole(ground)


@pytest.mark.usefixtures("lead")
def test_what_was_decided_is_given_up_no_more_and_ends_what_no_court_keeps(ground):
    floor = ground.floor
    ends, stays = (
        ground.stored(box, "A1", code) for box, code in zip(ground.boxes, ("1ED04", "1ED10"), strict=False)
    )
    floor.step(stays, Action.QUARANTINE, floor.compliance, details={"hold": "legal", "reason": "order 7"})
    outage = declare(ground)
    end(ground, outage)
    dropped = propose(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0])
    drop_decision(floor.work, outage, dropped.id, by=floor.lead)
    signed = decide(ground, outage, Outcome.ENDED, Grouping.RACK, *ground.racks[:2])
    assert (floor.now(ends).state, floor.now(stays).state) == ("broken", "stored")
    for decision in (dropped, signed):
        with pytest.raises(DecidedAlready, match="signed or given up already"):
            drop_decision(floor.work, outage, decision.id, by=floor.lead)
    is_whole(ground)


def test_a_decision_is_about_some_group_with_a_reason_that_can_be_read(ground):
    ground.stored(ground.boxes[0], "A1", "1ED04")
    outage, rack = declare(ground), ground.racks[0]
    with pytest.raises(DecisionRefused, match="at least one group"):
        propose(ground, outage, Outcome.KEPT, Grouping.RACK)
    with pytest.raises(DecisionRefused, match="one sentence why"):
        propose(ground, outage, Outcome.KEPT, Grouping.RACK, rack, reason="")
    with pytest.raises(DecisionRefused, match="at most 500 characters"):
        propose(ground, outage, Outcome.KEPT, Grouping.RACK, rack, reason="a" * 501)
    with pytest.raises(DecisionRefused, match="nothing in these groups"):
        propose(ground, outage, Outcome.KEPT, Grouping.MINUTES, "240_and_more")
    assert propose(ground, outage, Outcome.KEPT, Grouping.RACK, rack, reason="a" * 500).reason == "a" * 500


@pytest.mark.parametrize(
    ("minutes", "code"),
    [
        *((0, "under_30"), (29, "under_30"), (30, "30_to_59"), (59, "30_to_59"), (60, "60_to_119")),
        *((119, "60_to_119"), (120, "120_to_239"), (239, "120_to_239"), (240, "240_and_more")),
        *((100_000, "240_and_more"), (None, "not_known")),
    ],
)
def test_every_number_of_minutes_is_of_one_band(minutes, code):
    assert [band.code for band in BANDS if band.holds(minutes)] == [code]


@pytest.mark.usefixtures("lead")
def test_a_decision_by_minutes_is_about_what_was_warm_so_long(ground):
    """One rack was carried out in time; how long the others were warm is known when the outage ends."""
    floor = ground.floor
    first, second = (
        ground.stored(box, "A1", code) for box, code in zip(ground.boxes, ("1ED04", "1ED10"), strict=False)
    )
    outage = declare(ground)
    at = moments.told(moments.now() - timedelta(minutes=45))
    asked = CarriedOut(piece=ground.racks[0], place=ground.spare)
    carry_out(floor.work, outage, asked, by=floor.technician, at=at, source=SCAN)

    def by_minutes():
        found = groups_of(floor.work, seen(ground, outage), Grouping.MINUTES)
        return [(group.code, group.specimens, group.minutes) for group in found]

    assert by_minutes() == [("30_to_59", 1, (45, 45)), ("not_known", 1, None)]
    end(ground, outage)
    assert by_minutes() == [("30_to_59", 1, (45, 45)), ("60_to_119", 1, (90, 90))]
    decide(ground, outage, Outcome.RELEASED, Grouping.MINUTES, "30_to_59")
    assert (floor.holds(first), floor.holds(second)) == (set(), {"temperature"})
    is_whole(ground)


def test_a_place_may_be_five_degrees_warmer_and_the_nearest_in_temperature_comes_first(ground):
    """What is too warm by little comes before a place of which nobody knows how warm it is."""
    floor = ground.floor
    floor.step(ground.spare, Action.MOVE, place=floor.unit(Kind.ROOM, "Room 9").identifier)
    outage = declare(ground)

    def shelf(celsius):
        freezer = ground._freezer(f"Freezer at {celsius}", celsius)
        told = {"rows": 1, "columns": 1, "allowed": (Kind.RACK,)}
        return floor.unit(Kind.SHELF, f"At {celsius}", inside=freezer, **told)

    for celsius in (-74, -190, -75):
        shelf(celsius)
    found = [(spot.unit.name, spot.is_warm) for _, spot in spare_space(floor.work, seen(ground, outage))]
    assert found == [("At -75", False), ("At -190", False), ("At -74", True)]
    shelf(-86)
    found = [spot.unit.name for _, spot in spare_space(floor.work, seen(ground, outage))]
    assert found == ["At -75", "At -86", "At -190"]


def test_a_bench_takes_a_loose_tube_and_no_rack_and_a_shelf_without_positions_neither(ground):
    floor = ground.floor
    tube = ground.tubes["1ED04"]
    floor.step(tube, Action.STORE, place=ground.freezer, confirmation="left there at night")
    floor.step(ground.spare, Action.VOID, floor.lead, details={"reason": "damaged"})
    floor.unit(Kind.SHELF, "Plain shelf", inside=ground.other)
    outage = seen(ground, declare(ground))
    assert [spot for _, spot in spare_space(floor.work, outage)] == [None] * 4
    floor.unit(Kind.BENCH, "Cold bench", temperature_celsius=-80)
    found = {item.identifier: spot and spot.unit.name for item, spot in spare_space(floor.work, outage)}
    assert found == {**dict.fromkeys(ground.racks), tube: "Cold bench"}


def test_what_stood_in_a_room_is_kept_as_cold_as_its_coldest_freezer_was(ground):
    """A room that loses its power has no temperature of its own."""
    floor = ground.floor
    room = floor.unit(Kind.ROOM, "Room 1").identifier
    for freezer in (
        ground.freezer,
        floor.unit(Kind.FREEZER, "Freezer 4", temperature_celsius=-20).identifier,
    ):
        floor.step(freezer, Action.MOVE, place=room)
    warm = ground._freezer("Freezer 5", -20)
    ground._shelf(warm, "Warm shelf")
    outage = declare(ground, unit=room)
    found = spare_space(floor.work, seen(ground, outage))
    racks = [(spot.unit.name, spot.is_warm) for item, spot in found if item.kind == "rack"]
    assert racks == [("Spare shelf", False)] * 3
    floor.step(ground.spare, Action.VOID, floor.lead, details={"reason": "damaged"})
    found = spare_space(floor.work, seen(ground, outage))
    assert {spot.is_warm for item, spot in found if item.kind == "rack"} == {True}
