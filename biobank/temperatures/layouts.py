"""How temperature loggers write their tables, as plain data: a preset a layout, tried in this order."""

from dataclasses import dataclass

MONTH_FIRST = ("%m/%d/%y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y %H:%M:%S", "%m/%d/%Y %H:%M:%S")
DAY_FIRST = ("%d/%m/%y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p", "%d/%m/%y %H:%M:%S", "%d/%m/%Y %H:%M:%S")
YEAR_FIRST = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S")
WITH_DOTS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M")


@dataclass(frozen=True)
class Layout:
    """One way to write down what a logger saw. `docs/temperatures.md` says from which source each is known.

    `marks` are words of which one stands above the readings, in small letters. `moment` and `temperature`
    are what the heads of columns begin with, in small letters and digits only; two heads for `moment` are a
    date and a time. The logger's number stands behind one of the words `number` before the readings, or in
    the head itself behind `S/N`. The zone is read where one is told, as GMT or UTC with an offset.
    """

    name: str
    logger: str
    looks: str
    """How its first lines look, for people."""
    marks: tuple[str, ...]
    separators: str
    moment: tuple[str, ...]
    temperature: tuple[str, ...]
    formats: tuple[str, ...]
    number: tuple[str, ...] = ()
    unit_column: str | None = None
    decimal_comma: bool = False


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "hoboware",
        "Onset HOBO (HOBOware)",
        '"#","Date Time, GMT-05:00","Temp, °F (LGR S/N: 10360568, ...)"',
        marks=("date time, gmt", "lgr s/n"),
        separators=",;\t",
        moment=("datetime",),
        temperature=("temp",),
        formats=(*MONTH_FIRST, *YEAR_FIRST),
    ),
    Layout(
        "one_wire",
        "Maxim iButton Thermochron (OneWireViewer)",
        "1-Wire/iButton Part Number: DS1921G-F5",
        marks=("1-wire/ibutton",),
        separators=",",
        moment=("datetime",),
        temperature=("value",),
        formats=(*DAY_FIRST, *MONTH_FIRST),
        number=("1wireibuttonregistrationnumber",),
        unit_column="unit",
    ),
    Layout(
        "temptale",
        "Sensitech TempTale (TempTale Manager Desktop)",
        "TempTale Manager Desktop ... Serial Number",
        marks=("temptale", "sensitech", "coldstream"),
        separators=",;\t",
        moment=("date", "time"),
        temperature=("temperature", "temp"),
        formats=(*MONTH_FIRST, *YEAR_FIRST),
        number=("serialnumber", "monitorserialnumber", "monitorid"),
    ),
    Layout(
        "elpro",
        "ELPRO LIBERO (elproVIEWER, liberoMANAGER)",
        "Timestamp;T [°C]",
        marks=("elpro", "libero"),
        separators=";,\t",
        moment=("timestamp", "datetime", "date"),
        temperature=("tc", "tf", "temperature", "temp"),
        formats=(*WITH_DOTS, *YEAR_FIRST, "%Y %b %d %H:%M:%S"),
        number=("serialnumber", "deviceid", "loggerid"),
        decimal_comma=True,
    ),
    Layout(
        "elitech",
        "Elitech RC-5, RC-4 (ElitechLog)",
        "No.,Time,Temperature(°C)",
        marks=("elitech", "rc-5", "rc-4", "rc-51"),
        separators=",;\t",
        moment=("time", "datetime"),
        temperature=("temperature", "temp"),
        formats=YEAR_FIRST,
        number=("serialnumber", "serialno", "deviceid"),
    ),
    Layout(
        "plain",
        "any table with a time and a temperature",
        "serial,TL-7 / time,celsius",
        marks=("serial",),
        separators=",;\t",
        moment=("time", "timestamp", "datetime"),
        temperature=("celsius", "fahrenheit", "temperature", "temp"),
        formats=YEAR_FIRST,
        number=("serial", "serialnumber", "logger"),
    ),
)
NAMED = {layout.name: layout for layout in LAYOUTS}

LINES_BEFORE = 80
"""At most so many lines stand before the readings."""


def in_letters(text: str) -> str:
    """`Date/Time` and `Date Time` are one word."""
    return "".join(sign for sign in text.casefold() if sign.isascii() and sign.isalnum())
