"""Kits are made, issued, assigned and collected; what may not be is refused or held, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from biobank.core import moments
from biobank.custody import queries
from biobank.custody.checks import OtherSite, StepRefused
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_now, newest_events
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import AskedBack, Source
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import BadCount, DetailMissing, GoesWithItsKit, KitExpired
from biobank.kits.operations import lift_consent_holds, link_participant, make_kits
from biobank.kits.queries import (
    DefinitionUnknown,
    kits_waiting,
    specification_of_tube,
    specifications_of_kit,
)
from biobank.participants.checks import AgeMismatch, CollectionStopped, ConsentMissing, NotProvisional
from biobank.participants.models import Participant
from biobank.participants.operations import mint_provisional, record_consent
from biobank.participants.queries import ParticipantUnknown, sites_visited
from biobank.sites.queries import SiteUnknown
from tests.cases import open_cases

SCAN, FILE = Source("scan"), Source("file", "order.json:samples[0]")
CODE = "A100000001"


def step(work, item, action, by, *, source=SCAN, at=None, confirmation=None, **details):
    told = at or moments.told(moments.now())
    return record(
        work, item, action, by=by, source=source, at=told, details=details, confirmation=confirmation
    )


@pytest.fixture
def kit(place, people):
    """An adult kit at clinic-1."""
    return issued(place, people)


def issued(work, people, definition="adult-3.2", site="clinic-1", **values):
    made = make_kits(work, definition, 1, by=people.technician, site="biobank-1", **values)[0]
    step(work, made.identifier, Action.ISSUE, people.technician, site=site)
    return made.identifier


def assigned(work, people, **values):
    kit = issued(work, people, **values)
    step(work, kit, Action.ASSIGN, people.clinic, participant=CODE)
    return kit


def tubes(work, kit):
    return [tube.identifier for tube in tubes_of_kit(work, item_now(work, kit).id)]


def at_test(work, kit, code):
    return next(tube for tube in tubes_of_kit(work, item_now(work, kit).id) if tube.specification == code)


# Making.


def test_a_kit_is_made_with_its_tubes_in_draw_order(place, people):
    made = make_kits(place, "adult-3.2", 2, by=people.technician, lot="L7", expires_on=date(2040, 1, 31))
    assert [kit.specification for kit in made] == ["adult-3.2", "adult-3.2"]
    assert made[0].identifier != made[1].identifier
    held = tubes_of_kit(place, made[1].id)
    assert [tube.specification for tube in held] == [
        "1SS08", "PS04A", "PS04B", "1HEP4", "1ED04", "1ED10", "1CFD9", "1PXR2", "1UR10",
    ]  # fmt: skip
    assert [tube.draw_order for tube in held] == list(range(1, 10))
    assert {(tube.state, tube.lot, tube.expires_on) for tube in held} == {
        ("expected", "L7", date(2040, 1, 31))
    }
    assert newest_events(place, held[0].identifier, 1)[0]["kit"] == made[1].identifier


@pytest.mark.parametrize(
    ("definition", "values", "error"),
    [
        ("adult-9", {}, DefinitionUnknown),
        ("adult-3.2", {"count": 0}, BadCount),
        ("adult-3.2", {"count": 1001}, BadCount),
        ("adult-3.2", {"site": "nowhere"}, SiteUnknown),
        ("adult-3.2", {"expires_on": date(2020, 1, 1)}, KitExpired),
    ],
)
def test_kits_that_cannot_be_are_not_made(place, people, definition, values, error):
    with pytest.raises(error):
        make_kits(place, definition, **{"count": 1, "by": people.technician, **values})
    assert place.session.query(Item).count() == 0


# Issuing and giving up.


def test_a_kit_goes_to_its_site_with_its_tubes(place, people, kit):
    found = item_now(place, kit)
    assert (found.state, found.site, found.sent_to) == (State.ISSUED, "clinic-1", "clinic-1")
    for tube in tubes(place, kit):
        now = item_now(place, tube)
        assert (now.site, now.custodian, now.state) == ("clinic-1", "site:clinic-1", State.EXPECTED)
        event = newest_events(place, tube, 1)[0]
        assert (event["action"], event["site"], event["performed_by"]) == ("issue", "clinic-1", "bio.tess")


@pytest.mark.parametrize(("details", "error"), [({}, DetailMissing), ({"site": "nowhere"}, SiteUnknown)])
def test_a_kit_is_issued_to_a_known_site_only(place, people, details, error):
    made = make_kits(place, "urine-1", 1, by=people.technician)[0]
    with pytest.raises(error):
        step(place, made.identifier, Action.ISSUE, people.technician, **details)
    assert item_now(place, made.identifier).state is State.REGISTERED


def test_a_tube_is_not_issued_or_assigned_without_its_kit(place, people, kit):
    tube = tubes(place, kit)[0]
    with pytest.raises(GoesWithItsKit):
        step(place, tube, Action.ASSIGN, people.clinic, participant=CODE)
    with pytest.raises(GoesWithItsKit):
        step(place, tube, Action.ISSUE, actor_of_both(people), site="clinic-2")
    assert item_now(place, tube).participant is None


def actor_of_both(people):
    return replace(people.technician, grants=people.technician.grants | people.clinic.grants)


def test_a_voided_kit_takes_its_tubes_along(place, people, kit):
    with pytest.raises(DetailMissing):
        step(place, kit, Action.VOID, people.clinic, reason="bored")
    step(place, kit, Action.VOID, people.clinic, reason="damaged")
    assert {item_now(place, tube).state for tube in tubes(place, kit)} == {State.VOIDED}
    with pytest.raises(StepRefused):
        step(place, kit, Action.ASSIGN, people.clinic, participant=CODE)


# Assigning.


def test_an_assigned_kit_gives_each_tube_its_participant(place, people, kit):
    step(place, kit, Action.ASSIGN, people.clinic, participant=CODE.lower())
    assert item_now(place, kit).state is State.ASSIGNED
    for tube in tubes(place, kit):
        assert item_now(place, tube).participant == CODE
        assert newest_events(place, tube, 1)[0]["participant"] == CODE
    assert [each.identifier for each in kits_waiting(place, "clinic-1")] == [kit]
    assert [each.identifier for each in kits_waiting(place)] == [kit]
    with pytest.raises(StepRefused):
        step(place, kit, Action.ASSIGN, people.clinic, participant=CODE)


def test_a_kit_that_was_issued_again_waits_where_it_is_now(place, people, kit):
    step(place, kit, Action.ISSUE, actor_of_both(people), site="clinic-2")
    step(place, kit, Action.ASSIGN, people.other_clinic, participant=CODE)
    assert [each.identifier for each in kits_waiting(place, "clinic-2")] == [kit]
    assert kits_waiting(place, "clinic-1") == []


def test_the_people_of_the_site_may_see_the_code_from_then_on(place, people):
    kit = issued(place, people, site="clinic-2")
    step(place, kit, Action.ASSIGN, people.other_clinic, participant=CODE)
    assert sites_visited(place, CODE) == {"clinic-1", "clinic-2"}


def test_who_may_not_give_gets_no_kit_and_the_refusal_says_why(place, people, kit, register):
    register("A100000002", scopes=("urine",))
    register("A100000003", minor=True)
    register("A100000004")
    register("A100000005")
    place.session.get(Participant, "A100000004").left = True
    place.session.get(Participant, "A100000005").deceased_on = date(2026, 2, 1)
    refused = [
        ("A999999999", ParticipantUnknown, "no participant"),
        ("A100000002", ConsentMissing, "no valid consent for blood"),
        ("A100000003", AgeMismatch, "minor"),
        ("A100000004", CollectionStopped, "withdrew"),
        ("A100000005", CollectionStopped, "deceased"),
    ]
    for code, error, words in refused:
        with pytest.raises(error, match=words):
            step(place, kit, Action.ASSIGN, people.clinic, participant=code)
    assert item_now(place, kit).state is State.ISSUED
    with pytest.raises(DetailMissing):
        step(place, kit, Action.ASSIGN, people.clinic)


def test_consent_to_urine_alone_is_enough_for_a_urine_kit(place, people, register):
    register("A100000002", scopes=("urine",))
    kit = issued(place, people, definition="urine-1")
    step(place, kit, Action.ASSIGN, people.clinic, participant="A100000002")
    assert item_now(place, kit).participant == "A100000002"


def test_a_minor_gets_a_pediatric_kit(place, people, register):
    register("A100000003", minor=True)
    kit = issued(place, people, definition="pediatric-3.2")
    step(place, kit, Action.ASSIGN, people.clinic, participant="A100000003")
    assert item_now(place, kit).participant == "A100000003"


def test_an_expired_kit_is_not_assigned_and_its_last_day_counts(place, people):
    kit = issued(place, people, expires_on=date(2040, 1, 31))
    expire(place, kit, moments.now().date() - timedelta(days=1))
    with pytest.raises(KitExpired, match="take another kit"):
        step(place, kit, Action.ASSIGN, people.clinic, participant=CODE)
    expire(place, kit, moments.now().date())
    step(place, kit, Action.ASSIGN, people.clinic, participant=CODE)


def expire(work, kit, on):
    """As time does; the kit was made before."""
    box = work.session.get(Item, item_now(work, kit).id)
    for item in (box, *tubes_of_kit(work, box.id)):
        item.expires_on = on
    work.flush()


def test_a_kit_of_another_site_is_theirs_to_assign(place, people, kit):
    with pytest.raises(OtherSite, match="clinic-1"):
        step(place, kit, Action.ASSIGN, people.other_clinic, participant=CODE)


def test_what_a_form_tells_of_an_assignment_is_kept_with_a_flag(place, people, kit, register):
    register("A100000002", scopes=())
    told = step(
        place, kit, Action.ASSIGN, people.clinic, participant="A100000002", source=Source("paper", "F1")
    )
    assert told.event["flags"] == ["outside_consent"]
    collected = step(place, tubes(place, kit)[0], Action.COLLECT, people.clinic)
    assert collected.event["flags"] == ["outside_consent"]
    assert HoldKind.CONSENT in holds_on(place, collected.item.id)


# Collecting.


def test_a_full_tube_holds_its_nominal_volume_and_a_short_one_what_is_told(place, people):
    kit = assigned(place, people)
    at = moments.told(moments.now(), "America/Chicago")
    full = step(
        place, at_test(place, kit, "1SS08").identifier, Action.COLLECT, people.clinic, at=at, fill="full"
    )
    short = step(
        place, at_test(place, kit, "1ED10").identifier, Action.COLLECT, people.clinic,
        fill="short", volume_microlitres=7000,
    )  # fmt: skip
    unsaid = step(place, at_test(place, kit, "1ED04").identifier, Action.COLLECT, people.clinic)
    nobody_knows = at_test(place, kit, "1CFD9").identifier
    unknown = step(place, nobody_knows, Action.COLLECT, people.clinic, fill="full")
    assert [each.item.volume_microlitres for each in (full, short, unsaid, unknown)] == [
        8000,
        7000,
        None,
        None,
    ]
    assert full.item.collected_at == moments.to_microseconds(at.at)
    assert full.item.state is State.COLLECTED
    assert holds_on(place, full.item.id) == frozenset()


@pytest.mark.parametrize(
    "details",
    [{"fill": "half"}, {"volume_microlitres": 0}, {"volume_microlitres": "7"}, {"volume_microlitres": True}],
)
def test_a_fill_that_is_none_is_refused(place, people, details):
    tube = tubes(place, assigned(place, people))[0]
    with pytest.raises(DetailMissing):
        step(place, tube, Action.COLLECT, people.clinic, **details)
    assert item_now(place, tube).state is State.EXPECTED


def test_more_than_a_tube_holds_is_asked_back_once(place, people):
    tube = at_test(place, assigned(place, people), "1ED04").identifier
    with pytest.raises(AskedBack, match="4 mL"):
        step(place, tube, Action.COLLECT, people.clinic, volume_microlitres=5000)
    told = step(
        place, tube, Action.COLLECT, people.clinic, volume_microlitres=5000, confirmation="overfilled"
    )
    assert (told.item.volume_microlitres, told.event["flags"]) == (5000, ["more_than_it_holds"])


def test_a_tube_of_a_kit_without_participant_is_asked_back_then_quarantined(place, people, kit):
    tube = tubes(place, kit)[0]
    with pytest.raises(AskedBack, match="not assigned"):
        step(place, tube, Action.COLLECT, people.clinic)
    told = step(place, tube, Action.COLLECT, people.clinic, confirmation="kit was opened in a hurry")
    assert told.item.state is State.COLLECTED
    assert holds_on(place, told.item.id) == {HoldKind.IDENTITY}
    assert [case.kind for case in open_cases(place)] == ["kit_not_assigned"]


def test_an_expired_kit_that_was_drawn_is_asked_back_then_quarantined(place, people):
    kit = assigned(place, people, expires_on=date(2040, 1, 31))
    expire(place, kit, date(2026, 1, 31))
    tube = tubes(place, kit)[0]
    with pytest.raises(AskedBack, match="expired"):
        step(place, tube, Action.COLLECT, people.clinic)
    told = step(place, tube, Action.COLLECT, people.clinic, confirmation="seen too late")
    assert holds_on(place, told.item.id) == {HoldKind.DISCREPANCY}


def test_without_a_time_our_own_day_says_whether_a_kit_expired(place, people):
    kit = assigned(place, people, expires_on=date(2040, 1, 31))
    expire(place, kit, date(2026, 1, 31))
    with pytest.raises(AskedBack, match="expired"):
        record(place, tubes(place, kit)[0], Action.COLLECT, by=people.clinic, source=SCAN, at=None)


def test_what_was_drawn_after_leaving_is_recorded_and_held(place, people):
    kit = assigned(place, people)
    place.session.get(Participant, CODE).left = True
    told = step(place, tubes(place, kit)[0], Action.COLLECT, people.clinic)
    assert told.item.state is State.COLLECTED
    assert HoldKind.CONSENT in holds_on(place, told.item.id)
    assert any("gives nothing more" in alert.text for alert in told.alerts)


def test_a_tube_of_a_kit_that_was_never_issued_is_where_it_was_drawn(place, people):
    made = make_kits(place, "urine-1", 1, by=people.technician)[0]
    tube = tubes(place, made.identifier)[0]
    told = step(place, tube, Action.COLLECT, people.clinic, confirmation="found in the cupboard")
    assert (told.item.site, told.item.custodian) == ("clinic-1", "site:clinic-1")


def test_or_where_the_station_stands(place, people):
    made = make_kits(place, "urine-1", 1, by=people.technician)[0]
    everywhere = replace(
        people.clinic, grants=people.clinic.grants | people.other_clinic.grants, station="clinic-2/chair-1"
    )
    tube = tubes(place, made.identifier)[0]
    told = step(place, tube, Action.COLLECT, everywhere, confirmation="found in the cupboard")
    assert told.item.custodian == "site:clinic-2"


def test_a_tube_that_stayed_empty_needs_a_reason_of_the_list(place, people):
    tube = tubes(place, assigned(place, people))[0]
    for details in ({}, {"reason": "shy"}):
        with pytest.raises(DetailMissing, match="fainted"):
            step(place, tube, Action.MARK_NOT_COLLECTED, people.clinic, **details)
    told = step(place, tube, Action.MARK_NOT_COLLECTED, people.clinic, reason="fainted")
    assert told.item.state is State.NOT_COLLECTED


# Linking.


def test_everything_follows_from_a_provisional_code_to_the_biobank_id(place, people, register):
    code = mint_provisional(place, people.clinic, programme_hash="ab" * 32, site="clinic-1").code
    kit = issued(place, people)
    step(place, kit, Action.ASSIGN, people.clinic, participant=code, source=FILE)
    tube = at_test(place, kit, "1ED04").identifier
    collected = step(place, tube, Action.COLLECT, people.clinic, source=FILE)
    assert holds_on(place, collected.item.id) == {HoldKind.CONSENT}
    register("A100000008")
    target = link_participant(place, code, "A100000008", by=people.compliance, source=Source("command"))
    assert target.programme_hash == "ab" * 32
    assert {item_now(place, each).participant for each in [kit, *tubes(place, kit)]} == {"A100000008"}
    links = [event for event in newest_events(place, tube, 9) if event["action"] == "link"]
    assert [(link["participant"], link.get("flags", [])) for link in links] == [("A100000008", [])]
    assert holds_on(place, collected.item.id) == frozenset()
    with pytest.raises(NotProvisional):
        link_participant(place, code, "A100000008", by=people.compliance, source=Source("command"))


def test_a_consent_that_becomes_known_frees_the_tubes_it_covers(place, people, register):
    register("A100000002", scopes=())
    kit = issued(place, people)
    step(place, kit, Action.ASSIGN, people.clinic, participant="A100000002", source=FILE)
    blood, urine = (at_test(place, kit, code).identifier for code in ("1ED04", "1UR10"))
    for tube in (blood, urine):
        step(place, tube, Action.COLLECT, people.clinic, source=FILE)
    found = place.session.get(Participant, "A100000002")
    record_consent(
        place, people.clinic, participant=found.code, form_version="2026-1", language="en", scopes=["blood"],
        effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F2",
    )  # fmt: skip
    lift_consent_holds(place, found, by=people.compliance)
    assert holds_on(place, item_now(place, blood).id) == frozenset()
    assert holds_on(place, item_now(place, urine).id) == {HoldKind.CONSENT}


def test_a_consent_of_somebody_who_left_frees_nothing(place, people, register):
    register("A100000002", scopes=())
    kit = issued(place, people)
    step(place, kit, Action.ASSIGN, people.clinic, participant="A100000002", source=FILE)
    tube = step(place, tubes(place, kit)[0], Action.COLLECT, people.clinic, source=FILE).item
    found = place.session.get(Participant, "A100000002")
    record_consent(
        place, people.clinic, participant=found.code, form_version="2026-1", language="en", scopes=["blood"],
        effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F2",
    )  # fmt: skip
    found.left = True
    lift_consent_holds(place, found, by=people.compliance)
    assert HoldKind.CONSENT in holds_on(place, tube.id)


# Definitions.


def test_a_tube_is_read_by_the_version_of_its_own_kit(place, people):
    kit = make_kits(place, "adult-3.1", 1, by=people.technician)[0]
    tube = queries.item_by_id(place, tubes_of_kit(place, kit.id)[1].id)
    assert specification_of_tube(place, tube).code == "1PS08"
    assert len(specifications_of_kit(place, kit)) == 8
