"""What is done in a visit, from the person who comes to the compensation in their hand."""

from collections.abc import Collection
from typing import Any

from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import SEEN_ALREADY, Recorded
from biobank.items.identifiers import printed
from biobank.items.queries import item_of
from biobank.kits.cancelling import cancel_collection, is_cancelled, restore_collection
from biobank.kits.choices import AmendReason, CancelReason, RestoreReason
from biobank.participants.checks import code_well_formed
from biobank.participants.models import Participant
from biobank.participants.operations import lock, note_visit, register_participant
from biobank.participants.own_names import own_name_is_not_in
from biobank.participants.queries import participant_named, sites_visited
from biobank.sites.queries import site_called, site_named
from biobank.visits import checks
from biobank.visits.choices import Change, VisitState
from biobank.visits.entries import change, locked, when
from biobank.visits.inputs import Telling
from biobank.visits.models import Visit, VisitKit
from biobank.visits.queries import (
    kits_cancelled_with,
    kits_of,
    open_visit_of,
    today_at,
    visit_seen_by,
)


def open_visit(work: Work, participant: str, site: str, told: Telling, *, minor: bool | None = None) -> Visit:
    """Somebody has come; a visit that is open for them here today goes on.

    Who was never at this site is asked back once, known elsewhere or not, and then registered here: they sit
    in the chair. Raises `CodeRefused`, `SiteNotYours`, `AskedBack`, `InTheFuture`.
    """
    code = participant.strip().upper()
    at_own_site(told.by, site_named(work, site).code)
    code_well_formed(code, work.settings.participant_code_pattern)
    checks.not_in_the_future(work, told)
    who = lock(work, _come_here(work, code, site, told, minor).code)
    on = today_at(work, site, when(told))
    going_on = open_visit_of(work, who.code, site, on)
    if going_on is not None:
        return going_on
    columns: dict[str, Any] = {
        "site": site,
        "participant": who.code,
        "on": on,
        "state": VisitState.OPEN.value,
        "version": 1,
        "opened_at": when(told),
        "opened_by": told.performer,
    }
    visit = Visit(**columns)
    work.session.add(visit)
    work.flush()
    change(work, visit, Change.OPENED, told, **columns)
    return visit


def _come_here(work: Work, code: str, site: str, told: Telling, minor: bool | None) -> Participant:
    known = work.session.get(Participant, code)
    who = participant_named(work, code) if known else None
    if who is not None and site in sites_visited(work, who.code):
        return who
    checks.surprising(
        told,
        "first_time_here",
        f"{code} was never at {site_called(work, site)}; compare the code with the person's papers.",
    )
    if who is not None:
        note_visit(work, who.code, site)
        return who
    pattern = work.settings.participant_code_pattern
    return register_participant(work, told.by, code=code, pattern=pattern, site=site, minor=minor)


def attest_identity(work: Work, visit: int, identifiers: Collection[str], told: Telling) -> Visit:
    """Two identifiers agreed; which ones is kept, what was said is not.

    Raises `VisitUnknown`, `VisitNotOpen`, `TwoIdentifiersNeeded`.
    """
    found = _to_change(work, visit, told)
    details = {"identifiers": checks.two_identifiers(identifiers)}
    columns = {"identity_attested_at": when(told), "identity_attested_by": told.performer}
    change(work, found, Change.IDENTITY_ATTESTED, told, details, **columns)
    return found


def assign_kit(work: Work, visit: int, kit: str, told: Telling) -> Recorded:
    """The kit is for the participant of the visit; a second one may follow the first.

    Raises what `custody.record` and `checks.fits_its_visit` raise.
    """
    found = _to_change(work, visit, told)
    return record(
        work, kit, Action.ASSIGN, by=told.by, source=told.source, at=told.at,
        performed_by=told.performer, confirmation=told.confirmation,
        details={"participant": found.participant, "visit": found.id},
    )  # fmt: skip


def confirm_labels(work: Work, visit: int, kit: str, told: Telling) -> VisitKit:
    """The labels were read with the participant after the draw. Raises `OtherVisit` for a kit of another."""
    found = _to_change(work, visit, told)
    item = item_of(work, kit)
    link = work.session.get(VisitKit, (found.id, item.id)) if item else None
    if item is None or link is None:
        raise checks.OtherVisit(
            f"{printed(kit)} was not assigned in visit {found.id}; scan it in its own visit.", visit=found.id
        )
    link.labels_confirmed_at, link.labels_confirmed_by = when(told), told.performer
    change(
        work, found, Change.LABELS_CONFIRMED, told,
        {"kit": item.identifier, "at": moments.to_text(when(told)), "by": told.performer},
    )  # fmt: skip
    return link


def hand_out_compensation(work: Work, visit: int, told: Telling) -> Visit:
    """Once a visit, and by whom. Raises `CompensatedAlready`; what paper tells twice is kept with a flag."""
    found = _to_change(work, visit, told)
    if found.compensated_at is not None:
        sentence = f"{found.compensation} was handed out in this visit already; nothing more is due."
        if told.source.kind not in SEEN_ALREADY:
            raise checks.CompensatedAlready(sentence, visit=found.id)
        change(work, found, Change.COMPENSATED, told, {"flag": "handed_out_again"})
        return found
    change(
        work, found, Change.COMPENSATED, told, compensation=work.settings.compensation,
        compensated_at=when(told), compensated_by=told.performer,
    )  # fmt: skip
    return found


# The visit as a whole.


def close_visit(work: Work, visit: int, told: Telling) -> Visit:
    """Nothing more is to be done; what is forgotten is added by amending."""
    found = _to_change(work, visit, told)
    change(work, found, Change.CLOSED, told, state=VisitState.CLOSED.value)
    return found


def amend_visit(
    work: Work, visit: int, reason: AmendReason, told: Telling, *, remark: str | None = None
) -> Visit:
    """A closed visit is opened again, as a version of its own; what was recorded stays.

    Raises `VisitNotOpen` for one that is not closed, `RemarkRefused`, `NamesSomebody`.
    """
    found = _locked_here(work, visit, told)
    _is(found, VisitState.CLOSED, "amended")
    details = _reasons(work, found, told, reason.value, remark)
    change(work, found, Change.AMENDED, told, details, state=VisitState.OPEN.value, version=found.version + 1)
    return found


def cancel_visit(
    work: Work, visit: int, reason: CancelReason, told: Telling, *, remark: str | None = None
) -> Visit:
    """The visit is not to count: the collection of each of its kits is cancelled too.

    Raises `VisitNotOpen` when it was cancelled before, `RemarkRefused`, `NamesSomebody`.
    """
    found = _locked_here(work, visit, told)
    if found.state == VisitState.CANCELLED.value:
        raise checks.VisitNotOpen(f"Visit {found.id} was cancelled before; nothing is left to do.")
    details = _reasons(work, found, told, reason.value, remark)
    kits = [kit.identifier for kit, _ in kits_of(work, found) if not is_cancelled(work, kit.id)]
    for kit in kits:
        cancel_collection(work, kit, reason, by=told.by, source=told.source, at=told.at)
    change(work, found, Change.CANCELLED, told, {**details, "kits": kits}, state=VisitState.CANCELLED.value)
    return found


def restore_visit(
    work: Work, visit: int, reason: RestoreReason, told: Telling, *, remark: str | None = None
) -> Visit:
    """A cancelled visit counts after all and is open, with the kits that were cancelled with it.

    Raises `VisitNotOpen` for one that is not cancelled, `RemarkRefused`, `NamesSomebody`.
    """
    found = _locked_here(work, visit, told)
    _is(found, VisitState.CANCELLED, "restored")
    details = _reasons(work, found, told, reason.value, remark)
    for kit in kits_cancelled_with(work, found):
        item = item_of(work, kit)
        if item is not None and is_cancelled(work, item.id):
            restore_collection(work, kit, reason, by=told.by, source=told.source, at=told.at)
    columns = {"state": VisitState.OPEN.value, "version": found.version + 1}
    change(work, found, Change.RESTORED, told, details, **columns)
    return found


def _locked_here(work: Work, visit: int, told: Telling) -> Visit:
    checks.not_in_the_future(work, told)
    return locked(work, visit_seen_by(work, told.by, visit).id)


def _to_change(work: Work, visit: int, told: Telling) -> Visit:
    found = _locked_here(work, visit, told)
    checks.is_open(found)
    return found


def _is(visit: Visit, state: VisitState, done: str) -> None:
    if visit.state != state.value:
        raise checks.VisitNotOpen(
            f"Visit {visit.id} is {visit.state}; only one that is {state.value} can be {done}.",
            visit=visit.id,
        )


def _reasons(work: Work, visit: Visit, told: Telling, reason: str, remark: str | None) -> dict[str, str]:
    text = checks.remark_told(remark, needed=reason == "other")
    own_name_is_not_in(work, told.by, visit.participant, text, "remark")
    return {"reason": reason, **({"remark": text} if text else {})}
