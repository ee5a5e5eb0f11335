"""A cryovial: a Data Matrix, which reads on the curve, beside what a person needs in the frost."""

from dataclasses import replace

from labels.fonts import BOLD, MONO_BOLD
from labels.model import Align, Beside, Layout, Matrix, Row, Template, Text


def _vial(width_mm: float, height_mm: float, margin_mm: float, *column: Row) -> Layout:
    beside = Beside((Matrix(air_mm=0.3),), column, left_mm=5.3, gap_mm=1)
    return Layout(width_mm, height_mm, (beside,), margin_mm=margin_mm)


def _kind(height_mm: float, points: float) -> Row:
    return Row(height_mm, (Text("{kind}", points, floor=4.2, font=BOLD),), folds=True)


def _code(height_mm: float, points: float) -> tuple[Row, Row]:
    """In two lines, to be keyed by hand."""
    first, second = (Text(f"{{id_{line}_of_2}}", points, font=MONO_BOLD) for line in (1, 2))
    return Row(height_mm, (first,)), Row(height_mm, (second,))


def _date(height_mm: float, points: float) -> Row:
    date = Text("{date}", points, floor=4.2)
    return Row(height_mm, (date, replace(date, words="{amount}", align=Align.RIGHT)))


VERSION_1 = Template(
    "cryovial",
    ("kind", "date", "amount"),
    (
        _vial(32.5, 12.7, 1, _kind(3.6, 9), *_code(2.5, 7), _date(2.1, 5.5)),
        _vial(25.4, 12.7, 0.8, _kind(3.8, 8), *_code(2.6, 7), _date(2.1, 5.5)),
        _vial(25.4, 10, 0.7, _kind(3.1, 7), *_code(1.95, 5.5), _date(1.6, 4.5)),
    ),
)
