"""What must hold before a participant is registered, collected from, or their material used."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import in_utc
from biobank.core.personal_shapes import ALWAYS, names_nobody
from biobank.participants.choices import Scope, Signer
from biobank.participants.models import Consent, Participant
from biobank.participants.queries import consent_for, standing

PROVISIONAL = re.compile(r"PV-[0-9A-F]{12}")
A_LETTER_AND_NINE_DIGITS = "[A-Z][0-9]{9}"
"""How codes look where the settings do not say otherwise."""
FIRST_CONSENT = datetime(1990, 1, 1, tzinfo=UTC)
"""No form of ours is older; a date before it is a birth date or a typing error."""


class CodeRefused(Invalid):
    title = "Participant code refused"


class ParticipantExists(Conflict):
    title = "Participant exists"


class ConsentRefused(Invalid):
    title = "Consent refused"


class CollectionStopped(Conflict):
    title = "No more collection"


class ConsentMissing(Conflict):
    title = "Consent missing"


class AgeMismatch(Conflict):
    title = "Wrong kit for the age"


class NotProvisional(Conflict):
    title = "Not provisional"


class OneCodeOnly(Conflict):
    title = "One code"


class DecisionsDiffer(Conflict):
    title = "Decisions differ"


def code_well_formed(code: str, pattern: str) -> None:
    """Raises `CodeRefused`, which never repeats what was typed: it may be a name."""
    if re.fullmatch(pattern, code):
        return
    if pattern == A_LETTER_AND_NINE_DIGITS:
        raise CodeRefused(
            "That is not a participant code: it is a letter and nine digits.", field="participant"
        )
    raise CodeRefused(
        "That is not a participant code: it does not look like one of this programme.", field="participant"
    )


def not_there_yet(work: Work, code: str) -> None:
    if work.session.get(Participant, code) is not None:
        raise ParticipantExists(f"There is a participant {code} already.", participant=code)


def scopes_known(scopes: Iterable[str]) -> list[str]:
    """The scopes without doubles, in a stable order."""
    asked = set(scopes)
    unknown = sorted(asked - set(Scope))
    if unknown or not asked:
        raise ConsentRefused(
            f"A consent covers some of {', '.join(Scope)}; {', '.join(unknown) or 'an empty list'} is none.",
            field="scopes",
        )
    return sorted(str(scope) for scope in asked)


def signer_known(signed_by: str | None) -> str | None:
    if signed_by is not None and signed_by not in set(Signer):
        raise ConsentRefused(f"A consent is signed by one of {', '.join(Signer)}.", field="signed_by")
    return str(signed_by) if signed_by is not None else None


def signer_fits_age(participant: Participant, signed_by: str | None, assent: bool | None) -> None:
    """Raises `ConsentRefused` for an adult; an unknown age may be a child's."""
    if participant.minor is not False:
        return
    if signed_by == Signer.GUARDIAN:
        raise ConsentRefused(
            f"{participant.code} is an adult, for whom no guardian signs; choose who signed the form.",
            field="signed_by",
        )
    if assent:
        raise ConsentRefused(
            f"{participant.code} is an adult; only a child's assent is recorded beside a signature.",
            field="assent",
        )


def signed_by_now(effective_at: datetime, skew: timedelta) -> None:
    """A form that was signed, neither ahead of our clock nor before there were any."""
    if in_utc(effective_at) > moments.now() + skew:
        raise ConsentRefused(
            f"{in_utc(effective_at):%Y-%m-%d %H:%M} UTC has not come yet; give the time at which the form "
            "was signed.",
            field="effective_at",
        )
    if in_utc(effective_at) < FIRST_CONSENT:
        raise ConsentRefused(
            f"No form was signed before {FIRST_CONSENT.year}; give the time at which the form was signed.",
            field="effective_at",
        )


def ends_after_it_begins(effective_at: datetime, expires_at: datetime | None) -> None:
    if expires_at is not None and in_utc(expires_at) <= in_utc(effective_at):
        raise ConsentRefused(
            "A consent expires after it becomes effective; check both times.", field="expires_at"
        )


def form_names_nobody(version: str, source: str) -> None:
    """Of a signed form its version and its number are kept. Raises `NamesSomebody`."""
    names_nobody("form_version", version, ALWAYS)
    names_nobody("source", source, ALWAYS)


def collection_open(participant: Participant) -> None:
    """Raises `CollectionStopped`, which says why and what to do."""
    now = standing(participant)
    if now.left:
        raise CollectionStopped(
            f"{participant.code} withdrew; do not collect, and keep the kit for somebody else.",
            participant=participant.code,
        )
    if now.died:
        raise CollectionStopped(
            f"{participant.code} is recorded as deceased; check the code, and call the lead.",
            participant=participant.code,
        )


def consented(work: Work, participant: Participant, scope: Scope | str, at: datetime) -> Consent:
    """The consent in force. Raises `ConsentMissing`."""
    consent = consent_for(work, participant.code, scope, at)
    if consent is None:
        raise ConsentMissing(
            f"{participant.code} has no valid consent for {scope}; ask for it first, or report one that "
            "was signed and not entered.",
            participant=participant.code,
            scope=str(scope),
        )
    return consent


def kit_fits_age(participant: Participant, *, pediatric: bool) -> None:
    """Raises `AgeMismatch` for an adult kit and a minor; an unknown age fits every kit."""
    if participant.minor and not pediatric:
        raise AgeMismatch(
            f"{participant.code} is a minor and this is an adult kit; take a pediatric one.",
            participant=participant.code,
        )


def is_provisional(participant: Participant) -> None:
    if not participant.provisional or participant.linked_to:
        raise NotProvisional(
            f"{participant.code} is not a provisional code that waits for its biobank id.",
            participant=participant.code,
        )


def two_codes(one: Participant, other: Participant) -> None:
    """Raises `OneCodeOnly`; a provisional code takes its biobank id, never the other way round."""
    if one.code == other.code:
        raise OneCodeOnly(f"Both are {one.code} already; nothing is left to link.", participant=one.code)
    if other.provisional:
        raise OneCodeOnly(
            f"{other.code} waits for its biobank id; link it to {one.code}, not the other way round.",
            participant=other.code,
        )


def decisions_agree(provisional: Participant, other: Participant) -> None:
    """Raises `DecisionsDiffer` when both decided something, and not the same."""
    mine, theirs = standing(provisional), standing(other)
    if mine.decided_at and theirs.decided_at and _answers(provisional) != _answers(other):
        raise DecisionsDiffer(
            f"{provisional.code} and {other.code} decided differently; compliance settles that "
            "before they are linked.",
            participant=provisional.code,
        )


def _answers(participant: Participant) -> tuple[bool, str | None, str | None]:
    return participant.left, participant.information, participant.samples
