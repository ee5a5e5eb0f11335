"""Disclosures from opening to handing out and telling, and what compliance decides on legal demands."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.queries import actor_named
from biobank.access.signatures import approval_content, approve, sign_as_shown
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.days import day_can_be, day_has_come
from biobank.disclosures import checks
from biobank.disclosures.choices import (
    DEMAND_SIGNED,
    DISCLOSURE_SIGNED,
    Basis,
    DisclosureState,
    ToldHow,
    listed,
)
from biobank.disclosures.inputs import (
    DecidedDemand,
    NewDemand,
    NewDisclosure,
    NotToldYet,
    ToldOfIt,
)
from biobank.disclosures.models import DemandDecided, Disclosure, DisclosureNote, LegalDemand
from biobank.disclosures.queries import (
    decision_on,
    decisions_on,
    demand_numbered,
    demand_seen_by,
    demands,
    disclosure_seen_by,
    notes_on,
)
from biobank.disclosures.records import (
    DEMAND,
    DISCLOSURE,
    decided_content,
    demand_content,
    demand_record,
    disclosure_content,
    disclosure_record,
    note_content,
)
from biobank.ledger.operations import append_to
from biobank.messages.operations import queue_message
from biobank.participants.operations import lock
from biobank.participants.own_names import own_name_is_not_in
from biobank.participants.queries import codes_of, participant_named, participant_seen_by
from biobank.withdrawals.operations import addressee


def _note(work: Work, kind: str, number: int, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    """An entry of a demand or a disclosure; the caller has locked it or made it just now."""
    append_to(
        work,
        subject=f"{kind}:{number}",
        kind=kind,
        content={"change": change, "recorded_by": by.person, **content},
    )


def record_demand(work: Work, new: NewDemand, *, by: Actor) -> LegalDemand:
    """That it came; nothing leaves under it before compliance decided.

    Raises `DemandRefused`, `DisclosureRefused`, `DemandKnown`, `ParticipantUnknown`, `NamesSomebody`,
    `OwnNameWritten`.
    """
    checks.demand_can_be(new)
    codes = sorted({participant_seen_by(work, by, code).code for code in new.participants})
    for code in codes:  # courts call their cases by the names of people
        own_name_is_not_in(work, by, code, new.reference, "reference")
        own_name_is_not_in(work, by, code, new.demanded_by, "demanded_by")
    same = demands().where(LegalDemand.reference == new.reference, LegalDemand.demanded_by == new.demanded_by)
    known = work.session.scalar(same)
    if known is not None:
        raise checks.DemandKnown(f"Demand {known.reference} is recorded already, as number {known.id}.")
    demand = LegalDemand(
        reference=new.reference,
        kind=new.kind.value,
        demanded_by=new.demanded_by,
        received_on=new.received_on,
        answer_by=new.answer_by,
        participants=",".join(codes),
        fields=",".join(sorted(set(new.fields))),
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(demand)
    work.flush()
    _note(work, DEMAND, demand.id, "recorded", by, demand_content(demand))
    return demand


def decide_demand(
    work: Work, number: int, told: DecidedDemand, signing: Signing, *, by: Actor
) -> DemandDecided:
    """Compliance signs the demand as it was shown; a later decision takes the place of an earlier one.

    Raises `DemandUnknown`, `DemandRefused`, `DisclosureRefused`, `RecordChanged`, `PermissionMissing`,
    `NamesSomebody`, `OwnNameWritten`, what `sign` raises.
    """
    demand = demand_seen_by(work, by, number, locked=True)
    checks.decision_can_be(demand, told)
    for code in listed(demand.participants):
        own_name_is_not_in(work, by, code, told.reason, "reason")
        own_name_is_not_in(work, by, code, told.certificate, "certificate")
    sha256 = demand_record(demand, decisions_on(work, demand))[1]
    signature = sign_as_shown(work, by, signing, DEMAND_SIGNED, (DEMAND, str(number), sha256))
    checks.signer_may(actor_named(work, signature.signer))
    decided = DemandDecided(
        demand_id=demand.id,
        decision=told.decision.value,
        fields=",".join(sorted(set(told.fields))),
        certificate_cited=told.certificate_cited,
        certificate=told.certificate,
        reason=told.reason.strip(),
        signature_id=signature.id,
        record_sha256=sha256,
        decided_at=signature.signed_at,
        decided_by=signature.signer,
    )
    work.session.add(decided)
    work.flush()
    _note(work, DEMAND, demand.id, "decided", by, decided_content(decided))
    return decided


def open_disclosure(work: Work, new: NewDisclosure, *, by: Actor) -> Disclosure:
    """What is to be given out; it waits for its approval by somebody else.

    Raises `DisclosureRefused`, `ParticipantUnknown`, `DemandUnknown`, `DemandNotDecided`, `NamesSomebody`,
    `OwnNameWritten`.
    """
    checks.disclosure_can_be(new)
    code = participant_seen_by(work, by, new.participant).code
    own_name_is_not_in(work, by, code, new.purpose, "purpose")
    own_name_is_not_in(work, by, code, new.receiver, "receiver")
    disclosure = Disclosure(
        participant=code,
        basis=new.basis.value,
        demand_id=new.demand,
        fields=",".join(sorted(set(new.fields))),
        receiver=new.receiver,
        purpose=new.purpose.strip(),
        opened_at=moments.now(),
        opened_by=by.person,
    )
    if new.demand is not None:
        demand_seen_by(work, by, new.demand)
    _demand_lets_it_out(work, disclosure)
    work.session.add(disclosure)
    work.flush()
    _note(work, DISCLOSURE, disclosure.id, "opened", by, disclosure_content(disclosure))
    return disclosure


def _demand_lets_it_out(work: Work, disclosure: Disclosure) -> None:
    """Asked at each step, and the demand is locked: a later decision stops what an earlier one let out."""
    if disclosure.basis != Basis.LEGAL_DEMAND or disclosure.demand_id is None:
        return
    demand = demand_numbered(work, disclosure.demand_id, locked=True)
    codes = codes_of(work, participant_named(work, disclosure.participant).code)
    checks.demand_lets_it_out(demand, decision_on(work, demand), codes, listed(disclosure.fields))


def approve_disclosure(work: Work, number: int, signing: Signing, *, by: Actor) -> Disclosure:
    """Compliance signs it as it was shown, and never who opened it.

    Raises `DisclosureUnknown`, `NotPossibleNow`, `DemandNotDecided`, `RecordChanged`, `OwnDisclosure`,
    `PermissionMissing`, what `sign` raises.
    """
    disclosure = disclosure_seen_by(work, by, number, locked=True)
    checks.is_now(disclosure, DisclosureState.OPENED)
    _demand_lets_it_out(work, disclosure)
    record = (DISCLOSURE, str(number), disclosure_record(disclosure)[1])
    signature = sign_as_shown(work, by, signing, DISCLOSURE_SIGNED, record)
    checks.signer_may(actor_named(work, signature.signer), disclosure.opened_by)
    approve(disclosure, signature)
    work.flush()
    _note(work, DISCLOSURE, number, "approved", by, approval_content(disclosure))
    return disclosure


def drop_disclosure(work: Work, number: int, *, by: Actor) -> Disclosure:
    """Nothing is given out after all. Raises `DisclosureUnknown`, `NotPossibleNow`."""
    disclosure = disclosure_seen_by(work, by, number, locked=True)
    checks.is_now(disclosure, DisclosureState.OPENED, DisclosureState.APPROVED)
    disclosure.dropped_at, disclosure.dropped_by = moments.now(), by.person
    work.flush()
    _note(work, DISCLOSURE, number, "given_up", by, {})
    return disclosure


def note_made(work: Work, number: int, *, by: Actor) -> Disclosure:
    """It is handed out now, once. Raises `DisclosureUnknown`, `NotPossibleNow`, `DemandNotDecided`."""
    disclosure = disclosure_seen_by(work, by, number, locked=True)
    checks.is_now(disclosure, DisclosureState.APPROVED)
    _demand_lets_it_out(work, disclosure)
    disclosure.made_at, disclosure.made_by = moments.now(), by.person
    work.flush()
    content = {"fields": listed(disclosure.fields), "receiver": disclosure.receiver}
    _note(work, DISCLOSURE, number, "handed_out", by, content)
    return disclosure


def tell_by_message(work: Work, number: int, *, by: Actor) -> DisclosureNote:
    """One message to the participant, queued with the note that they were told.

    Raises `DisclosureUnknown`, `NotPossibleNow`.
    """
    disclosure = _to_tell(work, by, number)
    participant = lock(work, disclosure.participant)
    message = queue_message(
        work,
        by,
        about=f"disclosure:{number}",
        participant=participant.code,
        addressee=addressee(work, participant, participant.code),
        template="disclosure_told",
        context={
            "made_on": moments.to_text(disclosure.made_at or moments.now()),
            "basis": disclosure.basis,
            "fields": listed(disclosure.fields),
        },
    )
    note = DisclosureNote(how=ToldHow.MESSAGE.value, on_day=moments.now().date(), message_id=message.id)
    return _told(work, disclosure, "told", note, by)


def note_told(work: Work, number: int, told: ToldOfIt, *, by: Actor) -> DisclosureNote:
    """Raises `DisclosureUnknown`, `NotPossibleNow`, `DisclosureRefused`, `DayRefused`."""
    disclosure = _to_tell(work, by, number)
    day_has_come("on", told.on)
    if told.how is ToldHow.MESSAGE:
        raise checks.DisclosureRefused(
            "A message is queued from here; say how else it was told.", field="how"
        )
    note = DisclosureNote(how=told.how.value, on_day=told.on)
    return _told(work, disclosure, "told", note, by)


def note_not_told(work: Work, number: int, told: NotToldYet, *, by: Actor) -> DisclosureNote:
    """Why not yet, and when somebody looks again.

    Raises `DisclosureUnknown`, `NotPossibleNow`, `DisclosureRefused`, `DayRefused`.
    """
    disclosure = _to_tell(work, by, number)
    day_can_be("look_again_on", told.look_again_on)
    if told.look_again_on < moments.now().date():
        raise checks.DisclosureRefused(
            "That day is over; say when somebody looks again.", field="look_again_on"
        )
    note = DisclosureNote(
        on_day=moments.now().date(), because=told.because.value, look_again_on=told.look_again_on
    )
    return _told(work, disclosure, "not_yet", note, by)


def _to_tell(work: Work, by: Actor, number: int) -> Disclosure:
    disclosure = disclosure_seen_by(work, by, number, locked=True)
    checks.is_now(disclosure, DisclosureState.HANDED_OUT)
    if any(note.change == "told" for note in notes_on(work, disclosure)):
        raise checks.NotPossibleNow(f"The participant was told of disclosure {number} already.")
    return disclosure


def _told(work: Work, disclosure: Disclosure, change: str, note: DisclosureNote, by: Actor) -> DisclosureNote:
    note.disclosure_id, note.change = disclosure.id, change
    note.recorded_at, note.recorded_by = moments.now(), by.person
    work.session.add(note)
    work.flush()
    _note(work, DISCLOSURE, disclosure.id, "participant", by, note_content(note))
    return note
