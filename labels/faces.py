"""Faces of labels as operators: laid out once for all labels whose texts are equally wide, then filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from string import Formatter, digits
from unicodedata import normalize

from labels.document import Document, literal
from labels.errors import LabelError
from labels.fonts import BOLD, MONO, MONO_BOLD, SANS, width_in_ems
from labels.layout import ink, texts_by_name
from labels.model import Block, Ink, Label, Stock, Symbol, Words
from labels.spelling import SPELLINGS

ANY_DIGIT = str.maketrans(digits, "0" * len(digits))
"""Digits are equally wide in each typeface, and a symbol is as wide whichever digits it carries."""


@dataclass(frozen=True, slots=True)
class _Blank:
    """Words whose text each label brings, and the operators around the place and a text in plain ASCII."""

    words: Words
    name: str | None
    before: str
    middle: str
    after: str


@dataclass(frozen=True, slots=True)
class _Mould:
    """A face: blocks stay, symbols and texts are each label's own."""

    blocks: tuple[Block, ...]
    symbols: tuple[Symbol, ...]
    blanks: tuple[_Blank, ...]
    spelled: tuple[str, ...]
    """Which spellings of the code are printed."""
    lines: dict[str, str]
    """The template's lines by name, still empty."""


class Faces:
    """The faces of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._moulds: dict[tuple[object, ...], _Mould | None] = {}

    def operators(self, label: Label, stock: Stock, left: int, top: int) -> Iterator[str]:
        """The label's ink, from this corner on. Raises LabelError for what would not fit or not scan."""
        size = stock.label_width_mm, stock.label_height_mm
        # A layout depends on how wide its texts are and, where they do not fold, on nothing else in them.
        key = (label.template, label.version, size, label.id.translate(ANY_DIGIT), *map(_widths, label.lines))
        if mould := self._moulds.get(key):
            return self._filled(mould, label, left, top)
        marks = ink(label, *size, self._document.dpi)
        if key not in self._moulds:
            self._moulds[key] = self._mould(label, marks)
        return self._document.operators(marks, left, top)

    def _filled(self, mould: _Mould, label: Label, left: int, top: int) -> Iterator[str]:
        yield from self._document.operators(mould.blocks, left, top)
        for symbol in mould.symbols:
            yield self._document.symbol_operators(symbol, label.id, left, top)
        texts = {name: SPELLINGS[name](label.id) for name in mould.spelled} | mould.lines
        texts.update(zip(mould.lines, [normalize("NFC", line) for line in label.lines], strict=False))
        for blank in mould.blanks:
            words = blank.words
            text = texts[blank.name] if blank.name else words.pattern.format_map(texts)
            if text.isascii():
                place = f"{left + words.x} {top - words.baseline}"
                yield f"{blank.before} {place} {blank.middle}{literal(text)}{blank.after}"
            else:
                yield self._document.words_operators(replace(words, text=text), left, top)

    def _mould(self, label: Label, marks: list[Ink]) -> _Mould | None:
        """None for a face whose texts are not the template's words alone: it is laid out each time."""
        texts = texts_by_name(label)
        words = [mark for mark in marks if isinstance(mark, Words)]
        symbols = tuple(mark for mark in marks if isinstance(mark, Symbol))
        if any(mark.pattern.format_map(texts) != mark.text for mark in words) or any(
            mark.text != label.id for mark in symbols
        ):
            return None
        names = {name for mark in words for _, name, _, _ in Formatter().parse(mark.pattern) if name}
        return _Mould(
            tuple(mark for mark in marks if isinstance(mark, Block)),
            symbols,
            tuple(self._blank(mark) for mark in words),
            tuple(name for name in SPELLINGS if name in names),
            {name: "" for name in texts if name not in SPELLINGS},
        )

    def _blank(self, words: Words) -> _Blank:
        before, shown, after = self._document.spoken(replace(words, text="|"))
        font, end = shown.split(literal("|"))
        name = words.pattern[1:-1]
        return _Blank(words, name if words.pattern == f"{{{name}}}" else None, before, font, end + after)


@lru_cache(maxsize=8192)
def _widths(line: str) -> tuple[float | None, ...]:
    """In each typeface, and none in one that has no sign for it."""
    return tuple(_width(line.translate(ANY_DIGIT), font) for font in (SANS, BOLD, MONO, MONO_BOLD))


def _width(text: str, font: str) -> float | None:
    try:
        return width_in_ems(text, font)
    except LabelError:
        return None
