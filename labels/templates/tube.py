"""A collection tube: lengthwise on it, the bars lie like a ladder and read; around it they would not."""

from labels.fonts import BOLD, MONO, MONO_BOLD
from labels.model import Align, Bars, Beside, Matrix, Row, Template, Text
from labels.templates.parts import code, small

VERSION_1 = Template(
    "tube",
    ("specimen", "additive", "code", "kit", "programme"),
    (
        small(
            Row(
                4,
                (
                    Text("{specimen}", 10, font=BOLD),
                    Text("{code}", 8, font=MONO_BOLD, align=Align.RIGHT),
                ),
            ),
            Row(2.6, (Text("{additive}", 6.5), Text("{kit}", 6.5, font=MONO, align=Align.RIGHT))),
            Bars(),
            code(3.8, 9.5),
            Row(4.4, (Text("Date/time", 6.5, write_mm=20), Text("{programme}", 6.5, align=Align.RIGHT))),
        ),
    ),
)

VERSION_2 = Template(
    "tube",
    VERSION_1.lines,
    (
        small(
            Row(
                4,
                (
                    Text("{specimen}", 10, font=BOLD),
                    Text("{code}", 8, font=MONO_BOLD, align=Align.RIGHT),
                ),
            ),
            Row(2.6, (Text("{additive}", 6.5), Text("{kit}", 6.5, font=MONO, align=Align.RIGHT))),
            # Bars survive scratches, the Data Matrix the curve of the tube: either is enough.
            Beside((Bars(),), (Matrix(air_mm=0.6),), right_mm=5.3),
            code(3.8, 9.5),
            Row(4.4, (Text("Date/time", 6.5, write_mm=20), Text("{programme}", 6.5, align=Align.RIGHT))),
        ),
    ),
    version=2,
)
