"""The proof: what was made is rasterised at the printer's resolution and read back before it is printed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from unicodedata import normalize

from labels.cells import cells_from, page_size, roll_cell
from labels.errors import LabelError
from labels.layout import ink
from labels.model import Correction, Ink, Label, Stock, Symbol, Symbology, Words
from labels.pdf import NO_CORRECTION, Placed, own_roll
from labels.raster import Pages, Raster, Reading

NAMES: Mapping[Symbology, str] = {Symbology.CODE_128: "Code 128", Symbology.DATA_MATRIX: "Data Matrix"}

Codes = Counter[tuple[Symbology, str]]


class ProofFailed(LabelError):
    """What was made does not carry what was asked for; it is not to be printed."""


def prove_pdf(
    pdf: bytes,
    labels: Sequence[Label],
    stock: Stock | None = None,
    *,
    start: int = 1,
    dpi: int = 300,
    correction: Correction = NO_CORRECTION,
) -> None:
    """Every label bears its own symbols, once, on whole dots of its own place, its words, and nothing beside.

    For what `sheet_pdf` (a stock of several labels a page) or `roll_pdf` made of the same arguments. Raises
    ProofFailed with one sentence that names the page and what is missing or too much.
    """
    placed = list(_placed(labels, stock, start, dpi, correction))
    pages = [list(page) for _, page in groupby(placed, key=lambda place: place[2].page)]
    with Pages(pdf, dpi) as made:
        _prove_count(made.count, len(pages))
        for number, page in enumerate(pages):
            _prove_page(made, number, page, dpi)


def prove_pages(pdf: bytes, pages: Sequence[tuple[int, int, Sequence[Ink]]], dpi: int) -> None:
    """Each page, of this width and height in dots, bears these marks' symbols, no others, and their words.

    Raises ProofFailed.
    """
    with Pages(pdf, dpi) as made:
        _prove_count(made.count, len(pages))
        for number, (width, height, marks) in enumerate(pages):
            where, raster = f"Page {number + 1}", made.raster(number)
            _prove_size(raster, width, height, where)
            [text] = made.texts(number, [(0, 0, width, height)])
            _prove_marks(raster, text, marks, where)


def prove_raster(raster: Raster, asked: Codes, where: str) -> None:
    """It bears these symbols and no other. Raises ProofFailed, whose sentence begins with `where`."""
    readings = raster.readings()
    if _codes(readings) != asked:
        readings = raster.readings(thorough=True)
    if _codes(readings) != asked:
        raise ProofFailed(f"{where} {_difference(asked, _codes(readings))}; do not print it, make it again.")
    if not all(reading.whole_dots for reading in readings):
        raise ProofFailed(
            f"{where} has bars that lie beside the printer's dots and would come out unequal; "
            "do not print it, make it again."
        )


def _placed(
    labels: Sequence[Label], stock: Stock | None, start: int, dpi: int, correction: Correction
) -> Iterator[Placed]:
    if not labels:
        raise ProofFailed("There is no label to prove; choose at least one item.")
    if stock and stock.labels_a_page > 1:
        cells = cells_from(stock, start, len(labels), correction, dpi)
        yield from ((label, stock, cell) for label, cell in zip(labels, cells, strict=True))
        return
    for page, label in enumerate(labels):
        roll = stock or own_roll(label)
        yield label, roll, roll_cell(roll, page, correction, dpi)


def _prove_count(made: int, asked: int) -> None:
    if made != asked:
        raise ProofFailed(f"The document has {made} pages and not {asked}; do not print it, make it again.")


def _prove_page(made: Pages, number: int, page: Sequence[Placed], dpi: int) -> None:
    where, raster = f"Page {number + 1}", made.raster(number)
    _prove_size(raster, *page_size(page[0][1], dpi), where)
    areas = [(cell.left, cell.top, cell.width, cell.height) for _, _, cell in page]
    for (label, stock, _), area, text in zip(page, areas, made.texts(number, areas), strict=True):
        marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
        _prove_marks(raster.cropped(*area), text, marks, f"{where}: the label of {label.id}")
    if not raster.blank_beside(areas):
        raise ProofFailed(
            f"{where} has ink beside the labels that were asked for; do not print it, make it again."
        )


def _prove_size(raster: Raster, width: int, height: int, where: str) -> None:
    if (raster.width, raster.height) != (width, height):
        raise ProofFailed(
            f"{where} is {raster.width} x {raster.height} dots and not {width} x {height}, and the printer "
            "would stretch it; do not print it, make it again."
        )


def _prove_marks(raster: Raster, text: str, marks: Sequence[Ink], where: str) -> None:
    symbols = Counter((mark.symbology, mark.text) for mark in marks if isinstance(mark, Symbol))
    prove_raster(raster, symbols, where)
    said = _letters(text)
    for mark in marks:
        if isinstance(mark, Words) and _letters(mark.text) not in said:
            raise ProofFailed(f"{where} lacks the words “{mark.text}”; do not print it, make it again.")


def _letters(text: str) -> str:
    """Without blanks, which are where a reader of PDF thinks that there are some."""
    return "".join(normalize("NFKC", text).split())


def _codes(readings: Iterable[Reading]) -> Codes:
    return Counter((reading.symbology, reading.text) for reading in readings)


def _difference(asked: Codes, read: Codes) -> str:
    parts = []
    for codes, what in ((asked - read, "lacks"), (read - asked, "bears what was not asked for:")):
        if codes:
            parts.append(f"{what} {', '.join(f'{NAMES[how]} {text}' for how, text in codes.elements())}")
    return " and ".join(parts)
