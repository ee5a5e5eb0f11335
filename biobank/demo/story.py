"""The story of one kit, from the order that a clinic sent to the certificate of its destruction."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from biobank.access.actors import Actor
from biobank.access.operations import grant_role
from biobank.access.permissions import Role
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import Recorded, Source
from biobank.demo.logger_files import LOGGER
from biobank.demo.people import name_kept_apart
from biobank.demo.programme import BIOBANK, CLINIC, FOUNDER, Programme
from biobank.destruction.batches import count_batch, open_waste_batch, sign_batch
from biobank.destruction.choices import Ceremony, Method, SigningRole
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Count, Credentials, Shown
from biobank.destruction.queries import batch_named, certificate_of, current_order, order_named
from biobank.destruction.records import batch_record, order_record
from biobank.exchange.operations import import_order
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import children_of, items_of, tubes_of_kit
from biobank.kits.operations import link_participant, make_kits, take_consent
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.participants.choices import InformationAnswer, SamplesAnswer, Scope
from biobank.printing.choices import CopyReason
from biobank.printing.files import write_labels
from biobank.printing.inputs import NewPrint
from biobank.settings import ROOT, Settings
from biobank.shipments.choices import Carrier, Condition
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.operations import pack, receive_parcel, start_shipment
from biobank.storage.proposals import propose_position
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw

ORDER = ROOT / "config" / "demo" / "biobank_order.json"
PARTICIPANT = "A900000001"
SCANNER = Source("scan")
ZONE = "America/Chicago"
SERUM = "1SS08"
PROGRAMME = {"programme": {"g": 1500, "minutes": 15, "temperature": 4}, "rotor": "swinging_bucket"}
URINE = "1UR10"
ALIQUOTED = "1ED10"
DESTROYABLE = frozenset({State.COLLECTED, State.RECEIVED, State.STORED, State.CHECKED_OUT})


@dataclass
class Story:
    """The people of the programme, the kit whose story is told, and the lines told so far."""

    settings: Settings
    folder: Path
    programme: Programme
    tell: Callable[[str], None]
    kit: str = ""
    parcel: str = ""
    late_parcel: str = ""
    late_tube: str = ""
    order: str = ""
    bag: str = ""
    certificate: str = ""
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)
        self.tell(line)

    def credentials(self, person: str) -> Credentials:
        return Credentials(person, self.programme.accounts[person].password)

    def actor(self, work: Work, person: str) -> Actor:
        """The person as they are now, at the bench they stand at."""
        return actor_named(work, person)

    def scan(self, work: Work, person: str, item: str, action: Action, **told: Any) -> Recorded:
        """One scan by one person, now."""
        by = self.actor(work, person)
        return record(work, item, action, by=by, source=SCANNER, at=moments.told(moments.now(), ZONE), **told)


def now() -> moments.Told:
    return moments.told(moments.now(), ZONE)


def tell(story: Story) -> None:
    """Every scene in order; each is one or more transactions, as it would be on the day."""
    for scene in SCENES:
        scene(story)


def kits_are_made(story: Story) -> None:
    with writing() as work:
        kits = make_kits(work, "adult-3.2", 2, by=story.actor(work, "demo.lead"), lot="DEMO-LOT-1")
        for kit in kits:
            story.scan(work, "demo.lead", kit.identifier, Action.ISSUE, details={"site": CLINIC})
    named = " and ".join(printed(kit.identifier) for kit in kits)
    story.say(f"The biobank makes two kits for blood and urine, {named}, and issues them to the clinic.")


def an_order_arrives(story: Story) -> None:
    with writing() as work:
        lead, pseudonyms = story.actor(work, "demo.lead"), read_pseudonyms(story.settings)
        imported = import_order(work, ORDER.name, ORDER.read_bytes(), by=lead, pseudonyms=pseudonyms)
        kit = work.session.get_one(Item, imported.kit_id)
        story.kit, site = kit.identifier, kit.site or ""
        tubes = tubes_of_kit(work, kit.id)
        states = [State(tube.state) for tube in tubes]
        grant_role(work, FOUNDER, username="demo.clinic", role=Role.CLINIC.value, site=site)
    story.say(
        f"An order file of the programme arrives: kit {printed(story.kit)} of {site}, {len(tubes)} tubes, "
        f"{states.count(State.COLLECTED)} of them collected on the clinic's own times.",
    )


def its_participant_is_known(story: Story) -> None:
    with writing() as work:
        by = story.actor(work, "demo.lead")
        provisional = item_now(work, story.kit).participant or ""
        take_consent(
            work, story.actor(work, "demo.clinic"), participant=provisional, form_version="demo-1",
            language="en", scopes=[scope.value for scope in Scope], source="demo form",
            effective_at=moments.read_moment("2016-01-03T15:00:00-06:00").at,
        )  # fmt: skip
        link_participant(work, provisional, PARTICIPANT, by=by, source=SCANNER)
    story.say(
        f"The biobank id arrives: {provisional} is {PARTICIPANT}, and every tube follows, in its own log."
    )


def its_name_is_kept_apart(story: Story) -> None:
    with writing() as work:
        officer, clinic = (story.actor(work, f"demo.{who}") for who in ("identity", "clinic"))
        story.say(name_kept_apart(work, PARTICIPANT, officer=officer, clinic=clinic))


def labels_are_printed(story: Story) -> None:
    with writing() as work:
        by, asked = story.actor(work, "demo.clinic"), NewPrint(kits=(story.kit,))
        labels = write_labels(work, asked, story.folder / "labels.pdf", by=by).labels
        again = replace(asked, reason=CopyReason.OTHER_PRINTER)
        write_labels(work, again, story.folder / "labels.zpl", by=by)
    story.say(f"{labels} labels are printed for the kit: the box, and every tube in draw order.")


def a_paper_form_is_entered(story: Story) -> None:
    with writing() as work:
        tube = next(tube for tube in collected(work, story) if tube.specification == SERUM)
        done = record(
            work,
            tube.identifier,
            Action.CENTRIFUGE,
            by=story.actor(work, "demo.clinic"),
            source=Source("paper", "demo form 12"),
            at=moments.read_moment("2016-01-04T04:30:00-06:00", ZONE),
            details=PROGRAMME,
        )
    flags = [alert.text for alert in done.alerts if alert.kind == "flag"]
    story.say(
        f"The order lacks the spin of serum tube {printed(done.item.identifier)}; a paper form tells it, "
        f"{flags[0] if flags else '45 minutes after collection, in time'}.",
    )


def two_parcels_leave(story: Story) -> None:
    with writing() as work:
        tubes = collected(work, story)
        story.parcel = _sent(work, story, tubes[:-1], "999999999991", LOGGER)
        story.late_parcel = _sent(work, story, tubes[-1:], "999999999992", None)
        story.late_tube = tubes[-1].identifier
    story.say(
        f"{len(tubes) - 1} tubes leave in parcel {printed(story.parcel)}; one was forgotten in the rack "
        f"and leaves later in {printed(story.late_parcel)}.",
    )


def _sent(work: Work, story: Story, tubes: list[Item], tracking: str, logger: str | None) -> str:
    by = story.actor(work, "demo.clinic")
    shipment = NewShipment(
        origin=tubes[0].site or "",
        destination=BIOBANK,
        carrier=Carrier.FEDEX,
        tracking_number=tracking,
        seal="DEMO",
        logger=logger,
    )
    parcel = start_shipment(work, shipment, by=by, source=SCANNER).identifier
    pack(work, parcel, [tube.identifier for tube in tubes], by=by, source=SCANNER, at=now())
    told = "The demonstration is told at any hour, also when no carrier comes."
    story.scan(work, "demo.clinic", parcel, Action.DISPATCH, confirmation=told)
    return parcel


def the_first_is_received(story: Story) -> None:
    with writing() as work:
        inside = [item.identifier for item in collected(work, story, State.IN_TRANSIT)]
        lines = [ReceiptLine(item=item) for item in inside if item != story.late_tube]
        lines[0] = ReceiptLine(item=lines[0].item, conditions=(Condition.HAEMOLYSED,))
        by = story.actor(work, "demo.technician")
        receive_parcel(work, story.parcel, lines, by=by, source=SCANNER, at=now())
    story.say(f"The biobank opens the parcel: all {len(lines)} are there; one is haemolysed, a case opens.")


def tubes_are_stored(story: Story) -> None:
    with writing() as work:
        found = [tube for tube in collected(work, story, State.RECEIVED) if tube.specification != URINE]
        stored = [tube for tube in found if _is_stored(work, story, tube.identifier)]
    story.say(
        f"{len(stored)} tubes are stored where the map proposes, siblings together; "
        f"{len(found) - len(stored)} wait for the centrifuge."
    )


def _is_stored(work: Work, story: Story, item: str) -> bool:
    """False where no place is proposed for it."""
    proposal = propose_position(work, item_now(work, item))
    if proposal is not None:
        story.scan(
            work,
            "demo.technician",
            item,
            Action.STORE,
            place=proposal.unit.item.identifier,
            position=proposal.position,
        )
    return proposal is not None


def aliquots_are_made(story: Story) -> None:
    with writing() as work:
        waiting = collected(work, story, State.RECEIVED)
        tube = next(item for item in waiting if item.specification == ALIQUOTED)
        story.scan(work, "demo.technician", tube.identifier, Action.CENTRIFUGE, details=PROGRAMME)
        children = [{"specification": "plasma", "volume_microlitres": 1000}] * 2
        story.scan(work, "demo.technician", tube.identifier, Action.ALIQUOT, details={"children": children})
        born = [child.identifier for child in children_of(work, tube.id)]
        for child in born:
            _is_stored(work, story, child)
    named = " and ".join(printed(child) for child in born)
    story.say(
        f"An EDTA tube is centrifuged, two aliquots of 1 mL of its plasma are made and stored: {named}."
    )


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


def the_log_is_whole(story: Story) -> None:
    key = load_key_file(Path(story.settings.ledger_key_file))
    with writing() as work:
        note = issue_checkpoint(work, key)
    (story.folder / "checkpoint.txt").write_text(note, encoding="utf-8")
    story.say("A signed checkpoint of the log is written; whoever keeps it notices any later change.")


def collected(work: Work, story: Story, state: State = State.COLLECTED) -> list[Item]:
    """The kit's tubes in this state, in draw order."""
    tubes = tubes_of_kit(work, item_now(work, story.kit).id)
    return [tube for tube in tubes if tube.state == state.value]


SCENES: tuple[Callable[[Story], None], ...] = (
    kits_are_made,
    an_order_arrives,
    its_participant_is_known,
    its_name_is_kept_apart,
    labels_are_printed,
    a_paper_form_is_entered,
    two_parcels_leave,
    the_first_is_received,
    tubes_are_stored,
    aliquots_are_made,
    the_participant_withdraws,
    the_late_tube_is_caught,
    everything_goes_into_waste,
    three_people_sign,
    the_log_is_whole,
)
