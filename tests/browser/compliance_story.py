"""What no other desk has: leaving by telephone, destroying what is everywhere, and what turns up late or again."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from biobank.core.database import reading
from biobank.custody.queries import holds_on, item_now
from biobank.custody.states import Action, State
from biobank.destruction.choices import OrderState
from biobank.web.current import keep_settings
from tests.browser.compliance_ground import (
    CODE,
    ComplianceStory,
    begin,
    both_sign,
    confirms,
    counted,
    days_later,
    leaves,
    new_bag,
    pooled,
    received,
    sent_out,
    stored,
)
from tests.browser.desk import Desk
from tests.browser.kit_story import Story, now, sign

DOCUMENT = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"a scanned document"}


def told_of(story: Story, window: int = 0) -> ComplianceStory:
    """Nine drawn tubes of one participant, and a hold window of so many days."""
    keep_settings(story.app, story.settings.with_changes(hold_window_days=window))
    told = ComplianceStory(story)
    begin(told)
    return told


def a_caller_hangs_up_and_calls_back(story: Story) -> None:
    """Recorded as undecided, at once; nothing is destroyed; the second call answers."""
    told = told_of(story)
    received(told, *told.tubes)
    clinic = story.seat("demo.clinic")
    clinic.page.goto(f"{clinic.address}/participants/{CODE}/decision")
    clinic.tick("bundle-separate")
    clinic.tick("leaves-true")
    clinic.tick("information-undecided")
    _say_how(clinic)
    expect(clinic.page.locator(".problems li").first).to_be_visible()
    clinic.seen("call-without-an-answer")
    clinic.tick("samples-undecided")
    _say_how(clinic)
    clinic.seen("participant-undecided")
    compliance = story.seat("demo.compliance")
    compliance.seen("start-undecided")
    compliance.page.goto(f"{compliance.address}/decisions/open")
    compliance.seen("decisions-open")
    compliance.go("tbody a.usa-button")
    for answer in ("information", "samples"):
        expect(compliance.page.locator(f"input[name={answer}]:checked")).to_have_count(0)
    compliance.seen("call-back")
    compliance.tick("bundle-destroy")
    _say_how(compliance)
    assert told.order().state == OrderState.OPEN
    compliance.page.goto(f"{compliance.address}/decisions/open")
    expect(compliance.page.locator("tbody tr")).to_have_count(0)


def told_now() -> str:
    """As a form takes it."""
    return f"{now().at.astimezone(ZoneInfo(now().zone)):%Y-%m-%dT%H:%M}"


def _say_how(seated: Desk) -> None:
    seated.tick("ceremony-not_applicable")
    seated.tick("capacity-participant")
    seated.put("requested_by", CODE)
    seated.page.locator("#channel").select_option("phone")
    seated.put("decided_at", told_now())
    seated.go("form.decision button[type=submit]")


def destroyed_wherever_it_is(story: Story) -> None:
    """One travels, one lies in a freezer, one is at a lab, one is in a pool with somebody else's."""
    told = told_of(story)
    travelling, kept, away, mixed, *rest = told.tubes
    received(told, kept, away, mixed)
    stored(told, kept)
    sent_out(told, away)
    pooled(told, mixed)
    for tube in rest:
        told.step(tube, Action.BREAK, "demo.clinic")
    leaves(told)
    compliance = story.seat("demo.compliance")
    compliance.page.goto(f"{compliance.address}/destruction-orders/{told.order().identifier}")
    compliance.seen("order-everywhere")
    technician = story.seat("demo.technician")
    received(told, travelling)
    _destroyed(told, technician, kept, travelling, mixed, told.pool)
    _lab_answers(told, compliance, away)
    confirms(told, compliance)
    compliance.seen("order-everywhere-closed")
    assert told.order().state == OrderState.CLOSED


def _destroyed(told: ComplianceStory, technician: Desk, *tubes: str) -> None:
    new_bag(technician)
    for tube in tubes:
        technician.scan(tube)
    expect(technician.page.locator("ol.bag li")).to_have_count(len(tubes))
    counted(technician, len(tubes))
    both_sign(told, technician)


def _lab_answers(told: ComplianceStory, compliance: Desk, tube: str) -> None:
    lead = told.story.seat("demo.lead")
    lead.page.goto(f"{lead.address}/attestations/new?custodian=LAB-1")
    lead.tick(f"item-{tube}")
    lead.put("document", "DOC-2026-9")
    lead.page.locator("#document_file").set_input_files(DOCUMENT)
    lead.tick("signer_role-director")
    lead.page.locator("#destroyed_on").fill(now().at.date().isoformat())
    lead.tick("method-autoclave")
    lead.put("reference", "RUN-77")
    lead.go("#document-form button[type=submit]")
    compliance.page.goto(f"{compliance.address}/custodians/outside")
    compliance.go("#waiting-list a")
    compliance.page.locator("#document_file").set_input_files(DOCUMENT)
    compliance.put("signer", "demo.compliance")
    compliance.put("password", told.story.password("demo.compliance"))
    compliance.go("#accept-form button[type=submit]")


def late_on_day_three_and_taken_back_on_day_five(story: Story) -> None:
    """What is held in the window is kept cold and usable: taken back, every tube can be used."""
    told = told_of(story, window=7)
    late, first, *_ = told.tubes
    received(told, first)
    leaves(told)
    with days_later(3):
        technician = story.seat("demo.technician")
        technician.page.goto(f"{technician.address}/items/{late}/steps/receive")
        technician.go("main form[action$='/steps/receive'] button[type=submit]")
        technician.seen("late-on-day-three")
        expect(technician.page.locator("#answer")).to_have_attribute("data-tone", "wrong")
        new_bag(technician)
        technician.scan(late)
        expect(technician.page.locator("ol.bag li")).to_have_count(0)
        technician.seen("too-early-for-the-bag")
    with days_later(5):
        compliance = story.seat("demo.compliance")
        _takes_it_back(told, compliance)
        compliance.seen("taken-back")
    with story.app.app_context(), reading() as work:
        for tube in (late, first):
            item = item_now(work, tube)
            assert (item.state, holds_on(work, item.id)) == (State.RECEIVED, frozenset())


def _takes_it_back(told: ComplianceStory, compliance: Desk) -> None:
    compliance.page.goto(f"{compliance.address}/participants/{CODE}/reversal")
    compliance.seen("reversal")
    compliance.tick("capacity-participant")
    compliance.put("requested_by", CODE)
    compliance.page.locator("#channel").select_option("phone")
    compliance.put("decided_at", told_now())
    for prefix, person in (("", "demo.compliance"), ("second_", "demo.lead")):
        compliance.put(f"{prefix}signer", person)
        compliance.put(f"{prefix}password", told.story.password(person))
    compliance.go("main form:has(.signature) button[type=submit]")


def one_piece_too_many(story: Story) -> None:
    """Nothing is signed until it is scanned and explained."""
    told = told_of(story)
    received(told, *told.tubes[:2])
    leaves(told)
    technician = story.seat("demo.technician")
    bag = new_bag(technician)
    technician.scan(told.tubes[0])
    counted(technician, 2)
    expect(technician.page.locator(".problems li").first).to_be_visible()
    expect(technician.page.locator(".signature")).to_have_count(0)
    technician.seen("one-too-many")
    technician.page.goto(f"{technician.address}/waste-batches/{bag}")
    technician.scan(told.tubes[1])
    counted(technician, 2)
    both_sign(told, technician)
    technician.seen("both-destroyed")


def a_ghost_vial(story: Story) -> None:
    """Called destroyed and yet in a box: quarantine, the order opens again, its certificate is in question."""
    told = told_of(story)
    received(told, *told.tubes[:2])
    for tube in told.tubes[2:]:
        told.step(tube, Action.BREAK, "demo.clinic")
    leaves(told)
    technician, compliance = story.seat("demo.technician"), story.seat("demo.compliance")
    _destroyed(told, technician, *told.tubes[:2])
    confirms(told, compliance)
    technician.page.goto(f"{technician.address}/")
    technician.scan(told.tubes[0])
    technician.seen("ghost-scanned")
    technician.press_step("quarantine")
    technician.tick("hold-discrepancy")
    technician.put("reason", "It lies in a box, called destroyed.")
    technician.go("main form[action$='/steps/quarantine'] button[type=submit]")
    technician.seen("ghost-in-quarantine")
    order = told.order()
    assert (order.state, bool(order.in_question)) == (OrderState.REOPENED, True)
    _the_rest_is_looked_for(technician)
    compliance.page.goto(f"{compliance.address}/")
    compliance.seen("start-with-an-incident")
    compliance.page.goto(f"{compliance.address}/destruction-orders/{order.identifier}")
    expect(compliance.page.locator("section.proof.tone-wrong")).to_be_visible()
    compliance.seen("order-in-question")


def _the_rest_is_looked_for(technician: Desk) -> None:
    technician.page.goto(f"{technician.address}/rechecks")
    technician.seen("rechecks")
    technician.go("main a[href^='/rechecks/']")
    technician.go("form[action$='/not-found'] button")
    expect(technician.page.locator("form[action$='/not-found']")).to_have_count(0)
    technician.seen("recheck-done")


def a_legal_hold_in_mid_batch(story: Story) -> None:
    """Placed while the bag stands counted: nothing of the order is signed until it is lifted."""
    told = told_of(story)
    received(told, *told.tubes[:2])
    leaves(told)
    technician, compliance = story.seat("demo.technician"), story.seat("demo.compliance")
    bag = new_bag(technician)
    for tube in told.tubes[:2]:
        technician.scan(tube)
    counted(technician, 2)
    sign(story, technician, "demo.technician")
    pauses = f"{compliance.address}/destruction-orders/{told.order().identifier}/pauses"
    compliance.page.goto(pauses)
    compliance.seen("pauses")
    compliance.page.locator("#place-hold label[for^=because-]").first.click()
    compliance.put("reference", "MATTER-2026-4")
    compliance.go("#place-hold button[type=submit]")
    compliance.page.goto(f"{compliance.address}/destruction-orders/{told.order().identifier}")
    compliance.seen("order-on-hold")
    sign(story, technician, "demo.witness")
    expect(technician.page.locator(".problems li").first).to_be_visible()
    technician.seen("bag-on-hold")
    with story.app.app_context(), reading() as work:
        assert item_now(work, told.tubes[0]).state is State.IN_WASTE
    compliance.page.goto(pauses)
    compliance.page.locator("article.panel details summary").click()
    compliance.page.locator("select[name=lifted_because]").select_option(index=1)
    compliance.page.locator("article.panel input[name=reference]").fill("MATTER-2026-4B")
    compliance.go("article.panel form button[type=submit]")
    technician.page.goto(f"{technician.address}/waste-batches/{bag}")
    sign(story, technician, "demo.witness")
    with story.app.app_context(), reading() as work:
        assert {item_now(work, tube).state for tube in told.tubes[:2]} == {State.DESTROYED}


STORIES: dict[str, Callable[[Story], None]] = {
    "the caller who calls back": a_caller_hangs_up_and_calls_back,
    "destroyed wherever it is": destroyed_wherever_it_is,
    "late and taken back": late_on_day_three_and_taken_back_on_day_five,
    "one piece too many": one_piece_too_many,
    "a legal hold in mid-batch": a_legal_hold_in_mid_batch,
    "the ghost vial": a_ghost_vial,
}
