"""A floor that sends specimens outside: custodians, their documents and files, and who accepts them."""

import hashlib
from datetime import date, timedelta

import pytest

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP
from biobank.core import moments
from biobank.custodians.choices import CustodianKind, SignerRole
from biobank.custodians.inputs import Destroyed, Document, NewAttestation, NewCustodian, NewReport
from biobank.custodians.operations import add_custodian
from biobank.custody.states import Action
from biobank.destruction import attesting
from biobank.destruction.attestation_records import attestation_record
from biobank.destruction.choices import Method
from biobank.destruction.inputs import Credentials
from biobank.wiring import install_rules
from tests.leaving import PASSWORD, Leaving

LAB, BURNER = "LAB-1", "WASTE-1"
PAPER_SHA256 = hashlib.sha256(b"a scanned document").hexdigest()


class Outside(Leaving):
    def __init__(self, work):
        super().__init__(work)
        access.add_person(
            work, SETTING_UP, username="comp.cora", printed_name="Testa comp.cora", password=PASSWORD
        )
        access.grant_role(work, SETTING_UP, username="comp.cora", role="compliance", site=None)
        for code, kind in ((LAB, CustodianKind.CONTRACT_LAB), (BURNER, CustodianKind.WASTE_CONTRACTOR)):
            new = NewCustodian(code=code, kind=kind, organisation=f"Invented {code}", agreement=f"AG-{code}")
            add_custodian(work, new, by=self.lead)

    def send_out(self, item, custodian=LAB, purpose="contract_work", **more):
        return self.step(item, Action.SEND_OUT, details={"custodian": custodian, "purpose": purpose}, **more)

    def tube_to_destroy(self):
        """A tube that a custodian has, of a participant whose decision runs by now."""
        self.window(0)
        tube = self.tube()
        self.send_out(tube)
        self.decide()
        return tube

    def destroyed(self, **more):
        told = {"on": self.today(), "method": Method.AUTOCLAVE.value, "reference": "RUN-77"}
        return Destroyed(**(told | more))

    def today(self, days=0) -> date:
        return moments.now().date() + timedelta(days=days)

    def document(self, **more):
        told = {"number": "DOC-2026-9", "sha256": PAPER_SHA256, "signer_role": SignerRole.QUALITY_MANAGER}
        return Document(**(told | more))

    def attest(self, *items, custodian=LAB, by=None, document=None, **way):
        new = NewAttestation(
            custodian=custodian,
            document=document or self.document(),
            destroyed=self.destroyed(**way),
            items=items,
        )
        return attesting.receive_attestation(self.work, by or self.lead, new)

    def report(self, *rows, custodian=LAB, heading="code,date,method,reference"):
        content = "\n".join([heading, *rows]).encode()
        new = NewReport(custodian=custodian, number="FILE-3", content=content)
        return attesting.receive_report(self.work, self.lead, new)

    def told_row(self, item, **more):
        told = {"date": self.today().isoformat(), "method": "autoclave", "reference": "RUN-78"} | more
        return f"{item},{told['date']},{told['method']},{told['reference']}"

    def shown_attestation(self, attestation):
        return attestation_record(self.work, attestation)[1]

    def accept(self, attestation, who="comp.cora", *, shown=None, **more):
        return attesting.accept_attestation(
            self.work, self.compliance, attestation.id, Credentials(who, PASSWORD),
            shown or self.shown_attestation(attestation), **more,
        )  # fmt: skip


@pytest.fixture
def outside(work):
    install_rules()
    return Outside(work)
