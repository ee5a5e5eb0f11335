"""The story of one kit, from the order that a clinic sent to the certificate of its destruction."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from biobank.access.operations import grant_role
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import Source
from biobank.demo.leaving import (
    everything_goes_into_waste,
    the_late_tube_is_caught,
    the_participant_withdraws,
    three_people_sign,
)
from biobank.demo.logger_files import LOGGER
from biobank.demo.people import name_kept_apart
from biobank.demo.programme import BIOBANK, CLINIC, FOUNDER
from biobank.demo.telling import PARTICIPANT, SCANNER, ZONE, Story, collected, now
from biobank.exchange.operations import import_order
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import children_of, tubes_of_kit
from biobank.kits.operations import link_participant, make_kits, take_consent
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.participants.choices import Scope
from biobank.printing.choices import CopyReason
from biobank.printing.files import write_labels
from biobank.printing.inputs import NewPrint
from biobank.settings import ROOT
from biobank.shipments.choices import Carrier, Condition
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.operations import pack, receive_parcel, start_shipment
from biobank.storage.proposals import propose_position

ORDER = ROOT / "config" / "demo" / "biobank_order.json"
SERUM = "1SS08"
PROGRAMME = {"programme": {"g": 1500, "minutes": 15, "temperature": 4}, "rotor": "swinging_bucket"}
URINE = "1UR10"
ALIQUOTED = "1ED10"


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


def the_log_is_whole(story: Story) -> None:
    key = load_key_file(Path(story.settings.ledger_key_file))
    with writing() as work:
        note = issue_checkpoint(work, key)
    (story.folder / "checkpoint.txt").write_text(note, encoding="utf-8")
    story.say("A signed checkpoint of the log is written; whoever keeps it notices any later change.")


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
