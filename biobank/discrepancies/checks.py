"""What must hold before a case is asked about, answered, resolved or reopened: one function a rule."""

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission, Role
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.core.rows import row_numbered
from biobank.custody.free_text import own_names_are_not_in
from biobank.custody.models import Discrepancy
from biobank.custody.states import SPECIMENS
from biobank.custody.steps import Attempt, ItemNow
from biobank.discrepancies.choices import (
    ASKED_FIRST,
    ENDED,
    REPORTABLE,
    SIGNED_BY_TWO,
    TWO_WITH_ONE_CODE,
    Resolution,
)
from biobank.discrepancies.inputs import Separating
from biobank.discrepancies.models import CodeSeparation
from biobank.discrepancies.queries import labels_of
from biobank.items.identifiers import printed
from biobank.sites.queries import site_called

LONGEST_SENTENCE = 500
MOST_AT_ONCE = 500
JUDGES = frozenset({Role.LEAD, Role.COMPLIANCE})


class CaseRefused(Invalid):
    title = "Look at the case"


class CaseResolved(Conflict):
    title = "Resolved already"


class CaseStands(Conflict):
    title = "Not resolved"


class NotAskedOfYou(Forbidden):
    title = "Not asked of you"


class NotYoursToResolve(Forbidden):
    title = "Not yours to resolve"


class SiteLooksFirst(Conflict):
    """Nothing is lost before the site that sent it has looked, or its time is over."""

    title = "The site looks first"


class NotSo(Conflict):
    """The case would say of an item what the item's own log does not."""

    title = "Not so"


class TwoPeopleNeeded(Conflict):
    title = "Two people"


class OwnProposal(Forbidden):
    title = "Your own proposal"


class OneSpecimen(Conflict):
    """Its labels are as many as its specification counts: they are on one specimen."""

    title = "One specimen"


def sentence_can_be(
    work: Work, by: Actor, item: ItemNow, text: str, *, required: bool = True, field: str = "sentence"
) -> str:
    """The sentence as it is kept. Raises `CaseRefused`, `NamesSomebody`, `OwnNameWritten`."""
    told = " ".join(text.split())
    if required and not told:
        raise CaseRefused("Say it in one sentence.", field=field)
    if len(told) > LONGEST_SENTENCE or not told.isprintable():
        raise CaseRefused(f"The sentence has at most {LONGEST_SENTENCE} characters.", field=field)
    names_nobody(field, told)
    own_names_are_not_in(work, by, item, told, field)
    return told


def still_stands(case: Discrepancy) -> None:
    if case.resolved_at is not None:
        raise CaseResolved(
            f"Case {case.id} was resolved by {case.resolved_by}; reopen it if there is more to say.",
            case=case.id,
        )


def was_resolved(case: Discrepancy) -> None:
    if case.resolved_at is None:
        raise CaseStands(f"Case {case.id} is not resolved; go on with it as it is.", case=case.id)


def not_signed(case: Discrepancy) -> None:
    """What two people signed is not opened again: its code is on nothing any more."""
    if case.resolved_as == Resolution.CODES_SEPARATED:
        raise TwoPeopleNeeded(
            f"Case {case.id} was signed by two people, and its code is given up; open what is wrong now as "
            "a case of the tube that it is about.",
            case=case.id,
        )


def answers_for_its_site(work: Work, case: Discrepancy, by: Actor) -> None:
    """Somebody who works there, and at no more than some sites: who may see all was not there to look."""
    if case.site is None or case.site not in (by.sites or ()):
        whose = site_called(work, case.site) if case.site else "no site"
        raise NotAskedOfYou(f"Case {case.id} asks {whose}; somebody there answers.", case=case.id)


def works_on_it(work: Work, case: Discrepancy, by: Actor) -> None:
    """Who found it, a lead or compliance; who is asked answers. Raises `NotYoursToResolve`."""
    here = case.found_at or case.site
    if by.roles & JUDGES or here is None or by.works_at(here):
        return
    raise NotYoursToResolve(
        f"Case {case.id} was found at {site_called(work, here)}; they see to it, and you answer.",
        case=case.id,
    )


def may_resolve(work: Work, case: Discrepancy, by: Actor) -> None:
    """Who works on it; what has to be reported, compliance alone. Raises `NotYoursToResolve`."""
    if case.kind in REPORTABLE and Role.COMPLIANCE not in by.roles:
        raise NotYoursToResolve(f"Case {case.id} has to be reported; compliance resolves it.", case=case.id)
    works_on_it(work, case, by)


def ends_by_one_person(case: Discrepancy, resolution: Resolution) -> None:
    if case.kind == TWO_WITH_ONE_CODE or resolution is Resolution.CODES_SEPARATED:
        raise TwoPeopleNeeded(
            f"Case {case.id} is ended by two people: one says which tube is which, another one signs it."
            if case.kind == TWO_WITH_ONE_CODE
            else "Codes are separated where two tubes bear one; this case is about something else.",
            case=case.id,
        )


def site_has_looked(case: Discrepancy) -> None:
    """Its answer is there, or its time is over; where no site is known there is nobody to ask.

    Of what went missing in the house the time of the case is what there is to look for it.
    """
    if case.site is None or case.answered_at is not None:
        return
    if case.asked_at is None and case.kind in ASKED_FIRST:
        raise SiteLooksFirst(
            f"Case {case.id}: the site was not asked yet; ask it first, it may still have the tube.",
            case=case.id,
        )
    if case.due_at is not None and moments.now() < case.due_at:
        raise SiteLooksFirst(
            f"Case {case.id}: there is time to look until {case.due_at:%Y-%m-%d %H:%M} UTC; wait for it.",
            case=case.id,
            due_at=case.due_at.isoformat(),
        )


def is_destroyed(case: Discrepancy, item: ItemNow) -> None:
    if item.state not in ENDED:
        raise NotSo(
            f"{printed(item.identifier)} is {item.state.replace('_', ' ')}; put it in waste or report it "
            "broken first, then resolve the case.",
            case=case.id,
            item=item.identifier,
        )


def not_too_many(numbers: list[int]) -> None:
    if not numbers:
        raise CaseRefused("Choose at least one case.", field="cases")
    if len(numbers) > MOST_AT_ONCE:
        raise CaseRefused(f"At most {MOST_AT_ONCE} cases at once; choose fewer.", field="cases")


# Two tubes with one code.


def can_be_two(work: Work, item: ItemNow) -> None:
    """Raises `OneSpecimen` for a cup and its tube, `CaseRefused` for what is no specimen."""
    if item.kind not in SPECIMENS:
        raise CaseRefused(
            f"{printed(item.identifier)} is no specimen; only of these two can bear one code.", field="item"
        )
    labels = labels_of(work, item)
    if labels > 1:
        raise OneSpecimen(
            f"{printed(item.identifier)} has {labels} labels with this code by its specification, such as a "
            "urine cup and its tube; they are one specimen.",
            item=item.identifier,
            labels=labels,
        )


def can_be_proposed(case: Discrepancy, told: Separating) -> None:
    if case.kind != TWO_WITH_ONE_CODE:
        raise CaseRefused(f"Case {case.id} is not about two tubes with one code.", field="case")
    if told.outcome not in SIGNED_BY_TWO:
        raise CaseRefused(
            "Two tubes with one code are separated, or there was only one of them.", field="outcome"
        )
    if told.outcome is Resolution.CODES_SEPARATED and not told.other:
        raise CaseRefused("Scan the new label of the second tube.", field="other")


def other_is_another(item: ItemNow, other: ItemNow) -> None:
    if other.id == item.id or other.kind not in SPECIMENS:
        raise CaseRefused(
            f"{printed(other.identifier)} is not the second tube; scan its own new label.", field="other"
        )


def is_proposed(case: Discrepancy, found: CodeSeparation | None) -> CodeSeparation:
    if found is None or found.approved_at is not None:
        raise TwoPeopleNeeded(f"Nothing is proposed for case {case.id} yet; say which tube is which.")
    return found


def somebody_else_approves(found: CodeSeparation, signer: Actor) -> None:
    permitted(signer, Permission.RECORD_STEPS)
    if signer.person == found.proposed_by:
        raise OwnProposal(
            f"{signer.person} proposed this; somebody else looks at both tubes and signs.", field="signer"
        )


def code_was_separated(work: Work, attempt: Attempt) -> None:
    """Wired before a code is given up: only two people's signed word does that, in the case about it."""
    number = attempt.details.get("separation")
    found = row_numbered(work, CodeSeparation, number) if type(number) is int else None
    case = work.session.get(Discrepancy, found.case_id) if found and found.approved_at else None
    if case is None or case.item_id != attempt.item.id or case.resolved_at is not None:
        raise TwoPeopleNeeded(
            f"{printed(attempt.item.identifier)} gets another code through the case about it; two people "
            "sign it there.",
            item=attempt.item.identifier,
        )
