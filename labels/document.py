"""A PDF of ink: pages of whole dots, with their typefaces embedded, written operator by operator."""

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from typing import Any, cast

from reportlab.lib.rl_accel import fp_str
from reportlab.pdfbase import pdfdoc

from labels import data_matrix, fonts
from labels.code128 import bits
from labels.model import POINTS_PER_INCH, Block, Ink, Symbol, Symbology, Words
from labels.symbols import dark, runs

ESCAPED = str.maketrans({character: f"\\{character}" for character in "\\()"})

CODE_WORD, STOP = 11, 13
"""Modules of a code word of a Code 128 symbol, and of its last; each begins with a bar."""


class Document:
    """Pages of operators for one resolution; the same pages give the same bytes."""

    def __init__(self, title: str, dpi: int) -> None:
        self.dpi = dpi
        # The stubs know nothing of a document's own parts.
        self._pdf = cast("Any", pdfdoc.PDFDocument(compression=1, invariant=1))
        self._pdf.setTitle(title)
        self._pdf.Catalog.ViewerPreferences = pdfdoc.ViewerPreferencesPDFDictionary()
        self._pdf.Catalog.ViewerPreferences["PrintScaling"] = "None"
        self._bars: dict[tuple[int, int, int], list[tuple[slice, _CodeWord]]] = {}
        self._lines: dict[int, list[_Line]] = {}

    def add_page(self, width: int, height: int, operators: Iterable[str]) -> None:
        """A page of this many dots; its operators measure in dots, from its lower left corner."""
        scale = f"{POINTS_PER_INCH / self.dpi:.10f}"
        page = cast("Any", pdfdoc.PDFPage())
        page.pagewidth, page.pageheight = _page_points(width, self.dpi), _page_points(height, self.dpi)
        page.Resources = pdfdoc.PDFResourceDictionary()
        page.Resources.basicFonts()
        page.Resources.basicProcs()
        content = "\n".join([f"{scale} 0 0 {scale} 0 0 cm", *operators, ""])
        page.Contents = pdfdoc.PDFStream(content=content, filters=[_Deflate()])
        self._pdf.addPage(page)

    def finish(self) -> bytes:
        output = BytesIO()
        self._pdf.SaveToFile(output, None)
        return output.getvalue()

    def operators(self, marks: Sequence[Ink], left: int, top: int) -> Iterator[str]:
        """Marks from this corner of the page on; shapes first, so that white words stand on their black."""
        for mark in marks:
            if isinstance(mark, Block):
                x, y = left + mark.x, top - mark.y - mark.height
                yield f"{x} {y} {mark.width} {mark.height} re f"
            elif isinstance(mark, Symbol):
                yield self.symbol_operators(mark, mark.text, left, top)
        for mark in marks:
            if isinstance(mark, Words):
                yield self.words_operators(mark, left, top)

    def words_operators(self, words: Words, left: int, top: int) -> str:
        before, shown, after = self.spoken(words)
        return f"{before} {left + words.x} {top - words.baseline} {shown}{after}"

    def spoken(self, words: Words) -> tuple[str, str, str]:
        """What stands before the place of a text, what shows it, and what ends it.

        Plain letters stay readable in the file; others are codes of the subsets that hold them.
        """
        typeface, size = fonts.typeface(words.font), fp_str(words.size)
        shown = " ".join(
            f"{typeface.getSubsetInternalName(subset, self._pdf)} {size} Tf {_text(codes)} Tj"
            for subset, codes in typeface.splitString(words.text, self._pdf)
        )
        colour, black = ("1 g ", " 0 g") if words.white else ("", "")
        return f"{colour}BT {'0 -1 1 0' if words.turned else '1 0 0 1'}", f"Tm {shown}", f" ET{black}"

    def symbol_operators(self, symbol: Symbol, text: str, left: int, top: int) -> str:
        """The symbol with this text, which takes as many modules as its own."""
        place = f"q 1 0 0 1 {left + symbol.x} {top - symbol.y - symbol.height} cm"
        if not symbol.turned and symbol.symbology is Symbology.CODE_128:
            return f"{place}{self._standing_bars(text, symbol.module, symbol.height)} f Q"
        if not symbol.turned:
            return f"{place} {symbol.module} 0 0 {symbol.module} 0 0 cm{self._standing_squares(text)} f Q"
        areas = dark(symbol if symbol.text == text else replace(symbol, text=text))
        rectangles = " ".join(
            f"{x} {symbol.height - y - high} {wide} {high} re" for x, y, wide, high in areas
        )
        return f"{place} {rectangles} f Q"

    def _standing_bars(self, text: str, module: int, height: int) -> str:
        """Bars code word by code word: there are few, and each is drawn once for every place it stands in."""
        modules = bits(text)
        key = len(modules), module, height
        known = self._bars.get(key) or self._bars.setdefault(key, _code_words(*key))
        return "".join([drawn[modules[place]] for place, drawn in known])

    def _standing_squares(self, text: str) -> str:
        """Rows and columns likewise, measured in modules."""
        lines = data_matrix.lines(text)
        known = self._lines.get(len(lines))
        if known is None:
            known = self._lines[len(lines)] = [_Line(number, len(lines) // 2) for number in range(len(lines))]
        return "".join([drawn[line] for drawn, line in zip(known, lines, strict=True)])


class _Line(dict[str, str]):
    """The dark runs of one row of a Data Matrix, or of a column after all rows, by its modules."""

    def __init__(self, number: int, side: int) -> None:
        self._row = number < side
        self._place = side - 1 - number if self._row else number - side
        self._side = side

    def __missing__(self, line: str) -> str:
        if self._row:
            drawn = [f" {at} {self._place} {long} 1 re" for at, long in runs(line)]
        else:  # its single modules are drawn by the rows
            drawn = [
                f" {self._place} {self._side - at - long} 1 {long} re" for at, long in runs(line) if long > 1
            ]
        self[line] = text = "".join(drawn)
        return text


class _CodeWord(dict[str, str]):
    """The bars of one place of a Code 128 symbol, by the modules of the code word that stands there."""

    def __init__(self, first: int, module: int, height: int) -> None:
        super().__init__()
        self._first, self._module, self._height = first, module, height

    def __missing__(self, modules: str) -> str:
        self[modules] = drawn = "".join(
            f" {(self._first + at) * self._module} 0 {wide * self._module} {self._height} re"
            for at, wide in runs(modules)
        )
        return drawn


def _code_words(modules: int, module: int, height: int) -> list[tuple[slice, _CodeWord]]:
    # The last code word and the final bar are drawn together.
    edges = [*range(0, modules - STOP + 1, CODE_WORD), modules]
    return [(slice(first, end), _CodeWord(first, module, height)) for first, end in pairwise(edges)]


def literal(text: str) -> str:
    """Plain ASCII as a PDF says it: in every subset each character is its own code."""
    return f"({text.translate(ESCAPED)})"


def _text(codes: bytes) -> str:
    return literal(codes.decode()) if codes.isascii() and codes.decode().isprintable() else f"<{codes.hex()}>"


def _page_points(length_in_dots: int, dpi: int) -> float:
    """A hair short of its last dot: a page a hair beyond is rasterised with one dot more, and stretched."""
    return math.ceil(length_in_dots * POINTS_PER_INCH / dpi * 1000 - 1) / 1000


class _Deflate(pdfdoc.PDFStreamFilterZCompress):
    """Quick and one level only: the operators repeat so much that a thorough search saves little."""

    def encode(self, text: str) -> bytes:
        return zlib.compress(text.encode("latin-1"), 1)
