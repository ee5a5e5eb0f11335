"""The box of a kit: its code large, what is in it, and until when it may be used."""

from labels.fonts import BOLD
from labels.model import Bars, Beside, Matrix, Row, Rule, Template, Text
from labels.templates.parts import code, large, name, pair, small

VERSION_1 = Template(
    "kit_box",
    ("title", "definition", "lot", "expiry", "site"),
    (
        large(
            Row(9, (Text("{title}", 20, floor=9, font=BOLD),)),
            pair(5, 10.5, "{definition}", "{site}"),
            Rule(),
            Bars(air_mm=1.2),
            code(8, 22),
            Rule(),
            pair(5.5, 10.5, "{lot}", "{expiry}"),
        ),
        small(
            Row(4, (Text("{title}", 10, font=BOLD),)),
            pair(2.6, 6.5, "{definition}", "{site}"),
            Bars(),
            code(3.8, 9.5),
            pair(2.8, 6.5, "{lot}", "{expiry}"),
        ),
    ),
)

VERSION_2 = Template(
    "kit_box",
    ("title", "definition", "lot", "expiry", "site", "contents"),
    (
        large(
            name(8, 20, 9, "{title}"),
            pair(5, 10.5, "{definition}", "{site}"),
            Row(4.6, (Text("{contents}", 10.5),)),
            Rule(),
            Beside((Bars(air_mm=1),), (Matrix(),), right_mm=11, gap_mm=2),
            code(8, 22),
            Rule(),
            pair(5.5, 10.5, "{lot}", "{expiry}"),
        ),
        small(
            Row(4, (Text("{title}", 10, font=BOLD),)),
            Row(2.6, (Text("{definition}", 6.5),)),
            pair(2.4, 6, "{contents}", "{site}"),
            Beside((Bars(),), (Matrix(air_mm=0.6),), right_mm=5.3),
            code(3.8, 9.5),
            pair(2.8, 6.5, "{lot}", "{expiry}"),
        ),
    ),
    version=2,
)
