"""A storage box: it is read in the frost, so it bears both symbols."""

from labels.model import Bars, Beside, Matrix, Template
from labels.templates.parts import code, name, pair, small
from labels.templates.storage_unit import SMALL_1

VERSION_1 = Template("storage_box", ("name", "where", "conditions"), (SMALL_1,))

VERSION_2 = Template(
    "storage_box",
    VERSION_1.lines,
    (
        small(
            name(8.1, 20, 11.3),
            pair(2.6, 6.5, "{where}", "{conditions}"),
            Beside((Bars(),), (Matrix(air_mm=0.6),), right_mm=5.3),
            code(3.8, 9.5),
        ),
    ),
    version=2,
)
