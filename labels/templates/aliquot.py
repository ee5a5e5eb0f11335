"""An aliquot in a tube that has room for a label of its own."""

from labels.fonts import BOLD, MONO
from labels.model import Align, Bars, Row, Template, Text
from labels.templates.parts import code, small

VERSION_1 = Template(
    "aliquot",
    ("kind", "amount", "date", "parent"),
    (
        small(
            Row(4, (Text("{kind}", 10, font=BOLD), Text("{amount}", 8, font=BOLD, align=Align.RIGHT))),
            Bars(),
            code(3.8, 9.5),
            Row(2.8, (Text("{date}", 6.5), Text("{parent}", 6.5, font=MONO, align=Align.RIGHT))),
        ),
    ),
)
