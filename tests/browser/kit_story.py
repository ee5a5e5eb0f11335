"""One kit's whole life as people live it: in a browser, with a scanner, each with their own sign-in."""

from dataclasses import dataclass, field

from flask import Flask
from playwright.sync_api import Browser

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.demo.programme import Programme
from biobank.destruction.queries import current_order
from biobank.items.queries import children_of, tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.ledger.sealing import seal_all
from biobank.participants.operations import record_consent, register_participant
from biobank.settings import Settings
from tests.browser.desk import Desk, Look, desk

PARTICIPANT = "A900000001"
DRAWN = 3
"""Tubes that are collected in the browser: one that is stored, one that is aliquoted, one that comes late."""


@dataclass
class Story:
    app: Flask
    settings: Settings
    browser: Browser
    address: str
    look: Look
    language: str = "en"
    programme: Programme = field(default_factory=Programme)
    kit: str = ""
    tubes: list[str] = field(default_factory=list)
    parcel: str = ""
    late_parcel: str = ""
    bag: str = ""
    order: str = ""
    certificate: bytes = b""
    desks: list[Desk] = field(default_factory=list)

    def seat(self, person: str) -> Desk:
        """A desk of their own, signed in."""
        seated = desk(self.browser, self.address, self.look, self.language)
        self.desks.append(seated)
        seated.sign_in(person, self.password(person))
        return seated

    def password(self, person: str) -> str:
        return self.programme.accounts[person].password

    def where(self, item: str) -> tuple[str | None, str | None]:
        """The name of what it lies in, and its position there."""
        with self.app.app_context(), reading() as work:
            found = item_now(work, item)
            outer = item_by_id(work, found.container_id) if found.container_id else None
            return (outer.specification if outer else None, found.position)

    def seal(self) -> None:
        """What the sealer does twice a second."""
        with self.app.app_context():
            seal_all()


def set_up(story: Story) -> None:
    """An invented programme, a participant who consented, and a kit that was issued to the clinic."""
    with story.app.app_context(), writing() as work:
        story.programme = programme.set_up(work, story.settings)
        lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
        kit = make_kits(work, "adult-3.2", 2, by=lead, site=programme.BIOBANK, lot="DEMO-1")[0]
        story.kit = kit.identifier
        story.tubes = [tube.identifier for tube in tubes_of_kit(work, kit.id)]
        record(
            work,
            kit.identifier,
            Action.ISSUE,
            by=lead,
            source=Source("scan"),
            at=now(),
            details={"site": programme.CLINIC},
        )
        register_participant(
            work,
            clinic,
            code=PARTICIPANT,
            site=programme.CLINIC,
            pattern=story.settings.participant_code_pattern,
        )
        record_consent(
            work, clinic, participant=PARTICIPANT, form_version="demo-1", language="en", source="demo form",
            scopes=["blood", "urine"], effective_at=moments.read_moment("2026-01-05T09:00:00-06:00").at,
        )  # fmt: skip


def now() -> moments.Told:
    return moments.told(moments.now(), "America/Chicago")


def tell(story: Story) -> None:
    set_up(story)
    clinic = story.seat("demo.clinic")
    clinic.seen("start-clinic")
    the_kit_is_assigned_and_drawn(story, clinic)
    story.parcel = a_parcel_leaves(clinic, story.tubes[: DRAWN - 1], "parcel-packing")
    story.late_parcel = a_parcel_leaves(clinic, story.tubes[DRAWN - 1 : DRAWN], "parcel-late-packing")
    technician = story.seat("demo.technician")
    the_parcel_is_received(story, technician)
    tubes_are_stored(story, technician)
    aliquots_are_made(story, technician)
    the_participant_withdraws(story, clinic)
    the_late_tube_is_caught(story, technician)
    everything_goes_into_waste(story, technician)
    two_people_sign(story, technician)
    compliance_confirms(story)
    the_life_of_a_tube(story)


def the_kit_is_assigned_and_drawn(story: Story, clinic: Desk) -> None:
    clinic.scan(swapped(story.kit))
    clinic.hears("Barcode not readable", "two are swapped")
    clinic.seen("refused-scan")
    clinic.scan(story.kit)
    clinic.seen("kit-issued")
    the_visit_is_made_ready(clinic)
    clinic.seen("kit-assigned")
    for number, tube in enumerate(story.tubes[:DRAWN]):
        clinic.page.goto(f"{clinic.address}/items/{tube}")
        clinic.press_step("collect")
        if number == 0:
            the_wrong_time_is_asked_back(clinic)
        clinic.tick("fill-full")
        clinic.go("main form[action$='/steps/collect'] button[type=submit]")
        clinic.hears("Collected")
    clinic.seen("tube-collected")
    the_rest_is_not_collected(story)
    clinic.scan(story.kit)
    clinic.seen("kit-drawn")


def the_visit_is_made_ready(clinic: Desk) -> None:
    """Who it is and whether blood may be drawn; then the kit that waits is taken."""
    clinic.scan(PARTICIPANT)
    for identifier in ("full_name", "birth_date"):
        clinic.page.locator(f"label[for=identifier-{identifier}]").click()
    clinic.press("F2")
    for answer in clinic.page.locator("#safety fieldset label[for$=-no]").all():
        answer.click()
    clinic.seen("visit")
    clinic.press("F2")
    clinic.press("F4")
    clinic.hears("Assigned")


def the_wrong_time_is_asked_back(clinic: Desk) -> None:
    """Collected before the kit was issued: asked back once; the nurse looks at the clock again."""
    clinic.tick("fill-full")
    clinic.put("occurred_at", "2026-02-01T09:30")
    clinic.go("main form[action$='/steps/collect'] button[type=submit]")
    clinic.seen("collect-asked-back")
    clinic.reads("main .notice--loud .notice__word", "Is it really so?")
    clinic.go("main .notice--loud .actions a")
    clinic.press_step("collect")
    clinic.seen("collect-form")


def the_rest_is_not_collected(story: Story) -> None:
    """The participant felt faint; one person keys the rest, beside the browser."""
    with story.app.app_context(), writing() as work:
        by = actor_named(work, "demo.clinic")
        for tube in story.tubes[DRAWN:]:
            record(
                work,
                tube,
                Action.MARK_NOT_COLLECTED,
                by=by,
                source=Source("keyed"),
                at=now(),
                details={"reason": "fainted"},
            )


def a_parcel_leaves(clinic: Desk, tubes: list[str], picture: str) -> str:
    clinic.page.goto(f"{clinic.address}/shipments")
    clinic.seen("parcels")
    clinic.go("form[action='/shipments'] button[type=submit]")
    clinic.hears("Parcel begun")
    parcel = clinic.page.url.rsplit("/", 1)[1]
    for tube in tubes:
        clinic.scan(tube)
        clinic.hears("Packed")
    clinic.seen(picture)
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    clinic.tick("carrier-courier")
    clinic.page.locator("label[for=un3373]").click()
    with clinic.page.expect_navigation():
        clinic.page.locator("#send").click()
    clinic.hears("Dispatched")
    return parcel


def the_parcel_is_received(story: Story, technician: Desk) -> None:
    technician.seen("start-technician")
    technician.scan(story.parcel)
    for step, word in (("arrive", "Arrived"), ("open", "Opened")):
        technician.press_step(step)
        technician.hears(word)
    technician.seen("parcel-opened")
    technician.scan(story.tubes[0])
    technician.hears("Received")
    technician.scan(swapped(story.tubes[1]))
    technician.hears("Barcode not readable", "two are swapped")
    technician.seen("parcel-refused-scan")
    technician.scan(story.tubes[0])
    technician.hears("Found already")
    technician.scan(story.tubes[1])
    technician.hears("Received")
    technician.go("#conditions button[value=low_volume]")
    technician.hears("Noted")
    technician.seen("parcel-found")
    technician.press_step("receive")
    technician.hears("Received")


def swapped(identifier: str) -> str:
    """With two unequal digits in a row exchanged, as hands do."""
    at = next(number for number in range(1, 10) if identifier[number] != identifier[number + 1])
    return identifier[:at] + identifier[at + 1] + identifier[at] + identifier[at + 2 :]


def tubes_are_stored(story: Story, technician: Desk) -> None:
    box = story.programme.units["Box 1"].identifier
    with story.app.app_context(), writing() as work:
        by = actor_named(work, "demo.technician")
        for tube in story.tubes[: DRAWN - 1]:
            record(work, tube, Action.CENTRIFUGE, by=by, source=Source("scan"), at=now())
    for tube in story.tubes[: DRAWN - 1]:
        technician.page.goto(f"{technician.address}/")
        technician.scan(tube)
        technician.seen("tube-received")
        technician.press_step("store")
        technician.seen("store-form")
        technician.scan(box)  # the form's place has the focus, its position is the proposed one
        technician.hears("Stored")
    technician.seen("tube-stored")
    technician.scan(box)
    technician.seen("box-map")
    technician.page.goto(f"{technician.address}/storage")
    technician.seen("storage")


def aliquots_are_made(story: Story, technician: Desk) -> None:
    technician.scan(story.tubes[1])
    technician.press_step("check_out")
    technician.hears("Checked out")
    technician.press_step("aliquot")
    technician.seen("aliquot-form")
    technician.put("specification", "plasma")
    technician.put("count", "2")
    technician.put("volume", "1")
    technician.go("main form[action$='/steps/aliquot'] button[type=submit]")
    technician.hears("Aliquoted")
    story.seal()
    technician.page.reload()
    technician.seen("tube-aliquoted")


def the_participant_withdraws(story: Story, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/")
    clinic.scan(PARTICIPANT)
    clinic.seen("participant")
    clinic.go("main .actions a.usa-button--big")
    clinic.seen("decision")
    clinic.tick("bundle-destroy")
    clinic.tick("ceremony-not_applicable")
    clinic.tick("capacity-participant")
    clinic.put("requested_by", PARTICIPANT)
    clinic.page.locator("#channel").select_option("phone")
    clinic.put("decided_at", "2026-11-20T16:40")
    clinic.go("form.decision button[type=submit]")
    clinic.hears("Recorded", PARTICIPANT)
    clinic.seen("participant-left")
    with story.app.app_context(), reading() as work:
        order = current_order(work, PARTICIPANT)
        assert order is not None
        story.order = order.identifier


def the_late_tube_is_caught(story: Story, technician: Desk) -> None:
    technician.scan(story.late_parcel)
    technician.press_step("arrive")
    technician.press_step("open")
    technician.scan(story.tubes[DRAWN - 1])
    technician.hears("Stop", "participant who withdrew")
    technician.seen("late-tube")
    technician.press_step("receive")
    technician.scan(story.tubes[DRAWN - 1])
    technician.seen("late-tube-held")


def everything_goes_into_waste(story: Story, technician: Desk) -> None:
    technician.scan(story.order)
    technician.seen("order")
    technician.page.goto(f"{technician.address}/destruction-orders")
    technician.seen("orders")
    technician.page.goto(f"{technician.address}/waste-batches")
    technician.go("form[action='/waste-batches'] button[type=submit]")
    technician.hears("Bag opened")
    story.bag = technician.page.url.rsplit("/", 1)[1]
    technician.scan(story.programme.units["Box 1"].identifier)
    technician.seen("waste-refused")
    pieces = pieces_of(story)
    for number, piece in enumerate(pieces, 1):
        technician.scan(piece)
        technician.hears(f"In the bag: {number}")
    technician.seen("waste-filled")
    count(technician, len(pieces) + 1)
    technician.seen("waste-miscounted")
    technician.reads(".problems", "holds one piece more than scanned")
    count(technician, len(pieces))
    technician.hears("Counted")
    technician.seen("waste-counted")


def pieces_of(story: Story) -> list[str]:
    """The three tubes that were drawn and the two aliquots."""
    with story.app.app_context(), reading() as work:
        parent = item_now(work, story.tubes[1]).id
        children = [child.identifier for child in children_of(work, parent)]
    return [*story.tubes[:DRAWN], *children]


def count(technician: Desk, pieces: int) -> None:
    technician.put("pieces", str(pieces))
    technician.tick("method-autoclave")
    technician.put("cycle", "DEMO-4471")
    technician.put("place", "Waste room")
    technician.go("form[action$='/count'] button[type=submit]")


def two_people_sign(story: Story, technician: Desk) -> None:
    """Performer and witness at one station: nobody is signed out."""
    technician.seen("waste-performer")
    sign(story, technician, "demo.technician")
    technician.hears("Signed", "performer")
    sign(story, technician, "demo.technician")
    technician.seen("waste-same-person")
    technician.reads(".problems", "are different people")
    sign(story, technician, "demo.witness")
    technician.hears("Destroyed", "Wilma Witness-Demo")
    technician.seen("waste-destroyed")


def sign(story: Story, seated: Desk, person: str) -> None:
    seated.put("signer", person)
    seated.put("password", story.password(person))
    seated.go("main form:has(.signature) button[type=submit]")


def compliance_confirms(story: Story) -> None:
    compliance = story.seat("demo.compliance")
    compliance.seen("start-compliance")
    compliance.go("a.card[href$='/destruction-orders/confirm']")
    compliance.seen("confirm")
    compliance.page.locator(".to-confirm .usa-checkbox__label").click()
    sign(story, compliance, "demo.compliance")
    compliance.hears("Confirmed", "Certificate")
    compliance.seen("order-closed")
    url = compliance.page.locator("section.proof a").first.get_attribute("href")
    story.certificate = compliance.page.request.get(f"{compliance.address}{url}").body()


def the_life_of_a_tube(story: Story) -> None:
    """An auditor reads what happened, with the proof that it is whole."""
    story.seal()
    auditor = story.seat("demo.auditor")
    auditor.scan(story.tubes[1])
    auditor.seen("tube-destroyed")
    auditor.reads("#proof", "The log is whole")
    for path in ("/shipments", "/storage", f"/participants/{PARTICIPANT}", f"/waste-batches/{story.bag}"):
        auditor.page.goto(f"{auditor.address}{path}")
        auditor.seen(f"auditor{path.rsplit('/', 1)[0].replace('/', '-')}")
