"""The bag: what goes in, how it is counted, who signs, and that only signatures destroy."""

import pytest
from sqlalchemy import event

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP
from biobank.access.checks import CredentialsRefused, PermissionMissing, RecordChanged
from biobank.access.permissions import Role
from biobank.core.moments import to_text
from biobank.custody.checks import StepRefused
from biobank.custody.queries import newest_events
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack
from biobank.destruction import batches, checks
from biobank.destruction.batch_replay import COUNTED, batch_findings
from biobank.destruction.batches import DestroyedBeforeItsPieces, DestroyedInTheFuture
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.models import DestructionLine
from biobank.destruction.queries import BatchUnknown, batch_named, lines_of, stage
from biobank.ledger.replaying import events_of_kind
from biobank.sites.queries import SiteUnknown
from tests.floor import CODE, actor
from tests.leaving import PASSWORD


@pytest.fixture
def ready(leaving):
    """A received tube on an order that may be carried out, and an open bag."""
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    return tube, leaving.bag()


def put(leaving, tube, bag, **asked):
    return leaving.step(tube, Action.PUT_IN_WASTE, place=bag, **asked)


def test_what_is_on_no_order_stops_loudly(leaving):
    tube = leaving.tube()
    with pytest.raises(checks.NotOrdered, match=r"STOP.*no destruction order.*biobank lead"):
        put(leaving, tube, leaving.bag())
    leaving.decide("keep", "remove")
    with pytest.raises(checks.NotOrdered):
        put(leaving, tube, leaving.bag())
    assert leaving.now(tube).state == "received"


def test_a_piece_does_not_wait_for_the_others_of_its_order(leaving):
    leaving.window(0)
    tubes = [leaving.tube() for _ in range(3)]
    leaving.decide()
    bag, read = leaving.bag(), set()
    leaving.work.expire()

    def note(line, *_):
        read.add(line.item_id)

    for when in ("load", "refresh"):
        event.listen(DestructionLine, when, note)
    put(leaving, tubes[0], bag)
    for when in ("load", "refresh"):
        event.remove(DestructionLine, when, note)
    assert read == {leaving.now(tubes[0]).id}


def test_an_order_that_waits_says_until_when(leaving):
    tube, order = leaving.waiting_tube()
    with pytest.raises(
        checks.OrderWaits, match=f"{order.hold_until:%Y-%m-%d %H:%M} UTC; keep it in quarantine"
    ):
        put(leaving, tube, leaving.bag())


def test_a_handling_instruction_is_settled_by_compliance_first(leaving):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide(ceremony=Ceremony.YES)
    order = leaving.order()
    with pytest.raises(checks.OrderWaits, match="compliance has settled"):
        put(leaving, tube, leaving.bag())
    with pytest.raises(checks.OnlyCompliance):
        settle_ceremony(leaving.work, leaving.lead, order.identifier, Settlement.HELD)
    settle_ceremony(leaving.work, leaving.compliance, order.identifier, Settlement.HELD)
    assert stage(order) == "ready"
    put(leaving, tube, leaving.bag())
    with pytest.raises(checks.CeremonyNotOpen):
        settle_ceremony(leaving.work, leaving.compliance, order.identifier, Settlement.HELD)


def test_only_an_open_bag_of_the_site_takes_it(leaving):
    leaving.window(0)
    tube, other = leaving.tube(), leaving.tube()
    leaving.decide()
    bag = leaving.bag()
    with pytest.raises(checks.NotAWasteBag, match="scan the code of a waste bag"):
        put(leaving, tube, leaving.box())
    put(leaving, tube, bag)
    assert stage(leaving.order()) == "in_progress"
    leaving.count(bag, 1)
    with pytest.raises(checks.BagClosed, match="counted: nothing goes into it"):
        put(leaving, other, bag)
    with pytest.raises(checks.NotYourSite):
        batches.open_waste_batch(leaving.work, leaving.technician, site="biobank-2")
    with pytest.raises(SiteUnknown):
        batches.open_waste_batch(leaving.work, leaving.technician, site="nowhere")


def test_a_legal_hold_pauses_destruction(leaving, ready):
    tube, bag = ready
    leaving.step(tube, Action.QUARANTINE, leaving.compliance, details={"hold": "legal", "reason": "demand 4"})
    with pytest.raises(StepRefused, match="legal"):
        put(leaving, tube, bag)


def test_a_scan_destroys_nothing(leaving, ready):
    tube, bag = ready
    put(leaving, tube, bag)
    for item in (tube, bag):
        with pytest.raises(checks.OnlyWithItsBatch, match="performer and witness"):
            leaving.step(item, Action.DESTROY)
    for role in ("performer", "witness"):
        leaving.count(bag, 1)
        leaving.sign(bag, role, "bio.tess")
        with pytest.raises(checks.OnlyWithItsBatch):
            leaving.step(tube, Action.DESTROY)
        batches.undo_count(leaving.work, leaving.technician, bag)


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (2, "one piece more than scanned .* until it is scanned"),
        (0, "one piece fewer than scanned"),
        (3, "2 pieces more than scanned .* until they are scanned"),
    ],
)
def test_pieces_and_scans_agree_or_nothing_is_signed(leaving, ready, pieces, sentence):
    tube, bag = ready
    put(leaving, tube, bag)
    with pytest.raises(checks.CountDiffers, match=sentence):
        leaving.count(bag, pieces)
    with pytest.raises(checks.NotCounted, match="not counted yet"):
        leaving.sign(bag, "performer", "bio.tess")


def test_a_count_says_which_run_where_and_when(leaving, ready):
    tube, bag = ready
    with pytest.raises(checks.CountDiffers, match="is empty"):
        leaving.count(bag, 0)
    put(leaving, tube, bag)
    for missing in ({"cycle": " "}, {"place": ""}):
        with pytest.raises(checks.CycleMissing, match="cycle number"):
            leaving.count(bag, 1, **missing)
    with pytest.raises(DestroyedInTheFuture):
        leaving.count(bag, 1, at=leaving.told(minutes=60 * 24 * 9))
    with pytest.raises(DestroyedBeforeItsPieces, match="before the last piece went into bag"):
        leaving.count(bag, 1, at=leaving.told(minutes=-2))
    with pytest.raises(BatchUnknown):
        leaving.count(tube, 1)
    leaving.count(bag, 1)
    with pytest.raises(checks.BagClosed, match="undo the count"):
        leaving.count(bag, 1)


def test_two_people_and_then_it_is_destroyed(leaving, ready):
    tube, bag = ready
    put(leaving, tube, bag)
    leaving.count(bag, 1)
    shown = leaving.shown(bag)
    first = leaving.sign(bag, "performer", "bio.tess")
    assert leaving.now(tube).state == "in_waste"
    with pytest.raises(checks.SignedAlready):
        leaving.sign(bag, "performer", "bio.theo")
    with pytest.raises(checks.SamePerson, match="different people"):
        leaving.sign(bag, "witness", "bio.tess")
    second = leaving.sign(bag, "witness", "bio.theo")
    assert {signature.records[0].sha256 for signature in (first, second)} == {shown} == {leaving.shown(bag)}
    event = newest_events(leaving.work, tube, 1)[0]
    assert (event["action"], event["performed_by"]) == ("destroy", "bio.tess")
    assert event["details"] == event["details"] | {"batch": bag, "method": "autoclave", "cycle": "4471"}
    assert event["details"]["witness"] == "bio.theo"
    assert leaving.now(bag).state == "destroyed"
    [line] = lines_of(leaving.work, leaving.order())
    assert (line.outcome, line.grade, line.outcome_sequence) == ("destroyed", "witnessed", event["sequence"])
    with pytest.raises(checks.NotCounted, match="destroyed already"):
        leaving.sign(bag, "witness", "bio.lea")


def test_a_signature_is_for_what_was_shown_by_who_may(leaving, ready):
    tube, bag = ready
    put(leaving, tube, bag)
    leaving.count(bag, 1)
    with pytest.raises(RecordChanged, match="look at it again"):
        leaving.sign(bag, "performer", "bio.tess", shown="0" * 64)
    with pytest.raises(CredentialsRefused):
        leaving.sign(bag, "performer", "bio.tess", password="another plain text")
    for who, refusal in (("comp.cleo", checks.OtherRole), ("clinic.ana", checks.NotYourSite)):
        with pytest.raises(refusal), leaving.work.savepoint():
            leaving.sign(bag, "performer", who)
    assert batch_named(leaving.work, bag)[0].performer_signature is None
    auditor = {"username": "audit.ed", "printed_name": "Testa Ed", "password": PASSWORD}
    access.add_person(leaving.work, SETTING_UP, **auditor)
    access.grant_role(leaving.work, SETTING_UP, username="audit.ed", role="auditor")
    with pytest.raises(PermissionMissing), leaving.work.savepoint():
        leaving.sign(bag, "witness", "audit.ed")


def test_taking_out_is_a_fact_that_undoes_the_count(leaving, ready):
    tube, bag = ready
    put(leaving, tube, bag)
    leaving.step(tube, Action.TAKE_OUT_OF_WASTE)
    assert [line.batch_id for line in lines_of(leaving.work, leaving.order())] == [None]
    put(leaving, tube, bag)
    leaving.count(bag, 1)
    leaving.sign(bag, "performer", "bio.tess")
    with pytest.raises(AskedBack, match="undoes the count"):
        leaving.step(tube, Action.TAKE_OUT_OF_WASTE)
    recorded = leaving.step(tube, Action.TAKE_OUT_OF_WASTE, confirmation="wrong bag")
    assert any("count it again" in alert.text for alert in recorded.alerts)
    batch, _ = batch_named(leaving.work, bag)
    assert (batch.state, batch.performer_signature) == ("filling", None)


def test_a_wrong_count_is_undone(leaving, ready):
    tube, bag = ready
    put(leaving, tube, bag)
    with pytest.raises(checks.NotCounted):
        batches.undo_count(leaving.work, leaving.technician, bag)
    leaving.count(bag, 1)
    leaving.sign(bag, "witness", "bio.theo")
    batches.undo_count(leaving.work, leaving.technician, bag)
    leaving.count(bag, 1, cycle="4472")
    leaving.sign(bag, "performer", "bio.tess")
    assert leaving.now(tube).state == "in_waste"
    leaving.sign(bag, "witness", "bio.theo")
    assert leaving.now(tube).state == "destroyed"


def test_a_destroyed_tube_that_is_found_is_the_worst_and_never_hidden(leaving):
    leaving.window(0)
    tubes = list(leaving.received().values())
    leaving.decide()
    order = leaving.order()
    leaving.destroy(*tubes)
    leaving.confirm(order)
    found, *others = tubes
    due_at = order.due_at
    recorded = leaving.step(found, Action.RECEIVE)
    [alert] = [alert for alert in recorded.alerts if alert.kind == "false_destruction"]
    assert all(leaving.row(other).identifier[-2:] in alert.text for other in others)
    assert stage(order) == "reopened"
    assert order.due_at > due_at, "its time begins anew"
    assert order.in_question
    assert "false_destruction" in leaving.cases(found)
    assert {"discrepancy", "withdrawal"} <= leaving.holds(found)
    assert [event["action"] for event in newest_events(leaving.work, found, 2)] == ["receive", "destroy"]
    leaving.destroy(found)
    assert leaving.confirm(order).returned == {}
    assert leaving.order(CODE).in_question is None


def test_a_bag_of_another_site_takes_nothing(leaving, ready):
    tube, _ = ready
    away = actor("bio.away", Role.TECHNICIAN, "biobank-2")
    bag = batches.open_waste_batch(leaving.work, away, site="biobank-2")[1].identifier
    with pytest.raises(checks.BagClosed, match="of biobank-2; take a bag of your own site"):
        put(leaving, tube, bag)


def test_an_order_can_wait_for_both(leaving):
    tube = leaving.tube()
    leaving.decide(ceremony=Ceremony.UNANSWERED)
    with pytest.raises(checks.OrderWaits, match="UTC and compliance has settled"):
        put(leaving, tube, leaving.bag())


def test_how_a_bag_was_counted_cannot_be_changed_unseen(leaving, ready):
    tube, bag = ready
    put(leaving, tube, bag)
    assert list(batch_findings(leaving.work)) == []
    at = leaving.told()
    leaving.count(bag, 1, at=at)
    assert list(batch_findings(leaving.work)) == []
    [(subject, told)] = events_of_kind(leaving.work, "waste_batch")
    assert (subject, told["change"], told["recorded_by"]) == (bag, "counted", "bio.tess")
    assert {name: told[name] for name in COUNTED if name in told} == {
        "pieces": 1,
        "method": "autoclave",
        "cycle": "4471",
        "done_at": "Waste room",
        "destroyed_at": to_text(at.at),
        "zone": at.zone,
        "offset_minutes": at.offset_minutes,
    }
    batch_named(leaving.work, bag)[0].cycle = "another run"
    [found] = batch_findings(leaving.work)
    assert "stored with cycle another run" in str(found)
    batches.undo_count(leaving.work, leaving.technician, bag)
    assert list(batch_findings(leaving.work)) == []
