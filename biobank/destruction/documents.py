"""The certificate of destruction as a PDF, drawn from its record, with the record embedded as JSON."""

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.colors import white
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Table,
)

from biobank.destruction import outside_words, words
from biobank.destruction.choices import CALLED_DESTROYED, LineEnd
from biobank.destruction.proof import attach, proof
from biobank.destruction.signed_records import Record
from biobank.destruction.typography import (
    BLUE,
    BODY,
    HEADING,
    LEAD,
    LEFT,
    MARGIN,
    QUIET,
    RIGHT,
    TERM,
    WIDTH,
    legible,
    marked,
    table,
)
from biobank.items.identifiers import printed
from biobank.printing import fonts

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
            attach(canvas, text)
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
    canvas.drawString(LEFT, height - 20 * mm, legible(record["programme"]))
    canvas.setFont(fonts.MONO_BOLD, 10)
    canvas.drawRightString(RIGHT, height - 20 * mm, name)
    canvas.setFillColor(QUIET)
    canvas.setFont(fonts.SANS, 7.5)
    canvas.drawString(LEFT, 11 * mm, f"{name}. Codes only: this page names no participant.")
    canvas.drawRightString(RIGHT, 11 * mm, f"Page {canvas.getPageNumber()} of {total}")
    canvas.restoreState()


def _story(record: Record, zone: str) -> list[Flowable]:
    order = record["order_record"]
    destroyed = [line for line in order["lines"] if line["outcome"] == LineEnd.DESTROYED]
    outside = [line for line in order["lines"] if "custodian" in line]
    others = [line for line in order["lines"] if line["outcome"] not in CALLED_DESTROYED]
    story: list[Flowable] = [Paragraph(marked(words.statement(order)), LEAD), _facts(record, zone)]
    if destroyed:
        story += _section("Destroyed", _destroyed(destroyed, order["batches"], zone))
    if outside:
        story += _section("Destroyed by who had it for us", _destroyed_outside(outside))
    if others:
        story += _section("Not destroyed under this order, and why", _not_destroyed(others, zone))
    if order["batches"]:
        story += _section("Waste batches", _batches(order["batches"], zone))
    story += [KeepTogether([Paragraph("Signed by", HEADING), _signatures(record, zone)])]
    story += [KeepTogether(_statements(order, zone))]
    story += [KeepTogether(proof(record))]
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
    cells = [[Paragraph(marked(term), TERM), Paragraph(marked(fact), BODY)] for term, fact in facts]
    pairs = [left + right for left, right in zip(cells[::2], cells[1::2], strict=True)]
    columns = [WIDTH * share for share in (0.15, 0.35, 0.12, 0.38)]
    return Table(
        pairs, columns, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    )


def _destroyed(lines: Sequence[Record], batches: Sequence[Record], zone: str) -> Table:
    known = {batch["batch"]: batch for batch in batches}
    rows = [
        (
            printed(line["item"]),
            words.material(line),
            words.quantity(line["volume_microlitres"]),
            words.place(line),
            f"{words.way(known[line['batch']])}; {line['grade']}",
            _when_and_where(line, known[line["batch"]], zone),
        )
        for line in lines
    ]
    head = ("Barcode", "Material", "Quantity", "Last place", "Method, grade", "When and where")
    return table(head, rows, (0.18, 0.18, 0.12, 0.18, 0.16, 0.18))


def _when_and_where(line: Record, batch: Record, zone: str) -> str:
    """A contractor tells the day alone; where, the record of its manifest says."""
    outside = outside_words.contractor_when(batch)
    return f"{outside}, outside" if outside else f"{words.when(line['occurred_at'], zone)}, {batch['place']}"


def _destroyed_outside(lines: Sequence[Record]) -> Table:
    rows = [
        (
            printed(line["item"]),
            f"{words.material(line)}, {words.quantity(line['volume_microlitres'])}",
            outside_words.custodian(line),
            outside_words.way(line["custodian"]),
            outside_words.day(line["custodian"]["destroyed_on"]),
            outside_words.proof(line["custodian"]),
        )
        for line in lines
    ]
    head = ("Barcode", "Material", "Custodian", "Method and run", "When", "Grade, and by whose word")
    return table(head, rows, (0.18, 0.14, 0.16, 0.14, 0.13, 0.25))


def _not_destroyed(lines: Sequence[Record], zone: str) -> Table:
    rows = [
        (
            printed(line["item"]),
            words.material(line),
            f"{words.OUTCOMES[LineEnd(line['outcome'])]}; {line['grade']}",
            words.when(line["occurred_at"], zone),
            words.why(line),
        )
        for line in lines
    ]
    head = ("Barcode", "Material", "Outcome, grade", "When", "Why")
    return table(head, rows, (0.18, 0.18, 0.17, 0.16, 0.31))


def _batches(batches: Sequence[Record], zone: str) -> Table:
    rows = [
        (
            printed(batch["batch"]),
            str(batch["pieces_counted"]),
            words.way(batch),
            _of_batch(batch, zone),
            batch["place"],
            batch["performer"]["printed_name"],
            batch["witness"]["printed_name"],
        )
        for batch in batches
    ]
    head = ("Batch", "Pieces", "Method and run", "When", "Where", "Performer", "Witness")
    return table(head, rows, (0.17, 0.085, 0.16, 0.15, 0.115, 0.16, 0.16))


def _of_batch(batch: Record, zone: str) -> str:
    outside = outside_words.contractor_when(batch)
    if outside is None:
        return words.when(batch["destroyed_at"], zone)
    return f"handed over {words.when(batch['handed_over_at'], zone)}; destroyed {outside}"


def _signatures(record: Record, zone: str) -> Table:
    given = {
        signature["signature"]: signature
        for batch in record["order_record"]["batches"]
        for signature in (batch["performer"], batch["witness"])
    } | {
        signature["signature"]: signature
        for told in words.accepted_outside(record["order_record"])
        for signature in [told["accepted"]]
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
    return table(("Name", "Role", "Meaning", "Signed"), rows, (0.2, 0.2, 0.42, 0.18))


def _statements(order: Record, zone: str) -> list[Flowable]:
    return [
        Paragraph("Statements", HEADING),
        Paragraph(f"Handling instruction. {marked(words.handling(order, zone))}", BODY),
        Paragraph(f"Legal holds. {marked(words.legal_hold(order, zone))}", BODY),
    ]
