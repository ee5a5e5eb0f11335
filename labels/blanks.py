"""Labels before their texts: all that does not depend on them is worked out once, and kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from labels.errors import LabelError
from labels.marks import bars_symbol, matrix_symbol
from labels.model import Bars, Block, Drawn, Ink, Layout, Matrix, Row, Rule, Space, Template, Text
from labels.places import Face
from labels.rows import Box, Scale, dots, row_ink
from labels.spelling import SPELLINGS
from labels.templates import template_named
from labels.turning import turned

ROUNDING_MM = 0.05

FRAME_INSET_MM = 1.5

REMEMBERED = 512
"""Texts whose ink is kept for each place of a layout: a batch repeats its specimens, dates and kits."""


@dataclass(frozen=True, slots=True)
class Place:
    """How one part is laid out, and which texts it takes: 0 is the code, the lines count from 1."""

    lay: Callable[..., tuple[Ink, ...]]
    takes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    template: Template
    places: tuple[Place, ...]


@lru_cache(maxsize=256)
def blank(name: str, version: int | None, width_mm: float, height_mm: float, dpi: int) -> Blank:
    """Raises LabelError for a template that there is not, and for a label too small for it."""
    template = template_named(name, version)
    layout, upright = layout_for(template, width_mm, height_mm)
    # A label that is turned is laid out lying, and each mark then turned.
    wide_mm, high_mm = (width_mm, height_mm) if upright else (height_mm, width_mm)
    scale = Scale(dpi, min(wide_mm / layout.width_mm, high_mm / layout.height_mm))
    face = Face(name, layout, scale, dots(wide_mm, dpi), dots(high_mm, dpi))
    places = (_place(template, part, box, face, upright=upright) for part, box in face.places())
    return Blank(template, tuple(places))


def layout_for(template: Template, width_mm: float, height_mm: float) -> tuple[Layout, bool]:
    """The first layout that fits upright, else turned, and whether it is upright. Raises LabelError."""
    for upright in (True, False):
        wide, high = (width_mm, height_mm) if upright else (height_mm, width_mm)
        for layout in template.layouts:
            if _fits(layout, wide, high):
                return layout, upright
    smallest = template.layouts[-1]
    shape, choice = ("round, ", "another stock") if smallest.round else ("", "a larger stock")
    raise LabelError(
        f"A {template.name} label needs {shape}{smallest.width_mm:g} x {smallest.height_mm:g} mm, "
        f"and this stock has {width_mm:g} x {height_mm:g} mm; choose {choice}."
    )


def _fits(layout: Layout, width_mm: float, height_mm: float) -> bool:
    if layout.round and abs(width_mm - height_mm) > ROUNDING_MM:
        return False
    return layout.width_mm <= width_mm + ROUNDING_MM and layout.height_mm <= height_mm + ROUNDING_MM


def _place(template: Template, part: Drawn, box: Box, face: Face, *, upright: bool) -> Place:
    names, marks_of = _laid(part, box, face)

    def lay(*texts: str) -> tuple[Ink, ...]:
        marks = marks_of(*texts)
        return tuple(marks if upright else [turned(mark, face.height) for mark in marks])

    # A line of the template comes before a spelling of the code; the lines count from 1.
    positions = dict.fromkeys(SPELLINGS, 0) | {name: at for at, name in enumerate(template.lines, 1)}
    return Place(lru_cache(maxsize=REMEMBERED)(lay), tuple(positions[name] for name in names))


def _laid(part: Drawn, box: Box, face: Face) -> tuple[Sequence[str], Callable[..., Iterable[Ink]]]:
    """The names of the texts that a part takes, and what makes ink of them."""
    match part:
        case Bars():
            bars = bars_symbol(part, box, face)
            return ("id",), lambda text: [bars(text)]
        case Matrix():
            matrix = matrix_symbol(part, box, face)
            return ("id",), lambda text: [matrix(text)]
        case Row():
            names = _names(part)
            return names, lambda *texts: row_ink(part, _spelled(names, texts), box, face.scale)
        case Rule():
            middle = box.top + box.height // 2
            return (), lambda: [Block(box.left, middle, box.width, face.scale.hairline)]
        case _:
            return (), lambda: _frame(part, box, face.scale)


def _names(row: Row) -> list[str]:
    words = "".join(cell.words for cell in row.cells)
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(words) if name))


def _spelled(names: Sequence[str], texts: Sequence[str]) -> Mapping[str, str]:
    pairs = zip(names, texts, strict=True)
    return {name: SPELLINGS[name](text) if name in SPELLINGS else text for name, text in pairs}


def _frame(space: Space, box: Box, scale: Scale) -> Iterator[Ink]:
    yield from box.frame(scale.hairline)
    inset = scale.dots(FRAME_INSET_MM)
    caption = Box(box.left + inset, box.top + inset, box.width - 2 * inset, scale.dots(3))
    yield from row_ink(Row(3, (Text(space.caption, points=7),)), {}, caption, scale)
