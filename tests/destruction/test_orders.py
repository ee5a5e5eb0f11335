"""Orders: how each line ends, the walk, confirmation by a third person, and what the log says of them."""

import io
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import text

from biobank.access.checks import PermissionMissing
from biobank.core import moments
from biobank.custody.states import Action
from biobank.destruction import choices, queries, walk
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Credentials, Shown
from biobank.destruction.records import order_record
from biobank.ledger.notes import KeyRefused
from biobank.ledger.replaying import events_of_kind
from biobank.ledger.sealing import seal_whole
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS
from tests.floor import CODE, PAPER
from tests.leaving import PASSWORD


def outcomes(leaving, order):
    return {
        leaving.work.session.get_one(
            type(leaving.row(leaving.aside)), line.item_id
        ).specification: line.outcome
        for line in queries.lines_of(leaving.work, order)
    }


def test_each_line_has_exactly_one_end(leaving):
    leaving.window(0)
    tubes = leaving.received()
    broken, used, lost, later_broken, later_used, *rest = tubes
    leaving.step(tubes[broken], Action.BREAK)
    leaving.step(tubes[used], Action.CONSUME)
    leaving.decide()
    order = leaving.order()
    leaving.step(tubes[lost], Action.REPORT_LOST)
    leaving.step(tubes[later_broken], Action.BREAK)
    leaving.step(tubes[later_used], Action.CONSUME)
    leaving.destroy(*(tubes[code] for code in rest))
    assert outcomes(leaving, order) == {
        broken: "broken_earlier",
        used: "consumed_earlier",
        lost: "lost",
        later_broken: "broken_after_decision",
        later_used: "consumed_after_decision",
    } | dict.fromkeys(rest, "destroyed")
    assert queries.open_lines(leaving.work, order) == []


def test_labels_without_material_end_by_what_is_said_of_them(leaving):
    leaving.window(0)
    tubes = leaving.assigned()
    gone, given_up, travelling = list(tubes)[:3]
    leaving.decide()
    order = leaving.order()
    assert queries.progress(leaving.work, order) == {"open": len(tubes)}
    leaving.step(tubes[gone], Action.MARK_NOT_COLLECTED, leaving.clinic, details={"reason": "refused"})
    leaving.step(tubes[given_up], Action.VOID, leaving.clinic, details={"reason": "damaged"})
    leaving.step(tubes[travelling], Action.REPORT_NEVER_RECEIVED)
    found = outcomes(leaving, order)
    assert (found[gone], found[given_up]) == ("never_collected", "never_used")
    assert found[travelling] == "never_received"


def test_an_end_by_time_is_judged_by_when_it_happened():
    at = moments.now()

    def judged(ended_at, *, was_known):
        specimen = choices.Specimen(choices.State.CONSUMED, ended_at)
        return choices.outcome_of(specimen, at, was_known=was_known)

    earlier, after = choices.LineEnd.CONSUMED_EARLIER, choices.LineEnd.CONSUMED_AFTER_DECISION
    assert judged(at - timedelta(1), was_known=False) is earlier
    assert judged(at + timedelta(1), was_known=True) is after
    assert judged(None, was_known=True) is earlier
    assert judged(None, was_known=False) is after
    destroyed = choices.Specimen(choices.State.DESTROYED, at)
    assert choices.outcome_of(destroyed, at, was_known=True) is choices.LineEnd.DESTROYED_EARLIER


def test_an_end_at_an_unknown_time_stays_what_it_was_when_the_order_was_opened(leaving):
    tubes = leaving.received()
    before, after, later, *_ = tubes
    leaving.step(tubes[before], Action.CONSUME, at=None, source=PAPER)
    leaving.decide()
    leaving.step(tubes[after], Action.BREAK)
    leaving.decide()
    found = outcomes(leaving, leaving.order())
    assert (found[before], found[after]) == ("consumed_earlier", "broken_after_decision")
    leaving.step(tubes[later], Action.CONSUME, at=None, source=PAPER)
    lines = {line.outcome: line for line in queries.lines_of(leaving.work, leaving.order())}
    assert lines["consumed_after_decision"].outcome_at is None
    assert lines["consumed_earlier"].outcome_at is None
    assert not any(line.late for line in queries.lines_of(leaving.work, leaving.order()))


def test_what_was_destroyed_for_somebody_else_is_an_incident(leaving):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    order = leaving.order()
    leaving.destroy(tube)
    leaving.confirm(order)
    other = leaving.participant("A600000001")
    recorded = leaving.step(tube, Action.LINK, leaving.lead, details={"participant": other})
    assert any(alert.kind == "destroyed_for_another" for alert in recorded.alerts)
    assert "destroyed_for_another" in leaving.cases(tube)
    assert (order.state, "another participant" in order.in_question) == ("reopened", True)
    assert outcomes(leaving, order) == {"1UR10": "linked_elsewhere"}
    assert leaving.confirm(order).returned == {}
    assert queries.certificate_of(leaving.work, order).replaces is not None


def test_one_walk_serves_many_orders(leaving):
    leaving.window(0)
    box, other = leaving.box("Box A"), leaving.box("Box B")
    second = leaving.participant("A500000001")
    mine, theirs, waiting = leaving.tube(), leaving.tube(second), leaving.tube()
    leaving.step(mine, Action.STORE, place=other, position="A1")
    leaving.step(theirs, Action.STORE, place=box, position="B2")
    leaving.step(waiting, Action.STORE, place=box, position="A2")
    leaving.decide()
    leaving.decide(participant=second)
    picks = walk.worklist(leaving.work)
    assert [pick.item.identifier for pick in picks] == [waiting, theirs, mine]
    assert [pick.orders for pick in picks][1] == (leaving.order(second).identifier,)
    assert [pick.item.identifier for pick in walk.worklist(leaving.work, [leaving.order(second)])] == [theirs]


def test_a_walk_comes_by_boxes_and_positions_as_people_count(leaving):
    leaving.window(0)
    boxes = [leaving.box(name) for name in ("Box 10", "Box 2")]
    tubes = [leaving.tube() for _ in range(4)]
    for tube, (box, position) in zip(tubes, [(0, "A1"), (1, "B1"), (1, "A10"), (1, "A9")], strict=True):
        leaving.step(tube, Action.STORE, place=boxes[box], position=position)
    leaving.decide()
    assert [pick.item.identifier for pick in walk.worklist(leaving.work)] == tubes[::-1]


def test_an_empty_walk_with_open_lines_is_an_alarm(leaving):
    leaving.window(0)
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.step(tube, Action.DISPATCH, leaving.clinic)
    leaving.decide()
    assert [order.id for order in walk.orders_without_work(leaving.work)] == [leaving.order().id]
    leaving.step(tube, Action.RECEIVE)
    assert walk.orders_without_work(leaving.work) == []


def test_late_orders_are_found_and_a_ceremony_has_no_clock(leaving):
    leaving.tube()
    leaving.decide()
    order = leaving.order()
    assert not queries.is_overdue(order)
    order.due_at = moments.now() - timedelta(days=1)
    leaving.work.flush()
    assert queries.is_overdue(order)
    order.ceremony = "unanswered"
    leaving.work.flush()
    assert not queries.is_overdue(order)


def test_a_third_person_confirms_and_what_is_not_whole_comes_back(leaving):
    leaving.window(0)
    second, third = leaving.participant("A500000001"), leaving.participant("A500000002")
    tubes = [leaving.tube(code) for code in (CODE, second, third)]
    for code in (CODE, second, third):
        leaving.decide(participant=code)
    leaving.destroy(*tubes[:2])
    whole, changed, live = (leaving.order(code) for code in (CODE, second, third))
    shown = [Shown(whole.identifier, order_record(leaving.work, whole)[1])]
    shown += [Shown(changed.identifier, "0" * 64), Shown(live.identifier, "0" * 64)]
    confirmed = confirm_orders(leaving.work, leaving.compliance, shown, Credentials("comp.cleo", PASSWORD))
    assert set(confirmed.certificates) == {whole.identifier}
    assert "changed since" in confirmed.returned[changed.identifier]
    assert "1 line without an end" in confirmed.returned[live.identifier]
    assert [order.state for order in (whole, changed, live)] == ["closed", "in_progress", "open"]
    [signed] = [told for _, told in events_of_kind(leaving.work, "order") if told["change"] == "closed"]
    assert signed["signature"] == f"signature:{confirmed.signature}"
    assert (signed["record_sha256"], signed["recorded_by"]) == (shown[0].sha256, "comp.cleo")
    [(_, issued)] = events_of_kind(leaving.work, "certificate")
    assert (issued["order"], issued["replaces"]) == (whole.identifier, None)
    assert issued["recorded_by"] == "comp.cleo"
    again = leaving.confirm(whole)
    assert (again.certificates, again.signature) == ({}, None)
    assert "closed already" in again.returned[whole.identifier]


def test_neither_performer_nor_witness_confirms_and_nobody_without_the_right(leaving):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    order = leaving.order()
    bag = leaving.bag()
    leaving.waste(bag, tube)
    leaving.count(bag, 1)
    leaving.sign(bag, "performer", "bio.tess")
    leaving.sign(bag, "witness", "comp.cleo")
    assert "a third person" in leaving.confirm(order).returned[order.identifier]
    with pytest.raises(PermissionMissing), leaving.work.savepoint():
        leaving.confirm(order, who="bio.lea")
    assert leaving.order().state == "in_progress"


def test_an_order_that_waits_is_not_confirmed_even_when_it_is_empty(leaving):
    leaving.decide()
    order = leaving.order()
    assert "still waits" in leaving.confirm(order).returned[order.identifier]


def test_without_the_key_of_the_log_nothing_is_confirmed(leaving):
    leaving.window(0)
    leaving.decide()
    leaving.work.settings = leaving.work.settings.with_changes(ledger_key_file="/nowhere/ledger.key")
    with pytest.raises(KeyRefused), leaving.work.savepoint():
        leaving.confirm(leaving.order())
    assert leaving.order().state == "open"


def test_codes_that_are_no_order_no_batch_no_certificate(leaving):
    leaving.decide()
    with pytest.raises(queries.OrderUnknown):
        queries.order_named(leaving.work, leaving.bag())
    with pytest.raises(queries.CertificateUnknown, match="not confirmed"):
        queries.certificate_of(leaving.work, leaving.order())


def test_the_certificate_says_what_was_done_and_what_was_not(leaving):
    leaving.window(0)
    tubes = list(leaving.received().values())
    leaving.step(tubes[1], Action.STORE, place=leaving.box(), position="C7")
    leaving.step(tubes[0], Action.REPORT_LOST)
    leaving.decide()
    bag = leaving.destroy(*tubes[1:])
    order = leaving.order()
    leaving.confirm(order)
    certificate = queries.certificate_of(leaving.work, order)
    pages = pypdf.PdfReader(io.BytesIO(certificate.pdf)).pages
    said = " ".join(" ".join(page.extract_text() for page in pages).split())
    for expected in (
        f"Of {len(tubes)} specimens of participant {CODE}, {len(tubes) - 1} were destroyed",
        "1 was not destroyed under this order",
        "Looked for and not found",
        "Autoclave, cycle 4471",
        "Testa bio.tess", "Testa bio.theo", "Testa comp.cleo",
        "No handling instruction was given", "No legal hold stood",
        f"{bag[:1]} {bag[1:5]} {bag[5:9]}",
        "C7",
        leaving.work.settings.ledger_origin,
        f"Page 1 of {len(pages)}",
    ):  # fmt: skip
        assert expected in said, expected
    fonts = {font["/BaseFont"] for page in pages for font in page["/Resources"]["/Font"].values()}
    assert any("DejaVu" in font for font in fonts)


def test_the_certificate_follows_a_handling_instruction_without_its_reason(leaving):
    leaving.window(0)
    leaving.decide(ceremony=choices.Ceremony.YES)
    order = leaving.order()
    settle_ceremony(leaving.work, leaving.compliance, order.identifier, choices.Settlement.HELD)
    leaving.confirm(order)
    said = pypdf.PdfReader(io.BytesIO(queries.certificate_of(leaving.work, order).pdf)).pages
    assert "the ceremony was held before destruction" in " ".join(
        " ".join(page.extract_text() for page in said).split()
    )


@pytest.mark.parametrize("answer", ["no", "not_applicable"])
def test_that_nobody_wanted_a_ceremony_looks_like_that_nobody_was_asked(leaving, answer):
    leaving.decide(ceremony=choices.Ceremony(answer))
    assert order_record(leaving.work, leaving.order())[0]["handling"] == {
        "instruction": "none",
        "settled": None,
        "settled_at": None,
    }


def test_the_log_tells_of_every_order_and_a_changed_line_is_found(leaving):
    leaving.window(0)
    tubes = list(leaving.received().values())
    leaving.decide()
    leaving.destroy(*tubes[1:])
    leaving.step(tubes[0], Action.REPORT_LOST)
    leaving.confirm(leaving.order())
    leaving.step(tubes[0], Action.FIND)
    seal_whole(leaving.work)
    assert verify(leaving.work, replays=REPLAYS).findings == ()
    leaving.work.connection.execute(
        text("UPDATE destruction_lines SET outcome = 'destroyed' WHERE outcome IS NULL")
    )
    leaving.work.expire()
    [finding] = verify(leaving.work, replays=REPLAYS).findings
    assert tubes[0] in finding.sentence


def test_each_order_answers_for_its_own_lines(leaving):
    leaving.window(0)
    given, lost = leaving.tube(), leaving.tube()
    leaving.step(lost, Action.REPORT_LOST)
    leaving.decide("destroy", "keep", leaves=False)
    first = leaving.order()
    leaving.destroy(given)
    leaving.confirm(first)
    leaving.collected_at = moments.now() + timedelta(minutes=2)
    later = leaving.collected("urine-1")["1UR10"]
    leaving.decide()
    second = leaving.order()
    assert second.id != first.id
    assert [line.item_id for line in queries.lines_of(leaving.work, second)] == [leaving.row(later).id]
    leaving.step(lost, Action.FIND)
    assert [order.state for order in (first, second)] == ["reopened", "open"]
    assert queries.order_of_item(leaving.work, CODE, leaving.row(lost).id).id == first.id
