"""Compliance and a second person sign one record in one request; nothing of it is done with one signature."""

from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.access.checks import permitted, shown_is_current
from biobank.access.models import Signature
from biobank.access.permissions import Permission
from biobank.access.queries import actor_named
from biobank.access.signatures import sign
from biobank.core.database import Work
from biobank.destruction.checks import compliance_decides
from biobank.ledger.operations import append_to
from biobank.participants.models import Participant
from biobank.participants.queries import subject_of
from biobank.withdrawals import checks
from biobank.withdrawals.choices import MEANINGS, SignedKind
from biobank.withdrawals.contents import change_content
from biobank.withdrawals.inputs import Change, TwoPeople
from biobank.withdrawals.models import RecordedDecision, SignedChange
from biobank.withdrawals.operations import asked_columns
from biobank.withdrawals.records import Shown


@dataclass(frozen=True, kw_only=True)
class About:
    """What a signed change is about, beside its participant."""

    decisions: tuple[RecordedDecision, ...] = ()
    death_id: int | None = None
    other: str | None = None
    order: str | None = None


def signed_by_two(
    work: Work,
    by: Actor,
    kind: SignedKind,
    change: Change,
    participant: Participant,
    shown: Shown,
    about: About,
) -> SignedChange:
    """Raises `OnlyCompliance`, `SamePerson`, `RecordChanged`, `PermissionMissing` and what `sign` raises."""
    record, sha256 = shown
    _different_people(by, change.signed)
    shown_is_current(change.signed.sha256, sha256)
    identifier = f"{participant.code}:{record['record']}"[:64]
    signatures = [
        sign(work, by, who.username, who.password, MEANINGS[kind], [(kind.value, identifier, sha256)])
        for who in (change.signed.first, change.signed.second)
    ]
    _may_sign(work, signatures)
    return _kept(work, by, kind, change, participant, sha256, signatures, about)


def _different_people(by: Actor, signed: TwoPeople) -> None:
    compliance_decides(by)
    first, second = (who.username.strip().lower() for who in (signed.first, signed.second))
    if first != by.person:
        raise checks.SamePerson(
            "The first signature is your own; sign with your own user name.", field="first"
        )
    if first == second:
        raise checks.SamePerson("The second signature is of another person.", field="second_signer")


def _may_sign(work: Work, signatures: list[Signature]) -> None:
    first, second = signatures
    permitted(actor_named(work, first.signer), Permission.REVERSE_DECISIONS)
    permitted(actor_named(work, second.signer), Permission.COUNTERSIGN_DECISIONS)


def _kept(
    work: Work,
    by: Actor,
    kind: SignedKind,
    change: Change,
    participant: Participant,
    sha256: str,
    signatures: list[Signature],
    about: About,
) -> SignedChange:
    first, second = signatures
    kept = SignedChange(
        participant=participant.code,
        kind=kind.value,
        decisions=",".join(str(decision.id) for decision in about.decisions) or None,
        death_id=about.death_id,
        other=about.other,
        order_identifier=about.order,
        record_sha256=sha256,
        first_signature=first.id,
        second_signature=second.id,
        **asked_columns(change, by),
    )
    work.session.add(kept)
    work.flush()
    append_to(
        work,
        subject=subject_of(participant.code),
        kind="signed_change",
        content=change_content(kept),
        recorded_at=kept.recorded_at,
    )
    return kept
