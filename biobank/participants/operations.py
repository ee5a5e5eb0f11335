"""Registering participants, recording consents, and linking a provisional code to the biobank id."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import in_utc, now, text_or_none, to_text
from biobank.core.rows import locking
from biobank.ledger.operations import append_to
from biobank.participants import checks
from biobank.participants.models import Consent, Participant, ParticipantSite, Period, ScopeEnd
from biobank.participants.queries import participant_named, sites_visited, subject_of
from biobank.sites.queries import site_named


def register_participant(
    work: Work,
    by: Actor,
    *,
    code: str,
    pattern: str,
    site: str | None = None,
    programme_hash: str | None = None,
    minor: bool | None = None,
) -> Participant:
    """`pattern` is the setting `participant_code_pattern`. Raises `CodeRefused`, `ParticipantExists`."""
    upper = code.strip().upper()
    checks.code_well_formed(upper, pattern)
    checks.not_there_yet(work, upper)
    return _add(work, by, Participant(code=upper, site=site, programme_hash=programme_hash, minor=minor))


def mint_provisional(work: Work, by: Actor, *, programme_hash: str, site: str | None = None) -> Participant:
    """A participant whose biobank id is not known yet, by a keyed hash of the programme's id."""
    code = f"PV-{secrets.token_hex(6).upper()}"
    return _add(work, by, Participant(code=code, provisional=True, site=site, programme_hash=programme_hash))


def register_again(work: Work, by: Actor, code: str) -> Participant:
    """Somebody whom a restored backup does not know any more, by the code of then."""
    provisional = checks.PROVISIONAL.fullmatch(code) is not None
    return _add(work, by, Participant(code=code, provisional=provisional))


def _add(work: Work, by: Actor, participant: Participant) -> Participant:
    if participant.site is not None:
        site_named(work, participant.site)
    participant.created_at, participant.created_by = now(), by.person
    work.session.add(participant)
    work.flush()
    if participant.site is not None:
        note_visit(work, participant.code, participant.site)
    append_to(
        work,
        subject=subject_of(participant.code),
        kind="register_participant",
        content={
            "participant": participant.code,
            "provisional": bool(participant.provisional),
            "site": participant.site,
            "recorded_by": by.person,
        },
        recorded_at=participant.created_at,
    )
    return participant


def note_visit(work: Work, code: str, site: str) -> None:
    """The participant was at this site: from now on its people see the code. Noting it twice is once."""
    if work.session.get(ParticipantSite, (code, site)) is None:
        work.session.add(ParticipantSite(participant=code, site=site))
        work.flush()


def lock(work: Work, code: str) -> Participant:
    """The participant as they stand now, held until the transaction ends.

    Decisions, and steps that depend on one, lock first: whoever comes second sees what the first decided.
    """
    named = participant_named(work, code)
    locked = work.session.scalars(locking(select(Participant).where(Participant.code == named.code))).one()
    return locked if locked.linked_to is None else lock(work, locked.linked_to)


def record_consent(
    work: Work,
    by: Actor,
    *,
    participant: str,
    form_version: str,
    language: str,
    scopes: Iterable[str],
    effective_at: datetime,
    source: str,
    expires_at: datetime | None = None,
    signed_by: str | None = None,
    assent: bool | None = None,
) -> Consent:
    """One of somebody who left is kept like any other.

    Raises `ConsentRefused`, `NamesSomebody`, `ParticipantUnknown`. `signed_by` is a `Signer`;
    `assent` is a minor's own, beside the guardian's signature.
    """
    covered = checks.scopes_known(scopes)
    checks.form_names_nobody(form_version, source)
    checks.signed_by_now(effective_at, timedelta(minutes=work.settings.clock_skew_minutes))
    checks.ends_after_it_begins(effective_at, expires_at)
    signer, who = checks.signer_known(signed_by), lock(work, participant)
    checks.signer_fits_age(who, signer, assent)
    consent = Consent(
        participant=who.code,
        form_version=form_version,
        language=language,
        scopes=",".join(covered),
        effective_at=in_utc(effective_at),
        expires_at=expires_at,
        source=source,
        signed_by=signer,
        assent=assent,
        recorded_at=now(),
        recorded_by=by.person,
    )
    work.session.add(consent)
    work.flush()
    append_to(
        work,
        subject=subject_of(consent.participant),
        kind="consent",
        content=consent_content(consent),
        recorded_at=consent.recorded_at,
    )
    return consent


def begin_period(work: Work, by: Actor, consent: Consent) -> Period:
    """A new period of taking part, from when its consent was signed; whether it may begin, others asked."""
    period = Period(
        participant=consent.participant,
        consent_id=consent.id,
        begins_at=consent.effective_at,
        recorded_at=now(),
        recorded_by=by.person,
    )
    work.session.add(period)
    work.flush()
    append_to(
        work,
        subject=subject_of(period.participant),
        kind="period",
        content=period_content(period),
        recorded_at=period.recorded_at,
    )
    return period


def period_content(period: Period) -> dict[str, object]:
    """What the ledger keeps of a period; `verify` compares the two."""
    return {
        "period": period.id,
        "consent": period.consent_id,
        "begins_at": to_text(period.begins_at),
        "recorded_by": period.recorded_by,
    }


def end_scopes(work: Work, end: ScopeEnd) -> ScopeEnd:
    """Earlier consents cover these scopes no more; the participant is locked. Raises `ConsentRefused`."""
    end.scopes = ",".join(checks.scopes_known(end.ends))
    work.session.add(end)
    work.flush()
    append_to(
        work,
        subject=subject_of(end.participant),
        kind="scopes_ended",
        content=scope_end_content(end),
        recorded_at=end.recorded_at,
    )
    return end


def scope_end_content(end: ScopeEnd) -> dict[str, object]:
    """What the ledger keeps of it; `verify` compares the two."""
    return {
        "scope_end": end.id,
        "scopes": end.scopes.split(","),
        "requested_by": end.requested_by,
        "capacity": end.capacity,
        "channel": end.channel,
        "evidence": end.evidence,
        "decided_at": to_text(end.decided_at),
        "zone": end.zone,
        "offset_minutes": end.offset_minutes,
        "recorded_by": end.recorded_by,
    }


def consent_content(consent: Consent) -> dict[str, object]:
    """What the ledger keeps of a consent; `verify` compares the two. Who signed only where it was told."""
    told = {"signed_by": consent.signed_by, "assent": consent.assent}
    return {name: value for name, value in told.items() if value is not None} | {
        "consent": consent.id,
        "form_version": consent.form_version,
        "language": consent.language,
        "scopes": consent.scopes.split(","),
        "effective_at": to_text(consent.effective_at),
        "expires_at": text_or_none(consent.expires_at),
        "source": consent.source,
        "recorded_by": consent.recorded_by,
    }


def relink(work: Work, by: Actor, *, provisional: str, code: str, pattern: str) -> Participant:
    """The provisional code is `code`: consents, visits and decisions go over, both codes stay readable.

    Items are not known here: `wiring` lets them follow. Raises `NotProvisional`, `DecisionsDiffer`,
    `CodeRefused`.
    """
    upper = code.strip().upper()
    checks.code_well_formed(upper, pattern)
    before = work.session.get(Participant, provisional.strip().upper()) or participant_named(
        work, provisional
    )
    checks.is_provisional(before)
    target = work.session.get(Participant, upper) or _add(work, by, Participant(code=upper, site=before.site))
    for each in sorted({before.code, target.code}):
        lock(work, each)
    checks.decisions_agree(before, target)
    return _linked(work, by, before, target)


def merge(work: Work, by: Actor, *, code: str, into: str) -> Participant:
    """Two codes are one participant: `code` is linked to `into`, and both stay readable.

    What each decided stands; where that leaves the participant is for `withdrawals` to say. Items are not
    known here. Raises `ParticipantUnknown`, `OneCodeOnly`.
    """
    before, target = participant_named(work, code), participant_named(work, into)
    checks.two_codes(before, target)
    for each in sorted({before.code, target.code}):
        lock(work, each)
    return _linked(work, by, before, target)


def _linked(work: Work, by: Actor, before: Participant, target: Participant) -> Participant:
    _move(work, before, target)
    for participant in (before, target):
        append_to(
            work,
            subject=subject_of(participant.code),
            kind="relink_participant",
            content={"provisional": before.code, "participant": target.code, "recorded_by": by.person},
        )
    return target


def _move(work: Work, before: Participant, target: Participant) -> None:
    if before.decided_at is not None and target.decided_at is None:
        for name in ("left", "information", "samples", "decided_at", "decision_recorded_at"):
            setattr(target, name, getattr(before, name))
    target.deceased, target.deceased_on = (
        target.deceased or before.deceased,
        target.deceased_on or before.deceased_on,
    )
    target.minor = before.minor if target.minor is None else target.minor
    found, before.programme_hash = before.programme_hash, None
    before.linked_to, before.linked_at = target.code, now()
    work.flush()
    target.programme_hash = target.programme_hash or found
    work.session.execute(
        update(Consent).where(Consent.participant == before.code).values(participant=target.code),
    )
    for site in sites_visited(work, before.code):
        note_visit(work, target.code, site)
    work.flush()
