"""A parcel of specimens: from, to, how many, and room for the marks that come pre-printed."""

from labels.fonts import BOLD
from labels.model import Align, Bars, Layout, Row, Rule, Space, Template, Text
from labels.templates.parts import code, pair, small

# The UN3373 mark is a square of at least 50 mm set on its point: 71 mm across (IATA packing instruction 650).
VERSION_1 = Template(
    "parcel",
    ("from", "to", "count", "contents"),
    (
        Layout(
            101.6,
            152.4,
            (
                Row(3.5, (Text("FROM", 7),)),
                Row(6, (Text("{from}", 13, floor=7),)),
                Rule(),
                Row(3.5, (Text("TO", 7),)),
                Row(9, (Text("{to}", 22, floor=9, font=BOLD),)),
                Rule(),
                Row(6, (Text("{count}", 12, font=BOLD), Text("{contents}", 12, align=Align.RIGHT))),
                Bars(air_mm=1.5),
                code(9, 22),
                Space(73, "UN3373 mark here"),
                Row(8, (Text("Dry ice, UN1845, net kg", 9, write_mm=30),)),
            ),
            margin_mm=3,
        ),
        small(
            Row(4, (Text("{to}", 10, font=BOLD),)),
            pair(2.6, 6.5, "{from}", "{count}"),
            Bars(),
            code(3.8, 9.5),
            Row(2.8, (Text("{contents}", 6.5),)),
        ),
    ),
)
