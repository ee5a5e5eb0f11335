"""The embedded typefaces: DejaVu, with a marked zero in the monospaced cut and names beyond Latin."""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

from labels.errors import LabelError

SANS = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
MONO = "DejaVuSansMono"
MONO_BOLD = "DejaVuSansMono-Bold"

CAP_HEIGHT = 0.729
"""Height of a capital letter in ems, the same in all four cuts."""

CUTTING = Lock()
"""Held while a typeface is cut down to the letters in use: one thread at a time reads its file."""

RIGHT_TO_LEFT = {"R", "AL", "AN"}


def register() -> None:
    """Make the four typefaces known to reportlab under the names SANS, BOLD, MONO and MONO_BOLD."""
    _typefaces()


def typeface(name: str) -> TTFont:
    return _typefaces()[name]


class _Typeface(TTFont):
    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 (reportlab's name)
        with CUTTING:
            super().addObjects(doc)


@cache
def _typefaces() -> dict[str, TTFont]:
    folder = Path(__file__).parent / "fonts"
    typefaces: dict[str, TTFont] = {
        name: _Typeface(name, folder / f"{name}.ttf") for name in (SANS, BOLD, MONO, MONO_BOLD)
    }
    for typeface in typefaces.values():
        pdfmetrics.registerFont(typeface)
    for name, bold in ((SANS, BOLD), (MONO, MONO_BOLD)):
        pdfmetrics.registerFontFamily(name, normal=name, bold=bold, italic=name, boldItalic=bold)
    return typefaces


@cache
def _glyphs(font: str) -> frozenset[int]:
    return frozenset(typeface(font).face.charToGlyph)


@lru_cache(maxsize=8192)
def width_in_ems(text: str, font: str) -> float:
    """How wide `text` is at size 1. Raises LabelError for a character that would not print, or wrongly."""
    advances = _advances(font)
    try:
        return sum(map(advances.__getitem__, text)) / 1000
    except _Unprintable as unprintable:
        raise LabelError(
            f"“{text}” holds {unprintable}, which the label typeface cannot print; replace it."
        ) from None


class _Unprintable(Exception):
    """A character, by its name."""


class _Advances(dict[str, float]):
    """How far each character moves on, in thousandths of an em, worked out when it is first met."""

    def __init__(self, font: str) -> None:
        self._font = font

    def __missing__(self, character: str) -> float:
        if not prints(character, self._font):
            raise _Unprintable(_named(character))
        self[character] = advance = float(typeface(self._font).stringWidth(character, 1000))
        return advance


@cache
def _advances(font: str) -> _Advances:
    return _Advances(font)


def prints(character: str, font: str) -> bool:
    """Whether a character comes out as it should."""
    # Letters that join or run right to left have glyphs but would come out unjoined and in the wrong order.
    return (
        ord(character) in _glyphs(font)
        and not unicodedata.category(character).startswith("C")
        and unicodedata.bidirectional(character) not in RIGHT_TO_LEFT
    )


def _named(character: str) -> str:
    return unicodedata.name(character, f"the control character U+{ord(character):04X}")
