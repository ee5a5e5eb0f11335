"""The symbols of a label in the boxes that a layout leaves them: how large, and where."""

from labels import code128, data_matrix
from labels.errors import LabelError
from labels.model import DOTS_PER_MODULE, DOTS_PER_SQUARE, Bars, Matrix, Symbol, Symbology
from labels.places import Face
from labels.rows import Box

WIDEST = 2
"""Modules grow with the label up to this many times the nominal width: 0.5 mm, enough for a metre away."""


def bars_ink(bars: Bars, text: str, box: Box, face: Face) -> Symbol:
    """Code 128 in the middle of its box, quiet zones included. Raises LabelError where they do not fit."""
    modules = len(code128.bits(text))
    nominal = DOTS_PER_MODULE[face.scale.dpi]
    widen = min(box.width // ((modules + 2 * code128.QUIET_MODULES) * nominal), WIDEST)
    if not widen:
        raise LabelError(
            f"The bars of “{text}” are too long for the {face.layout.width_mm:g} mm of this "
            f"{face.template} label; choose a larger stock."
        )
    module = nominal * widen
    air = face.scale.dots(bars.air_mm)
    left = box.left + (box.width - modules * module) // 2
    high = box.height - 2 * air
    return Symbol(text, Symbology.CODE_128, left, box.top + air, modules * module, high, module)


def matrix_ink(matrix: Matrix, text: str, box: Box, face: Face) -> Symbol:
    """A Data Matrix in the middle of its box. Raises LabelError where its modules would be too small."""
    modules = len(data_matrix.bits(text))
    least, most = DOTS_PER_MODULE[face.scale.dpi], WIDEST * DOTS_PER_SQUARE[face.scale.dpi]
    air = face.scale.dots(matrix.air_mm)
    for module in range(most, least - 1, -1):
        side = modules * module
        # On a round label the upper corners come nearest to the edge: the symbol sits on what is below it.
        top = box.bottom - air - side if face.layout.round else box.top + (box.height - side) // 2
        if side <= min(box.height - 2 * air, box.width, face.breadth(top, top + side)):
            left = box.left + (box.width - side) // 2
            return Symbol(text, Symbology.DATA_MATRIX, left, top, side, side, module)
    raise LabelError(
        f"The Data Matrix of “{text}” is too large for this {face.template} label; choose a larger stock."
    )
