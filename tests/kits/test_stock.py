"""Stock at a site: on its way, on the shelf, running low, gone; what is given back comes to its maker."""

from datetime import timedelta

import pytest

from biobank.access.actors import Actor
from biobank.access.checks import SiteNotYours
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.models import Discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack, Source
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import DetailMissing, NotAKit
from biobank.kits.operations import make_kits
from biobank.kits.stock import gone, levels_of, on_the_shelf, on_the_way, running_low, sites_stocked, today
from biobank.kits.stocking import (
    LevelRefused,
    NothingOnTheWay,
    confirm_arrival,
    confirm_delivery,
    set_level,
    take_out,
)

SCAN = Source("scan")
CLINIC = frozenset({"clinic-1"})
CODE = "A100000001"


def now():
    return moments.told(moments.now())


@pytest.fixture
def issued(place, people):
    """Kits issued to clinic-1: definition, how many, lot, days that they last."""

    def issue(count=2, lot="L1", days=100, definition="urine-1", site="clinic-1"):
        expires_on = today() + timedelta(days=days)
        made = make_kits(
            place, definition, count, by=people.technician, site="biobank-1", lot=lot, expires_on=expires_on
        )
        for kit in made:
            record(
                place, kit.identifier, Action.ISSUE, by=people.technician, source=SCAN, at=now(),
                details={"site": site},
            )  # fmt: skip
        return [kit.identifier for kit in made]

    return issue


def arrive(place, by, kit):
    return confirm_arrival(place, kit, by=by, source=SCAN, at=now())


def test_a_kit_is_on_its_way_until_its_site_scans_it(place, people, issued):
    kit, other = issued()
    assert [(shelf.kits, shelf.lot) for shelf in on_the_way(place, CLINIC)] == [(2, "L1")]
    assert on_the_shelf(place, CLINIC) == []
    arrived = arrive(place, people.clinic, kit)
    assert (arrived.item.state, arrived.item.custodian, arrived.item.sent_to) == (
        State.ISSUED, "site:clinic-1", None,
    )  # fmt: skip
    again = arrive(place, people.clinic, kit)
    assert again.repeated
    assert again.event["sequence"] == arrived.event["sequence"]
    assert [shelf.kits for shelf in on_the_shelf(place, CLINIC)] == [1]
    assert [shelf.kits for shelf in on_the_way(place, None)] == [1]
    record(
        place, other, Action.ASSIGN, by=people.clinic, source=SCAN, at=now(), details={"participant": CODE}
    )
    assert item_now(place, other).custodian == "site:clinic-1"
    assert on_the_way(place, CLINIC) == []


def test_a_delivery_is_confirmed_as_it_was_seen_and_no_further(place, people, issued):
    issued(count=3)
    seen = on_the_way(place, CLINIC)[0]
    issued(count=1)
    came = {"definition": seen.definition, "lot": seen.lot, "newest": seen.newest, "at": now()}
    with pytest.raises(SiteNotYours):
        confirm_delivery(place, "clinic-1", by=people.other_clinic, **came)
    assert confirm_delivery(place, "clinic-1", by=people.clinic, **came) == 3
    assert [shelf.kits for shelf in on_the_way(place, CLINIC)] == [1]
    with pytest.raises(NothingOnTheWay):
        confirm_delivery(place, "clinic-1", by=people.clinic, **came)


def test_a_kit_that_came_to_another_site_is_taken_and_its_site_is_told(place, people, issued):
    kit = issued(count=1)[0]
    came = arrive(place, people.other_clinic, kit)
    assert came.item.custodian == "site:clinic-2"
    assert "was sent to clinic-1" in came.alerts[-1].text
    case = place.session.query(Discrepancy).one()
    assert (case.kind, case.site) == ("came_to_another_site", "clinic-1")


def test_the_shelf_shows_the_earliest_expiry_first_and_what_runs_low(place, people, issued):
    for lot, days in (("L2", 90), ("L3", 5)):
        for kit in issued(lot=lot, days=days):
            arrive(place, people.clinic, kit)
    shelves = on_the_shelf(place, CLINIC)
    assert [shelf.lot for shelf in shelves] == ["L3", "L2"]
    assert [shelf.expires_within(30, today()) for shelf in shelves] == [True, False]
    set_level(place, "clinic-1", "urine", 4, by=people.clinic)
    levels = levels_of(place, CLINIC)
    assert running_low(place, levels, shelves, today()) == []
    later = today() + timedelta(days=6)
    assert [(low.kit, low.usable) for low in running_low(place, levels, shelves, later)] == [("urine", 2)]
    set_level(place, "clinic-1", "urine", 0, by=people.clinic)
    assert levels_of(place, None) == []


@pytest.mark.parametrize(("kit", "lowest"), [("no such kit", 4), ("urine", -1), ("urine", 10_001)])
def test_a_level_that_cannot_be_is_refused(place, people, kit, lowest):
    with pytest.raises(LevelRefused):
        set_level(place, "clinic-1", kit, lowest, by=people.clinic)


def test_what_is_given_back_goes_to_its_maker_and_may_be_issued_to_the_same_site_again(place, people, issued):
    kit = issued(count=1)[0]
    arrive(place, people.clinic, kit)
    with pytest.raises(DetailMissing):
        take_out(place, kit, Action.RETURN, "bored", by=people.clinic, source=SCAN, at=now())
    back = take_out(place, kit, Action.RETURN, "surplus", by=people.clinic, source=SCAN, at=now())
    assert (back.item.state, back.item.sent_to) == (State.RETURNED, "biobank-1")
    assert [shelf.site for shelf in on_the_way(place, None)] == ["biobank-1"]
    with pytest.raises(AskedBack):
        take_out(place, kit, Action.RETURN, "damaged", by=people.clinic, source=SCAN, at=now())
    arrive(place, people.technician, kit)
    record(
        place, kit, Action.ISSUE, by=people.technician, source=SCAN, at=now(), details={"site": "clinic-1"}
    )
    assert item_now(place, kit).state is State.ISSUED
    assert {tube.site for tube in tubes_of_kit(place, item_now(place, kit).id)} == {"clinic-1"}


def test_used_voided_and_returned_kits_are_counted(place, people, issued):
    used, voided, returned, _ = issued(count=4)
    record(place, used, Action.ASSIGN, by=people.clinic, source=SCAN, at=now(), details={"participant": CODE})
    take_out(place, voided, Action.VOID, "damaged", by=people.clinic, source=SCAN, at=now())
    take_out(place, returned, Action.RETURN, "expired", by=people.clinic, source=SCAN, at=now())
    [counted] = gone(place, CLINIC, moments.now())
    assert (counted.used, counted.voided, counted.returned) == (1, 1, 1)
    assert gone(place, CLINIC, moments.now() + timedelta(days=31)) == []


def test_only_kits_are_stock(place, people, issued):
    kit = issued(count=1)[0]
    tube = tubes_of_kit(place, item_now(place, kit).id)[0].identifier
    with pytest.raises(NotAKit):
        arrive(place, people.clinic, tube)
    with pytest.raises(DetailMissing):
        take_out(place, kit, Action.ASSIGN, "surplus", by=people.clinic, source=SCAN, at=now())


def test_who_makes_kits_sees_every_site(people):
    auditor = Actor("audit.al", "audit.al", frozenset({(Role.AUDITOR, None)}))
    assert sites_stocked(people.technician) is None
    assert sites_stocked(people.clinic) == CLINIC
    assert sites_stocked(auditor) is None
