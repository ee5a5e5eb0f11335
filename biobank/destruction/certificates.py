"""Whether a file is a certificate as it was issued, and what became of it since."""

import hashlib
from dataclasses import dataclass

import orjson
from sqlalchemy import select

from biobank.core.database import Work
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.items.identifiers import printed
from biobank.ledger.models import LedgerEntry


@dataclass(frozen=True)
class Verdict:
    """The answer about one file, in one sentence; `state` is what became of a genuine certificate."""

    genuine: bool
    sentence: str
    certificate: str | None = None
    state: str | None = None
    """`standing`, `in_question` or `replaced`."""


def judge(work: Work, content: bytes) -> Verdict:
    """Compare a file's bytes with what was issued and with the hash that the ledger keeps."""
    sha256 = hashlib.sha256(content).hexdigest()
    found = work.session.scalar(select(Certificate).where(Certificate.sha256 == sha256))
    if found is None:
        return Verdict(genuine=False, sentence="No certificate with exactly these bytes was issued here.")
    name = printed(found.identifier)
    if _in_ledger(work, found.identifier) != sha256:
        return Verdict(
            genuine=False,
            sentence=f"{name} differs from the hash that the ledger keeps of it; the database was changed.",
            certificate=found.identifier,
        )
    state, what = _since(work, found)
    return Verdict(True, f"{name} is as it was issued{what}.", found.identifier, state)


def _in_ledger(work: Work, identifier: str) -> str | None:
    body = work.session.scalar(
        select(LedgerEntry.body).where(LedgerEntry.subject == identifier, LedgerEntry.sequence == 1),
    )
    return orjson.loads(body).get("sha256") if body else None


def _since(work: Work, certificate: Certificate) -> tuple[str, str]:
    newer = work.session.scalar(
        select(Certificate.identifier).where(Certificate.replaces == certificate.identifier)
    )
    if newer is not None:
        return "replaced", f", and replaced by {printed(newer)}"
    order = work.session.get_one(DestructionOrder, certificate.order_id)
    if order.in_question is not None:
        return "in_question", f", and in question: {order.in_question.replace('_', ' ')}"
    return "standing", ""
