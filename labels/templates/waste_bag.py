"""A bag or container of what is to be destroyed; its batch bears the same code."""

from labels.fonts import BOLD
from labels.model import Align, Bars, Row, Template, Text
from labels.templates.parts import code, large, name, pair, small

VERSION_1 = Template(
    "waste_bag",
    ("title", "opened", "site"),
    (
        large(
            Row(10, (Text("FOR DESTRUCTION", 20, font=BOLD, align=Align.CENTRE),), inverse=True),
            Row(7, (Text("{title}", 13, floor=8, font=BOLD),)),
            Bars(air_mm=1.2),
            code(8, 22),
            pair(5.5, 10.5, "{opened}", "{site}"),
        ),
        small(
            Row(4.4, (Text("FOR DESTRUCTION", 9, font=BOLD, align=Align.CENTRE),), inverse=True),
            Row(3.4, (Text("{title}", 7, font=BOLD),)),
            Bars(),
            code(3.8, 9.5),
            pair(2.8, 6.5, "{opened}", "{site}"),
        ),
    ),
)

VERSION_2 = Template(
    "waste_bag",
    VERSION_1.lines,
    (
        large(
            Row(9, (Text("FOR DESTRUCTION", 19, font=BOLD, align=Align.CENTRE),), inverse=True),
            name(13, 30, 15, "{title}"),
            Bars(air_mm=1.2),
            code(8, 22),
            pair(5.5, 10.5, "{opened}", "{site}"),
        ),
        small(
            Row(3.1, (Text("FOR DESTRUCTION", 7.5, font=BOLD, align=Align.CENTRE),), inverse=True),
            name(8.1, 18, 11.3, "{title}"),
            Bars(air_mm=0.35),
            code(3.1, 8.5),
            pair(2.2, 6, "{opened}", "{site}"),
        ),
    ),
    version=2,
)
