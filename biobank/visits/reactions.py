"""What follows from a kit that was assigned in a visit: the visit has it."""

from biobank.core.database import Work
from biobank.custody.states import Kind
from biobank.custody.steps import Done
from biobank.visits.choices import Change
from biobank.visits.entries import change, locked
from biobank.visits.inputs import Telling
from biobank.visits.models import VisitKit


def kit_is_of_its_visit(work: Work, done: Done) -> None:
    attempt = done.attempt
    number = attempt.details.get("visit")
    if attempt.item.kind is not Kind.KIT or number is None:
        return
    visit = locked(work, number)
    work.session.add(VisitKit(visit_id=visit.id, kit_id=done.item.id))
    told = Telling(by=attempt.by, at=attempt.at, source=attempt.source, performed_by=attempt.performed_by)
    change(work, visit, Change.KIT_ASSIGNED, told, {"kit": done.item.identifier})
