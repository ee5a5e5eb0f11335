"""A clinic with an adult and a child of 4.9 kg, and what its staff do in a visit, in their words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.states import Action
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.participants.operations import record_consent, register_participant
from biobank.visits.answers import clear_safety
from biobank.visits.inputs import SafetyTold, Telling
from biobank.visits.operations import assign_kit, attest_identity, open_visit
from biobank.wiring import install_rules
from tests.floor import CODE, Floor, actor

CHILD = "A100000002"
NOTHING_AMISS = {
    "donated_past_week": "no",
    "whole_blood_six_months": "no",
    "red_cells_two_months": "no",
    "plasma_past_week": "no",
    "fainted_before": "no",
}


class Clinic(Floor):
    def __init__(self, work):
        super().__init__(work)
        self.elsewhere = actor("clinic.bob", Role.CLINIC, "biobank-2")
        pattern = work.settings.participant_code_pattern
        register_participant(work, self.clinic, code=CHILD, pattern=pattern, site="clinic-1", minor=True)
        self.consent(CHILD, signed_by="guardian", assent=True)

    def consent(self, code, **told):
        record_consent(
            self.work, self.clinic, participant=code, form_version="2026-1", language="en",
            scopes=("blood", "urine"), effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F1", **told,
        )  # fmt: skip

    def telling(self, **told):
        return Telling(**{"by": self.clinic, "at": moments.told(moments.now()), **told})

    def kit(self, definition="adult-3.2"):
        """An issued kit at clinic-1."""
        kit = make_kits(self.work, definition, 1, by=self.technician, site="biobank-1")[0].identifier
        self.step(kit, Action.ISSUE, details={"site": "clinic-1"})
        return kit

    def visit(self, code=CODE):
        return open_visit(self.work, code, "clinic-1", self.telling())

    def ready(self, code=CODE, answers=None, **told):
        """A visit with identity attested and the questions answered."""
        visit = self.visit(code)
        attest_identity(self.work, visit.id, ["full_name", "birth_date"], self.telling())
        self.answered(visit, answers, **told)
        return visit

    def answered(self, visit, answers=None, *, confirmation=None, **told):
        questions = "minor-1" if visit.participant == CHILD else "adult-1"
        safety = SafetyTold(question_set=questions, answers={**NOTHING_AMISS, **(answers or {})}, **told)
        return clear_safety(self.work, visit.id, safety, self.telling(confirmation=confirmation))

    def assigned(self, visit, definition="adult-3.2"):
        kit = self.kit(definition)
        assign_kit(self.work, visit.id, kit, self.telling())
        return kit

    def tubes(self, kit):
        return {tube.specification: tube.identifier for tube in tubes_of_kit(self.work, self.now(kit).id)}

    def collect(self, tube, **asked):
        details = asked.pop("details", {"fill": "full"})
        return self.step(tube, Action.COLLECT, self.clinic, details=details, **asked)


@pytest.fixture
def clinic(work):
    install_rules()
    return Clinic(work)


def today():
    """The day on the clinic's calendar."""
    return datetime.now(ZoneInfo("America/Chicago")).date().isoformat()
