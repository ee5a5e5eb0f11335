"""Where the stories of compliance begin: participants whose tubes travel, lie in a freezer, are outside, are pooled."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.operations import add_custodian
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.destruction.choices import Ceremony
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import current_order
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story, now, sign

CODE, OTHER = "A900000071", "A900000072"
LAB = "LAB-1"
SCAN = Source("scan")


@dataclass
class ComplianceStory:
    story: Story
    tubes: list[str] = field(default_factory=list)
    pool: str = ""

    def step(self, item: str, action: Action, by: str = "demo.technician", **asked: object) -> Recorded:
        with self.story.app.app_context(), writing() as work:
            who = actor_named(work, by)
            return record(work, item, action, by=who, source=SCAN, at=now(), confirmation="so", **asked)

    def order(self, code: str = CODE) -> DestructionOrder:
        with self.story.app.app_context(), reading() as work:
            found = current_order(work, code)
            assert found is not None
            return found


def begin(told: ComplianceStory) -> None:
    """Nine tubes of somebody: drawn at the clinic an hour and a half ago."""
    set_up_clinic(told.story)
    _, tubes = drawn_kit(told.story, CODE, 90)
    told.tubes = list(tubes.values())


def received(told: ComplianceStory, *tubes: str) -> None:
    for tube in tubes:
        told.step(tube, Action.RECEIVE)


def stored(told: ComplianceStory, tube: str) -> None:
    """In the first place of the box that takes it."""
    told.step(tube, Action.STORE, place=told.story.programme.units["Box 1"].identifier, position="A1")


def sent_out(told: ComplianceStory, tube: str) -> None:
    with told.story.app.app_context(), writing() as work:
        new = NewCustodian(
            code=LAB,
            kind=CustodianKind.CONTRACT_LAB,
            organisation="Invented Laboratories",
            agreement="AG-2026-7",
        )
        add_custodian(work, new, by=actor_named(work, "demo.lead"))
    told.step(tube, Action.SEND_OUT, "demo.lead", details={"custodian": LAB, "purpose": "contract_work"})


def pooled(told: ComplianceStory, tube: str) -> None:
    """With a tube of somebody who stays."""
    _, others = drawn_kit(told.story, OTHER, 90)
    other = next(iter(others.values()))
    received(told, other)
    with told.story.app.app_context(), writing() as work:
        parts = tuple(Part(each, 500) for each in (tube, other))
        new, by = NewPool(parts=parts, specification="serum pool"), actor_named(work, "demo.technician")
        made = make_pool(work, new, by=by, source=SCAN, at=now(), confirmation="so")
        told.pool = made.pool.identifier


def leaves(told: ComplianceStory, code: str = CODE) -> None:
    """Decides on the telephone, that everything is destroyed."""
    with told.story.app.app_context(), writing() as work:
        decided = Decision(
            participant=code, leaves=True, information=InformationAnswer.REMOVE, samples=SamplesAnswer.DESTROY,
            ceremony=Ceremony.NOT_APPLICABLE, requested_by=code, capacity=Capacity.PARTICIPANT,
            channel=Channel.PHONE, decided_at=now(),
        )  # fmt: skip
        withdraw(work, decided, by=actor_named(work, "demo.clinic"))


@contextmanager
def days_later(days: int) -> Iterator[None]:
    """Every clock of ours goes by so many days."""

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "datetime", Later)
        yield


def new_bag(technician: Desk) -> str:
    technician.page.goto(f"{technician.address}/waste-batches")
    technician.go("form[action='/waste-batches'] button[type=submit]")
    return technician.page.url.rsplit("/", 1)[1]


def counted(technician: Desk, pieces: int) -> None:
    technician.put("pieces", str(pieces))
    technician.tick("method-autoclave")
    technician.put("cycle", "DEMO-4471")
    technician.put("place", "Waste room")
    technician.go("form[action$='/count'] button[type=submit]")


def both_sign(told: ComplianceStory, technician: Desk) -> None:
    for person in ("demo.technician", "demo.witness"):
        sign(told.story, technician, person)


def confirms(told: ComplianceStory, compliance: Desk) -> None:
    compliance.page.goto(f"{compliance.address}/destruction-orders/confirm")
    compliance.page.locator(".to-confirm .usa-checkbox__label").first.click()
    sign(told.story, compliance, "demo.compliance")
