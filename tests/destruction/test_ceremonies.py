"""Ceremonies: one event for several orders; while they wait nothing is destroyed and nothing is late."""

from datetime import date, timedelta

import pytest

from biobank.core import moments
from biobank.core.days import DayRefused
from biobank.custody.states import Action
from biobank.destruction import ceremonies, checks, operations, queries
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.pauses import OUTSIDE
from biobank.destruction.records import order_record
from biobank.replays import REPLAYS
from biobank.sites.queries import SiteUnknown
from tests.floor import CODE

OTHER = "A500000001"


@pytest.fixture
def waiting(leaving):
    """Two orders of two participants that wait for a ceremony, with a tube each."""
    leaving.window(0)
    leaving.participant(OTHER)
    tubes = {code: leaving.tube(code) for code in (CODE, OTHER)}
    leaving.decide(ceremony=Ceremony.YES)
    leaving.decide(participant=OTHER, ceremony=Ceremony.UNANSWERED)
    return tubes


def today():
    return moments.now().date()


def plan(leaving, *codes, **told):
    orders = [leaving.order(code).identifier for code in codes]
    planned = {"on": today(), "place": "biobank-1"} | told
    return ceremonies.plan_ceremony(leaving.work, leaving.compliance, orders=orders, **planned)


def held(leaving, ceremony, **told):
    return ceremonies.record_ceremony_held(leaving.work, leaving.compliance, ceremony.id, **told)


def findings(leaving):
    return [str(finding) for replay in REPLAYS for finding in replay(leaving.work)]


def test_several_orders_join_one_and_go_on_once_it_was_held(leaving, waiting):
    ceremony = plan(leaving, CODE, OTHER)
    for code in waiting:
        assert queries.stage(leaving.order(code)) == "waiting"
    held(leaving, ceremony)
    for code, tube in waiting.items():
        assert queries.stage(leaving.order(code)) == "ready"
        leaving.destroy(tube)
    assert leaving.confirm(leaving.order(), leaving.order(OTHER)).returned == {}
    assert findings(leaving) == []


def test_waiting_for_it_makes_no_order_late(leaving, waiting, monkeypatch):
    due_at = leaving.order().due_at
    at = moments.now() + timedelta(days=100)
    monkeypatch.setattr(moments, "now", lambda: at)
    assert not queries.is_overdue(leaving.order(), at)
    held(leaving, plan(leaving, CODE))
    assert due_at + timedelta(days=99) < leaving.order().due_at <= due_at + timedelta(days=101)
    assert not queries.is_overdue(leaving.order(), at)


def test_one_that_is_called_off_leaves_its_orders_free_to_join_another(leaving, waiting):
    first = plan(leaving, CODE)
    with pytest.raises(ceremonies.JoinedAnother, match="waits for ceremony"):
        plan(leaving, CODE)
    ceremonies.call_off_ceremony(leaving.work, leaving.compliance, first.id)
    with pytest.raises(ceremonies.CeremonyOver, match="was called off"):
        held(leaving, first)
    second = plan(leaving, OTHER, place=OUTSIDE)
    ceremonies.join_ceremony(leaving.work, leaving.compliance, second.id, [leaving.order().identifier])
    held(leaving, second, on=today() - timedelta(days=1))
    assert [queries.stage(leaving.order(code)) for code in waiting] == ["ready", "ready"]
    assert (second.site, second.on) == (None, today() - timedelta(days=1))
    with pytest.raises(checks.CeremonyNotOpen):
        plan(leaving, CODE)
    assert findings(leaving) == []


def test_who_where_and_when_are_said_right(leaving, waiting):
    with pytest.raises(checks.OnlyCompliance, match="planned by compliance"):
        ceremonies.plan_ceremony(leaving.work, leaving.lead, on=today(), place=OUTSIDE, orders=[])
    with pytest.raises(SiteUnknown):
        plan(leaving, CODE, place="nowhere")
    for absurd in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(DayRefused, match=f"The year of {absurd} cannot be"):
            plan(leaving, OTHER, on=absurd)
    coming = plan(leaving, OTHER, on=today() + timedelta(days=3))
    with pytest.raises(DayRefused):
        held(leaving, coming, on=date(202, 6, 1))
    with pytest.raises(ceremonies.HeldTooEarly, match="has not come yet"):
        held(leaving, coming)
    with pytest.raises(ceremonies.CeremonyUnknown):
        ceremonies.ceremony_numbered(leaving.work, 99)


def test_an_order_settled_by_itself_is_a_ceremony_of_one(leaving, waiting):
    settle = ceremonies.settle_ceremony
    settle(leaving.work, leaving.compliance, leaving.order().identifier, Settlement.HELD)
    settle(leaving.work, leaving.compliance, leaving.order(OTHER).identifier, Settlement.NOT_WANTED)
    [only] = ceremonies.ceremonies(leaving.work)
    assert [order.participant for order in ceremonies.orders_of_ceremony(leaving.work, only)] == [CODE]
    assert order_record(leaving.work, leaving.order(OTHER))[0]["handling"]["instruction"] == "none"
    assert findings(leaving) == []


def test_who_asks_for_one_after_none_was_wanted_waits_for_it_and_who_had_one_does_not(leaving, waiting):
    for code, settled in ((CODE, Settlement.NOT_WANTED), (OTHER, Settlement.HELD)):
        ceremonies.settle_ceremony(leaving.work, leaving.compliance, leaving.order(code).identifier, settled)
        assert queries.stage(leaving.order(code)) == "ready"
        leaving.decide(participant=code, ceremony=Ceremony.YES)
    assert [queries.stage(leaving.order(code)) for code in (CODE, OTHER)] == ["waiting", "ready"]
    assert findings(leaving) == []


def test_a_tube_that_came_after_it_waits_for_compliance_again(leaving, waiting):
    held(leaving, plan(leaving, CODE))
    late = leaving.paper_kit(CODE)
    leaving.step(late, Action.RECEIVE)
    assert queries.stage(leaving.order()) == "waiting"
    with pytest.raises(checks.OrderWaits, match="handling instruction"):
        leaving.waste(leaving.bag(), late)
    held(leaving, plan(leaving, CODE))
    leaving.destroy(waiting[CODE], late)
    assert findings(leaving) == []


@pytest.mark.parametrize("looked_at", [False, True])
def test_an_order_that_waited_before_clocks_were_kept_is_not_late_once_it_is_settled(
    leaving, monkeypatch, looked_at
):
    with monkeypatch.context() as before:
        before.setattr(operations, "keep_time", lambda *_: {})
        tube = leaving.tube()
        leaving.decide(ceremony=Ceremony.YES)
    order, days = leaving.order(), leaving.work.settings.order_overdue_days
    order.opened_at = moments.now() - timedelta(days=days + 30)
    order.due_at = order.opened_at + timedelta(days=days)
    leaving.work.flush()
    if looked_at:
        leaving.step(tube, Action.REPORT_LOST)
        leaving.step(tube, Action.FIND)
    assert not queries.is_overdue(order)
    told = leaving.compliance, order.identifier, Settlement.NOT_WANTED
    ceremonies.settle_ceremony(leaving.work, *told)
    assert not queries.is_overdue(leaving.order())
    left = leaving.order().due_at - moments.now()
    assert timedelta(days=days - 1) < left <= timedelta(days=days)
    assert findings(leaving) == []
