"""Where the parts of a layout fall on a label, in whole dots, before any text is known."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from labels.model import Air, Bars, Beside, Drawn, Layout, Matrix, Part, Row
from labels.rows import GAP_MM, Box, Scale


@dataclass(frozen=True, slots=True)
class Face:
    """A label that is still blank: its layout, and its size in dots."""

    template: str
    layout: Layout
    scale: Scale
    width: int
    height: int

    @property
    def margin(self) -> int:
        return self.scale.dots(self.layout.margin_mm)

    def breadth(self, top: int, bottom: int) -> int:
        """How wide ink may be from `top` to `bottom`: all but the margins, or the chord of a round label."""
        if not self.layout.round:
            return self.width - 2 * self.margin
        radius = min(self.width, self.height) / 2 - self.margin
        far = max(abs(edge - self.height / 2) for edge in (top, bottom))
        return 2 * math.floor(math.sqrt(max(radius**2 - far**2, 0)))

    def places(self) -> Iterator[tuple[Drawn, Box]]:
        """Each part that draws ink, and its box; a symbol's box reaches to the label's edge."""
        margin = self.margin
        inside = Box(margin, margin, self.width - 2 * margin, self.height - 2 * margin)
        return self._stacked(self.layout.parts, inside)

    def _stacked(self, parts: Sequence[Part], box: Box) -> Iterator[tuple[Drawn, Box]]:
        left_over = box.height - sum(self._height(part) for part in parts)
        growing = sum(not self._height(part) for part in parts)
        top = box.top
        for part in parts:
            height = self._height(part) or left_over // growing
            yield from self._placed(part, Box(box.left, top, box.width, height))
            top += height

    def _height(self, part: Part) -> int:
        return 0 if isinstance(part, Bars | Matrix | Beside) else self.scale.dots(part.height_mm)

    def _placed(self, part: Part, box: Box) -> Iterator[tuple[Drawn, Box]]:
        match part:
            case Beside():
                left, right = self._columns(part, box)
                yield from self._stacked(part.left, left)
                yield from self._stacked(part.right, right)
            case Air():
                return
            case Bars():
                yield part, self._to_the_edge(box)
            case Row() if self.layout.round:
                # The row itself leaves a gap beside its text.
                breadth = self.breadth(box.top, box.bottom) + self.scale.dots(GAP_MM)
                yield part, replace(box, left=(self.width - breadth) // 2, width=breadth)
            case _:
                yield part, box

    def _columns(self, part: Beside, box: Box) -> tuple[Box, Box]:
        gap = self.scale.dots(part.gap_mm)
        right = self.scale.dots(part.right_mm) or box.width - gap - self.scale.dots(part.left_mm)
        left = box.width - gap - right
        return replace(box, width=left), replace(box, left=box.left + left + gap, width=right)

    def _to_the_edge(self, box: Box) -> Box:
        """The margin of the label is blank, as the quiet zone beside bars has to be."""
        left = 0 if box.left == self.margin else box.left
        right = box.left + box.width
        if right == self.width - self.margin:
            right = self.width
        return replace(box, left=left, width=right - left)
