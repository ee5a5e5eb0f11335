"""What a label, a stock, a template and the ink on a label are."""

from dataclasses import dataclass
from enum import StrEnum

from labels.fonts import SANS

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72

DOTS_PER_MODULE = {203: 2, 300: 3, 600: 6}
"""Dots of the narrowest bar at each resolution, 0.25 mm: whole, or bars come out unequal and do not scan."""

DOTS_PER_SQUARE = {203: 3, 300: 4, 600: 8}
"""Dots of a Data Matrix module, 0.34 mm or more; on the smallest labels it falls to `DOTS_PER_MODULE`."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its code, the template that draws it, and text for the template's lines, in their order."""

    id: str
    template: str
    lines: tuple[str, ...] = ()
    version: int | None = None
    """Of the template; none for its newest. What was printed once can be printed again as it was."""


@dataclass(frozen=True, slots=True)
class Stock:
    """The labels in the printer, in millimetres: a sheet with a grid, or a roll (one label a page)."""

    name: str
    title: str
    label_width_mm: float
    label_height_mm: float
    page_width_mm: float
    page_height_mm: float
    columns: int = 1
    rows: int = 1
    left_mm: float = 0
    top_mm: float = 0
    pitch_x_mm: float = 0
    pitch_y_mm: float = 0
    round: bool = False
    """A circle in its square, for a cap."""

    @property
    def labels_a_page(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Correction:
    """What one printer needs to hit the labels: the first one's shift, and what is added to each pitch."""

    x_mm: float = 0
    y_mm: float = 0
    pitch_x_mm: float = 0
    pitch_y_mm: float = 0


class Symbology(StrEnum):
    CODE_128 = "code_128"
    DATA_MATRIX = "data_matrix"


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a row; `{name}` is a line of the template, `{id}` the code as a person reads it.

    They shrink from `points` to `floor` to fit; what does not fit even then is refused.
    `write_mm` is the least length of a line to write on, which follows the words to the end of the row.
    """

    words: str
    points: float
    floor: float = 5
    font: str = SANS
    align: Align = Align.LEFT
    write_mm: float = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One text in the middle, or one at the left and one at the right edge; `inverse` is white on black.

    A row that `folds` has one text, and breaks it at a space where two lines can be larger than one.
    """

    height_mm: float
    cells: tuple[Text, ...]
    inverse: bool = False
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A thin line across the label, with air around it."""

    height_mm: float = 1.6


@dataclass(frozen=True, slots=True)
class Space:
    """A frame left empty for a mark that comes pre-printed, its caption in the corner."""

    height_mm: float
    caption: str


@dataclass(frozen=True, slots=True)
class Air:
    """Blank; without a height, what the other parts leave."""

    height_mm: float = 0


@dataclass(frozen=True, slots=True)
class Bars:
    """The Code 128 symbol of the label's code; it takes the height that the other parts leave."""

    air_mm: float = 0.6


@dataclass(frozen=True, slots=True)
class Matrix:
    """The Data Matrix of the label's code, as large as its column and the height that is left allow."""

    air_mm: float = 0.8


@dataclass(frozen=True, slots=True)
class Beside:
    """Two columns, the left or the right one with a width, the other with the rest, in the height left."""

    left: "tuple[Part, ...]"
    right: "tuple[Part, ...]"
    left_mm: float = 0
    right_mm: float = 0
    gap_mm: float = 1


Drawn = Row | Rule | Space | Bars | Matrix
Part = Drawn | Air | Beside


@dataclass(frozen=True, slots=True)
class Layout:
    """Parts from top to bottom for a label of this size; larger labels scale it up, upright ones turn it.

    On a `round` label everything stays inside the circle.
    """

    width_mm: float
    height_mm: float
    parts: tuple[Part, ...]
    margin_mm: float = 1.5
    round: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of label: the names of its lines, and its layouts, the first in its own size, then smaller.

    A version that was released stays as it is, for reprints; what changes becomes the next one.
    """

    name: str
    lines: tuple[str, ...]
    layouts: tuple[Layout, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Words:
    """Text from (`x`, `baseline`) on, in dots from the label's top left corner; `size` and `width` in dots.

    `turned` text runs downwards, its head to the right.
    """

    text: str
    font: str
    size: float
    x: int
    baseline: int
    width: int
    align: Align
    white: bool = False
    turned: bool = False
    pattern: str = ""
    """The template's words, before the label's lines were filled in."""


@dataclass(frozen=True, slots=True)
class Block:
    """A filled rectangle, in whole dots."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol's rectangle without its quiet zone; everything in it is a whole multiple of `module` dots.

    `turned` is a quarter clockwise: the bars of a Code 128 lie, the first one uppermost, like a ladder.
    """

    text: str
    symbology: Symbology
    x: int
    y: int
    width: int
    height: int
    module: int
    turned: bool = False


Ink = Words | Block | Symbol
