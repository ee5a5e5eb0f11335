"""What somebody might do to a certificate: each way gives another file, and says what is to be heard of it."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import orjson
import pypdf
from pyhanko.pdf_utils.generic import StreamObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from biobank.core import moments
from biobank.destruction import signing
from biobank.destruction.documents import certificate_pdf
from biobank.destruction.signer_files import SIGNER, Signer, load_signer, read_key_and_chain
from biobank.destruction.signer_making import create_signer
from biobank.ledger.canonical import canonical_bytes


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def changed_page(content: bytes) -> bytes:
    at = content.index(b"endstream") - 20
    return flipped(content, at * 8)


def saved_again(content: bytes) -> bytes:
    writer, output = pypdf.PdfWriter(clone_from=BytesIO(content)), BytesIO()
    writer.write(output)
    return output.getvalue()


def updated(content: bytes, change) -> bytes:
    """An incremental update: everything that was there stays, byte for byte."""
    writer, output = IncrementalPdfFileWriter(BytesIO(content)), BytesIO()
    change(writer)
    writer.write(output)
    assert output.getvalue().startswith(content)
    return output.getvalue()


def drawn_over(content: bytes) -> bytes:
    def cover(writer):
        black = writer.add_object(StreamObject(stream_data=b"0 0 0 rg 40 40 400 400 re f"))
        writer.add_stream_to_page(0, black)

    return updated(content, cover)


def metadata_added(content: bytes) -> bytes:
    def name(writer):
        info = writer.trailer["/Info"]
        info["/Title"] = TextStringObject("Another title")
        writer.update_container(info)

    return updated(content, name)


def attachment_swapped(content: bytes) -> bytes:
    def swap(writer):
        file = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]
        file["/F"] = writer.add_object(StreamObject(stream_data=b'{"certificate":"none"}'))
        writer.update_container(file)

    return updated(content, swap)


def attachment_edited(content: bytes) -> bytes:
    return content.replace(b'"outcome":"destroyed"', b'"outcome":"consumed!"', 1)


def signature_removed(content: bytes) -> bytes:
    return content[: content.index(b"%%EOF") + 6]


def room_written_into(content: bytes) -> bytes:
    at = content.index(b"0000>")
    return content[:at] + b"0001" + content[at + 4 :]


def signed_twice(content: bytes, signer: Signer) -> bytes:
    """pyHanko itself would refuse to sign a certified file again; a forger's program does not."""

    class Forger(PdfSigner):
        def _enforce_certification_constraints(self, reader):
            return None

    second = PdfSignatureMetadata(
        field_name="Second", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    writer = IncrementalPdfFileWriter(BytesIO(content))
    return Forger(second, signer=signing._for_pyhanko(signer)).sign_pdf(writer).getvalue()


def drawn(record: dict, zone="America/Chicago") -> bytes:
    return certificate_pdf(record, canonical_bytes(record), zone)


def signed_as_approval(record: dict, signer: Signer) -> bytes:
    plain = PdfSignatureMetadata(
        field_name="Certificate", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    writer = IncrementalPdfFileWriter(BytesIO(drawn(record)))
    return PdfSigner(plain, signer=signing._for_pyhanko(signer)).sign_pdf(writer).getvalue()


def signed_with_form_filling(record: dict, signer: Signer) -> bytes:
    lax = PdfSignatureMetadata(
        field_name="Certificate", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        certify=True, docmdp_permissions=MDPPerm.FILL_FORMS,
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(BytesIO(drawn(record)))
    return PdfSigner(lax, signer=signing._for_pyhanko(signer)).sign_pdf(writer).getvalue()


def somebody_of_the_same_name(folder: Path, programme: str) -> Signer:
    create_signer(folder, programme, moments.now())
    return load_signer(folder, moments.now())


def somebody_whose_time_is_over(folder: Path, programme: str) -> Signer:
    """Under a root that is trusted and in date; the signer's two years were over a year ago."""
    then = moments.now() - timedelta(days=3 * 365)
    create_signer(folder, programme, then)
    key, chain = read_key_and_chain(folder / SIGNER)
    return Signer(key, chain, load_signer(folder, then).root)


def forgeries(content: bytes, signer: Signer, folder: Path, trust) -> dict[str, tuple[bytes, str]]:
    """Name of the deed: the file and the beginning of what is said of it. `trust` takes another folder's roots."""
    record = orjson.loads(pypdf.PdfReader(BytesIO(content)).attachments["certificate.json"][0])
    programme = record["programme"]
    other = record | {"order_record": record["order_record"] | {"participant": "A999999999"}}
    stranger = somebody_of_the_same_name(folder / "stranger", programme)
    expired = somebody_whose_time_is_over(folder / "expired", programme)
    trust(folder / "expired")
    never = dict(record, certificate="C000000000097")
    return {
        "changed page": (changed_page(content), "It was changed after it was signed"),
        "saved again": (saved_again(content), "It was changed after it was signed"),
        "drawn over": (drawn_over(content), "It was added to after it was signed"),
        "metadata added": (metadata_added(content), "It was added to after it was signed"),
        "attachment swapped": (attachment_swapped(content), "It was added to after it was signed"),
        "attachment edited": (attachment_edited(content), "It was changed after it was signed"),
        "one byte more": (content + b"\n", "It was added to after it was signed: 1 bytes"),
        "cut short": (content[:-200], "This is no PDF file that can be read"),
        "signature removed": (signature_removed(content), "It bears no signature"),
        "room written into": (room_written_into(content), "Something was written into the place"),
        "two signatures": (signed_twice(content, signer), "It bears 2 signatures"),
        "same name": (signing.certified(drawn(record), stranger, "x"), "No trusted root vouches for"),
        "expired": (signing.certified(drawn(record), expired, "x"), "The certificate of Signer"),
        "approval only": (signed_as_approval(record, signer), "It was not certified as a file"),
        "forms allowed": (signed_with_form_filling(record, signer), "It was not certified as a file"),
        "stolen key, other record": (
            signing.certified(drawn(other), signer, "x"),
            "Its embedded record is not",
        ),
        "stolen key, same record": (
            signing.certified(drawn(record), signer, "x"),
            "It is not the file that was",
        ),
        "stolen key, other number": (
            signing.certified(drawn(never), signer, "x"),
            "No certificate with these",
        ),
        "something else": (b"%PDF-1.7 nothing", "This is no PDF file that can be read"),
        "nothing": (b"", "This is no PDF file that can be read"),
    }
