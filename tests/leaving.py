"""A floor whose participants leave: decisions, waste bags, and the three people who sign."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP
from biobank.core import moments
from biobank.custody.states import Action, Kind
from biobank.destruction import batches
from biobank.destruction.choices import Ceremony, Method, SigningRole
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Count, Credentials, Shown
from biobank.destruction.queries import batch_named, current_order
from biobank.destruction.records import batch_record, order_record
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.ledger.keys import create_key_file
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.operations import record_consent
from biobank.wiring import install_rules
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from tests.floor import CODE, PAPER, Floor

PASSWORD = "plainly invented words"
URINE = "1UR10"
PEOPLE = {
    "bio.tess": ("biobank_technician", "biobank-1"),
    "bio.theo": ("biobank_technician", "biobank-1"),
    "bio.lea": ("biobank_lead", "biobank-1"),
    "comp.cleo": ("compliance", None),
    "clinic.ana": ("clinic_staff", "clinic-1"),
}


class Leaving(Floor):
    def __init__(self, work):
        super().__init__(work)
        for username, (role, site) in PEOPLE.items():
            access.add_person(
                work, SETTING_UP, username=username, printed_name=f"Testa {username}", password=PASSWORD
            )
            access.grant_role(work, SETTING_UP, username=username, role=role, site=site)
        key = Path(work.settings.ledger_key_file)
        key.parent.mkdir(parents=True, exist_ok=True)
        if not key.exists():
            create_key_file(key, work.settings.ledger_origin)
        self.aside = self.unit(Kind.QUARANTINE_PLACE, "Quarantine A").identifier

    def window(self, days):
        self.work.settings = self.work.settings.with_changes(hold_window_days=days)

    def decision(self, samples="destroy", information="remove", *, hours=0.0, participant=CODE, **more):
        """`hours` ago; the participant leaves unless told otherwise."""
        told = {
            "leaves": True,
            "requested_by": participant,
            "capacity": Capacity.PARTICIPANT,
            "ceremony": Ceremony.NOT_APPLICABLE,
            "channel": Channel.PAPER,
            "decided_at": moments.told(moments.now() - timedelta(hours=hours), "America/Chicago"),
        }
        return Decision(
            participant=participant,
            information=InformationAnswer(information),
            samples=SamplesAnswer(samples),
            **(told | more),
        )

    def decide(self, samples="destroy", information="remove", *, by=None, **told):
        return withdraw(self.work, self.decision(samples, information, **told), by=by or self.compliance)

    def order(self, participant=CODE):
        return current_order(self.work, participant)

    def bag(self):
        return batches.open_waste_batch(self.work, self.technician, site="biobank-1")[1].identifier

    def waste(self, bag, *items):
        for item in items:
            self.step(item, Action.PUT_IN_WASTE, place=bag)

    def count(self, bag, pieces, **more):
        told = {"method": Method.AUTOCLAVE, "cycle": "4471", "place": "Waste room", "at": self.told()}
        return batches.count_batch(self.work, self.technician, bag, Count(pieces=pieces, **(told | more)))

    def shown(self, bag):
        return batch_record(self.work, batch_named(self.work, bag)[0])[1]

    def sign(self, bag, role, who, *, password=PASSWORD, shown=None):
        return batches.sign_batch(
            self.work, self.technician, bag, SigningRole(role), Credentials(who, password),
            shown or self.shown(bag),
        )  # fmt: skip

    def destroy(self, *items):
        """One bag, from the first scan to the second signature."""
        bag = self.bag()
        self.waste(bag, *items)
        self.count(bag, len(items))
        self.sign(bag, "performer", "bio.tess")
        self.sign(bag, "witness", "bio.theo")
        return bag

    def tube(self, participant=CODE):
        """The tube of a urine kit, received."""
        return self.received("urine-1", participant)[URINE]

    def consent(self, code):
        record_consent(
            self.work, self.clinic, participant=code, form_version="2026-1", language="en",
            scopes=("blood", "urine"), effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F1",
        )  # fmt: skip

    def paper_kit(self, participant):
        """A urine tube that was collected by somebody who had not heard, as the paper says."""
        kit = make_kits(self.work, "urine-1", 1, by=self.technician, site="biobank-1")[0]
        [tube] = tubes_of_kit(self.work, kit.id)
        paper = {"source": PAPER, "minutes": 0}
        self.step(kit.identifier, Action.ISSUE, details={"site": "clinic-1"}, **paper)
        birth = {"participant": participant}
        self.step(tube.identifier, Action.LINK, self.lead, details=birth, **paper)
        self.step(tube.identifier, Action.COLLECT, self.clinic, details={"fill": "full"}, **paper)
        return tube.identifier

    def assigned(self, definition="adult-3.2"):
        """The empty tubes of an assigned kit."""
        kit = make_kits(self.work, definition, 1, by=self.technician, site="biobank-1")[0]
        self.step(kit.identifier, Action.ISSUE, details={"site": "clinic-1"})
        self.step(kit.identifier, Action.ASSIGN, self.clinic, details={"participant": CODE})
        return {tube.specification: tube.identifier for tube in tubes_of_kit(self.work, kit.id)}

    def waiting_tube(self):
        """A received tube and the order that waits for its hold window."""
        tube = self.tube()
        self.decide()
        return tube, self.order()

    def confirm(self, *orders, who="comp.cleo"):
        shown = [Shown(order.identifier, order_record(self.work, order)[1]) for order in orders]
        return confirm_orders(self.work, self.compliance, shown, Credentials(who, PASSWORD))


@pytest.fixture
def leaving(work):
    install_rules()
    return Leaving(work)
