"""One row of a label: its texts share the width, shrink together, and are refused before they overflow."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from labels.errors import LabelError
from labels.fonts import CAP_HEIGHT, width_in_ems
from labels.model import (
    DOTS_PER_MODULE,
    MM_PER_INCH,
    POINTS_PER_INCH,
    Align,
    Block,
    Row,
    Text,
    Words,
)

GAP_MM = 1.0
"""Blank beside each text of a row."""

WRITE_LINE_MM = 0.6
"""A line to write on, and its caption, stand this far above the row's lower edge."""


@dataclass(frozen=True, slots=True)
class Box:
    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def frame(self, line: int) -> tuple[Block, ...]:
        """Its edges, `line` dots thick, inside it."""
        return (
            Block(self.left, self.top, self.width, line),
            Block(self.left, self.bottom - line, self.width, line),
            Block(self.left, self.top, line, self.height),
            Block(self.left + self.width - line, self.top, line, self.height),
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """From the millimetres and points of a layout to dots, enlarged by `factor` on a larger label."""

    dpi: int
    factor: float = 1

    def dots(self, millimetres: float) -> int:
        return dots(millimetres * self.factor, self.dpi)

    def size(self, points: float) -> float:
        return points * self.factor * self.dpi / POINTS_PER_INCH

    @property
    def hairline(self) -> int:
        return DOTS_PER_MODULE[self.dpi]


def dots(millimetres: float, dpi: int) -> int:
    return round(millimetres * dpi / MM_PER_INCH)


def row_ink(row: Row, texts: Mapping[str, str], box: Box, scale: Scale) -> Iterator[Words | Block]:
    """The texts of a row in `box`, an empty one left out. Raises LabelError when they cannot fit."""
    if row.inverse:
        yield Block(box.left, box.top, box.width, box.height)
        box = Box(box.left + box.height // 4, box.top, box.width - box.height // 2, box.height)
    cells = [(cell, text) for cell in row.cells if (text := cell.words.format_map(texts))]
    if row.folds and cells:
        yield from _folded(*cells[0], box, scale)
        return
    shrink = _shrink(cells, box.width, scale)
    written = any(cell.write_mm for cell in row.cells)
    placed = [_words(cell, text, box, scale, shrink, written=written) for cell, text in cells]
    for (cell, _), words in zip(cells, placed, strict=True):
        yield replace(words, white=True) if row.inverse else words
        if cell.write_mm:
            others = sum(other.width + scale.dots(GAP_MM) for other in placed if other is not words)
            yield _write_line(words, box, scale, others)


def _folded(cell: Text, text: str, box: Box, scale: Scale) -> Iterator[Words]:
    """One line, or two where the type can be larger: each as high as its share of the box."""
    size, _, _, lines = max(_folding(cell, lines, box, scale) for lines in _breaks(text))
    share = replace(cell, points=size / scale.factor)
    # All lines are as large as the widest allows, less what is lost to rounding up to whole dots.
    shrink = min(_shrink([(share, line)], box.width, scale) for line in lines)
    high = box.height // len(lines)
    for number, line in enumerate(lines):
        yield _words(share, line, replace(box, top=box.top + number * high, height=high), scale, shrink)


def _breaks(text: str) -> list[tuple[str, ...]]:
    words = text.split(" ")
    broken = ((" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words)))
    return [(text,), *(lines for lines in broken if all(lines))]


def _folding(
    cell: Text, lines: tuple[str, ...], box: Box, scale: Scale
) -> tuple[float, int, float, tuple[str, ...]]:
    """The best is the largest: in points as printed, the cell's own at most; then the shortest."""
    widest = max(width_in_ems(line, cell.font) for line in lines)
    size = min(box.height / len(lines), (box.width - scale.dots(GAP_MM) - 1) / max(widest, 0.01))
    points = min(size * POINTS_PER_INCH / scale.dpi, cell.points * scale.factor)
    return points, -len(lines), -widest, lines


def _shrink(cells: Sequence[tuple[Text, str]], width: int, scale: Scale) -> float:
    """The factor, at most 1, by which every text of the row is made smaller so that all fit."""
    lines = sum(scale.dots(cell.write_mm) for cell, _ in cells)
    # One dot more a text: each is rounded up to whole dots.
    room = width - lines - (scale.dots(GAP_MM) + 1) * len(cells)
    wished = sum(width_in_ems(text, cell.font) * scale.size(cell.points) for cell, text in cells)
    shrink = min(1, room / max(wished, 1))
    if any(cell.points * scale.factor * shrink < cell.floor for cell, _ in cells):
        together = " ".join(text for _, text in cells)
        raise LabelError(
            f"“{together}” does not fit in a line of {width * MM_PER_INCH / scale.dpi:.0f} mm "
            "at a size that can be read; shorten it."
        )
    return shrink


def _words(cell: Text, text: str, box: Box, scale: Scale, shrink: float, *, written: bool = False) -> Words:
    size = scale.size(cell.points) * shrink
    width = math.ceil(width_in_ems(text, cell.font) * size)
    spare = box.width - width
    left = box.left + {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[cell.align]
    room_below = scale.dots(WRITE_LINE_MM) if written else (box.height - size * CAP_HEIGHT) / 2
    baseline = round(box.top + box.height - room_below)
    return Words(text, cell.font, size, left, baseline, width, cell.align, pattern=cell.words)


def _write_line(words: Words, box: Box, scale: Scale, others: int) -> Block:
    left = words.x + words.width + scale.dots(GAP_MM)
    return Block(left, words.baseline, box.left + box.width - others - left, scale.hairline)
