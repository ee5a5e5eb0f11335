"""The end of a certificate: by what it is to be checked, how, and the record that it carries as a file."""

from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFDocument,
    PDFName,
    PDFObject,
    PDFStream,
    PDFString,
)
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Spacer

from biobank.destruction.signed_records import Record
from biobank.destruction.typography import BODY, HEADING, MONO, marked
from biobank.items.identifiers import printed

ATTACHMENT = "certificate.json"
JSON = "/application#2Fjson"
"""The type of the attachment as a PDF name; reportlab escapes no slash."""


class Referred(PDFObject):
    """An object that stands on its own in the file, where it is mentioned as a reference to it."""

    def __init__(self, target: PDFObject) -> None:
        self.target = target

    def format(self, document: PDFDocument) -> bytes:
        reference: bytes = document.Reference(self.target).format(document)  # type: ignore[no-untyped-call]  # reportlab's stubs leave it untyped
        return reference


def attach(canvas: Canvas, text: bytes) -> None:
    """Embed the record as a file that any PDF reader can save."""
    stream = PDFStream(PDFDictionary({"Type": PDFName("EmbeddedFile"), "Subtype": JSON}), text)
    file = PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(ATTACHMENT),
            "UF": PDFString(ATTACHMENT),
            "Desc": PDFString("The record of this certificate, as JSON"),
            "EF": PDFDictionary({"F": Referred(stream)}),
        },
    )
    names = PDFDictionary({"Names": PDFArray([PDFString(ATTACHMENT), Referred(file)])})
    canvas.setCatalogEntry("Names", PDFDictionary({"EmbeddedFiles": names}))


def proof(record: Record) -> list[Flowable]:
    """What to keep and what to compare: the signer, the checkpoint of the log, the hashes."""
    gap = Spacer(0, 1.5 * mm)
    return [
        Paragraph("Proof, and how to check it", HEADING),
        Paragraph(_of_the_log(record), BODY),
        gap,
        Paragraph(_checkpoint(record), MONO),
        gap,
        *(Paragraph(f"{what}: {escape(value)}", MONO) for what, value in _compared(record)),
        gap,
        *(
            Paragraph(f"{number}. {marked(step)}", BODY)
            for number, step in enumerate(_steps(record), start=1)
        ),
    ]


def _of_the_log(record: Record) -> str:
    return (
        "Every step above is an entry of an append-only log. The signed checkpoint below fixes that log as "
        f"it was when this certificate was issued: {record['ledger']['size']} entries. Keep this page: with "
        "it, any later change of those entries is found."
    )


def _checkpoint(record: Record) -> str:
    lines = record["ledger"]["checkpoint"].rstrip("\n").split("\n")
    return "<br/>".join(escape(line) or "&nbsp;" for line in lines)


def _compared(record: Record) -> list[tuple[str, str]]:
    signed = record["signed_with"]
    return [
        ("Public key of the log", record["ledger"]["public_key"]),
        ("SHA-256 of the confirmed record", record["order_record_sha256"]),
        ("SHA-256 of the signer's certificate", signed["certificate_sha256"]),
        ("SHA-256 of the root above it", signed["root_sha256"]),
    ]


def _steps(record: Record) -> tuple[str, str, str]:
    signature = (
        f"This file bears exactly one electronic signature, of {record['signed_with']['name']}. It covers "
        "the whole file and allows no change. Ask the biobank by another way for its root's certificate, "
        "compare its SHA-256 with the one above, and let your PDF reader trust it."
    )
    readers = (
        "PDF readers show less than can be checked: some call a page that was drawn over valid. The biobank "
        "and its offline verifier accept the file only as it was issued, and say whether it was replaced "
        "since or is in question."
    )
    log = (
        "Without the biobank: ask for an export of the log and run the offline verifier on it with this "
        f"checkpoint and this public key. The entry of {printed(record['certificate'])} holds the SHA-256 of "
        f"this file and of the attached {ATTACHMENT}."
    )
    return signature, readers, log
