"""Two tubes with one code: both set aside, looked at by two people, and the code given up for ever."""

from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.queries import actor_named
from biobank.access.signatures import approval_content, approve, sign_as_shown
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.checks import item_seen_by
from biobank.custody.free_text import own_names_are_not_in
from biobank.custody.holds import open_discrepancy, place_hold
from biobank.custody.models import Discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import ItemNow, Source
from biobank.discrepancies import checks
from biobank.discrepancies.choices import SEPARATION, TWO_WITH_ONE_CODE, Resolution
from biobank.discrepancies.inputs import Separating
from biobank.discrepancies.models import CodeSeparation
from biobank.discrepancies.operations import end, note
from biobank.discrepancies.queries import case_numbered, newest_separation
from biobank.discrepancies.records import KIND, separation_content, separation_record
from biobank.items.identifiers import printed


@dataclass(frozen=True)
class SameCode:
    """The case, the item that the code is of, and the second thing under a code of its own."""

    case: Discrepancy
    item: ItemNow
    other: ItemNow


def report_same_code(work: Work, text: str, *, by: Actor, source: Source, at: Told | None) -> SameCode:
    """Somebody has two tubes in hand that bear one code: both are held, the second gets a code of its own.

    Raises `OneSpecimen` where its specification counts two labels, `CaseRefused`, what `record` raises.
    """
    item = item_now(work, text)
    checks.can_be_two(work, item)
    details = {"reason": TWO_WITH_ONE_CODE, "hold": HoldKind.DISCREPANCY.value}
    done = record(work, item.identifier, Action.QUARANTINE, by=by, source=source, at=at, details=details)
    other = _born_beside(work, done.item, by, source, at)
    sentence = (
        f"Two tubes bear {printed(item.identifier)}; the second one is {printed(other.identifier)} until two "
        "people know which is which."
    )
    return SameCode(open_discrepancy(work, done.item, TWO_WITH_ONE_CODE, sentence, by=by), done.item, other)


def _born_beside(work: Work, item: ItemNow, by: Actor, source: Source, at: Told | None) -> ItemNow:
    """Whose it is nobody knows yet, so it is held."""
    birth = Birth(
        kind=item.kind,
        specification=item.specification,
        site=item.site,
        custodian=f"site:{by.bench_site}" if by.bench_site else item.custodian,
        state=State.RECEIVED,
        details={"found_with": item.identifier},
    )
    other = register(work, birth, by=by, source=source, at=at)
    place_hold(work, other, HoldKind.IDENTITY, TWO_WITH_ONE_CODE, by=by)
    return item_by_id(work, other.id)


def propose(work: Work, number: int, told: Separating, *, by: Actor) -> CodeSeparation:
    """The first of two people says what becomes of the code; a later proposal takes the earlier one's place.

    Raises `NoSuchCase`, `CaseResolved`, `NotYoursToResolve`, `CaseRefused`, `OtherSite`, what a sentence
    raises.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.still_stands(case)
    checks.may_resolve(work, case, by)
    checks.can_be_proposed(case, told)
    item = item_by_id(work, case.item_id)
    other = item_seen_by(work, by, told.other) if told.other else None
    if other is not None:
        checks.other_is_another(item, other)
        own_names_are_not_in(work, by, other, told.sentence, "sentence")
    found = CodeSeparation(
        case_id=case.id,
        other_id=other.id if other else None,
        outcome=told.outcome.value,
        sentence=checks.sentence_can_be(work, by, item, told.sentence),
        proposed_at=moments.now(),
        proposed_by=by.person,
    )
    work.session.add(found)
    work.flush()
    content = separation_content(found, item.identifier, other.identifier if other else None)
    note(work, case, "separation_proposed", by, {}, **content)
    return found


def shown_for_approval(work: Work, case: Discrepancy, found: CodeSeparation) -> str:
    """The SHA-256 of what the second person signs."""
    item = item_by_id(work, case.item_id)
    return separation_record(found, item.identifier, other_of(work, found))[1]


def other_of(work: Work, found: CodeSeparation) -> str | None:
    return item_by_id(work, found.other_id).identifier if found.other_id is not None else None


def approve_separation(work: Work, number: int, signing: Signing, *, by: Actor) -> Discrepancy:
    """The second person signs what the first one proposed; the case ends with it.

    Raises `NoSuchCase`, `CaseResolved`, `TwoPeopleNeeded`, `OwnProposal`, `RecordChanged`, what `sign` and
    `record` raise.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.still_stands(case)
    checks.may_resolve(work, case, by)
    found = checks.is_proposed(case, newest_separation(work, case))
    record_shown = (KIND, str(found.id), shown_for_approval(work, case, found))
    signature = sign_as_shown(work, by, signing, SEPARATION, record_shown)
    signer = actor_named(work, signature.signer)
    checks.somebody_else_approves(found, signer)
    checks.may_resolve(work, case, signer)
    approve(found, signature)
    work.flush()
    note(work, case, "separation_approved", by, {}, separation=found.id, **approval_content(found))
    outcome, sentence = Resolution(found.outcome), found.sentence
    more = {"heir": _give_up(work, case, found, by)} if outcome is Resolution.CODES_SEPARATED else {}
    end(work, case, outcome, sentence, by, **more)
    return case


def _give_up(work: Work, case: Discrepancy, found: CodeSeparation, by: Actor) -> str:
    """The code is on nothing any more; gives the new code of what it was on."""
    done = record(
        work,
        item_by_id(work, case.item_id).identifier,
        Action.REPLACE_CODE,
        by=by,
        performed_by=found.approved_by,
        source=Source("system", f"case {case.id}"),
        at=moments.told(moments.now()),
        details={"reason": TWO_WITH_ONE_CODE, "separation": found.id},
    )
    return done.born[0].identifier
