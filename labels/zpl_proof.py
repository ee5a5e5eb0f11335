"""The proof of ZPL: its fields are read back, their symbols painted as the printer does, and decoded."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labels import code128
from labels.layout import ink, refuse_unknown_resolution, symbols_of
from labels.model import Block, Label, Stock, Symbol, Symbology, Words
from labels.pdf import own_roll
from labels.proof import ProofFailed, prove_raster
from labels.raster import Raster
from labels.rows import dots
from labels.symbols import Dark, dark

FORM = re.compile(
    r"\^XA\n\^CI28\n\^PW(?P<width>\d+)\n\^LL(?P<height>\d+)\n\^LH0,0\n(?P<fields>(?:\^F[^\n]*\^FS\n)*)\^XZ\n"
)

BOX = re.compile(r"\^FO(\d+),(\d+)\^GB(\d+),(\d+),(\d+)\^FS")

BARS = re.compile(r"\^FO(\d+),(\d+)\^BY(\d+)\^BC([NR]),(\d+),N,N,N,A\^FH\^FD([^^~]*)\^FS")

MATRIX = re.compile(r"\^FO(\d+),(\d+)\^BX([NR]),(\d+),200,(\d+),(\d+)(?:,,[^^~,])?\^FH\^FD([^^~]*)\^FS")

TEXT = re.compile(
    r"\^FT\d+,\d+(?:\^FB\d+,1,0,[CR])?\^A0[NR],\d+,\d+(?:\^FB\d+,1,0,[CR])?(?:\^FR)?\^FH\^FD([^^~]*)\^FS"
)

HEX = re.compile(rb"_([0-9A-F]{2})")

Mark = Block | Symbol | str


@dataclass(frozen=True, slots=True)
class _Form:
    """One label as the printer is told to draw it."""

    width: int
    height: int
    marks: tuple[Mark, ...]


def prove_zpl(data: bytes, labels: Sequence[Label], *, dpi: int = 203, stock: Stock | None = None) -> None:
    """Every form draws its label's symbols, once and whole, and says its texts.

    For what `zpl` made of the same arguments. Raises ProofFailed with one sentence that names the label and
    what is missing or too much, or a command that is none of those that this proof can follow.
    """
    refuse_unknown_resolution(dpi)
    forms = list(_forms(data))
    if len(forms) != len(labels) or not labels:
        raise ProofFailed(
            f"The file has {len(forms)} labels and not {len(labels)}; do not print it, make it again."
        )
    for number, (form, label) in enumerate(zip(forms, labels, strict=True), 1):
        _prove_form(form, label, stock or own_roll(label), dpi, f"Label {number}, {label.id},")


def _prove_form(form: _Form, label: Label, stock: Stock, dpi: int, where: str) -> None:
    width, height = dots(stock.label_width_mm, dpi), dots(stock.label_height_mm, dpi)
    if (form.width, form.height) != (width, height):
        raise ProofFailed(
            f"{where} is {form.width} x {form.height} dots and not {width} x {height}; make it again."
        )
    marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
    asked = Counter(mark.text for mark in marks if isinstance(mark, Words))
    said = Counter(mark for mark in form.marks if isinstance(mark, str))
    if said != asked:
        wrong = ", ".join(f"“{text}”" for text in ((asked - said) + (said - asked)))
        raise ProofFailed(f"{where} lacks or adds the text {wrong}; do not print it, make it again.")
    prove_raster(_painted(form, where), Counter(symbols_of(label, stock, dpi)), where)


def _painted(form: _Form, where: str) -> Raster:
    canvas = bytearray(b"\xff") * (form.width * form.height)
    for mark in form.marks:
        left, top, width, height = _room(mark)
        if left < 0 or top < 0 or left + width > form.width or top + height > form.height:
            raise ProofFailed(f"{where} has ink or a quiet zone beyond its edge; choose a larger stock.")
        for left, top, width, height in _areas(mark):
            for row in range(top, top + height):
                canvas[row * form.width + left : row * form.width + left + width] = bytes(width)
    return Raster(form.width, form.height, memoryview(canvas))


def _room(mark: Mark) -> Dark:
    """What a mark takes, with the blank that a scanner needs beside a symbol; texts may run as they do."""
    if isinstance(mark, str):
        return 0, 0, 0, 0
    x, y, width, height = mark.x, mark.y, mark.width, mark.height
    if isinstance(mark, Block):
        return x, y, width, height
    if mark.symbology is Symbology.DATA_MATRIX:
        return x - mark.module, y - mark.module, width + 2 * mark.module, height + 2 * mark.module
    quiet = code128.QUIET_MODULES * mark.module
    if mark.turned:
        return x, y - quiet, width, height + 2 * quiet
    return x - quiet, y, width + 2 * quiet, height


def _areas(mark: Mark) -> Iterator[Dark]:
    if isinstance(mark, Block):
        yield mark.x, mark.y, mark.width, mark.height
    elif isinstance(mark, Symbol):
        for left, top, width, height in dark(mark):
            yield mark.x + left, mark.y + top, width, height


def _forms(data: bytes) -> Iterator[_Form]:
    text, position = data.decode(errors="replace"), 0
    while position < len(text):
        form = FORM.match(text, position)
        if not form:
            raise ProofFailed("The file has a command that the proof cannot follow; do not print it.")
        marks = tuple(_mark(field) for field in form["fields"].splitlines())
        yield _Form(int(form["width"]), int(form["height"]), marks)
        position = form.end()


def _mark(field: str) -> Mark:
    for pattern, read in READ.items():
        if found := pattern.fullmatch(field):
            return read(*found.groups())
    raise ProofFailed(f"The field {field} is none that the proof can follow; do not print it.")


def _block(x: str, y: str, width: str, height: str, thick: str) -> Block:
    if int(thick) != min(int(width), int(height)):
        raise ProofFailed(f"The box {width} x {height} is not filled as it should be; do not print it.")
    return Block(int(x), int(y), int(width), int(height))


def _bars(x: str, y: str, module: str, way: str, length: str, text: str) -> Symbol:
    text = _unhexed(text)
    size = len(code128.bits(text)) * int(module), int(length)
    wide, high = size if way == "N" else size[::-1]
    return Symbol(text, Symbology.CODE_128, int(x), int(y), wide, high, int(module), turned=way == "R")


def _matrix(x: str, y: str, way: str, module: str, columns: str, rows: str, text: str) -> Symbol:
    size = int(columns) * int(module), int(rows) * int(module)
    return Symbol(
        _unhexed(text), Symbology.DATA_MATRIX, int(x), int(y), *size, int(module), turned=way == "R"
    )


def _unhexed(text: str) -> str:
    return HEX.sub(lambda code: bytes.fromhex(code[1].decode()), text.encode()).decode()


READ: Mapping[re.Pattern[str], Callable[..., Mark]] = {
    BOX: _block,
    BARS: _bars,
    MATRIX: _matrix,
    TEXT: _unhexed,
}
