"""Faces of labels as operators: laid out once for all labels whose texts are equally wide, then filled in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from string import digits
from unicodedata import normalize

from labels.document import Document, literal
from labels.errors import LabelError
from labels.fonts import BOLD, MONO, MONO_BOLD, SANS, width_in_ems
from labels.layout import ink, texts_by_name
from labels.model import Block, Ink, Label, Stock, Symbol, Words
from labels.spelling import SPELLINGS

ANY_DIGIT = str.maketrans(digits, "0" * len(digits))
"""Digits are equally wide in each typeface, and a symbol is as wide whichever digits it carries."""


TYPEFACES = (SANS, BOLD, MONO, MONO_BOLD)

Spoken = tuple[str, str | None]
"""A text, and how a PDF says it if it is plain ASCII."""


@dataclass(frozen=True, slots=True)
class _Blank:
    """Words whose text each label brings: which one, where, and the operators around it."""

    words: Words
    name: str
    same: Spoken | None
    """What every label says here, whatever it brings."""
    before: str
    middle: str
    after: str


@dataclass(frozen=True, slots=True)
class _Mould:
    """A face: blocks stay, symbols and texts are each label's own."""

    blocks: tuple[tuple[int, int, str], ...]
    """Left and bottom from the label's top left corner, and the operators after them."""
    symbols: tuple[Symbol, ...]
    blanks: tuple[_Blank, ...]
    spelled: tuple[str, ...]
    """Which spellings of the code are printed."""
    lines: tuple[str, ...]
    """The names of the template's lines."""


class Faces:
    """The faces of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._moulds: dict[tuple[object, ...], _Mould | None] = {}

    def operators(self, label: Label, stock: Stock, left: int, top: int) -> Sequence[str]:
        """The label's ink, from this corner on. Raises LabelError for what would not fit or not scan."""
        size = stock.label_width_mm, stock.label_height_mm
        lines = [_line(line) for line in label.lines]
        # A layout depends on how wide its texts are and on nothing else in them.
        widths = [width for _, width in lines]
        key = (label.template, label.version, size, label.id.translate(ANY_DIGIT), *widths)
        if mould := self._moulds.get(key):
            return self._filled(mould, label, [spoken for spoken, _ in lines], left, top)
        marks = ink(label, *size, self._document.dpi)
        if key not in self._moulds:
            self._moulds[key] = self._mould(label, marks)
        return list(self._document.operators(marks, left, top))

    def _filled(
        self, mould: _Mould, label: Label, lines: Sequence[Spoken], left: int, top: int
    ) -> Sequence[str]:
        document = self._document
        filled = [f"{left + x} {top - y} {rectangle}" for x, y, rectangle in mould.blocks]
        filled += [document.symbol_operators(symbol, label.id, left, top) for symbol in mould.symbols]
        said = dict(zip(mould.lines, lines, strict=False))
        for name in mould.spelled:
            said[name] = _spoken(SPELLINGS[name](label.id))
        for blank in mould.blanks:
            words = blank.words
            text, plain = blank.same or said[blank.name]
            if plain is None:
                filled.append(document.words_operators(replace(words, text=text), left, top))
            else:
                place = f"{left + words.x} {top - words.baseline}"
                filled.append(f"{blank.before} {place} {blank.middle}{plain}{blank.after}")
        return filled

    def _mould(self, label: Label, marks: list[Ink]) -> _Mould | None:
        """None for a face that says more than the template's words and lines: it is laid out each time."""
        texts = texts_by_name(label)
        words = [mark for mark in marks if isinstance(mark, Words)]
        symbols = tuple(mark for mark in marks if isinstance(mark, Symbol))
        if any(mark.text not in {mark.pattern, texts.get(_name(mark))} for mark in words) or any(
            mark.text != label.id for mark in symbols
        ):
            return None
        names = {_name(mark) for mark in words}
        return _Mould(
            tuple(
                (mark.x, mark.y + mark.height, f"{mark.width} {mark.height} re f")
                for mark in marks
                if isinstance(mark, Block)
            ),
            symbols,
            tuple(self._blank(mark) for mark in words),
            tuple(name for name in SPELLINGS if name in names),
            tuple(name for name in texts if name not in SPELLINGS),
        )

    def _blank(self, words: Words) -> _Blank:
        before, shown, after = self._document.spoken(replace(words, text="|"))
        font, end = shown.split(literal("|"))
        name = _name(words)
        return _Blank(words, name, None if name else _spoken(words.text), before, font, end + after)


def _name(words: Words) -> str:
    """Of the one line or spelling that they are; none for words that every label says."""
    name = words.pattern[1:-1]
    return name if words.pattern == f"{{{name}}}" else ""


def _spoken(text: str) -> Spoken:
    return text, literal(text) if text.isascii() else None


@lru_cache(maxsize=8192)
def _line(text: str) -> tuple[Spoken, str]:
    """A line as it is printed, and how wide it is in each typeface; none where one has no sign for it."""
    joined = normalize("NFC", text)
    # Word by word: where a line folds depends on how wide its parts are.
    words = joined.translate(ANY_DIGIT).split(" ")
    return _spoken(joined), repr([[_width(word, font) for word in words] for font in TYPEFACES])


def _width(text: str, font: str) -> float | None:
    try:
        return width_in_ems(text, font)
    except LabelError:
        return None
