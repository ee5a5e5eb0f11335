"""A freezer fails at night: everything in it is held and has one place; a lead decides in bulk by day."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP
from biobank.access.inputs import Signing
from biobank.core import moments
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, Kind
from biobank.custody.steps import AskedBack
from biobank.items.models import Item
from biobank.outages.carrying import carry_out
from biobank.outages.checks import DecidedAlready, DecisionRefused, OutageEnded, OutageRefused, OutageStands
from biobank.outages.choices import EndedHow, Grouping, Outcome
from biobank.outages.deciding import drop_decision, propose_decision, sign_decision
from biobank.outages.groups import groups_of
from biobank.outages.inputs import CarriedOut, NewDecision, NewOutage
from biobank.outages.models import Outage, OutageDecision, OutageLine, OutagePiece
from biobank.outages.operations import declare_outage, end_outage, tell_temperature
from biobank.outages.queries import NoSuchOutage, outage_seen_by, progress
from biobank.outages.records import decision_record
from biobank.outages.replay import outage_findings
from biobank.outages.spare_space import spare_space
from biobank.participants import own_names
from biobank.participants.own_names import OwnNameWritten
from biobank.storage.checks import NotAPlace
from biobank.storage.choices import ReservedFor
from biobank.storage.inputs import NewReservation
from biobank.storage.proposals import propose_position
from biobank.storage.reservations import end_reservation, reserve
from biobank.temperatures.inputs import Releasing
from biobank.temperatures.operations import release_tubes
from tests.asking import looking, statements
from tests.floor import SCAN
from tests.leaving import PASSWORD
from tests.temperatures.test_temperatures import Journey


def declare(ground, unit=None, celsius=-71):
    """An hour and a half after it failed."""
    began = moments.told(moments.now() - timedelta(minutes=90))
    new = NewOutage(unit=unit or ground.freezer, began=began, temperature_celsius=celsius)
    return declare_outage(ground.floor.work, new, by=ground.floor.technician).id


def carry(ground, outage, piece, place=None, position=None):
    asked = CarriedOut(piece=piece, place=place or ground.spare, position=position)
    floor = ground.floor
    return carry_out(floor.work, outage, asked, by=floor.technician, at=floor.told(), source=SCAN)


def end(ground, outage, how=EndedHow.BACK_IN_SERVICE):
    return end_outage(ground.floor.work, outage, how, by=ground.floor.technician, at=ground.floor.told())


def counted(ground, outage):
    found = progress(ground.floor.work, outage_seen_by(ground.floor.work, ground.floor.lead, outage))
    return found.moved, found.pieces, found.undecided, found.specimens


def is_whole(ground):
    """The stored columns are what the log tells, and no position holds two."""
    assert list(outage_findings(ground.floor.work)) == []
    assert list(state_findings(ground.floor.work)) == []


def test_a_failed_freezer_is_held_at_once_and_carried_out_rack_by_rack(ground):
    floor = ground.floor
    tubes = [
        ground.stored(box, "A1", code)
        for box, code in zip(ground.boxes, ("1SS08", "1ED04", "1ED10"), strict=True)
    ]
    outage = declare(ground)
    assert counted(ground, outage) == (0, 3, 3, 3)
    assert all(floor.holds(tube) == {"temperature"} for tube in tubes)
    with pytest.raises(OutageStands):
        declare(ground)
    done = carry(ground, outage, ground.racks[0], position="A1")
    assert (done.position, done.alerts) == ("A1", ())
    assert floor.row(ground.racks[0]).container_id == floor.now(ground.spare).id
    taken = carry(ground, outage, ground.racks[1], position="A1")
    assert taken.position is None
    assert "without a position" in taken.alerts[0].text
    assert floor.row(ground.racks[0]).position == "A1", "what stands there keeps its place"
    assert carry(ground, outage, ground.racks[2], position="H9").position is None
    assert counted(ground, outage)[:2] == (3, 3)
    assert floor.step(tubes[0], Action.MOVE, place=ground.boxes[0], position="A2").event["to"] == "stored"
    is_whole(ground)


def test_nothing_stands_in_the_way_but_what_is_no_place(ground):
    """A rack for other kinds, a place that failed too, a rack that the log has elsewhere: taken, and said."""
    floor = ground.floor
    tube = ground.stored(ground.boxes[0], "A1", "1ED04")
    outage = declare(ground)
    narrow = floor.unit(Kind.SHELF, "For boxes", rows=1, columns=2, allowed=(Kind.BOX,)).identifier
    done = carry(ground, outage, ground.racks[0], place=narrow, position="A1")
    assert "kind_not_allowed" in done.recorded.event["flags"]
    other = declare(ground, unit=narrow)
    assert any(
        "as well" in alert.text for alert in carry(ground, outage, ground.racks[1], place=narrow).alerts
    )
    back = carry(ground, outage, ground.racks[0], place=ground.shelf)
    assert "still counts as inside" in back.alerts[-1].text
    assert counted(ground, outage)[:2] == (1, 3)
    stranger = floor.unit(Kind.RACK, "Rack 9", inside=ground.other).identifier
    assert carry(ground, outage, stranger).recorded.event["action"] == "move"
    assert counted(ground, outage)[:2] == (2, 4)
    lone = carry(ground, outage, ground.boxes[0], position="B2")
    assert any("goes by itself" in alert.text for alert in lone.alerts)
    line = floor.work.session.scalar(select(OutageLine).where(OutageLine.outage_id == outage))
    own = floor.work.session.get_one(OutagePiece, line.piece_id)
    assert own.item_id == floor.now(ground.boxes[0]).id
    with pytest.raises(NotAPlace):
        carry(ground, outage, ground.racks[2], place=tube)
    with pytest.raises(NoSuchOutage):
        carry(ground, 99, ground.racks[2])
    end(ground, other)
    is_whole(ground)


def test_nothing_is_put_into_what_failed_without_being_asked_back(ground):
    floor = ground.floor
    assert propose_position(floor.work, floor.now(ground.tubes["1ED04"])) is not None
    declare(ground)
    assert propose_position(floor.work, floor.now(ground.tubes["1ED04"])) is None
    with pytest.raises(AskedBack, match="out of service"):
        floor.step(ground.tubes["1ED04"], Action.STORE, place=ground.boxes[0], position="C3")
    tube = ground.tubes["1ED04"]
    done = floor.step(tube, Action.STORE, place=ground.boxes[0], position="C3", confirmation="it lies there")
    assert "out_of_service" in done.event["flags"]
    end(ground, 1)
    assert floor.holds(tube) == {"temperature"}, "what came into it meanwhile is held when it ends"
    is_whole(ground)
    with pytest.raises(OutageEnded):
        carry(ground, 1, ground.racks[0])


def test_a_scan_looks_no_further_however_much_a_failed_freezer_holds(ground):
    """Outwards from the place that was scanned, not through all that stands in what failed."""
    floor = ground.floor
    if not floor.work.is_sqlite:
        pytest.skip("the steps of a statement are counted by SQLite")
    box, tubes = floor.box(), list(floor.received())

    def looked(code, position):
        with looking(floor.work) as steps:
            floor.step(ground.tubes[code], Action.STORE, place=box, position=position)
        return len(steps)

    for code in tubes[:3]:
        assert ground.tubes[code]
    declare(ground)
    looked(tubes[0], "A1")
    before = looked(tubes[1], "A2")
    for number in range(100):
        floor.box(f"Box of many {number}", inside=ground.racks[0])
    assert looked(tubes[2], "A3") < before + 5


def test_spare_space_is_as_cold_takes_the_kind_and_gives_no_place_twice(ground):
    floor = ground.floor
    warm = floor.unit(Kind.FREEZER, "Freezer 3", temperature_celsius=-20).identifier
    floor.unit(Kind.SHELF, "Warm shelf", inside=warm, rows=1, columns=1, allowed=(Kind.RACK,))
    for number in range(6):
        floor.unit(
            Kind.RACK,
            f"Old {number}",
            inside=ground.spare,
            position=f"A{number + 1}" if number < 4 else f"B{number - 3}",
        )
    outage = outage_seen_by(floor.work, floor.lead, declare(ground))
    found = [
        spot and (spot.unit.name, spot.position, spot.is_warm) for _, spot in spare_space(floor.work, outage)
    ]
    assert found == [("Spare shelf", "B3", False), ("Spare shelf", "B4", False), ("Warm shelf", "A1", True)]
    floor.unit(Kind.DRY_ICE_CHEST, "Chest", temperature_celsius=-78)
    chest = [spot and spot.unit.name for _, spot in spare_space(floor.work, outage)]
    assert chest == ["Spare shelf", "Spare shelf", "Chest"]


def test_what_may_hold_racks_and_boxes_gives_no_position_to_one_of_each(ground):
    floor = ground.floor
    floor.unit(Kind.BOX, "Loose box", inside=ground.freezer)
    keep = NewReservation(
        unit=ground.other, purpose=ReservedFor.OTHER, until=moments.now() + timedelta(days=1), positions=()
    )
    reserve(floor.work, keep, by=floor.lead)
    mixed = floor.unit(Kind.FREEZER, "Freezer 3", temperature_celsius=-80).identifier
    told = {"rows": 2, "columns": 2, "allowed": (Kind.RACK, Kind.BOX)}
    floor.unit(Kind.SHELF, "Mixed shelf", inside=mixed, **told)
    outage = outage_seen_by(floor.work, floor.lead, declare(ground))
    found = [spot and spot.position for _, spot in spare_space(floor.work, outage)]
    assert found == ["A1", "A2", "B1", "B2"]


def test_spare_space_is_nothing_that_somebody_keeps_free(ground):
    """A position, and a freezer with all that stands in it; what is over by now counts no more."""
    floor = ground.floor
    third = ground._freezer("Freezer 3", -80)
    far = ground._shelf(third, "Far shelf")

    def keep(unit, *positions):
        until = moments.now() + timedelta(days=1)
        kept = NewReservation(unit=unit, purpose=ReservedFor.STUDY, until=until, positions=positions)
        return reserve(floor.work, kept, by=floor.lead).id

    outage = outage_seen_by(floor.work, floor.lead, declare(ground))

    def found():
        return [spot and (spot.unit.name, spot.position) for _, spot in spare_space(floor.work, outage)]

    assert found() == [("Spare shelf", "A1"), ("Spare shelf", "A2"), ("Spare shelf", "A3")]
    keep(ground.spare, "A1", "A3")
    assert found() == [("Spare shelf", "A2"), ("Spare shelf", "A4"), ("Spare shelf", "B1")]
    whole = keep(ground.other)
    assert found() == [("Far shelf", "A1"), ("Far shelf", "A2"), ("Far shelf", "A3")]
    keep(far)
    assert found() == [None, None, None]
    end_reservation(floor.work, whole, by=floor.lead)
    assert found()[0] == ("Spare shelf", "A2")


@pytest.fixture
def lead(ground):
    """Somebody who can sign."""
    work = ground.floor.work
    access.add_person(work, SETTING_UP, username="bio.lea", printed_name="Testa bio.lea", password=PASSWORD)
    access.grant_role(work, SETTING_UP, username="bio.lea", role="biobank_lead", site="biobank-1")


def signing(ground, outage, decision, username="bio.lea"):
    seen = outage_seen_by(ground.floor.work, ground.floor.lead, outage)
    return Signing(
        username=username, password=PASSWORD, sha256=decision_record(ground.floor.work, seen, decision)[1]
    )


def propose(ground, outage, outcome, grouping, *groups, reason="Below the limit all night."):
    new = NewDecision(outcome=outcome, grouping=grouping, groups=groups, reason=reason)
    return propose_decision(ground.floor.work, outage, new, by=ground.floor.lead)


def decide(ground, outage, outcome, grouping, *groups):
    found = propose(ground, outage, outcome, grouping, *groups)
    signed = signing(ground, outage, found)
    return sign_decision(ground.floor.work, outage, found.id, signed, by=ground.floor.lead)


@pytest.mark.usefixtures("lead")
def test_a_lead_decides_in_bulk_by_groups(ground):
    floor = ground.floor
    first = ground.stored(ground.boxes[0], "A1", "1ED04")
    second = ground.stored(ground.boxes[1], "A1", "1SS08")
    third = ground.stored(ground.boxes[2], "A1", "1ED10")
    floor.step(
        second, Action.QUARANTINE, floor.lead, details={"hold": "temperature", "reason": "was warm before"}
    )
    floor.step(third, Action.QUARANTINE, floor.compliance, details={"hold": "legal", "reason": "order 7"})
    outage = declare(ground)
    tell_temperature(floor.work, outage, -40, by=floor.technician, at=None)
    carry(ground, outage, ground.racks[0])
    with pytest.raises(DecisionRefused, match="nothing in these groups"):
        propose(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0], "call 555-123-4567")
    proposed = propose(ground, outage, Outcome.RELEASED, Grouping.RACK, ground.racks[0])
    with pytest.raises(DecisionRefused, match="end it first"):
        sign_decision(floor.work, outage, proposed.id, signing(ground, outage, proposed), by=floor.lead)
    end(ground, outage, EndedHow.GIVEN_UP)
    drop_decision(floor.work, outage, proposed.id, by=floor.lead)
    with pytest.raises(DecidedAlready):
        sign_decision(floor.work, outage, proposed.id, signing(ground, outage, proposed), by=floor.lead)
    bands = groups_of(floor.work, outage_seen_by(floor.work, floor.lead, outage), Grouping.MINUTES)
    assert [(band.code, band.specimens) for band in bands] == [("60_to_119", 3)]
    decide(ground, outage, Outcome.RELEASED, Grouping.RACK, ground.racks[0], ground.racks[1])
    assert floor.holds(first) == set()
    assert floor.holds(second) == {"temperature"}, "what was warm before stays held"
    ended = decide(ground, outage, Outcome.ENDED, Grouping.SPECIFICATION, "1ED10", "1ED04")
    assert ended.items == 2
    assert floor.now(first).state == "broken"
    assert floor.now(third).state == "stored", "what a court keeps is not ended"
    counts = {
        each.code: each.outcomes
        for each in groups_of(floor.work, outage_seen_by(floor.work, floor.lead, outage), Grouping.BOX)
    }
    assert counts[ground.boxes[1]] == {"released": 1}
    is_whole(ground)
    line = floor.work.session.scalar(
        select(OutagePiece).where(OutagePiece.item_id == floor.now(ground.racks[0]).id)
    )
    line.moved_position = "Z1"
    assert "is stored with piece" in next(iter(outage_findings(floor.work))).sentence
    line.moved_position = None
    for one in floor.work.session.scalars(select(OutageLine).where(OutageLine.decision_id == ended.id)):
        one.decision_id = proposed.id
        assert ["about other specimens" in each.sentence for each in outage_findings(floor.work)] == [
            True
        ] * 2
        one.decision_id = ended.id
    is_whole(ground)
    one = outage_seen_by(floor.work, floor.lead, outage)
    one.ended_by = "bio.tess" if one.ended_by != "bio.tess" else "bio.theo"
    assert "ended_by" in next(iter(outage_findings(floor.work))).sentence


@pytest.mark.usefixtures("lead")
def test_every_column_that_the_log_tells_is_compared_with_it(ground):
    """A proposal before its signature, where a piece stood, who joined from where, when each was said."""
    floor, session = ground.floor, ground.floor.work.session
    ground.stored(ground.boxes[0], "A1", "1ED04")
    outage = declare(ground)
    shelf = ground._shelf(ground.other, "Old shelf")
    floor.unit(Kind.RACK, "Rack 9", inside=shelf, position="B1")
    carry(ground, outage, session.scalar(select(Item.identifier).where(Item.specification == "Rack 9")))
    end(ground, outage)
    waits = propose(ground, outage, Outcome.ENDED, Grouping.RACK, ground.racks[0]).id
    dropped = propose(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0]).id
    drop_decision(floor.work, outage, dropped, by=floor.lead)
    signed = decide(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0]).id
    is_whole(ground)
    rack = session.scalar(select(OutagePiece.id).where(OutagePiece.item_id == floor.now(ground.racks[0]).id))
    stranger = session.scalar(select(OutagePiece.id).where(OutagePiece.joined))
    other, earlier = floor.now(ground.other).id, moments.now() - timedelta(days=3)
    changes = [
        *((OutageDecision, waits, change) for change in (
            {"outcome": "released"}, {"grouping": "box"}, {"groups": ground.racks[1]}, {"reason": "Another."},
            {"proposed_by": "bio.tom"}, {"proposed_at": earlier}, {"dropped_at": earlier},
        )),
        (OutageDecision, dropped, {"dropped_at": None}),
        (OutageDecision, signed, {"approved_at": earlier}),
        *((OutagePiece, piece, change) for piece in (rack, stranger) for change in (
            {"stood_in": other}, {"stood_in": None}, {"stood_at": "D4"}, {"joined": piece == rack},
        )),
        (Outage, outage, {"declared_at": earlier}),
    ]  # fmt: skip
    for model, number, change in changes:
        row = session.get_one(model, number)
        before = {name: getattr(row, name) for name in change}
        for values, is_found in ((change, True), (before, False)):
            for name, value in values.items():
                setattr(row, name, value)
            floor.work.flush()
            assert bool(list(outage_findings(floor.work))) is is_found, (model, change)


@pytest.mark.usefixtures("lead")
@pytest.mark.parametrize("file_first", [True, False])
def test_a_hold_falls_with_the_last_of_two_judgements(ground, file_first):
    """Too warm on its way, then in a freezer that failed: one hold stands for both, and each lead is waited for."""
    floor = ground.floor
    journey = Journey(floor)
    file = journey.take([40, *[200] * 9, 40])
    tube = journey.tubes["1SS08"]
    floor.step(tube, Action.RECEIVE)
    floor.step(tube, Action.STORE, place=ground.boxes[0], position="A1")
    outage = declare(ground)
    end(ground, outage)
    releasing = Releasing(items=(), reason="Warm serum is good for this.")
    judgements = [
        lambda: release_tubes(floor.work, file.id, releasing, by=floor.lead),
        lambda: decide(ground, outage, Outcome.RELEASED, Grouping.BOX, ground.boxes[0]),
    ]
    for judge, held in zip(
        judgements if file_first else judgements[::-1], ({"temperature"}, set()), strict=True
    ):
        judge()
        assert floor.holds(tube) == held
    is_whole(ground)


def test_what_cannot_be_so_is_refused_in_one_sentence(ground):
    floor = ground.floor
    outage = declare(ground)
    with pytest.raises(OutageRefused, match="no storage unit"):
        declare(ground, unit=ground.tubes["1ED04"])
    with pytest.raises(OutageRefused, match="between"):
        tell_temperature(floor.work, outage, 900, by=floor.technician, at=None)
    with pytest.raises(DecisionRefused, match="nothing in these groups"):
        decide(ground, outage, Outcome.KEPT, Grouping.SPECIFICATION, "9XX99")
    for reason, refusal in (("", DecisionRefused), ("call 555-123-4567", NamesSomebody)):
        with pytest.raises(refusal):
            propose(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0], reason=reason)


def test_the_reason_of_a_decision_names_nobody_whose_tubes_were_in_the_freezer(ground, monkeypatch):
    ground.stored(ground.boxes[0], "A1", "1ED04")
    monkeypatch.setattr(own_names, "_installed", [lambda _work, _by, _code, text: "Testa" in text])
    outage = declare(ground)
    with pytest.raises(OwnNameWritten, match="^reason holds a word"):
        propose(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0], reason="Testa called")
    assert propose(ground, outage, Outcome.KEPT, Grouping.RACK, ground.racks[0])


def test_what_is_listed_is_counted_once(ground):
    """A failed freezer may hold a hundred thousand tubes; of what is carried out of it its own are counted."""
    ground.stored(ground.boxes[0], "A1", "1SS08")
    with statements() as asked:
        declare(ground)
    assert sum("count(outage_lines" in text or "count(*)" in text for text in asked) == 1
    with statements() as asked:
        carry(ground, 1, ground.racks[0])
    assert not [text for text in asked if "count(" in text and "piece_id" not in text]
    is_whole(ground)
