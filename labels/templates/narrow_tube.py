"""A tube with no room but for its code, and its kind in small print."""

from labels.fonts import BOLD, MONO_BOLD
from labels.model import Align, Bars, Layout, Row, Template, Text
from labels.templates.parts import code

VERSION_1 = Template(
    "narrow_tube",
    ("specimen", "code"),
    (
        Layout(
            44.45,
            12.7,
            (
                Row(
                    2.2,
                    (
                        Text("{specimen}", 6, font=BOLD),
                        Text("{code}", 6, font=MONO_BOLD, align=Align.RIGHT),
                    ),
                ),
                Bars(air_mm=0.3),
                code(2.9, 8),
            ),
            margin_mm=0.8,
        ),
    ),
)
