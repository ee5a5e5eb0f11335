"""What waits at the desk of compliance in the demonstration: one who left, whose tubes are in four places."""

from datetime import timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work
from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.operations import add_custodian
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.destruction.choices import Ceremony
from biobank.distribution.inputs import NewRequest, Portion
from biobank.distribution.operations import approve_request, register_request
from biobank.distribution.queries import request_called
from biobank.distribution.records import request_record
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.choices import InformationAnswer, SamplesAnswer, Scope
from biobank.participants.operations import register_participant
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw

LEFT = "A900000003"
NOT_DECIDED = "A900000004"
LAB = "LAB-DEMO"
STUDY = "REQ-DEMO-1"
GIVEN = ("1ED10", "1ED04", "1UR10", "1CFD9")
ZONE = "America/Chicago"
SOURCE = Source("command", "demo")


class Desk:
    """Who does what, in the words of the floor; every step is told as of now, or so long `ago`."""

    def __init__(self, work: Work, *, clinic_site: str, box: str) -> None:
        self.ago = timedelta(0)
        self.work, self.clinic_site, self.box = work, clinic_site, box
        self.clinic, self.technician, self.lead, self.compliance = (
            actor_named(work, f"demo.{who}") for who in ("clinic", "technician", "lead", "compliance")
        )

    def step(self, item: str, action: Action, by: Actor, *, surprise: str | None = None, **told: Any) -> None:
        record(self.work, item, action, by=by, source=SOURCE, at=self.now(), confirmation=surprise, **told)

    def now(self) -> moments.Told:
        return moments.told(moments.now() - self.ago, ZONE)

    def takes_part(self, code: str) -> None:
        pattern = self.work.settings.participant_code_pattern
        register_participant(self.work, self.clinic, code=code, pattern=pattern, site=self.clinic_site)
        take_consent(
            self.work, self.clinic, participant=code, form_version="demo-1", language="en",
            scopes=[scope.value for scope in Scope], effective_at=self.now().at, source="demo form",
        )  # fmt: skip

    def tubes(self, definition: str, participant: str, given: tuple[str, ...]) -> list[str]:
        """What was given of a kit; in the chair they fainted before the rest."""
        [kit] = make_kits(self.work, definition, 1, by=self.lead, lot="DEMO-LOT-2", at=self.now())
        self.step(kit.identifier, Action.ISSUE, self.lead, details={"site": self.clinic_site})
        self.step(kit.identifier, Action.ASSIGN, self.clinic, details={"participant": participant})
        found = {tube.specification: tube.identifier for tube in tubes_of_kit(self.work, kit.id)}
        for specification, tube in found.items():
            if specification in given:
                self.step(tube, Action.COLLECT, self.clinic, details={"fill": "full"})
            else:
                self.step(tube, Action.MARK_NOT_COLLECTED, self.clinic, details={"reason": "fainted"})
        return [found[specification] for specification in given]

    def arrives(self, tube: str) -> None:
        self.step(tube, Action.DISPATCH, self.clinic, surprise="Carried over by hand.")
        self.step(tube, Action.RECEIVE, self.technician)

    def decides(self, code: str, information: InformationAnswer, samples: SamplesAnswer) -> None:
        decision = Decision(
            participant=code, leaves=True, information=information, samples=samples,
            requested_by=code, capacity=Capacity.PARTICIPANT, ceremony=Ceremony.NOT_APPLICABLE,
            channel=Channel.PHONE, decided_at=self.now(),
        )  # fmt: skip
        withdraw(self.work, decision, by=self.clinic)


def lay_desk(work: Work, *, clinic_site: str, box: str, committee_password: str) -> None:
    """A contract lab, an approved study, somebody who left, and a caller who hung up before answering."""
    desk = Desk(work, clinic_site=clinic_site, box=box)
    outside = NewCustodian(
        code=LAB, kind=CustodianKind.CONTRACT_LAB, organisation="Invented Contract Lab", agreement="AG-DEMO"
    )
    add_custodian(work, outside, by=desk.lead)
    _study(desk, committee_password)
    for code in (LEFT, NOT_DECIDED):
        desk.takes_part(code)
    stored, at_lab, at_study, _at_the_clinic = desk.tubes("adult-3.2", LEFT, GIVEN)
    for tube in (stored, at_lab, at_study):
        desk.arrives(tube)
    desk.step(stored, Action.STORE, desk.technician, place=box, position="A1")
    sent = {"custodian": LAB, "purpose": "contract_work"}
    desk.step(at_lab, Action.SEND_OUT, desk.technician, details=sent)
    desk.step(at_study, Action.DISTRIBUTE, desk.technician, details={"request": STUDY})
    desk.tubes("urine-1", NOT_DECIDED, ("1UR10",))
    desk.decides(LEFT, InformationAnswer.REMOVE, SamplesAnswer.DESTROY)
    desk.decides(NOT_DECIDED, InformationAnswer.UNDECIDED, SamplesAnswer.UNDECIDED)


def _study(desk: Desk, password: str) -> None:
    today = moments.now().date()
    request = NewRequest(
        number=STUDY, study="STUDY-DEMO", receiver="UNI-DEMO", agreement="MTA-DEMO", purpose="Lipids, sleep",
        valid_from=today - timedelta(days=1), valid_until=today + timedelta(days=365),
        portions=(Portion(kind=Kind.TUBE, most=10), Portion(kind=Kind.ALIQUOT, most=10)),
    )  # fmt: skip
    register_request(desk.work, request, by=desk.lead)
    shown = request_record(request_called(desk.work, STUDY))[1]
    approval = Signing(username="demo.committee", password=password, sha256=shown)
    approve_request(desk.work, STUDY, approval, by=desk.compliance)
