"""Something with no label of its own, until it is known what it is."""

from labels.fonts import BOLD
from labels.model import Align, Bars, Row, Template, Text
from labels.templates.parts import code, large, name, pair, small

VERSION_1 = Template(
    "found_item",
    ("name", "found", "where"),
    (
        large(
            Row(9, (Text("FOUND: DO NOT USE", 19, font=BOLD, align=Align.CENTRE),), inverse=True),
            name(13, 30, 15),
            Bars(air_mm=1.2),
            code(8, 22),
            pair(5.5, 10.5, "{found}", "{where}"),
        ),
        small(
            Row(3.1, (Text("FOUND: DO NOT USE", 7.5, font=BOLD, align=Align.CENTRE),), inverse=True),
            name(8.1, 18, 11.3),
            Bars(air_mm=0.35),
            code(3.1, 8.5),
            pair(2.2, 6, "{found}", "{where}"),
        ),
    ),
)
