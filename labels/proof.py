"""The proof: what was made is rasterised at the printer's resolution and read back before it is printed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from labels.cells import cells_from, page_size, roll_cell
from labels.errors import LabelError
from labels.layout import symbols_of
from labels.model import Correction, Label, Stock, Symbology
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
    """Every label bears its own symbols, once, on whole dots of its own place, and nothing stands beside.

    For what `sheet_pdf` (a stock of several labels a page) or `roll_pdf` made of the same arguments. Raises
    ProofFailed with one sentence that names the page and what is missing or too much.
    """
    placed = list(_placed(labels, stock, start, dpi, correction))
    pages = [list(page) for _, page in groupby(placed, key=lambda place: place[2].page)]
    with Pages(pdf, dpi) as made:
        _prove_count(made.count, len(pages))
        for number, page in enumerate(pages):
            _prove_page(made.raster(number), page, f"Page {number + 1}", dpi)


def prove_codes(pdf: bytes, pages: Sequence[Iterable[tuple[Symbology, str]]], *, dpi: int = 300) -> None:
    """Each page bears exactly these symbols, wherever they stand. Raises ProofFailed."""
    with Pages(pdf, dpi) as made:
        _prove_count(made.count, len(pages))
        for number, codes in enumerate(pages):
            prove_raster(made.raster(number), Counter(codes), f"Page {number + 1}")


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


def _prove_page(raster: Raster, page: Sequence[Placed], where: str, dpi: int) -> None:
    width, height = page_size(page[0][1], dpi)
    if (raster.width, raster.height) != (width, height):
        raise ProofFailed(
            f"{where} is {raster.width} x {raster.height} dots and not {width} x {height}, and the printer "
            "would stretch it; do not print it, make it again."
        )
    for label, stock, cell in page:
        part = raster.cropped(cell.left, cell.top, cell.width, cell.height)
        prove_raster(part, Counter(symbols_of(label, stock, dpi)), f"{where}: the label of {label.id}")
    if not raster.blank_beside((at.left, at.top, at.width, at.height) for _, _, at in page):
        raise ProofFailed(
            f"{where} has ink beside the labels that were asked for; do not print it, make it again."
        )


def _codes(readings: Iterable[Reading]) -> Codes:
    return Counter((reading.symbology, reading.text) for reading in readings)


def _difference(asked: Codes, read: Codes) -> str:
    parts = []
    for codes, what in ((asked - read, "lacks"), (read - asked, "bears what was not asked for:")):
        if codes:
            parts.append(f"{what} {', '.join(f'{NAMES[how]} {text}' for how, text in codes.elements())}")
    return " and ".join(parts)
