"""A lot is recalled: what there is of it is found, listed, held and told; lifting frees what nothing else holds."""

import pytest

from biobank.core.database import Work
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody import many_holds
from biobank.custody.checks import StepRefused
from biobank.custody.hold_checks import NothingToRelease
from biobank.custody.item_entries import Overtaken
from biobank.custody.queries import holds_on, newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action
from biobank.items.models import Item
from biobank.items.queries import children_of, tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.ledger.sealing import seal_whole
from biobank.recalls.checks import (
    LiftedAlready,
    LotRecalled,
    NotOfThisRecall,
    RecalledAlready,
    RecallRefused,
)
from biobank.recalls.choices import Cause, RecallStanding
from biobank.recalls.inputs import NewRecall
from biobank.recalls.models import Recall, RecallLine
from biobank.recalls.operations import lift_recall, open_recall, tell_found
from biobank.recalls.queries import NoSuchRecall, counts_of_lot, items_to_find, progress
from biobank.recalls.replay import recall_findings
from tests.floor import CODE, PAPER, SCAN


def new(lot="L7", **named):
    return NewRecall(**{"lot": lot, "cause": Cause.RECALLED_BY_MAKER, **named})


def kits(floor, count=1, lot="L7", issued=True, definition="urine-1"):
    made = make_kits(floor.work, definition, count, by=floor.technician, site="biobank-1", lot=lot)
    if issued:
        for kit in made:
            floor.step(kit.identifier, Action.ISSUE, details={"site": "clinic-1"})
            floor.step(kit.identifier, Action.ARRIVE, floor.clinic)
    return [kit.identifier for kit in made]


def drawn(floor, lot="L7"):
    """The tubes of a kit of the lot that was drawn from a participant."""
    kit = kits(floor, lot=lot, definition="adult-3.2")[0]
    floor.step(kit, Action.ASSIGN, floor.clinic, details={"participant": CODE})
    tubes = [tube.identifier for tube in tubes_of_kit(floor.work, floor.now(kit).id)]
    for tube in tubes:
        floor.step(tube, Action.COLLECT, floor.clinic, details={"fill": "full"})
    return tubes


def aliquot(floor, tube, count=2):
    children = [{"specification": "serum", "volume_microlitres": 500}] * count
    floor.step(tube, Action.ALIQUOT, details={"children": children})
    return [child.identifier for child in children_of(floor.work, floor.now(tube).id)]


def tell(floor, recall, item, by=None):
    return tell_found(floor.work, recall, item, by=by or floor.clinic, source=SCAN, at=floor.told())


def standings(floor, recall):
    found = floor.work.session.get_one(Recall, recall)
    return {(each.site, each.standing): each.items for each in progress(floor.work, found)}


def test_a_recall_finds_kits_on_shelves_tubes_and_what_was_made_of_them(floor):
    unused = kits(floor, count=2)[0]
    other = kits(floor, lot="L8")[0]
    tubes = drawn(floor)
    floor.step(tubes[0], Action.RECEIVE)
    made = aliquot(floor, tubes[0])
    before = {(count.kind, count.state, count.site): count.items for count in counts_of_lot(floor.work, "L7")}
    assert before[("kit", "issued", "clinic-1")] == 2
    assert before[("tube", "collected", "clinic-1")] == len(tubes) - 1
    assert before[("aliquot", "received", "biobank-1")] == 2
    recall = open_recall(floor.work, new(notice="FSN 2026-11"), by=floor.lead).id
    for item in (unused, *tubes, *made):
        assert floor.holds(item) == {"recall"}
    assert floor.holds(other) == set()
    assert newest_events(floor.work, unused, 1)[0]["action"] == "arrive"
    with pytest.raises(StepRefused, match="recall"):
        floor.step(unused, Action.ASSIGN, floor.clinic, details={"participant": CODE})
    told = floor.step(unused, Action.ASSIGN, floor.clinic, source=PAPER, details={"participant": CODE})
    assert "done_under_hold" in told.event["flags"]
    assert list(recall_findings(floor.work)) == []
    assert standings(floor, recall)["clinic-1", RecallStanding.TO_FIND] == len(tubes)


def test_what_comes_of_the_lot_later_is_held_too(floor):
    tubes = drawn(floor)
    floor.step(tubes[0], Action.RECEIVE)
    recall = open_recall(floor.work, new(), by=floor.compliance).id
    children = floor.step(
        tubes[0], Action.ALIQUOT, details={"children": [{"specification": "serum"}]}, confirmation="was made"
    )
    assert children.alerts
    born = children_of(floor.work, floor.now(tubes[0]).id)[0].identifier
    assert floor.holds(born) == {"recall"}
    late = kits(floor, issued=False)[0]
    with pytest.raises(LotRecalled):
        floor.step(late, Action.ISSUE, details={"site": "clinic-1"})
    tube = tubes_of_kit(floor.work, floor.now(late).id)[0].identifier
    told = floor.step(tube, Action.COLLECT, floor.clinic, details={"fill": "full"}, confirmation="it was")
    assert "which is recalled" in " ".join(alert.text for alert in told.alerts)
    assert "recall" in floor.holds(tube)
    listed = floor.work.session.query(RecallLine).filter_by(recall_id=recall).count()
    assert listed == len(tubes) + 1 + 1 + 1
    assert list(recall_findings(floor.work)) == []


def substitute(floor, tube, lot):
    """What was said, and the code of the tube from the shelf."""
    details = {"reason": "no_vacuum", "lot": lot}
    told = floor.step(tube, Action.SUBSTITUTE, floor.clinic, details=details)
    born = floor.work.session.query(Item).order_by(Item.id.desc()).first()
    assert (born.kind, born.lot) == ("tube", lot)
    return told, born.identifier


def test_a_tube_from_the_shelf_is_recalled_by_its_own_lot(floor):
    kit = kits(floor, lot="L9", definition="adult-3.2")[0]
    floor.step(kit, Action.ASSIGN, floor.clinic, details={"participant": CODE})
    tubes = [tube.identifier for tube in tubes_of_kit(floor.work, floor.now(kit).id)]
    own = substitute(floor, tubes[0], "T1")[1]
    open_recall(floor.work, new(lot="T1", specification=floor.now(own).specification), by=floor.lead)
    held = [tube for tube in tubes_of_kit(floor.work, floor.now(kit).id) if holds_on(floor.work, tube.id)]
    assert [tube.identifier for tube in held] == [own]
    told, other = substitute(floor, own, "T1")
    assert "which is recalled" in told.alerts[-1].text
    assert floor.holds(other) == {"recall"}
    told, product = substitute(floor, tubes[1], "T1")
    assert floor.holds(product) == set(), "another product of the same number is none of it"


def test_a_large_lot_is_held_in_few_statements(floor, monkeypatch):
    """Five hundred items go in one batch; a scan between reading and writing makes it go one by one."""
    made = kits(floor, count=120, issued=False)
    ran = []
    real = Work.run
    monkeypatch.setattr(
        Work, "run", lambda work, statement, **told: ran.append(1) or real(work, statement, **told)
    )
    recall = open_recall(floor.work, new(), by=floor.lead).id
    assert len(ran) < 20
    assert all(floor.holds(kit) == {"recall"} for kit in made)
    assert list(recall_findings(floor.work)) == []
    assert list(state_findings(floor.work)) == []
    monkeypatch.setattr(many_holds, "_change", overtaken)
    lift_recall(floor.work, recall, "Tested.", by=floor.lead)
    assert not any(floor.holds(kit) for kit in made)
    assert list(state_findings(floor.work)) == []


def overtaken(*_asked, **_named):
    raise Overtaken


def test_what_is_found_is_told_and_the_list_grows_shorter(floor):
    unused = kits(floor)[0]
    tubes = drawn(floor)
    recall = open_recall(floor.work, new(), by=floor.lead).id
    assert tell(floor, recall, unused).identifier == unused
    done = tell(floor, recall, tubes[0])
    assert done.event["action"] == "quarantine"
    tell(floor, recall, tubes[0])
    floor.step(unused, Action.VOID, floor.clinic, details={"reason": "recalled"})
    found = standings(floor, recall)
    assert found["clinic-1", RecallStanding.FOUND] == 1
    assert found["clinic-1", RecallStanding.VOIDED] == 1 + 1  # the kit and its empty tube
    asked = items_to_find(floor.work.session.get_one(Recall, recall), frozenset({"clinic-1"}))
    assert len(floor.work.session.scalars(asked).all()) == len(tubes) - 1
    stranger = kits(floor, lot="L8")[0]
    with pytest.raises(NotOfThisRecall):
        tell(floor, recall, stranger)
    with pytest.raises(NoSuchRecall):
        tell(floor, 99, unused)
    assert list(recall_findings(floor.work)) == []
    floor.work.session.get_one(RecallLine, (recall, floor.now(tubes[1]).id)).found_at = floor.told().at
    assert "as found" in next(recall_findings(floor.work)).sentence


def test_lifting_frees_what_no_other_recall_holds(floor):
    tubes = drawn(floor)
    specification = floor.now(tubes[0]).specification
    wide = open_recall(floor.work, new(), by=floor.lead).id
    narrow = open_recall(floor.work, new(specification=specification), by=floor.lead).id
    with pytest.raises(RecallRefused):
        lift_recall(floor.work, wide, " ", by=floor.lead)
    with pytest.raises(NothingToRelease):
        floor.step(
            tubes[1], Action.RELEASE, floor.compliance, details={"hold": "recall", "reason": "It is so."}
        )
    lifted = lift_recall(floor.work, wide, "The maker took its notice back.", by=floor.lead)
    assert lifted.lifted_by == "bio.lea"
    assert floor.holds(tubes[0]) == {"recall"}
    assert {hold for tube in tubes[1:] for hold in floor.holds(tube)} == set()
    with pytest.raises(LiftedAlready):
        lift_recall(floor.work, wide, "Again.", by=floor.lead)
    with pytest.raises(LiftedAlready):
        tell(floor, wide, tubes[1])
    lift_recall(floor.work, narrow, "The tubes were tested.", by=floor.compliance)
    assert floor.holds(tubes[0]) == set()
    seal_whole(floor.work)
    assert list(recall_findings(floor.work)) == []


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (new(lot=""), RecallRefused),
        (new(lot="L" * 65), RecallRefused),
        (new(notice="call 312 555 0188"), NamesSomebody),
    ],
)
def test_a_recall_that_cannot_be_is_refused(floor, refused, error):
    with pytest.raises(error):
        open_recall(floor.work, refused, by=floor.lead)


def test_a_lot_is_recalled_once(floor):
    open_recall(floor.work, new(), by=floor.lead)
    with pytest.raises(RecalledAlready):
        open_recall(floor.work, new(), by=floor.lead)
