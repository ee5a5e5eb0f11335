"""What a certificate's file says of itself: its one signature, what that covers, who vouches, its record.

Neither of two known tools is enough alone: pdfsig calls a page that was drawn over valid, and pyHanko's own
judgement lets added metadata pass. So every rule of ours is asked by itself, and has its own sentence.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from cryptography.x509 import Certificate, load_der_x509_certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, read_certification_data
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from biobank.destruction.proof import ATTACHMENT
from biobank.destruction.signer_files import LONGEST_CHAIN, fingerprint, is_issued_by, name_of
from biobank.destruction.signing import as_asn1
from biobank.ledger import offline_certificate

for name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(name).setLevel(logging.CRITICAL)  # what is wrong with a file is our answer

LARGEST = 32 * 1024 * 1024
"""Bytes; ten times the largest certificate that anybody has issued."""


@dataclass(frozen=True)
class Examined:
    """What was found. Without findings it is signed once, whole, by somebody who is vouched for."""

    findings: tuple[str, ...]
    record: bytes | None = None
    """The embedded record, byte for byte."""
    signed_by: str | None = None
    signed_at: datetime | None = None
    certificate_sha256: str | None = None


def examine(content: bytes, roots: Sequence[Certificate]) -> Examined:
    """Ask a file everything that can be asked without the database. Never raises for what is in the file."""
    try:
        reader = PdfFileReader(BytesIO(content[: LARGEST + 1]))
        fields = list(enumerate_sig_fields(reader, filled_status=True))
        record = _embedded(reader)
    except Exception:  # noqa: BLE001 (a file from outside may break a parser anywhere; all of it is one answer)
        return Examined(("This is no PDF file that can be read: it was damaged or is something else.",))
    if len(fields) != 1:
        return Examined((_of_number(len(fields)),), record)
    try:
        signature = EmbeddedPdfSignature(reader, fields[0][2], fields[0][0])
        status = asyncio.run(_status(signature, roots))
        signer = load_der_x509_certificate(signature.signer_cert.dump())
        findings = tuple(_findings(content, signature, status, signer, roots))
    except Exception:  # noqa: BLE001 (as above)
        return Examined(("Its signature cannot be read: it was damaged or is something else.",), record)
    if record is None:
        findings = (*findings, f"It holds no record as its one attachment, {ATTACHMENT}.")
    at = signature.self_reported_timestamp
    return Examined(findings, record, name_of(signer), at, fingerprint(signer))


def _embedded(reader: PdfFileReader) -> bytes | None:
    """The record, when it is the one thing attached to the file."""
    try:
        name, file = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except (KeyError, ValueError):
        return None
    return bytes(file.get_object()["/EF"]["/F"].data) if str(name) == ATTACHMENT else None


def _of_number(signatures: int) -> str:
    if not signatures:
        return "It bears no signature: it was taken away, or this is a copy of the pages only."
    return f"It bears {signatures} signatures and a certificate has exactly one: somebody else signed it too."


async def _status(signature: EmbeddedPdfSignature, roots: Sequence[Certificate]) -> PdfSignatureStatus:
    """As of the moment that the file itself tells; nothing is fetched."""
    context = ValidationContext(
        trust_roots=[as_asn1(root) for root in roots],
        moment=signature.self_reported_timestamp,
        allow_fetching=False,
        retroactive_revinfo=True,
    )
    return await async_validate_pdf_signature(signature, context, skip_diff=True)


def _findings(
    content: bytes,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    signer: Certificate,
    roots: Sequence[Certificate],
) -> Iterator[str]:
    yield from _of_what_it_covers(content, signature, intact=status.intact)
    if signature.signer_info["sid"].chosen["issuer"].dump() != signer.issuer.public_bytes():
        yield "Its signature names its signer in other letters than the signer's certificate."
    if status.intact and not status.valid:
        yield "Its signature was not made by the key that it names: it is false."
    certified = read_certification_data(signature.reader)
    if certified is None or certified.permission is not MDPPerm.NO_CHANGES:
        yield "It was not certified as a file in which nothing may be changed, as every certificate is."
    if signature.self_reported_timestamp is None:
        yield "Its signature does not say when it was made."
    else:
        between = [load_der_x509_certificate(each.dump()) for each in signature.other_embedded_certs]
        doubt = _of_who_vouches(signer, between, roots, signature.self_reported_timestamp)
        judged = status.intact and status.valid  # of a changed file nobody asks what its signer may sign
        if doubt or (judged and not status.trusted):
            yield doubt or f"The certificate of {name_of(signer)} is not for signing documents."


def _of_what_it_covers(content: bytes, signature: EmbeddedPdfSignature, *, intact: bool) -> Iterator[str]:
    start, length, second, rest = (int(each) for each in signature.byte_range)
    container = content[length:second]
    whole = start == 0 and second + rest == len(content)
    if not intact:
        yield "It was changed after it was signed: its content is not what the signature was made for."
    elif not whole:
        added = len(content) - second - rest
        yield f"It was added to after it was signed: {added} bytes lie outside of what the signature covers."
    elif not _is_written_as_ours(container):
        yield "Something was written into the place of its signature, which the signature cannot cover."


def _is_written_as_ours(container: bytes) -> bool:
    """Whether the room that was kept for the signature holds it in the one way it can be written, and zeros.

    Signatures answer for what is signed and by whom, and for nothing else of how they are told.
    """
    try:
        offline_certificate.read_signature(container)
    except Exception:  # noqa: BLE001 (as above)
        return False
    return True


def _of_who_vouches(
    signer: Certificate, between: Sequence[Certificate], roots: Sequence[Certificate], at: datetime
) -> str | None:
    name = name_of(signer)
    if not roots:
        return f"Nothing here vouches for {name}: no root's certificate is known."
    path = _path(signer, between, roots)
    if not path:
        return f"No trusted root vouches for {name}: it is somebody else's signature, whatever name it bears."
    for each in path:
        if not each.not_valid_before_utc <= at <= each.not_valid_after_utc:
            start, end = each.not_valid_before_utc, each.not_valid_after_utc
            return (
                f"The certificate of {name_of(each)} was in force from {start:%Y-%m-%d} to {end:%Y-%m-%d}, "
                f"not on {at:%Y-%m-%d}, when the file says that it was signed."
            )
    return None


def _path(
    signer: Certificate, between: Sequence[Certificate], roots: Sequence[Certificate]
) -> list[Certificate]:
    """From the signer to a root that vouches; empty when there is none."""
    path = [signer]
    while len(path) <= LONGEST_CHAIN:
        for root in roots:
            if is_issued_by(path[-1], root):
                return [*path, root]
        above = [each for each in between if each not in path and is_issued_by(path[-1], each)]
        if not above:
            break
        path.append(above[0])
    return []
