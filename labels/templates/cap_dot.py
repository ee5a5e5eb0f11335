"""The cap of a tube or vial: a Data Matrix, and the end of the code to tell neighbours apart."""

from labels.fonts import MONO_BOLD
from labels.model import Air, Align, Layout, Matrix, Part, Row, Template, Text


def _dot(diameter_mm: float, *parts: Part) -> Layout:
    return Layout(diameter_mm, diameter_mm, parts, margin_mm=0.5, round=True)


def _end(height_mm: float, points: float) -> Row:
    return Row(height_mm, (Text("{last_six}", points, floor=4, font=MONO_BOLD, align=Align.CENTRE),))


VERSION_1 = Template(
    "cap_dot",
    (),
    (
        _dot(12.7, Matrix(air_mm=0.4), _end(2.2, 6), Air(1.4)),
        _dot(9.5, Matrix(air_mm=0.3), _end(1.6, 4.5), Air(1.1)),
    ),
)
