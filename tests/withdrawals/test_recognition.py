"""A tube of somebody who withdrew, at the scan: what is right at this moment."""

from datetime import timedelta

from biobank.core import moments
from biobank.custody.births import Birth, register
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.destruction.queries import lines_of, open_lines, progress, stage
from biobank.items.identifiers import printed
from biobank.kits.operations import link_participant
from biobank.participants.operations import mint_provisional
from tests.floor import CODE


def told(recorded):
    return [alert.text for alert in recorded.alerts if alert.kind == "withdrawal"]


def test_a_travelling_tube_is_told_where_how_cold_and_until_when(leaving):
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.decide()
    order = leaving.order()
    [sentence] = told(leaving.step(tube, Action.RECEIVE))
    assert sentence.startswith(f"STOP: {printed(tube)}")
    assert printed(order.identifier) in sentence
    assert f"Quarantine A ({printed(leaving.aside)})" in sentence
    assert "refrigerated" in sentence
    assert f"{order.hold_until:%Y-%m-%d %H:%M} UTC" in sentence
    assert "do not destroy it" in sentence


def test_a_ready_order_says_that_it_may_go_now(leaving):
    leaving.window(0)
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.decide()
    [sentence] = told(leaving.step(tube, Action.RECEIVE))
    assert "put it in waste now" in sentence


def test_kept_material_is_stored(leaving):
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.decide("keep", "remove")
    [sentence] = told(leaving.step(tube, Action.RECEIVE))
    assert "store it" in sentence
    assert "may not be used" in sentence


def test_what_is_drawn_after_leaving_goes_to_quarantine_even_when_kept(leaving):
    leaving.collected_at = moments.now() - timedelta(hours=1)
    leaving.decide("keep", "keep", hours=5)
    kit_of_today = leaving.paper_kit(CODE)
    assert leaving.holds(kit_of_today) >= {"withdrawal"}
    [sentence] = told(leaving.step(kit_of_today, Action.RECEIVE))
    assert "drawn after its participant left" in sentence
    assert leaving.order() is None


def test_a_tube_that_nobody_knew_of_goes_onto_the_order(leaving):
    leaving.window(0)
    first = leaving.tube()
    leaving.decide()
    leaving.destroy(first)
    order = leaving.order()
    assert leaving.confirm(order).returned == {}
    birth = Birth(kind=Kind.TUBE, specification="1UR10", participant=CODE, site="clinic-1")
    unknown = register(leaving.work, birth, by=leaving.technician, source=Source("file", "inventory 1"))
    leaving.step(unknown.identifier, Action.RECEIVE, source=Source("file", "inventory 1"))
    assert leaving.holds(unknown.identifier) >= {"withdrawal"}
    assert stage(order) == "reopened"
    assert [line.late for line in lines_of(leaving.work, order)] == [False, True]


def test_aliquots_made_before_anybody_heard_are_on_the_order_and_held(leaving):
    tube, order = leaving.waiting_tube()
    children = [{"specification": "serum", "volume_microlitres": 500}] * 3
    leaving.step(tube, Action.ALIQUOT, details={"children": children}, confirmation="made before the call")
    assert progress(leaving.work, order) == {"open": 4}
    for line in lines_of(leaving.work, order):
        item = leaving.work.session.get_one(type(leaving.row(tube)), line.item_id)
        assert "withdrawal" in leaving.holds(item.identifier)


def test_a_provisional_code_takes_its_order_along(leaving):
    leaving.work.flush()
    provisional = mint_provisional(leaving.work, leaving.compliance, programme_hash="0" * 64, site="clinic-1")
    before = provisional.code
    leaving.consent(before)
    tubes = dict(leaving.received(participant=before))
    leaving.decide(participant=before)
    order = leaving.order(before)
    link_participant(leaving.work, before, "A300000001", by=leaving.compliance, source=Source("keyed"))
    assert leaving.order("A300000001").id == order.id
    assert len(open_lines(leaving.work, order)) == len(tubes)
    assert {hold for tube in tubes.values() for hold in leaving.holds(tube)} == {"withdrawal"}


def test_a_tube_linked_to_somebody_else_leaves_the_order_and_is_theirs(leaving):
    tube, order = leaving.waiting_tube()
    other = leaving.participant("A400000001")
    leaving.step(tube, Action.LINK, leaving.lead, details={"participant": other})
    assert [line.outcome for line in lines_of(leaving.work, order)] == ["linked_elsewhere"]
    leaving.decide(participant=other)
    assert [line.outcome for line in lines_of(leaving.work, leaving.order(other))] == [None]


def test_without_a_quarantine_place_and_without_a_specification_it_still_says_what_is_right(leaving):
    tube, order = leaving.waiting_tube()
    child = [{"specification": "serum", "volume_microlitres": 500}]
    leaving.step(tube, Action.ALIQUOT, details={"children": child}, confirmation="made before the call")
    aliquot = leaving.work.session.get_one(
        type(leaving.row(tube)), lines_of(leaving.work, order)[-1].item_id
    ).identifier
    leaving.row(leaving.aside).site = "biobank-2"
    [sentence] = told(leaving.step(aliquot, Action.STORE, place=leaving.box(), position="A1"))
    assert "Put it in quarantine, as cold as it is now and usable" in sentence


def test_who_left_and_asks_for_more_is_answered_for_by_the_newest_order(leaving):
    """The order of leaving is closed; the second reaches what had been given by then, the first everything."""
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide(hours=20)
    leaving.destroy(tube)
    leaving.confirm(leaving.order())
    leaving.decide("destroy", "remove", leaves=False, hours=10)
    leaving.collected_at = moments.now() - timedelta(hours=1)
    late = leaving.paper_kit(CODE)
    assert leaving.row(late).collected_at > leaving.order().reaches_until
    assert leaving.now(late).id in {line.item_id for line in lines_of(leaving.work, leaving.order())}
