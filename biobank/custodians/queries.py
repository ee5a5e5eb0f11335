"""Questions about custodians outside: which there are, what each holds, what they were asked and attested."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, or_, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import locking, row_numbered
from biobank.custodians.choices import PREFIX, custody_of
from biobank.custodians.models import (
    Attestation,
    AttestationEnd,
    AttestedPiece,
    Custodian,
    CustodianAsked,
)
from biobank.custody.states import State
from biobank.items.models import Item


class CustodianUnknown(NotFound):
    title = "Custodian unknown"


def custodian_named(work: Work, code: str, *, locked: bool = False) -> Custodian:
    """By its code, in whatever case it is typed. Raises `CustodianUnknown`."""
    question = select(Custodian).where(Custodian.code == code.strip().upper())
    found = work.session.scalar(locking(question) if locked else question)
    if found is None:
        raise CustodianUnknown(
            f"There is no custodian {code.strip()[:40]!r}; look the code up among the custodians outside.",
            field="custodian",
        )
    return found


def custodians(work: Work, *, in_use: bool | None = None) -> Sequence[Custodian]:
    question = select(Custodian).order_by(Custodian.code)
    return work.session.scalars(
        question if in_use is None else question.where(Custodian.in_use == in_use)
    ).all()


def sent_out_to(code: str, by: Actor) -> Select[Item]:
    """What a custodian holds of the sites of `by`, to be listed page by page."""
    return _sent_out(by).where(Item.custodian == custody_of(code))


def _sent_out(by: Actor) -> Select[Item]:
    question = select(Item).where(Item.state == State.SENT_OUT.value, Item.custodian.startswith(PREFIX))
    if by.sites is None:
        return question
    return question.where(or_(Item.site.in_(by.sites), Item.sent_to.in_(by.sites)))


def numbers_sent_out(work: Work, by: Actor) -> dict[str, int]:
    """How many specimens each custodian holds, by code."""
    held = _sent_out(by).subquery()
    question = select(held.c.custodian, func.count()).group_by(held.c.custodian)
    return {custody.removeprefix(PREFIX): number for custody, number in work.session.execute(question)}


class AttestationUnknown(NotFound):
    title = "Attestation unknown"


def attestation_numbered(work: Work, number: int, *, locked: bool = False) -> Attestation:
    """`locked` is for who decides about it: of two at once the second finds it decided.

    Raises `AttestationUnknown`.
    """
    found = row_numbered(work, Attestation, number, locked=locked)
    if found is None:
        raise AttestationUnknown(f"There is no attestation {number}; look through the list of attestations.")
    return found


def subject_of(attestation: Attestation) -> str:
    return f"attestation:{attestation.id}"


def pieces_attested(work: Work, attestation: Attestation) -> Sequence[AttestedPiece]:
    """In the order in which they were told."""
    question = select(AttestedPiece).where(AttestedPiece.attestation_id == attestation.id)
    return work.session.scalars(question.order_by(AttestedPiece.id)).all()


def end_of(work: Work, attestation: Attestation) -> AttestationEnd | None:
    """Whether it was accepted or refused; None while it waits for compliance."""
    question = select(AttestationEnd).where(AttestationEnd.attestation_id == attestation.id)
    return work.session.scalar(question)


ENDED = select(AttestationEnd.attestation_id)


def attestations(*, waiting: bool | None = None) -> Select[Attestation]:
    """All, those that wait for compliance, or those that do not any more."""
    question = select(Attestation)
    if waiting is None:
        return question
    return question.where(Attestation.id.not_in(ENDED) if waiting else Attestation.id.in_(ENDED))


def attested(work: Work, item_id: int) -> tuple[Attestation, AttestedPiece, AttestationEnd] | None:
    """The newest accepted attestation of a specimen."""
    question = (
        select(Attestation, AttestedPiece, AttestationEnd)
        .join(AttestedPiece, AttestedPiece.attestation_id == Attestation.id)
        .join(AttestationEnd, AttestationEnd.attestation_id == Attestation.id)
        .where(AttestedPiece.item_id == item_id, AttestationEnd.accepted.is_(True))
        .order_by(AttestationEnd.id.desc())
    )
    found = work.session.execute(question).first()
    return (found[0], found[1], found[2]) if found else None


def waiting_for(work: Work, item_id: int) -> Attestation | None:
    """The attestation of a specimen that waits for compliance."""
    question = (
        attestations(waiting=True)
        .join(AttestedPiece, AttestedPiece.attestation_id == Attestation.id)
        .where(AttestedPiece.item_id == item_id)
    )
    return work.session.scalar(question.order_by(Attestation.id))


def returned_for(work: Work, batch_id: int) -> Attestation | None:
    """The newest return of the manifest of a container that was not refused."""
    refused = select(AttestationEnd.attestation_id).where(AttestationEnd.accepted.is_(False))
    question = select(Attestation).where(Attestation.batch_id == batch_id, Attestation.id.not_in(refused))
    return work.session.scalar(question.order_by(Attestation.id.desc()))


def asked_about(work: Work, numbers: Iterable[int]) -> dict[int, CustodianAsked]:
    """The newest question to a custodian about each specimen."""
    question = select(CustodianAsked).where(CustodianAsked.item_id.in_(list(numbers)))
    return {asked.item_id: asked for asked in work.session.scalars(question.order_by(CustodianAsked.id))}
