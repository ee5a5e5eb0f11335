"""A clinic and a biobank floor with their people: what tests of storage, parcels and the bench start from."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.models import Discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_now
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.participants.operations import record_consent, register_participant
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from biobank.sites.operations import add_site
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from biobank.wiring import install_rules

SCAN, PAPER = Source("scan"), Source("paper", "form 7")
CODE = "A100000001"


def actor(person, role, site):
    return Actor(person, person, frozenset({(role, site)}))


class Tubes(Mapping):
    """Identifiers by specification. A step brings a tube there when a test first names it: most name one of ten."""

    def __init__(self, tubes, bring):
        self._tubes, self._bring, self._brought = tubes, bring, set()

    def __getitem__(self, specification):
        tube = self._tubes[specification]
        if tube not in self._brought:
            self._brought.add(tube)
            self._bring(tube)
        return tube

    def __iter__(self):
        return iter(self._tubes)

    def __len__(self):
        return len(self._tubes)


class Floor:
    """What the tests do, in the words of the bench; times go by in minutes after the collection."""

    def __init__(self, work):
        self.work = work
        self.clinic = actor("clinic.ana", Role.CLINIC, "clinic-1")
        self.technician = actor("bio.tess", Role.TECHNICIAN, "biobank-1")
        self.lead = actor("bio.lea", Role.LEAD, "biobank-1")
        self.compliance = actor("comp.cleo", Role.COMPLIANCE, None)
        self.collected_at = moments.now() - timedelta(days=2)
        for code, kind in (("clinic-1", "clinic"), ("biobank-1", "biobank"), ("biobank-2", "biobank")):
            add_site(work, by="setup", code=code, name=code, kind=kind, zone="America/Chicago")
        self.participant(CODE)

    def participant(self, code, scopes=("blood", "urine")):
        pattern = self.work.settings.participant_code_pattern
        register_participant(self.work, self.clinic, code=code, pattern=pattern, site="clinic-1")
        if scopes:
            record_consent(
                self.work, self.clinic, participant=code, form_version="2026-1", language="en", scopes=scopes,
                effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F1",
            )  # fmt: skip
        return code

    def told(self, minutes=None):
        return moments.told(
            moments.now() if minutes is None else self.collected_at + timedelta(minutes=minutes)
        )

    def step(self, item, action, by=None, *, minutes=None, at=..., source=SCAN, details=None, **asked):
        return record(
            self.work, item, action, by=by or self.technician, source=source, details=details,
            at=self.told(minutes) if at is ... else at, **asked,
        )  # fmt: skip

    def collected(self, definition="adult-3.2", participant=CODE):
        """The tubes of a kit by their specification; each is collected when it is asked for."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moments, "now", lambda: self.collected_at - timedelta(days=1))
            kit = make_kits(self.work, definition, 1, by=self.technician, site="biobank-1")[0].identifier
        self.step(kit, Action.ISSUE, details={"site": "clinic-1"}, minutes=-60)
        self.step(kit, Action.ASSIGN, self.clinic, details={"participant": participant}, minutes=-30)
        tubes = tubes_of_kit(self.work, item_now(self.work, kit).id)
        return Tubes({tube.specification: tube.identifier for tube in tubes}, self._collect)

    def received(self, definition="adult-3.2", participant=CODE, minutes=None):
        """The same, brought to the biobank by hand: now, or so many minutes after their collection."""
        tubes = self.collected(definition, participant)
        return Tubes(tubes, lambda tube: self.step(tube, Action.RECEIVE, minutes=minutes))

    def _collect(self, tube):
        self.step(tube, Action.COLLECT, self.clinic, minutes=0, details={"fill": "full"})

    def unit(self, kind=Kind.BOX, name="Box 1", **values):
        new = NewUnit(kind=kind, name=name, **({"site": "biobank-1"} | values))
        return add_unit(self.work, new, by=actor("bio.lea", Role.LEAD, new.site), source=SCAN)

    def parcel(self, **values):
        """A parcel at the clinic, to be packed."""
        new = NewShipment(**({"origin": "clinic-1", "destination": "biobank-1"} | values))
        return start_shipment(self.work, new, by=self.clinic, source=SCAN).identifier

    def box(self, name="Box 1", rows=8, columns=12, **values):
        return self.unit(Kind.BOX, name, rows=rows, columns=columns, **values).identifier

    def now(self, item):
        return item_now(self.work, item)

    def row(self, item):
        return self.work.session.get_one(Item, self.now(item).id)

    def holds(self, item):
        return {hold.value for hold in holds_on(self.work, self.now(item).id)}

    def cases(self, item):
        """Kinds of the discrepancies of an item, in the order in which they were opened."""
        number = self.now(item).id
        found = self.work.session.query(Discrepancy).filter_by(item_id=number).order_by(Discrepancy.id)
        return [case.kind for case in found]


@pytest.fixture
def floor(work):
    install_rules()
    return Floor(work)
