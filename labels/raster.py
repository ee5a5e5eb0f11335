"""Pages as a printer puts them down, one grey byte a dot, and what a scanner reads from them."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from threading import Lock
from typing import Self

import pypdfium2
import zxingcpp

from labels.errors import LabelError
from labels.model import POINTS_PER_INCH, Symbology

SYMBOLOGIES = {
    zxingcpp.BarcodeFormat.Code128: Symbology.CODE_128,
    zxingcpp.BarcodeFormat.DataMatrix: Symbology.DATA_MATRIX,
}

WHITE = b"\xff"

PURE = bytes(range(9)) + bytes(range(247, 256))
"""Black and white: an edge that lies between two dots leaves one of them grey."""

Area = tuple[int, int, int, int]
"""Left, top, width and height in dots."""

PDFIUM = Lock()
"""pdfium serves one thread at a time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One symbol that was read, and whether all its edges lie on whole dots."""

    symbology: Symbology
    text: str
    whole_dots: bool


@dataclass(frozen=True, slots=True)
class Raster:
    """Grey dots, row after row."""

    width: int
    height: int
    dots: memoryview

    def cropped(self, left: int, top: int, width: int, height: int) -> "Raster":
        """A part of it, as far as it lies on the page."""
        right, bottom = min(left + width, self.width), min(top + height, self.height)
        left, top = max(left, 0), max(top, 0)
        rows = b"".join(
            self.dots[row * self.width + left : row * self.width + right] for row in range(top, bottom)
        )
        return Raster(right - left, bottom - top, memoryview(rows))

    def readings(self, *, thorough: bool = False) -> list[Reading]:
        """Every symbol on it; `thorough` also looks for faint, small and inverted ones, and takes longer."""
        view = self.dots.cast("B", (self.height, self.width))
        found = zxingcpp.read_barcodes(
            view,
            formats=zxingcpp.BarcodeFormats(list(SYMBOLOGIES)),
            text_mode=zxingcpp.TextMode.Plain,
            binarizer=zxingcpp.Binarizer.LocalAverage if thorough else zxingcpp.Binarizer.FixedThreshold,
            try_downscale=thorough,
            try_invert=thorough,
        )
        return [Reading(SYMBOLOGIES[code.format], code.text, self._pure(code.position)) for code in found]

    def blank_beside(self, areas: Iterable[Area]) -> bool:
        """Whether all of it is white but for these areas."""
        rest = bytearray(self.dots)
        for left, top, width, height in areas:
            first, last = max(left, 0), min(left + width, self.width)
            for row in range(max(top, 0), min(top + height, self.height)):
                rest[row * self.width + first : row * self.width + last] = WHITE * (last - first)
        return rest.count(WHITE) == len(rest)

    def _pure(self, place: zxingcpp.Position) -> bool:
        corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
        left, right = min(at.x for at in corners), max(at.x for at in corners)
        top, bottom = min(at.y for at in corners), max(at.y for at in corners)
        return not any(
            bytes(self.dots[row * self.width + left : row * self.width + right]).translate(None, PURE)
            for row in range(top, bottom)
        )


class Pages:
    """The pages of a PDF in their printer's dots, one at a time. To be closed (`with`)."""

    def __init__(self, pdf: bytes, dpi: int) -> None:
        """Raises LabelError for what is no PDF."""
        self._scale = dpi / POINTS_PER_INCH
        try:
            with PDFIUM:
                self._document = pypdfium2.PdfDocument(pdf)
                self.count = len(self._document)
        except pypdfium2.PdfiumError as problem:
            raise LabelError(
                f"The document cannot be read back as PDF ({problem}); make it again."
            ) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with PDFIUM:
            self._document.close()

    def raster(self, number: int) -> Raster:
        """Of a page, counted from 0."""
        with PDFIUM, closing(self._document[number]) as page:
            bitmap = page.render(scale=self._scale, grayscale=True)
            with closing(bitmap):
                return Raster(bitmap.width, bitmap.height, memoryview(bitmap.buffer).cast("B"))

    def texts(self, number: int, areas: Iterable[Area]) -> list[str]:
        """What a person can read, and search, in each of these areas of a page."""
        with PDFIUM, closing(self._document[number]) as page, closing(page.get_textpage()) as text:
            height = page.get_height()
            return [
                text.get_text_bounded(
                    left / self._scale,
                    height - (top + high) / self._scale,
                    (left + wide) / self._scale,
                    height - top / self._scale,
                )
                for left, top, wide, high in areas
            ]
