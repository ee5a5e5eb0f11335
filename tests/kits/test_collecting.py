"""At the chair: one scan collects; what is said afterwards is a correction; a kit's rest, its tubes from the shelf, its station."""

from datetime import date, timedelta

import pytest

from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.operations import record
from biobank.custody.queries import NothingToUndo, holds_on, item_now, newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import AskedBack, Source
from biobank.items.aliases import AliasRefused
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import DetailMissing
from biobank.kits.choices import NotCollectedReason
from biobank.kits.collecting import (
    NotATube,
    NothingLeft,
    NotOfThisKit,
    SaidBefore,
    SaidOtherwise,
    WentOn,
    answer_rest,
    answer_tube,
    collect_scanned,
    newest_answer,
    replace_tube,
    take_back_newest,
)
from biobank.kits.inputs import TubeAnswer
from biobank.kits.open_kits import OtherKitOpen, leave_kit, no_other_kit_is_open, note_open, other_kit_open
from biobank.kits.operations import make_kits
from tests.cases import open_cases
from tests.kits.conftest import actor

CODE = "A100000001"
SHORT = TubeAnswer(Action.COLLECT, {"fill": "short", "volume_microlitres": 2000})
FAINTED = TubeAnswer(Action.MARK_NOT_COLLECTED, {"reason": "fainted"})
DROPPED = TubeAnswer(Action.BREAK, {"reason": "dropped"})


class Chair:
    """A kit of nine tubes that is assigned at clinic-1, and who sits beside it."""

    def __init__(self, work, people):
        self.work, self.people, self.by = work, people, people.clinic
        self.kit = self.another()

    def another(self):
        made = make_kits(self.work, "adult-3.2", 1, by=self.people.technician, site="biobank-1", lot="KIT-7")[
            0
        ]
        self.step(made.identifier, Action.ISSUE, self.people.technician, site="clinic-1")
        self.step(made.identifier, Action.ASSIGN, self.people.clinic, participant=CODE)
        return item_now(self.work, made.identifier)

    def step(self, item, action, by, **details):
        return record(self.work, item, action, by=by, source=Source("scan"), at=self.now(), details=details)

    def now(self):
        return moments.told(moments.now(), "America/Chicago")

    @property
    def tubes(self):
        return [tube.identifier for tube in tubes_of_kit(self.work, self.kit.id)]

    def scan(self, text, kit=None, **told):
        return collect_scanned(self.work, kit or self.kit, text, by=self.by, at=self.now(), **told)

    def say(self, tube, told, **more):
        return answer_tube(self.work, self.kit, tube, told, by=self.by, at=self.now(), **more)

    def rest(self, reason):
        return answer_rest(self.work, self.kit, NotCollectedReason(reason), by=self.by, at=self.now())

    def replace(self, tube, **details):
        confirmation = details.pop("confirmation", None)
        return replace_tube(
            self.work, self.kit, tube, details, by=self.by, at=self.now(), confirmation=confirmation
        )

    def undo(self):
        newest = newest_answer(self.work, self.kit.id)
        return take_back_newest(self.work, self.kit, newest.tubes, by=self.by, at=self.now())

    def states(self):
        return [tube.state for tube in tubes_of_kit(self.work, self.kit.id)]


@pytest.fixture
def chair(place, people):
    return Chair(place, people)


def test_a_scan_collects_and_the_same_scan_records_nothing(chair):
    tube = chair.tubes[0]
    assert chair.scan(tube).item.state is State.COLLECTED
    before = item_now(chair.work, tube).sequence
    again = chair.scan(tube)
    assert (again.repeated, again.event["action"]) == (True, "collect")
    chair.step(tube, Action.CENTRIFUGE, chair.by)
    assert chair.scan(tube).repeated  # also when more was done with it since
    assert item_now(chair.work, tube).sequence == before + 1


def test_what_is_said_of_a_tube_afterwards_corrects_and_erases_nothing(chair):
    tube = chair.tubes[0]
    chair.scan(tube)
    assert chair.say(tube, SHORT).item.volume_microlitres == 2000
    with pytest.raises(SaidBefore):
        chair.say(tube, SHORT)
    chair.say(tube, FAINTED)
    with pytest.raises(SaidOtherwise, match="say below"):
        chair.scan(tube)
    chair.say(tube, SHORT)
    chair.say(tube, DROPPED)
    actions = [event["action"] for event in reversed(newest_events(chair.work, tube, 20))]
    assert actions[3:] == [
        *("collect", "correct", "collect", "correct", "mark_not_collected", "correct", "collect"),
        "break",  # what broke after it was filled was filled
    ]
    assert not list(state_findings(chair.work))


def test_what_went_on_is_not_answered_again_at_the_chair(chair):
    tube = chair.tubes[0]
    chair.scan(tube)
    chair.step(tube, Action.CENTRIFUGE, chair.by)
    with pytest.raises(WentOn, match="its own page"):
        chair.say(tube, SHORT)


def test_the_rest_of_a_kit_has_one_reason_and_is_taken_back_as_one(chair):
    for tube in chair.tubes[:4]:
        chair.scan(tube)
    assert len(chair.rest("fainted")) == 5
    assert chair.states() == ["collected"] * 4 + ["not_collected"] * 5
    with pytest.raises(NothingLeft):
        chair.rest("fainted")
    old = newest_answer(chair.work, chair.kit.id).tubes
    assert len(chair.undo()) == 5
    assert chair.states() == ["collected"] * 4 + ["expected"] * 5
    with pytest.raises(NothingToUndo, match="since"):
        take_back_newest(chair.work, chair.kit, old, by=chair.by, at=chair.now())
    assert [tube for tube, _ in newest_answer(chair.work, chair.kit.id).tubes] == [chair.tubes[3]]
    chair.rest("no_vein")  # which says nothing of urine
    assert chair.states() == ["collected"] * 4 + ["not_collected"] * 4 + ["expected"]


def test_a_tube_from_the_shelf_has_its_own_code_lot_and_expiry(chair):
    replaced, *_ = chair.tubes
    told = {
        "reason": "no_vacuum",
        "lot": "SHELF-1",
        "expires_on": "2040-01-31",
        "issuer": "Tubemaker",
        "code": "S123",
    }
    assert chair.replace(replaced, **told).item.state is State.NOT_COLLECTED
    born = chair.work.session.get_one(Item, item_now(chair.work, "S123").id)
    old = chair.work.session.get_one(Item, item_now(chair.work, replaced).id)
    assert (born.lot, born.expires_on, old.lot) == ("SHELF-1", date(2040, 1, 31), "KIT-7")
    assert (born.kit_id, born.draw_order, born.specification) == (old.kit_id, 1, old.specification)
    assert (born.participant, born.site, born.state) == (CODE, "clinic-1", "expected")
    assert newest_events(chair.work, born.identifier, 1)[0]["details"]["replaces"] == replaced
    assert not chair.scan("S123").repeated
    assert not list(state_findings(chair.work))
    with pytest.raises(NothingToUndo):
        chair.step(replaced, Action.CORRECT, chair.by, undo="newest step")


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({}, DetailMissing),
        ({"reason": "no_vacuum", "expires_on": "soon"}, DetailMissing),
        ({"reason": "no_vacuum", "lot": "L" * 65}, DetailMissing),
        ({"reason": "no_vacuum", "code": "S123"}, AliasRefused),
        ({"reason": "no_vacuum", "issuer": "Tubemaker", "code": "USED"}, DetailMissing),
    ],
)
def test_what_is_told_of_a_tube_from_the_shelf_has_to_be_clear(chair, told, refusal):
    chair.replace(chair.tubes[1], reason="missing", issuer="Tubemaker", code="USED")
    with pytest.raises(refusal):
        chair.replace(chair.tubes[0], **told)


def test_an_expired_tube_from_the_shelf_is_asked_about_and_a_good_one_of_an_expired_kit_is_not(chair):
    told = {"reason": "expired", "expires_on": "2026-01-31"}
    with pytest.raises(AskedBack, match="expired on 2026-01-31"):
        chair.replace(chair.tubes[0], **told)
    expire(chair)
    chair.replace(chair.tubes[0], **told | {"expires_on": "2040-01-31"})
    born = max(tubes_of_kit(chair.work, chair.kit.id), key=lambda tube: tube.id)
    assert chair.scan(born.identifier).alerts == ()


def expire(chair):
    yesterday = moments.now().date() - timedelta(days=2)
    for tube in tubes_of_kit(chair.work, chair.kit.id):
        tube.expires_on = yesterday
    chair.work.flush()


def test_an_expired_kit_that_was_drawn_is_asked_about_once(chair):
    expire(chair)
    first, second, third = chair.tubes[:3]
    with pytest.raises(AskedBack, match="expired"):
        chair.scan(first)
    chair.scan(first, confirmation="drawn before anybody looked at the date")
    chair.scan(second)
    chair.say(third, SHORT)
    for tube in (first, second, third):
        assert HoldKind.DISCREPANCY in holds_on(chair.work, item_now(chair.work, tube).id)
    assert newest_events(chair.work, third, 1)[0]["confirmation"].startswith("drawn before")


def test_a_tube_of_another_kit_is_named_with_its_kit_and_nothing_is_recorded(chair):
    other = chair.another()
    tube = tubes_of_kit(chair.work, other.id)[0].identifier
    with pytest.raises(NotOfThisKit, match="not of this kit; put it aside"):
        chair.scan(tube)
    with pytest.raises(NotATube):
        chair.scan(other.identifier)
    assert item_now(chair.work, tube).state is State.EXPECTED


def test_one_kit_is_open_at_a_station_until_it_is_done_or_left(chair):
    other = chair.another()
    chair.scan(chair.tubes[0])
    note_open(chair.work, chair.by, chair.kit)
    with pytest.raises(OtherKitOpen, match="leave it for later"):
        no_other_kit_is_open(chair.work, chair.by, other)
    no_other_kit_is_open(chair.work, chair.by, chair.kit)
    elsewhere = actor("clinic.cara", Role.CLINIC, "clinic-1")
    assert other_kit_open(chair.work, elsewhere, other) is None
    leave_kit(chair.work, chair.by)
    note_open(chair.work, chair.by, other)
    assert other_kit_open(chair.work, chair.by, chair.kit).id == other.id
    note_open(chair.work, chair.by, chair.kit)
    chair.rest("fainted")
    assert other_kit_open(chair.work, chair.by, other) is None  # nothing waits in it any more


def test_a_kit_of_another_site_is_reported_to_its_own(chair):
    by = chair.people.other_clinic
    chair.step(chair.kit.identifier, Action.REPORT_ASTRAY, by)
    [case] = open_cases(chair.work, "clinic-1")
    assert "was seen at clinic-2" in case.sentence
    assert CODE not in case.sentence
    now = item_now(chair.work, chair.kit.identifier)
    assert (now.state, now.site, now.custodian) == (State.ASSIGNED, chair.kit.site, chair.kit.custodian)
    assert not holds_on(chair.work, now.id)
