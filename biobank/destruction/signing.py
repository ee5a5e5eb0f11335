"""The one signature on a certificate: PAdES by pyHanko, certified with no changes allowed, made offline.

pyHanko takes a second to import, so this module is imported when the service starts or when it is needed.
"""

from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from biobank.destruction.signer_files import Signer, name_of

FIELD = "Certificate"
"""Name of the one signature field. It has no picture: what is said of the signer is drawn by us before."""
ROOM = 1024
"""Bytes kept free beside the certificates; to measure the room would cost a second signature."""


def certified(pdf: bytes, signer: Signer, reason: str) -> bytes:
    """The file with one signature over all of it. No network is used: no time stamp, no revocation lists."""
    described = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=name_of(signer.certificate),
        reason=reason,
        certify=True,
        subfilter=SigSeedSubFilter.PADES,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    made = PdfSigner(described, signer=_for_pyhanko(signer)).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=_room(signer)
    )
    return bytes(made.getvalue())


def _for_pyhanko(signer: Signer) -> SimpleSigner:
    certificate, *between = [as_asn1(each) for each in signer.chain]
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
    registry.register_multiple(between)
    key = signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        certificate, load_private_key_from_pemder_data(key, None), registry, embed_roots=False
    )


def as_asn1(certificate: Certificate) -> Any:
    """The same certificate as pyHanko takes it."""
    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(Encoding.DER))))


def _room(signer: Signer) -> int:
    """In hexadecimal digits, an even number."""
    return 2 * (ROOM + sum(len(each.public_bytes(Encoding.DER)) for each in signer.chain))
