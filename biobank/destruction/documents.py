"""The certificate of destruction as a PDF, drawn from its record, with the record embedded as JSON."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
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
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from biobank.destruction import words
from biobank.destruction.choices import LineEnd
from biobank.destruction.records import Record
from biobank.items.identifiers import printed
from biobank.printing import fonts

INK, QUIET, RULE, WASH = HexColor("#1b1b1b"), HexColor("#565c65"), HexColor("#a9aeb1"), HexColor("#f0f0f0")
BLUE = HexColor("#162e51")
MARGIN = 18 * mm
PADDING = 6
"""Points that reportlab leaves inside the margins."""
LEFT, RIGHT = MARGIN + PADDING, LETTER[0] - MARGIN - PADDING
WIDTH = RIGHT - LEFT
ATTACHMENT = "certificate.json"
JSON = "/application#2Fjson"
"""The type of the attachment as a PDF name; reportlab escapes no slash."""


def _style(
    name: str, size: float, *, font: str = fonts.SANS, color: Color = INK, **more: Any
) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.35, textColor=color, alignment=TA_LEFT, **more
    )


BODY = _style("body", 9)
LEAD = _style("lead", 11, spaceAfter=3 * mm)
CELL = _style("cell", 7.5)
CELL_HEAD = _style("cell head", 7.5, font=fonts.BOLD, color=white)
TERM = _style("term", 7.5, color=QUIET)
HEADING = _style("heading", 11, font=fonts.BOLD, color=BLUE, spaceBefore=5 * mm, spaceAfter=1.5 * mm)
MONO = _style("mono", 6.8, font=fonts.MONO)

HEADING_AND_ROWS = 40 * mm
"""A heading, the head of its table and its first rows."""


def certificate_pdf(record: Record, text: bytes, zone: str) -> bytes:
    """Draw it twice: the first time to know how many pages there are. `text` is embedded byte for byte."""
    fonts.register()
    _, pages = _drawn(record, text, zone, total=0)
    drawn, _ = _drawn(record, text, zone, total=pages)
    return drawn


def _drawn(record: Record, text: bytes, zone: str, *, total: int) -> tuple[bytes, int]:
    output = BytesIO()
    name = printed(record["certificate"])
    document = SimpleDocTemplate(
        output,
        pagesize=LETTER,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=34 * mm,
        bottomMargin=20 * mm,
        title=f"Certificate of destruction {name}",
        author=record["programme"],
        subject=f"Destruction order {printed(record['order_record']['order'])}",
        lang="en",
    )

    def frame(canvas: Canvas, _document: object) -> None:
        if canvas.getPageNumber() == 1:
            _attach(canvas, text)
        _frame(canvas, record, name, total)

    document.build(_story(record, zone), onFirstPage=frame, onLaterPages=frame)
    return output.getvalue(), document.page


def _frame(canvas: Canvas, record: Record, name: str, total: int) -> None:
    """The band at the head and the line at the foot of every page."""
    width, height = LETTER
    canvas.saveState()
    canvas.setFillColor(BLUE)
    canvas.rect(0, height - 26 * mm, width, 26 * mm, stroke=0, fill=1)
    canvas.setFillColor(white)
    canvas.setFont(fonts.BOLD, 17)
    title = "Supplementary certificate of destruction" if record["replaces"] else "Certificate of destruction"
    canvas.drawString(LEFT, height - 13 * mm, title)
    canvas.setFont(fonts.SANS, 9)
    canvas.drawString(LEFT, height - 20 * mm, record["programme"])
    canvas.setFont(fonts.MONO_BOLD, 10)
    canvas.drawRightString(RIGHT, height - 20 * mm, name)
    canvas.setFillColor(QUIET)
    canvas.setFont(fonts.SANS, 7.5)
    canvas.drawString(LEFT, 11 * mm, f"{name}. Codes only: this page names no participant.")
    canvas.drawRightString(RIGHT, 11 * mm, f"Page {canvas.getPageNumber()} of {total}")
    canvas.restoreState()


class Referred(PDFObject):
    """An object that stands on its own in the file, where it is mentioned as a reference to it."""

    def __init__(self, target: PDFObject) -> None:
        self.target = target

    def format(self, document: PDFDocument) -> bytes:
        reference: bytes = document.Reference(self.target).format(document)  # type: ignore[no-untyped-call]  # reportlab's stubs leave it untyped
        return reference


def _attach(canvas: Canvas, text: bytes) -> None:
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


def _story(record: Record, zone: str) -> list[Flowable]:
    order = record["order_record"]
    destroyed = [line for line in order["lines"] if line["outcome"] == LineEnd.DESTROYED]
    others = [line for line in order["lines"] if line["outcome"] != LineEnd.DESTROYED]
    story: list[Flowable] = [Paragraph(escape(words.statement(order)), LEAD), _facts(record, zone)]
    if destroyed:
        story += _section("Destroyed", _destroyed(destroyed, order["batches"], zone))
    if others:
        story += _section("Not destroyed under this order, and why", _not_destroyed(others, zone))
    if order["batches"]:
        story += _section("Waste batches", _batches(order["batches"], zone))
    story += [KeepTogether([Paragraph("Signed by", HEADING), _signatures(record, zone)])]
    story += [KeepTogether(_statements(order, zone))]
    story += [KeepTogether(_proof(record))]
    return story


def _section(heading: str, table: Table) -> list[Flowable]:
    """A heading never stands alone at the foot of a page, and a long table begins where there is room."""
    return [CondPageBreak(HEADING_AND_ROWS), Paragraph(heading, HEADING), table]


def _facts(record: Record, zone: str) -> Table:
    order, ordered = record["order_record"], record["order_record"]["ordered"]
    answers = (
        f"Information: {words.ANSWERS[ordered['information']]}. Samples: {words.ANSWERS[ordered['samples']]}."
    )
    facts = [
        ("Destruction order", printed(order["order"])),
        ("Participant", order["participant"]),
        ("Decision", answers + (" Leaves the programme." if ordered["leaves"] else "")),
        (
            "Asked by",
            f"{ordered['requested_by']} ({ordered['capacity'].replace('_', ' ')}), {ordered['channel']}",
        ),
        ("Decided", words.when(ordered["decided_at"], zone)),
        ("Recorded", words.when(ordered["recorded_at"], zone)),
        ("Issued", words.when(record["issued_at"], zone)),
        ("Replaces", printed(record["replaces"]) if record["replaces"] else "no earlier certificate"),
    ]
    cells = [[Paragraph(escape(term), TERM), Paragraph(escape(fact), BODY)] for term, fact in facts]
    pairs = [left + right for left, right in zip(cells[::2], cells[1::2], strict=True)]
    columns = [WIDTH * share for share in (0.15, 0.35, 0.12, 0.38)]
    return Table(
        pairs, columns, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float]) -> Table:
    """A table whose head is repeated on every page; cells are text, never markup."""
    cells = [[Paragraph(escape(text), CELL_HEAD) for text in head]]
    cells += [[Paragraph(escape(text), CELL) for text in row] for row in rows]
    style: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, 0), BLUE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, WASH]),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(cells, [WIDTH * share for share in shares], repeatRows=1, style=style)


def _destroyed(lines: Sequence[Record], batches: Sequence[Record], zone: str) -> Table:
    known = {batch["batch"]: batch for batch in batches}
    rows = [
        (
            printed(line["item"]),
            words.material(line),
            words.quantity(line["volume_microlitres"]),
            words.place(line),
            f"{words.way(known[line['batch']])}; {line['grade']}",
            f"{words.when(line['occurred_at'], zone)}, {known[line['batch']]['place']}",
        )
        for line in lines
    ]
    head = ("Barcode", "Material", "Quantity", "Last place", "Method, grade", "When and where")
    return _table(head, rows, (0.18, 0.18, 0.12, 0.18, 0.16, 0.18))


def _not_destroyed(lines: Sequence[Record], zone: str) -> Table:
    rows = [
        (
            printed(line["item"]),
            words.material(line),
            f"{words.OUTCOMES[LineEnd(line['outcome'])]}; {line['grade']}",
            words.when(line["occurred_at"], zone),
            words.REASONS[LineEnd(line["outcome"])],
        )
        for line in lines
    ]
    head = ("Barcode", "Material", "Outcome, grade", "When", "Why")
    return _table(head, rows, (0.18, 0.18, 0.17, 0.16, 0.31))


def _batches(batches: Sequence[Record], zone: str) -> Table:
    rows = [
        (
            printed(batch["batch"]),
            str(batch["pieces_counted"]),
            words.way(batch),
            words.when(batch["destroyed_at"], zone),
            batch["place"],
            batch["performer"]["printed_name"],
            batch["witness"]["printed_name"],
        )
        for batch in batches
    ]
    head = ("Batch", "Pieces", "Method and run", "When", "Where", "Performer", "Witness")
    return _table(head, rows, (0.18, 0.08, 0.18, 0.15, 0.13, 0.14, 0.14))


def _signatures(record: Record, zone: str) -> Table:
    given = {
        signature["signature"]: signature
        for batch in record["order_record"]["batches"]
        for signature in (batch["performer"], batch["witness"])
    }
    rows = [
        (
            signature["printed_name"],
            signature["role"].replace("_", " "),
            signature["meaning"],
            words.when(signature["signed_at"], zone),
        )
        for signature in [*given.values(), record["confirmed"]]
    ]
    return _table(("Name", "Role", "Meaning", "Signed"), rows, (0.2, 0.2, 0.42, 0.18))


def _statements(order: Record, zone: str) -> list[Flowable]:
    return [
        Paragraph("Statements", HEADING),
        Paragraph(f"Handling instruction. {escape(words.handling(order, zone))}", BODY),
        Paragraph(f"Legal holds. {escape(words.legal_hold(order))}", BODY),
    ]


def _proof(record: Record) -> list[Flowable]:
    ledger = record["ledger"]
    checkpoint = "<br/>".join(
        escape(line) or "&nbsp;" for line in ledger["checkpoint"].rstrip("\n").split("\n")
    )
    return [
        Paragraph("Proof, and how to check it", HEADING),
        Paragraph(
            "Every step above is an entry of an append-only log. The signed checkpoint below fixes that log "
            f"as it was when this certificate was issued: {ledger['size']} entries. Keep this page: with it, "
            "any later change of those entries is found.",
            BODY,
        ),
        Spacer(0, 1.5 * mm),
        Paragraph(checkpoint, MONO),
        Spacer(0, 1.5 * mm),
        Paragraph(f"Public key of the log: {escape(ledger['public_key'])}", MONO),
        Paragraph(f"SHA-256 of the confirmed record: {record['order_record_sha256']}", MONO),
        Spacer(0, 1.5 * mm),
        Paragraph(
            f"To check: save the attached {ATTACHMENT} and ask the biobank for an export of the log. Run its "
            "verifier on the export with this checkpoint and this public key; it recomputes the root and "
            "finds any entry that was changed, removed, inserted or re-ordered. The entry of "
            f"{printed(record['certificate'])} holds the SHA-256 of this file.",
            BODY,
        ),
    ]
