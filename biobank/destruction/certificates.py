"""Whether a file is a certificate as it was issued, and what became of it since: asked here, or elsewhere."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from cryptography.x509 import Certificate as SigningCertificate
from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction.choices import OrderState
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.signer_files import certificate_folder, trusted_roots
from biobank.items.identifiers import Letter, printed, read_identifier
from biobank.ledger.models import LedgerEntry

UNSIGNED = "That was before certificates were signed: it bears no signature."
REOPENED = "The order is open again: something turned up."


@dataclass(frozen=True)
class Verdict:
    """The answer about one file; `state` is what became of a genuine certificate."""

    genuine: bool
    sentence: str
    certificate: str | None = None
    state: str | None = None
    """`standing`, `in_question` or `replaced`; `unknown` where nobody can say."""
    findings: tuple[str, ...] = ()
    """Everything that is wrong with it, a sentence each."""
    signed_by: str | None = None
    signed_at: datetime | None = None
    certificate_sha256: str | None = None
    """Of the signer's certificate."""


def judge(work: Work, content: bytes) -> Verdict:
    """Hold a file against its own signature, the stored record, and the hash that the ledger keeps."""
    sha256 = hashlib.sha256(content).hexdigest()
    issued = work.session.scalar(select(Certificate).where(Certificate.sha256 == sha256))
    if issued is not None and issued.signed_with is None:
        return _of_before_signing(work, issued, content)
    return _of_signed(work, content, sha256, trusted_roots(certificate_folder(work.settings)))


def _of_before_signing(work: Work, issued: Certificate, content: bytes) -> Verdict:
    """What earlier versions issued stays what it was: its bytes are in the ledger, nobody signed them."""
    name = printed(issued.identifier)
    findings = tuple(_unlike_what_was_issued(work, issued, hashlib.sha256(content).hexdigest()))
    if findings:
        return Verdict(False, findings[0], issued.identifier, findings=findings)
    state, what = _since(work, issued)
    sentence = in_turn(f"{name} is as it was issued.", UNSIGNED, what)
    return Verdict(True, sentence, issued.identifier, state)


def _of_signed(work: Work, content: bytes, sha256: str, roots: Sequence[SigningCertificate]) -> Verdict:
    from biobank.destruction.signed_files import examine

    examined = examine(content, roots)
    number = number_in(examined.record)
    issued = work.session.scalar(select(Certificate).where(Certificate.identifier == number))
    of_the_file = () if issued is not None and issued.signed_with is None else examined.findings
    findings = [*of_the_file, *_unlike_the_record(work, issued, examined.record, sha256)]
    told = (examined.signed_by, examined.signed_at, examined.certificate_sha256)
    if findings or issued is None:
        return Verdict(False, findings[0], number, None, tuple(findings), *told)
    state, what = _since(work, issued)
    sentence = in_turn(f"{printed(issued.identifier)} is as it was issued and signed.", what)
    return Verdict(True, sentence, issued.identifier, state, (), *told)


def number_in(record: bytes | None) -> str | None:
    """The certificate that an embedded record says it is; None for what is no number of a certificate."""
    try:
        told: Any = orjson.loads(record or b"null")
        number = read_identifier(str(told["certificate"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, DomainError):
        return None
    return number if number.startswith(Letter.CERTIFICATE) else None


def _unlike_the_record(
    work: Work, issued: Certificate | None, record: bytes | None, sha256: str
) -> Iterator[str]:
    if issued is None:
        yield "No certificate with these bytes or this record was issued here."
        return
    if record != issued.record.encode():
        yield f"Its embedded record is not the record with which {printed(issued.identifier)} was issued."
    yield from _unlike_what_was_issued(work, issued, sha256)


def _unlike_what_was_issued(work: Work, issued: Certificate, sha256: str) -> Iterator[str]:
    name, told = printed(issued.identifier), _in_ledger(work, issued.identifier)
    if told.get("sha256") != issued.sha256 or told.get("signed_with") != issued.signed_with:
        yield f"What is stored of {name} differs from what the ledger keeps of it; the database was changed."
    if told.get("sha256") != sha256:
        yield f"It is not the file that was issued as {name}: the ledger keeps another SHA-256."


def _in_ledger(work: Work, identifier: str) -> dict[str, Any]:
    body = work.session.scalar(
        select(LedgerEntry.body).where(LedgerEntry.subject == identifier, LedgerEntry.sequence == 1),
    )
    told: dict[str, Any] = orjson.loads(body) if body else {}
    return told


def _since(work: Work, certificate: Certificate) -> tuple[str, str]:
    newer = work.session.scalar(
        select(Certificate.identifier).where(Certificate.replaces == certificate.identifier)
    )
    if newer is not None:
        return "replaced", replaced_by(newer)
    order = work.session.get_one(DestructionOrder, certificate.order_id)
    why = order.in_question or (REOPENED if order.state == OrderState.REOPENED else None)
    return in_question(why) if why else ("standing", "")


def replaced_by(newer: str) -> str:
    return f"It was replaced by {printed(newer)}."


def in_question(why: str) -> tuple[str, str]:
    return "in_question", f"It is in question. {why.rstrip('.')}."


def in_turn(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
