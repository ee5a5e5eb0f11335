"""The templates as data: which lines a label has, and how its parts follow each other from top to bottom."""

from labels.errors import LabelError
from labels.fonts import BOLD, MONO, MONO_BOLD
from labels.model import Align, Bars, Layout, Part, Row, Rule, Space, Template, Text


def _large(*parts: Part) -> Layout:
    return Layout(101.6, 50.8, parts, margin_mm=2.5)


def _small(*parts: Part) -> Layout:
    """Two inches by one: a roll label, or a cell of a sheet of thirty."""
    return Layout(50.8, 25.4, parts, margin_mm=1.5)


def _code(height_mm: float, points: float) -> Row:
    return Row(height_mm, (Text("{id}", points, font=MONO_BOLD, align=Align.CENTRE),))


def _pair(height_mm: float, points: float, left: str, right: str) -> Row:
    return Row(height_mm, (Text(left, points), Text(right, points, align=Align.RIGHT)))


KIT_BOX = Template(
    "kit_box",
    ("title", "definition", "lot", "expiry", "site"),
    (
        _large(
            Row(9, (Text("{title}", 20, floor=9, font=BOLD),)),
            _pair(5, 10.5, "{definition}", "{site}"),
            Rule(),
            Bars(air_mm=1.2),
            _code(8, 22),
            Rule(),
            _pair(5.5, 10.5, "{lot}", "{expiry}"),
        ),
        _small(
            Row(4, (Text("{title}", 10, font=BOLD),)),
            _pair(2.6, 6.5, "{definition}", "{site}"),
            Bars(),
            _code(3.8, 9.5),
            _pair(2.8, 6.5, "{lot}", "{expiry}"),
        ),
    ),
)

TUBE = Template(
    "tube",
    ("specimen", "additive", "code", "kit", "programme"),
    (
        _small(
            Row(
                4,
                (
                    Text("{specimen}", 10, font=BOLD),
                    Text("{code}", 8, font=MONO_BOLD, align=Align.RIGHT),
                ),
            ),
            Row(2.6, (Text("{additive}", 6.5), Text("{kit}", 6.5, font=MONO, align=Align.RIGHT))),
            Bars(),
            _code(3.8, 9.5),
            Row(4.4, (Text("Date/time", 6.5, write_mm=20), Text("{programme}", 6.5, align=Align.RIGHT))),
        ),
    ),
)

ALIQUOT = Template(
    "aliquot",
    ("kind", "amount", "date", "parent"),
    (
        _small(
            Row(4, (Text("{kind}", 10, font=BOLD), Text("{amount}", 8, font=BOLD, align=Align.RIGHT))),
            Bars(),
            _code(3.8, 9.5),
            Row(2.8, (Text("{date}", 6.5), Text("{parent}", 6.5, font=MONO, align=Align.RIGHT))),
        ),
    ),
)

_PLACE_SMALL = _small(
    Row(6.2, (Text("{name}", 16, font=BOLD),)),
    Bars(),
    _code(3.8, 9.5),
    _pair(2.8, 6.5, "{where}", "{conditions}"),
)

STORAGE_UNIT = Template(
    "storage_unit",
    ("name", "where", "conditions"),
    (
        _large(
            Row(14, (Text("{name}", 38, floor=14, font=BOLD),)),
            _pair(5.5, 12, "{where}", "{conditions}"),
            Rule(),
            Bars(air_mm=1.2),
            _code(8, 22),
        ),
        _PLACE_SMALL,
    ),
)

STORAGE_BOX = Template("storage_box", ("name", "where", "conditions"), (_PLACE_SMALL,))

WASTE_BAG = Template(
    "waste_bag",
    ("title", "opened", "site"),
    (
        _large(
            Row(10, (Text("FOR DESTRUCTION", 20, font=BOLD, align=Align.CENTRE),), inverse=True),
            Row(7, (Text("{title}", 13, floor=8, font=BOLD),)),
            Bars(air_mm=1.2),
            _code(8, 22),
            _pair(5.5, 10.5, "{opened}", "{site}"),
        ),
        _small(
            Row(4.4, (Text("FOR DESTRUCTION", 9, font=BOLD, align=Align.CENTRE),), inverse=True),
            Row(3.4, (Text("{title}", 7, font=BOLD),)),
            Bars(),
            _code(3.8, 9.5),
            _pair(2.8, 6.5, "{opened}", "{site}"),
        ),
    ),
)

# The UN3373 mark is a square of at least 50 mm set on its point: 71 mm across (IATA packing instruction 650).
PARCEL = Template(
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
                _code(9, 22),
                Space(73, "UN3373 mark here"),
                Row(8, (Text("Dry ice, UN1845, net kg", 9, write_mm=30),)),
            ),
            margin_mm=3,
        ),
        _small(
            Row(4, (Text("{to}", 10, font=BOLD),)),
            _pair(2.6, 6.5, "{from}", "{count}"),
            Bars(),
            _code(3.8, 9.5),
            Row(2.8, (Text("{contents}", 6.5),)),
        ),
    ),
)

TEMPLATES = {
    template.name: template
    for template in (KIT_BOX, TUBE, ALIQUOT, STORAGE_UNIT, STORAGE_BOX, WASTE_BAG, PARCEL)
}


def template_named(name: str, version: int | None = None) -> Template:
    """A template in one of its versions, or the newest. Raises LabelError for what there is not."""
    if name not in TEMPLATES:
        raise LabelError(f"There is no label template “{name}”; choose one of {', '.join(TEMPLATES)}.")
    if version not in {None, 1}:
        raise LabelError(f"The label template “{name}” has version 1 only, not {version}.")
    return TEMPLATES[name]
