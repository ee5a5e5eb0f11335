"""What somebody at the bench notices of `record`: taken, asked back, refused with what is possible, or so already."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.errors import Conflict, Forbidden
from biobank.custody import checks, rules
from biobank.custody.queries import holds_on, item_by_id, items_inside
from biobank.custody.states import (
    ENDS,
    HANDLED,
    SPECIMEN_STATES,
    THOUGHT_GONE,
    Action,
    HoldKind,
    Kind,
    Nature,
    Placing,
    State,
)
from biobank.custody.steps import Alert, AskedBack, Flag, Source, UnknownItem
from biobank.custody.stories import story_of
from biobank.custody.transitions import TRANSITIONS, table
from biobank.items.identifiers import CheckDigitsWrong, NothingScanned, printed
from biobank.items.models import Item
from biobank.items.queries import place_path
from tests.cases import open_cases
from tests.custody.conftest import AUDITOR, CLINIC, ELSEWHERE, TECHNICIAN, WAYS, after, person

STATES = sorted(SPECIMEN_STATES)
TECHNICIAN_EVERYWHERE = replace(person("bio.tess", Role.LEAD, None), station="biobank-1/bench-4")


def holds(bench, item):
    return holds_on(bench.work, bench.now(item).id)


def cases(bench, item):
    number = bench.now(item).id
    return [case.kind for case in open_cases(bench.work) if case.item_id == number]


# Taken.


def test_every_state_is_reached_by_its_way(bench):
    assert {state: bench.now(bench.tube(state)).state.value for state in STATES} == {s: s for s in STATES}
    assert set(WAYS) == set(STATES)


def test_a_step_is_one_event_with_who_when_where_and_from_what(bench):
    tube = bench.tube()
    done = bench.take(
        printed(tube).lower(), Action.COLLECT, by=CLINIC, performed_by="clinic.eva", at=after(9),
        source=Source("paper", "F-12"), details={"fill": "full"},
    )  # fmt: skip
    told = {
        "action": "collect", "from": "expected", "to": "collected", "performed_by": "clinic.eva",
        "recorded_by": "clinic.ana", "source": {"kind": "paper", "reference": "F-12"}, "zone": "UTC",
        "occurred_at": "2026-03-01T15:09:00.000000Z", "offset_minutes": 0, "details": {"fill": "full"},
        "subject": tube, "sequence": 2,
    }  # fmt: skip
    assert {name: done.event[name] for name in told} == told
    assert "flags" not in done.event
    assert bench.events(tube)[-1] == done.event
    assert (bench.now(tube), done.repeated, done.alerts) == (done.item, False, ())


def test_an_unknown_time_stays_unknown_and_the_one_before_stays_the_last_known(bench):
    tube = bench.tube("collected")
    done = bench.take(tube, Action.FREEZE, at=None)
    assert done.event["occurred_at"] is None
    assert "zone" not in done.event
    assert done.item.occurred_at == moments.to_microseconds(after(1).at)


def test_our_clock_never_runs_backwards_for_an_item(bench):
    tube = bench.tube("stored")
    recorded = [event["recorded_at"] for event in bench.events(tube)]
    assert recorded == sorted(recorded)


def test_numbers_of_events_have_no_gap_and_each_names_the_one_before(bench):
    tube = bench.tube("destroyed")
    story = story_of(bench.work, tube)["events"]
    assert [event["sequence"] for event in story] == list(range(1, 7))
    assert bench.now(tube).sequence == 6
    assert len({event["previous"] for event in story}) == 6


# Already true.


@pytest.mark.parametrize("state", ["collected", "received", "broken", "lost"])
def test_a_fact_told_twice_is_the_earlier_event(bench, state):
    tube = bench.tube(state)
    newest = bench.events(tube)[-1]
    again = bench.take(tube, WAYS[state][-1], at=after(99))
    assert (again.repeated, again.event, bench.now(tube).sequence) == (True, newest, newest["sequence"])


def test_the_same_place_told_twice_is_one_event_and_another_place_is_not(bench):
    box, tube = bench.born(Kind.BOX), bench.tube("received")
    first = bench.take(tube, Action.STORE, place=box, position="a01")
    assert bench.take(tube, Action.STORE, place=box, position="A1").event == first.event
    with pytest.raises(AskedBack):
        bench.take(tube, Action.STORE, place=box, position="A2")


def test_a_state_reached_by_another_step_is_no_repetition(bench):
    tube = bench.tube("lost")
    found = bench.take(tube, Action.FIND)
    received = bench.take(tube, Action.RECEIVE)
    assert not received.repeated
    assert received.event["sequence"] > found.event["sequence"]


# Decisions.


def test_a_refused_decision_names_state_since_when_and_what_is_possible(bench):
    tube = bench.tube("received")
    with pytest.raises(checks.StepRefused) as refused:
        bench.take(tube, Action.CHECK_OUT, by=person("tess", Role.TECHNICIAN, "clinic-1"))
    assert f"{printed(tube)} is received since" in refused.value.detail
    assert refused.value.detail.endswith("check out is possible from stored.")
    assert refused.value.extra["state"] == "received"
    offered = refused.value.extra["allowed_actions"]
    assert {"store", "dispatch", "put_in_waste", "aliquot"} <= set(offered)
    assert not {"check_out", "release", "collect"} & set(offered)  # other state, other role
    assert bench.now(tube).sequence == len(bench.events(tube))


def test_a_confirmation_does_not_make_a_decision_possible(bench):
    tube = bench.tube("destroyed")
    for action in (Action.CHECK_OUT, Action.RELEASE):
        with pytest.raises(Conflict):
            bench.take(tube, action, confirmation="I say so")
    assert bench.now(tube).state is State.DESTROYED


def test_what_hands_did_before_the_question_is_asked_back_and_then_taken(bench):
    tube = bench.tube("stored")
    with pytest.raises(AskedBack) as asked:
        bench.take(tube, Action.ALIQUOT)
    assert asked.value.extra["reason_code"] == "unexpected_step"
    assert bench.take(tube, Action.ALIQUOT, confirmation="done at the bench").event["flags"] == [
        "unexpected_step"
    ]
    empty = bench.tube("expected")
    with pytest.raises(checks.StepRefused):  # nobody aliquots an empty tube
        bench.take(empty, Action.ALIQUOT, confirmation="done at the bench")


# Facts.


def test_a_surprising_fact_is_asked_back_once_then_taken_with_a_flag_and_a_case(bench):
    tube = bench.tube()
    with pytest.raises(AskedBack) as asked:
        bench.take(tube, Action.FREEZE)
    assert asked.value.extra == {"confirmable": True, "reason_code": "unexpected_step", "item": tube}
    assert asked.value.detail.split("; ")[1].startswith("“Freeze” does not usually come next.")
    assert "is expected since" in asked.value.detail
    assert bench.now(tube).sequence == 1
    done = bench.take(tube, Action.FREEZE, confirmation="it was in the freezer this morning")
    assert done.event["flags"] == ["unexpected_step"]
    assert done.event["confirmation"] == "it was in the freezer this morning"
    assert [alert.kind for alert in done.alerts] == ["flag"]
    case = open_cases(bench.work, "clinic-1")[-1]
    assert (case.kind, case.opened_by, case.opened_sequence) == ("unexpected_step", "bio.lead", 2)
    assert open_cases(bench.work, "clinic-2") == []


@pytest.mark.parametrize("kind", ["paper", "file", "offline", "system"])
def test_what_nobody_can_be_asked_about_is_taken_with_a_flag(bench, kind):
    done = bench.take(bench.tube(), Action.FREEZE, source=Source(kind, "row 3"))
    assert done.event["flags"] == ["unexpected_step"]


def test_no_state_refuses_that_a_tube_stands_before_somebody(bench):
    """I12: what is physically so is taken from any state, and never asked back at the dock."""
    for state, action in product(STATES, (Action.RECEIVE, Action.QUARANTINE)):
        assert bench.take(bench.tube(state), action).event["action"] == action.value


FACTS = [
    (action, row.placing is Placing.MUST)
    for (kind, action), row in TRANSITIONS.items()
    if kind is Kind.TUBE and row.nature is Nature.FACT and action is not Action.REGISTER
]


@pytest.mark.parametrize("states", [STATES[:7], STATES[7:]])
def test_every_fact_is_taken_from_every_state_when_it_is_confirmed(bench, states):
    """I12 again; what is asked back once is taken the second time."""
    box = bench.born(Kind.BOX)
    for number, (state, (action, is_placed)) in enumerate(product(states, FACTS)):
        told = {"issuer": "Testa", "code": f"AB{number:06}"} if action is Action.LABEL else {}
        place = box if is_placed else None
        done = bench.take(bench.tube(state), action, place=place, details=told, confirmation="so it was")
        assert done.event["action"] == action.value, state


def test_what_comes_back_from_an_end_goes_into_quarantine_and_the_end_stays_visible(bench):
    for end in sorted(ENDS):
        tube = bench.tube(end)
        done = bench.take(tube, Action.RECEIVE)
        assert done.item.state is State.RECEIVED
        assert holds(bench, tube) == {HoldKind.DISCREPANCY}, end
        assert bench.events(tube)[-2]["to"] == end


@pytest.mark.parametrize("action", sorted(HANDLED))
def test_whoever_handles_what_was_thought_gone_has_found_it(bench, action):
    """The worst finding of an audit: a vial that the log calls destroyed lies in somebody's hand."""
    box = bench.born(Kind.BOX) if action in (Action.MOVE, Action.PACK) else None
    for end in sorted(THOUGHT_GONE):
        tube = bench.tube(end)
        done = bench.take(tube, action, by=TECHNICIAN_EVERYWHERE, place=box, confirmation="it is in my hand")
        assert (done.event["from"], done.event["to"]) == (end, "received")
        assert holds(bench, tube) == {HoldKind.DISCREPANCY}
        found = bench.now(tube)
        assert (found.place_unknown_since, found.custodian) == (None, "site:biobank-1")
        assert bench.events(tube)[-2]["to"] == end  # the record stays


def test_what_is_handled_by_somebody_of_no_known_site_keeps_its_custody(bench):
    tube = bench.tube("lost")
    assert bench.take(tube, Action.QUARANTINE).item.custodian == "site:clinic-1"


# Times.


def test_the_future_is_refused_beyond_five_minutes_of_skew(bench):
    tube, now = bench.tube(), moments.now()
    with pytest.raises(checks.InTheFuture) as refused:
        bench.take(tube, Action.COLLECT, at=moments.told(now + timedelta(minutes=6)), confirmation="really")
    assert refused.value.extra == {"field": "occurred_at"}
    assert (
        bench.take(tube, Action.COLLECT, at=moments.told(now + timedelta(minutes=4))).event["sequence"] == 2
    )


def test_before_the_step_before_is_asked_back(bench):
    tube = bench.tube("collected")
    with pytest.raises(AskedBack) as asked:
        bench.take(tube, Action.FREEZE, at=after(-10))
    assert asked.value.extra["reason_code"] == "before_the_step_before"
    assert "2026-03-01 14:50 UTC lies before" in asked.value.detail
    done = bench.take(tube, Action.FREEZE, at=after(-10), confirmation="the collection time was wrong")
    assert done.event["flags"] == ["before_the_step_before"]
    assert cases(bench, tube) == ["before_the_step_before"]


# Who, and whose.


def test_a_role_that_never_does_it_is_told_who_does(bench):
    with pytest.raises(checks.NotYourStep) as refused:
        bench.take(bench.tube(), Action.COLLECT, by=AUDITOR)
    assert refused.value.detail == "Collect is done by biobank lead, clinic staff; ask one of them."


def test_a_kind_never_takes_another_kinds_step(bench):
    box = bench.born(Kind.BOX)
    with pytest.raises(
        checks.NoSuchStep, match=f"{printed(box)} is a box, and this is never done to one: centrifuge"
    ):
        bench.take(box, Action.CENTRIFUGE)


def test_a_fact_of_another_sites_tube_is_taken_into_quarantine(bench):
    tube = bench.tube()
    done = bench.take(tube, Action.COLLECT, by=ELSEWHERE)
    assert done.event["flags"] == ["other_site"]
    assert done.alerts == (Alert("flag", "Recorded at another site than clinic-1."),)
    assert holds(bench, tube) == {HoldKind.DISCREPANCY}
    assert cases(bench, tube) == ["other_site"]


def test_a_decision_about_another_sites_tube_is_theirs(bench):
    tube = bench.tube("collected")
    place = bench.born(Kind.WASTE)
    with pytest.raises(checks.OtherSite) as refused:
        bench.take(tube, Action.PUT_IN_WASTE, by=ELSEWHERE, place=place)
    assert isinstance(refused.value, Forbidden)
    assert refused.value.extra["sites"] == ["clinic-1"]
    assert "is of clinic-1; only they may do this with it: put in waste. Tell them" in refused.value.detail
    assert bench.now(tube).state is State.COLLECTED


@pytest.mark.parametrize(
    ("kind", "before", "action"),
    [
        (Kind.TUBE, WAYS["in_transit"], Action.RECEIVE), (Kind.TUBE, WAYS["in_transit"], Action.REPORT_MISSING),
        (Kind.TUBE, WAYS["lost"], Action.FIND), (Kind.TUBE, WAYS["received"], Action.LINK),
        (Kind.KIT, [Action.ISSUE], Action.REPORT_ASTRAY), (Kind.KIT, [Action.ISSUE], Action.ARRIVE),
        (Kind.PARCEL, [Action.DISPATCH], Action.ARRIVE), (Kind.PARCEL, [Action.DISPATCH, Action.ARRIVE], Action.OPEN),
    ],
)  # fmt: skip
def test_what_comes_or_stays_away_need_not_be_of_the_site_that_says_so(bench, kind, before, action):
    item = bench.born(kind, site="clinic-1", custodian="site:clinic-1")
    for step in before:
        bench.take(item, step)
    done = bench.take(item, action, by=person("bio.far", Role.LEAD, "biobank-2"))
    assert done.event.get("flags", []) == []


def test_whoever_has_it_or_is_sent_it_is_of_its_sites(bench):
    tube = bench.tube("collected")
    bench.take(tube, Action.DISPATCH, changes={"custodian": "carrier:courier", "sent_to": "biobank-1"})
    assert bench.now(tube).sites() == {"clinic-1", "carrier:courier", "biobank-1"} - {None}
    assert bench.now(tube).sites_told() == ["biobank-1", "clinic-1"]
    done = bench.take(
        tube, Action.RECEIVE, by=TECHNICIAN, changes={"custodian": "site:biobank-1", "sent_to": None}
    )
    assert "flags" not in done.event
    assert bench.now(tube).sites() == {"clinic-1", "biobank-1"}
    checks.seen_by(bench.work, TECHNICIAN, bench.now(tube))
    with pytest.raises(checks.OtherSite, match="is of biobank-1, clinic-1; tell them"):
        checks.seen_by(bench.work, ELSEWHERE, bench.now(tube))
    checks.seen_by(bench.work, ELSEWHERE, bench.now(bench.tube(site=None, custodian=None)))


# Places.


def test_a_step_that_needs_a_place_says_so_and_one_that_takes_none_too(bench):
    tube = bench.tube("received")
    with pytest.raises(checks.PlaceMissing, match="Store needs a place"):
        bench.take(tube, Action.STORE)
    with pytest.raises(checks.PlaceMissing, match="Freeze takes no place"):
        bench.take(tube, Action.FREEZE, place=bench.born(Kind.BOX))
    with pytest.raises(UnknownItem):
        bench.take(tube, Action.STORE, place="T483134562451")


def test_a_place_is_taken_left_and_unknown(bench):
    freezer = bench.born(Kind.FREEZER)
    box = bench.born(Kind.BOX)
    bench.take(box, Action.MOVE, place=freezer)
    tube = bench.tube("received")
    bench.take(tube, Action.STORE, place=box, position="b-02")
    item = bench.work.session.get_one(Item, bench.now(tube).id)
    assert [outer.identifier for outer in place_path(bench.work, item)] == [box, freezer]
    assert item.position == "B2"
    assert [inside.identifier for inside in items_inside(bench.work, bench.now(box).id)] == [tube]
    assert story_of(bench.work, tube)["place"] == f"{box} B2, {freezer}"
    bench.take(tube, Action.CHECK_OUT)
    assert story_of(bench.work, tube)["place"] is None
    bench.take(tube, Action.REPORT_LOST)
    assert story_of(bench.work, tube)["place"] == "unknown"
    assert bench.now(tube).place_unknown_since is not None
    bench.take(tube, Action.FIND, place=box)
    assert bench.now(tube).place_unknown_since is None


# Which item.


def test_an_alias_is_as_good_as_our_code_unless_two_items_bear_it(bench):
    tube = bench.tube(aliases=(("maker", "KIT-12345678"),))
    assert bench.take(" kit-12345678\r\n", Action.COLLECT).item.identifier == tube
    bench.tube(aliases=(("other maker", "KIT-12345678"),))
    with pytest.raises(UnknownItem, match="is on several items; scan our own label"):
        bench.take("KIT-12345678", Action.COLLECT)


@pytest.mark.parametrize("text", ["T483134562451", "KIT-9", "\udcff\udcfe", "🧪" * 300, "'; --"])
def test_an_unknown_code_is_one_sentence(bench, text):
    with pytest.raises(UnknownItem, match="is not a code of ours"):
        bench.take(text, Action.COLLECT)


@pytest.mark.parametrize("text", ["", "\x00", "]C0\r\n"])
def test_nothing_is_told_from_an_unknown_code(bench, text):
    with pytest.raises(NothingScanned):
        bench.take(text, Action.COLLECT)


def test_a_mistyped_code_is_told_from_an_unknown_one(bench):
    tube = bench.tube()
    with pytest.raises(CheckDigitsWrong):
        bench.take(tube[:-1] + str((int(tube[-1]) + 1) % 10), Action.COLLECT)
    with pytest.raises(UnknownItem, match="There is no item number"):
        item_by_id(bench.work, 10**9)


def test_a_step_with_two_rows_is_noticed_before_anything_starts():
    row = TRANSITIONS[Kind.KIT, Action.ISSUE]
    with pytest.raises(ValueError, match="two rows for kit and issue"):
        table(row, row)


# What features add.


def installed(bench, **named):
    rules.install(rules.Rules(**{"before": {}, "after": {}, **named}))


def test_features_flag_derive_and_react_in_the_same_transaction(bench):
    tube = bench.tube()
    installed(
        bench,
        before={Action.COLLECT: (lambda *_: [Flag("odd", "It is odd.", is_doubt=False)], lambda *_: None)},
        after={Action.COLLECT: (lambda *_: [Alert("next", "Invert it eight times.")], lambda *_: None)},
        derived={Action.COLLECT: (lambda *_: {"volume_microlitres": 3000},)},
    )
    done = bench.take(tube, Action.COLLECT)
    assert [alert.text for alert in done.alerts] == ["It is odd.", "Invert it eight times."]
    assert done.item.volume_microlitres == 3000
    assert cases(bench, tube) == []  # a warning, no doubt


def test_nothing_is_recorded_before_the_rules_are_there(bench):
    tube = bench.tube()
    rules._installed.clear()
    with pytest.raises(rules.RulesMissing):
        bench.take(tube, Action.COLLECT)
    installed(bench)


def test_somebody_who_is_always_faster_wins(bench):
    """A check that changes the item behind the step: three tries, then a sentence."""
    tube = bench.tube("collected")
    faster = []

    def first(work, attempt):
        if attempt.action is Action.FREEZE:
            faster.append(bench.take(tube, Action.THAW).event["sequence"])

    installed(bench, before={Action.FREEZE: (first,)})
    with pytest.raises(checks.LostRace, match="being changed by others"):
        bench.take(tube, Action.FREEZE)
    assert faster == [3, 4, 5]
    assert bench.now(tube).sequence == 5
