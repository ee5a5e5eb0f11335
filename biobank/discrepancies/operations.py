"""A case from question to end: assigned, asked, answered, resolved, reopened; each is an entry of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Forbidden
from biobank.core.moments import Told
from biobank.custody.cases import CASE, due_from, subject_of_case
from biobank.custody.models import Discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.discrepancies import checks
from biobank.discrepancies.choices import GONE, HOLD_OF, CaseState, Resolution
from biobank.discrepancies.inputs import Answering, Asking, Resolving
from biobank.discrepancies.queries import case_numbered
from biobank.discrepancies.records import columns_told
from biobank.ledger.operations import append_to
from biobank.participants.operations import lock
from biobank.sites.queries import site_named


def note(
    work: Work, case: Discrepancy, change: str, by: Actor, columns: Mapping[str, Any], **more: Any
) -> None:
    """Set columns of a case and append what was set; the caller has locked it."""
    for name, value in columns.items():
        setattr(case, name, value)
    work.flush()
    content = {"change": change, "recorded_by": by.person, **columns_told(case, columns), **more}
    append_to(work, subject=subject_of_case(case.id), kind=CASE, content=content)


def assign(work: Work, number: int, owner: str | None, *, by: Actor) -> Discrepancy:
    """Somebody sees to it from now on, or nobody.

    Raises `NoSuchCase`, `CaseResolved`, `NotYoursToResolve`, `PersonUnknown`, `CaseRefused`.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.still_stands(case)
    checks.works_on_it(work, case, by)
    named = _owner(work, case, owner.strip().lower()) if owner else None
    if named != case.owner:
        note(work, case, "assigned", by, {"owner": named})
    return case


def _owner(work: Work, case: Discrepancy, username: str) -> str:
    """Somebody who sees the case and may work on it. Raises `PersonUnknown`, `CaseRefused`."""
    owner = actor_named(work, username)
    try:
        permitted(owner, Permission.RECORD_STEPS)
        checks.works_on_it(work, case_numbered(work, owner, case.id), owner)
    except Forbidden as problem:
        raise checks.CaseRefused(
            f"{owner.person} may not work on case {case.id}; give it to somebody who may.", field="owner"
        ) from problem
    return owner.person


def assign_many(work: Work, numbers: Sequence[int], owner: str | None, *, by: Actor) -> list[Discrepancy]:
    """All of them or none. Raises what `assign` raises, `CaseRefused`."""
    return [assign(work, number, owner, by=by) for number in _in_order(numbers)]


def _in_order(numbers: Sequence[int]) -> list[int]:
    """So that two people who take several never wait for each other."""
    found = sorted(set(numbers))
    checks.not_too_many(found)
    return found


def ask_site(work: Work, number: int, told: Asking, *, by: Actor) -> Discrepancy:
    """The site that sent it is to look; its time begins.

    Raises `NoSuchCase`, `CaseResolved`, `NotYoursToResolve`, `CaseRefused`, `SiteUnknown`, what a sentence
    raises.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.still_stands(case)
    checks.works_on_it(work, case, by)
    item = item_by_id(work, case.item_id)
    sentence = checks.sentence_can_be(work, by, item, told.sentence, required=False)
    site = told.site or case.site
    if not site:
        raise checks.CaseRefused("Say which site is asked: of this thing none is known.", field="site")
    at = moments.now()
    columns = {
        "state": CaseState.ASKED.value,
        "site": site_named(work, site).code,
        "asked_at": at,
        "due_at": due_from(at, case.kind, work.settings),
    }
    note(work, case, "asked", by, columns, sentence=sentence)
    return case


def answer_case(work: Work, number: int, told: Answering, *, by: Actor) -> Discrepancy:
    """What the site found out; a later answer stands beside the earlier one in the log.

    Raises `NoSuchCase`, `CaseResolved`, `NotAskedOfYou`, what a sentence raises.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.still_stands(case)
    checks.answers_for_its_site(work, case, by)
    item = item_by_id(work, case.item_id)
    sentence = checks.sentence_can_be(work, by, item, told.sentence, required=False)
    at = moments.now()
    columns = {
        "state": CaseState.ANSWERED.value,
        "answer": told.answer.value,
        "answer_sentence": sentence or None,
        "answered_at": at,
        "answered_by": by.person,
        "due_at": due_from(at, case.kind, work.settings),
    }
    note(work, case, "answered", by, columns)
    return case


def resolve(
    work: Work, number: int, told: Resolving, *, by: Actor, source: Source, at: Told | None
) -> Discrepancy:
    """The end of a case, with the step that it calls for: a release, a loss, a find.

    Raises `NoSuchCase`, `CaseResolved`, `NotYoursToResolve`, `TwoPeopleNeeded`, `SiteLooksFirst`, `NotSo`,
    what a sentence raises, and what `record` raises.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.still_stands(case)
    checks.may_resolve(work, case, by)
    checks.ends_by_one_person(case, told.resolution)
    item = item_by_id(work, case.item_id)
    sentence = checks.sentence_can_be(work, by, item, told.sentence)
    if told.resolution is Resolution.LOST:
        checks.site_has_looked(case)
    if told.resolution is Resolution.DESTROYED:
        checks.is_destroyed(case, item)
    action, details = step_for(case, item, told)
    step = None
    if action is not None:
        step = record(
            work, item.identifier, action, by=by, source=source, at=at,
            details={**details, "reason": sentence}, confirmation=sentence,
        )  # fmt: skip
    end(work, case, told.resolution, sentence, by, **_step_told(step))
    return case


def _step_told(step: Recorded | None) -> dict[str, Any]:
    return {"step": step.event["action"], "item_sequence": step.event["sequence"]} if step else {}


def end(work: Work, case: Discrepancy, resolution: Resolution, sentence: str, by: Actor, **more: Any) -> None:
    """Write down how a case ended; the caller has seen to its rules."""
    columns = {
        "state": CaseState.RESOLVED.value,
        "resolved_as": resolution.value,
        "resolution": sentence,
        "resolved_at": moments.now(),
        "resolved_by": by.person,
        "due_at": None,
    }
    note(work, case, "resolved", by, columns, **more)


Step = tuple[Action | None, dict[str, Any]]
NOTHING: Step = (None, {})


def step_for(case: Discrepancy, item: ItemNow, told: Resolving) -> Step:
    """Which step of the item an end calls for, and its details; none where it is so already."""
    known = STEPS.get(told.resolution)
    return known(case, item, told) if known else NOTHING


def _release(case: Discrepancy, _: ItemNow, told: Resolving) -> Step:
    hold = told.hold or HOLD_OF.get(case.kind, HoldKind.DISCREPANCY)
    return Action.RELEASE, {"hold": hold.value}


def _lose(_: Discrepancy, item: ItemNow, __: Resolving) -> Step:
    return NOTHING if item.state in GONE else (Action.REPORT_LOST, {})


def _find(_: Discrepancy, item: ItemNow, __: Resolving) -> Step:
    if item.state in GONE:
        return Action.FIND, {}
    return (Action.RECEIVE, {}) if item.state is State.IN_TRANSIT else NOTHING


STEPS: Mapping[Resolution, Callable[[Discrepancy, ItemNow, Resolving], Step]] = {
    Resolution.RELEASED: _release,
    Resolution.LOST: _lose,
    Resolution.FOUND: _find,
}


def resolve_many(
    work: Work, numbers: Sequence[int], told: Resolving, *, by: Actor, source: Source, at: Told | None
) -> list[Discrepancy]:
    """Several ended in the same way for the same reason, all of them or none.

    Everybody whose they are is locked first, in the order of their codes. Raises what `resolve` raises, with
    the number of the case in its sentence or its `case`.
    """
    found = _in_order(numbers)
    items = [item_by_id(work, case_numbered(work, by, number).item_id) for number in found]
    for code in sorted({item.participant for item in items if item.participant}):
        lock(work, code)
    return [resolve(work, number, told, by=by, source=source, at=at) for number in found]


def reopen(work: Work, number: int, sentence: str, *, by: Actor) -> Discrepancy:
    """There is more to say; what was resolved stays in the log.

    Raises `CaseStands`, `NotYoursToResolve`, `TwoPeopleNeeded`.
    """
    case = case_numbered(work, by, number, locked=True)
    checks.was_resolved(case)
    checks.works_on_it(work, case, by)
    checks.not_signed(case)
    why = checks.sentence_can_be(work, by, item_by_id(work, case.item_id), sentence)
    emptied = dict.fromkeys(("resolved_at", "resolved_by", "resolved_as", "resolution"))
    due = due_from(moments.now(), case.kind, work.settings)
    columns = {**emptied, "state": CaseState.REOPENED.value, "due_at": due}
    note(work, case, "reopened", by, columns, sentence=why)
    return case
