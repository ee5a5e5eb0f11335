"""Requests of studies from registration to their end, hand-overs, and what their holders are asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.inputs import Signing
from biobank.access.queries import actor_named
from biobank.access.signatures import approval_content, approve, sign_as_shown
from biobank.core import moments
from biobank.core.codes import is_a_code
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.checks import item_seen_by
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.distribution import checks
from biobank.distribution.choices import APPROVAL, EndedBecause, HolderChange
from biobank.distribution.inputs import HolderTold, NewRequest
from biobank.distribution.models import (
    DistributedItem,
    Distribution,
    HolderNote,
    StudyCheck,
    StudyPortion,
    StudyRequest,
)
from biobank.distribution.queries import (
    Distributed,
    RequestUnknown,
    distributed_in,
    distributed_to,
    distribution_seen_by,
    givers_of,
    newest_record_of,
    request_called,
    subject_of_request,
    told_of,
)
from biobank.distribution.records import KIND, request_content, request_record
from biobank.items.identifiers import printed
from biobank.ledger.operations import append_to
from biobank.participants.operations import lock
from biobank.participants.own_names import own_name_is_not_in
from biobank.visits.queries import today_at


def note(work: Work, request: StudyRequest, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    """An entry of the request; the caller has locked it."""
    append_to(
        work,
        subject=subject_of_request(request),
        kind=KIND,
        content={"change": change, "recorded_by": by.person, **content},
    )


def register_request(work: Work, new: NewRequest, *, by: Actor) -> StudyRequest:
    """A request waits for its approval. Raises `RequestRefused`, `RequestKnown`, `NamesSomebody`."""
    checks.can_be_registered(new)
    _is_new(work, new.number)
    request = StudyRequest(
        number=new.number,
        study=new.study,
        receiver=new.receiver,
        agreement=new.agreement,
        purpose=new.purpose.strip(),
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        registered_at=moments.now(),
        registered_by=by.person,
        portions=[
            StudyPortion(kind=each.kind.value, specification=each.specification.strip(), most=each.most)
            for each in new.portions
        ],
    )
    work.session.add(request)
    work.flush()
    note(work, request, "registered", by, request_content(request))
    return request


def _is_new(work: Work, number: str) -> None:
    try:
        known = request_called(work, number)
    except RequestUnknown:
        return
    raise checks.RequestKnown(f"Request {known.number} is registered already; a number is never used again.")


def approve_request(work: Work, number: str, signing: Signing, *, by: Actor) -> StudyRequest:
    """Compliance or the access committee signs the request as it was shown; never who registered it.

    Raises `RequestUnknown`, `NotToApprove`, `RecordChanged`, `OwnRequest`, what `sign` raises.
    """
    request = request_called(work, number, locked=True)
    checks.can_be_approved(request)
    record = (KIND, request.number, request_record(request)[1])
    signature = sign_as_shown(work, by, signing, APPROVAL, record)
    checks.approver_may(request, actor_named(work, signature.signer))
    approve(request, signature)
    work.flush()
    note(work, request, "approved", by, approval_content(request))
    return request


def end_request(work: Work, number: str, because: EndedBecause, *, by: Actor) -> StudyRequest:
    """Nothing more is handed to it from now on. Raises `RequestUnknown`, `EndedAlready`."""
    request = request_called(work, number, locked=True)
    if request.ended_at is not None:
        raise checks.EndedAlready(f"Request {request.number} was ended by {request.ended_by} already.")
    request.ended_at, request.ended_by = moments.now(), by.person
    request.ended_because = because.value
    work.flush()
    note(work, request, "ended", by, {"because": because.value})
    return request


def open_distribution(work: Work, number: str, *, site: str, by: Actor) -> Distribution:
    """What is handed over at once: scan into it, then close it. Raises `RequestUnknown`, `RequestNotOpen`."""
    at_own_site(by, site)
    request = request_called(work, number, locked=True)
    checks.request_is_open(request, moments.now())
    opened = Distribution(request_id=request.id, site=site, opened_at=moments.now(), opened_by=by.person)
    work.session.add(opened)
    work.flush()
    note(work, request, "distribution_opened", by, {"distribution": opened.id, "site": site})
    return opened


def distribute(
    work: Work,
    number: int,
    items: Sequence[str],
    *,
    by: Actor,
    at: Told | None,
    source: Source,
    performed_by: str | None = None,
) -> list[Recorded]:
    """Hand specimens to the study of a distribution, all of them or none.

    Everybody whose they are is locked first, in the order of their codes, so that two hand-overs and a
    decision never wait for each other in a ring. Raises `DistributionUnknown`, what `record` and its checks
    raise.
    """
    found = distribution_seen_by(work, by, number)
    request = work.session.get_one(StudyRequest, found.request_id).number
    for code in sorted({code for text in items for code in givers_of(work, item_now(work, text))}):
        lock(work, code)
    lock_in_order(work, [item_now(work, text).id for text in items])
    details = {"request": request, "distribution": number}
    return [
        record(
            work, text, Action.DISTRIBUTE,
            by=by, source=source, at=at, details=details, performed_by=performed_by,
        )
        for text in items
    ]  # fmt: skip


def close_distribution(work: Work, number: int, *, by: Actor) -> Distribution:
    """It is packed, as its packing list says. Raises `DistributionUnknown`, `DistributionClosed`."""
    found = distribution_seen_by(work, by, number)
    request_number = work.session.get_one(StudyRequest, found.request_id).number
    request = request_called(work, request_number, locked=True)
    found = distribution_seen_by(work, by, number, locked=True)
    checks.still_open(found)
    found.closed_at, found.closed_by = moments.now(), by.person
    work.flush()
    items = [each.item for each in distributed_in(work, found)]
    note(work, request, "distribution_closed", by, {"distribution": found.id, "items": items})
    return found


def ask_holder(work: Work, told: HolderTold, *, by: Actor) -> Distributed:
    """A study was asked for what a participant gave who withdrew. Raises what `_noted` raises."""
    return _noted(work, HolderTold(item=told.item, on=told.on, reference=told.reference), by)


def holder_answered(work: Work, told: HolderTold, *, by: Actor) -> Distributed:
    """What a study says became of it; an answer that comes later stands beside the earlier one."""
    if told.answer is None:
        raise checks.HolderAnswerRefused("Say what the study answered.", field="answer")
    return _noted(work, told, by)


def _noted(work: Work, told: HolderTold, by: Actor) -> Distributed:
    """Raises `UnknownItem`, `OtherSite`, `NotDistributed`, `HolderAnswerRefused`, `NamesSomebody`,
    `OwnNameWritten`.
    """
    item = item_seen_by(work, by, told.item)
    for code in givers_of(work, item):
        lock(work, code)
        own_name_is_not_in(work, by, code, told.reference, "reference")
    found = newest_record_of(work, item.id)
    if found is None or found.back_sequence is not None:
        raise checks.NotDistributed(f"{printed(item.identifier)} is at no study; there is nobody to ask.")
    handed = found.distributed_at or found.recorded_at
    checks.holder_told_well(told, today_at(work, item.site, handed) if item.site else handed.date())
    request_number = work.session.get_one(StudyRequest, found.request_id).number
    request = request_called(work, request_number, locked=True)
    kept = HolderNote(
        distributed_id=found.id,
        change=(HolderChange.ANSWERED if told.answer else HolderChange.ASKED).value,
        answer=told.answer.value if told.answer else None,
        on_day=told.on,
        reference=told.reference,
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(kept)
    work.flush()
    note(work, request, f"holder_{kept.change}", by, holder_content(kept, item.identifier))
    return told_of(work, [found])[0]


def holder_content(kept: HolderNote, item: str) -> dict[str, Any]:
    """What the ledger keeps of it; `verify` compares the two."""
    return {
        "note": kept.id,
        "item": item,
        "answer": kept.answer,
        "on": kept.on_day.isoformat(),
        "reference": kept.reference,
    }


def check_past_study(work: Work, number: str, reference: str, *, by: Actor) -> list[Distributed]:
    """What a study was given, for who checks its results; that it was read is written down, with for whom.

    Of what is of a site of `by`, also of participants who withdrew since; no specimen goes out with it.
    Raises `RequestUnknown`, `NotACode`, `NamesSomebody`.
    """
    is_a_code("reference", reference.strip())
    request = request_called(work, number, locked=True)
    found = distributed_to(work, request, by)
    kept = StudyCheck(
        request_id=request.id,
        reference=reference.strip(),
        items=len(found),
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(kept)
    work.flush()
    note(work, request, "checked", by, check_content(kept))
    return found


def check_content(kept: StudyCheck) -> dict[str, Any]:
    """What the ledger keeps of it; `verify` compares the two."""
    return {"check": kept.id, "reference": kept.reference, "items": kept.items}


def note_record(work: Work, request: StudyRequest, kept: DistributedItem, item: str, by: Actor) -> None:
    """That a specimen went to the study, as an entry of its request too."""
    content = {"item": item, "item_sequence": kept.sequence, "distribution": kept.distribution_id}
    note(work, request, "distributed", by, content)
