"""Rooms, freezers, shelves, racks and quarantine places: their names can be read at two metres."""

from labels.fonts import BOLD
from labels.model import Bars, Row, Rule, Template, Text
from labels.templates.parts import code, large, name, pair, small

SMALL_1 = small(
    Row(6.2, (Text("{name}", 16, font=BOLD),)),
    Bars(),
    code(3.8, 9.5),
    pair(2.8, 6.5, "{where}", "{conditions}"),
)
"""Of places and boxes alike."""

VERSION_1 = Template(
    "storage_unit",
    ("name", "where", "conditions"),
    (
        large(
            Row(14, (Text("{name}", 38, floor=14, font=BOLD),)),
            pair(5.5, 12, "{where}", "{conditions}"),
            Rule(),
            Bars(air_mm=1.2),
            code(8, 22),
        ),
        SMALL_1,
    ),
)

VERSION_2 = Template(
    "storage_unit",
    VERSION_1.lines,
    (
        large(
            name(17, 40, 15),
            pair(5.5, 12, "{where}", "{conditions}"),
            Rule(),
            Bars(air_mm=1.2),
            code(8, 22),
        ),
        small(
            name(9.2, 24, 11.3),
            pair(2.6, 6.5, "{where}", "{conditions}"),
            Bars(),
            code(3.8, 9.5),
        ),
    ),
    version=2,
)
