"""The end of the story: the participant leaves; everything of theirs is found, destroyed and certified."""

from biobank.core.database import writing
from biobank.custody.states import Action, State
from biobank.demo.programme import BIOBANK
from biobank.demo.telling import PARTICIPANT, SCANNER, Story, now
from biobank.destruction.batches import count_batch, open_waste_batch, sign_batch
from biobank.destruction.choices import Ceremony, Method, SigningRole
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Count, Shown
from biobank.destruction.queries import batch_named, certificate_of, current_order, order_named
from biobank.destruction.records import batch_record, order_record
from biobank.items.identifiers import printed
from biobank.items.queries import items_of
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.shipments.inputs import ReceiptLine
from biobank.shipments.operations import receive_parcel
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw

DESTROYABLE = frozenset({State.COLLECTED, State.RECEIVED, State.STORED, State.CHECKED_OUT})


def the_participant_withdraws(story: Story) -> None:
    with writing() as work:
        by = story.actor(work, "demo.clinic")
        decision = Decision(
            participant=PARTICIPANT,
            leaves=True,
            information=InformationAnswer.REMOVE,
            samples=SamplesAnswer.DESTROY,
            requested_by=PARTICIPANT,
            capacity=Capacity.PARTICIPANT,
            ceremony=Ceremony.NOT_APPLICABLE,
            channel=Channel.PHONE,
            decided_at=now(),
        )
        withdraw(work, decision, by=by)
        order = current_order(work, PARTICIPANT)
        story.order = order.identifier if order else ""
    story.say(
        f"The participant leaves: remove the information, destroy the samples. Order {printed(story.order)} "
        "opens with a line for every specimen; nothing of theirs may be used from this moment on.",
    )


def the_late_tube_is_caught(story: Story) -> None:
    with writing() as work:
        by = story.actor(work, "demo.technician")
        lines = [ReceiptLine(item=story.late_tube)]
        receipt = receive_parcel(work, story.late_parcel, lines, by=by, source=SCANNER, at=now())
    stop = next(alert.text for alert in receipt.alerts if alert.kind == "withdrawal")
    story.say(f"The forgotten tube arrives, and its scan stops everybody: {stop}")


def everything_goes_into_waste(story: Story) -> None:
    with writing() as work:
        by = story.actor(work, "demo.technician")
        story.bag = open_waste_batch(work, by, site=BIOBANK)[1].identifier
        found = [item for item in items_of(work, PARTICIPANT) if State(item.state) in DESTROYABLE]
        for item in found:
            story.scan(work, "demo.technician", item.identifier, Action.PUT_IN_WASTE, place=story.bag)
        count = Count(
            pieces=len(found), method=Method.AUTOCLAVE, cycle="DEMO-CYCLE-1", place="Autoclave room", at=now()
        )
        count_batch(work, by, story.bag, count)
    story.say(f"{len(found)} pieces are scanned into bag {printed(story.bag)}, counted, and autoclaved.")


def three_people_sign(story: Story) -> None:
    for person, role in (("demo.technician", SigningRole.PERFORMER), ("demo.witness", SigningRole.WITNESS)):
        with writing() as work:
            batch, _ = batch_named(work, story.bag)
            shown = batch_record(work, batch)[1]
            by = story.actor(work, "demo.technician")
            sign_batch(work, by, story.bag, role, story.credentials(person), shown)
        story.say(f"{person} signs as {role.value}, with a password of their own.")
    with writing() as work:
        shown = order_record(work, order_named(work, story.order))[1]
        by = story.actor(work, "demo.compliance")
        orders = [Shown(story.order, shown)]
        confirmed = confirm_orders(work, by, orders, story.credentials("demo.compliance"))
        story.certificate = confirmed.certificates[story.order]
        pdf = certificate_of(work, order_named(work, story.order)).pdf
    (story.folder / "certificate.pdf").write_bytes(pdf)
    story.say(
        f"demo.compliance, a third person, confirms: certificate {printed(story.certificate)} is issued."
    )
