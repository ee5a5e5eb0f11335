"""The symbols of a label in the boxes that a layout leaves them: how large, and where."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from labels import code128, data_matrix
from labels.errors import LabelError
from labels.model import DOTS_PER_MODULE, DOTS_PER_SQUARE, Bars, Matrix, Symbol, Symbology
from labels.places import Face
from labels.rows import Box

WIDEST = 2
"""Modules grow with the label up to this many times the nominal width: 0.5 mm, enough for a metre away."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a symbol of so many modules stands, in dots."""

    x: int
    y: int
    width: int
    height: int
    module: int

    def symbol(self, text: str, symbology: Symbology) -> Symbol:
        return Symbol(text, symbology, self.x, self.y, self.width, self.height, self.module)


def bars_symbol(bars: Bars, box: Box, face: Face) -> Callable[[str], Symbol]:
    """Of a text, in the middle of the box. The symbol raises LabelError where its quiet zones do not fit."""

    @cache
    def spot(modules: int) -> Spot | None:
        nominal = DOTS_PER_MODULE[face.scale.dpi]
        widen = min(box.width // ((modules + 2 * code128.QUIET_MODULES) * nominal), WIDEST)
        air, width = face.scale.dots(bars.air_mm), modules * nominal * widen
        left = box.left + (box.width - width) // 2
        return Spot(left, box.top + air, width, box.height - 2 * air, nominal * widen) if widen else None

    def symbol(text: str) -> Symbol:
        place = spot(len(code128.bits(text)))
        if not place:
            raise LabelError(
                f"The bars of “{text}” are too long for the {face.layout.width_mm:g} mm of this "
                f"{face.template} label; choose a larger stock."
            )
        return place.symbol(text, Symbology.CODE_128)

    return symbol


def matrix_symbol(matrix: Matrix, box: Box, face: Face) -> Callable[[str], Symbol]:
    """Of a text, in the middle of the box. The symbol raises LabelError where modules would be too small."""

    @cache
    def spot(modules: int) -> Spot | None:
        least, most = DOTS_PER_MODULE[face.scale.dpi], WIDEST * DOTS_PER_SQUARE[face.scale.dpi]
        spots = (_square(matrix, modules, module, box, face) for module in range(most, least - 1, -1))
        return next(filter(None, spots), None)

    def symbol(text: str) -> Symbol:
        place = spot(len(data_matrix.bits(text)))
        if not place:
            raise LabelError(
                f"The Data Matrix of “{text}” is too large for this {face.template} label; "
                "choose a larger stock."
            )
        return place.symbol(text, Symbology.DATA_MATRIX)

    return symbol


def _square(matrix: Matrix, modules: int, module: int, box: Box, face: Face) -> Spot | None:
    side, air = modules * module, face.scale.dots(matrix.air_mm)
    # On a round label the upper corners come nearest to the edge: the symbol sits on what is below it.
    top = box.bottom - air - side if face.layout.round else box.top + (box.height - side) // 2
    if side > min(box.height - 2 * air, box.width, face.breadth(top, top + side)):
        return None
    return Spot(box.left + (box.width - side) // 2, top, side, side, module)
