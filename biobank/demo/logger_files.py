"""Files of the logger in a parcel of the demonstration, one a layout; they fit the parcel's own times."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from biobank.core.moments import zone_named
from biobank.shipments.models import Shipment

LOGGERS = "loggers"
"""The folder beside the sign-ins."""
LOGGER = "TL-DEMO-1"
STEP = timedelta(minutes=10)
BEFORE = timedelta(minutes=20)
"""The logger was started at the clinic before the parcel left."""
COLD, WARM = 45, 215
"""Tenths of a degree Celsius."""
SITE_ZONE = "America/Chicago"
"""Of the one layout that tells no zone: its clock was set at the clinic."""


@dataclass(frozen=True)
class Seen:
    """A reading; its number counts from 1."""

    number: int
    at: datetime
    tenths: int


def write_logger_files(folder: Path, parcel: Shipment) -> None:
    """A file a layout that is known; what HOBOware wrote was warm on the way, the others stayed cold.

    The parcel was dispatched and has arrived.
    """
    if parcel.dispatched_at is None or parcel.arrived_at is None:
        return
    folder.mkdir(exist_ok=True)
    for name, (written, on_the_way) in FILES.items():
        seen = _seen(parcel.dispatched_at, parcel.arrived_at, on_the_way)
        (folder / name).write_text("\n".join([*written(seen), ""]), encoding="utf-8")


def _seen(left_at: datetime, arrived_at: datetime, on_the_way: int) -> Sequence[Seen]:
    """From before it left until it arrived, by whole minutes; the last reading is after both."""
    begins = (left_at - BEFORE).replace(second=0, microsecond=0)
    steps = (arrived_at - begins) // STEP + 1
    moments = [begins + STEP * at for at in range(steps)]
    moments.append(arrived_at.replace(second=0, microsecond=0) + timedelta(minutes=1))
    return [Seen(number, at, on_the_way if at > left_at else COLD) for number, at in enumerate(moments, 1)]


def _hoboware(seen: Iterable[Seen]) -> list[str]:
    head = f'"#","Date Time, GMT+00:00","Temp, °F (LGR S/N: {LOGGER}, SEN S/N: {LOGGER})"'
    lines = [f"{each.number},{each.at:%m/%d/%y %I:%M:%S %p},{_fahrenheit(each):.3f}" for each in seen]
    return ['"Plot Title: demonstration"', head, *lines]


def _one_wire(seen: Iterable[Seen]) -> list[str]:
    """Its times tell no zone."""
    zone = zone_named(SITE_ZONE)
    return [
        "1-Wire/iButton Part Number: DS1922L-F5",
        f"1-Wire/iButton Registration Number: {LOGGER}",
        "",
        "Date/Time,Unit,Value",
        *(f"{each.at.astimezone(zone):%d/%m/%y %I:%M:%S %p},C,{each.tenths / 10}" for each in seen),
    ]


def _temptale(seen: Iterable[Seen]) -> list[str]:
    return [
        "TempTale Manager Desktop",
        f"Serial Number,{LOGGER}",
        "Temperature Unit,Fahrenheit",
        "Time Zone,(UTC+00:00)",
        "",
        "Data Point,Date,Time,Temperature (°F)",
        *(f"{each.number},{each.at:%m/%d/%Y},{each.at:%I:%M:%S %p},{_fahrenheit(each):.1f}" for each in seen),
    ]


def _elpro(seen: Iterable[Seen]) -> list[str]:
    decimal = (f"{each.at:%d.%m.%Y %H:%M:%S};{str(each.tenths / 10).replace('.', ',')};" for each in seen)
    head = ["ELPRO LIBERO C1;;", f"Serial number;{LOGGER};", "Time zone;UTC+00:00;", ""]
    return [*head, "Timestamp;T [°C];Event", *decimal]


def _elitech(seen: Iterable[Seen]) -> list[str]:
    return [
        "Model:\tRC-5+",
        f"Serial Number:\t{LOGGER}",
        "Time Zone:\tUTC+00:00",
        "",
        "No.\tTime\tTemperature(°C)",
        *(f"{each.number}\t{each.at:%Y-%m-%d %H:%M:%S}\t{each.tenths / 10}" for each in seen),
    ]


def _plain(seen: Iterable[Seen]) -> list[str]:
    lines = (f"{each.at:%Y-%m-%d %H:%M},{each.tenths / 10}" for each in seen)
    return [f"serial,{LOGGER}", "time zone,UTC", "time,celsius", *lines]


def _fahrenheit(each: Seen) -> float:
    return each.tenths / 10 * 9 / 5 + 32


FILES: dict[str, tuple[Callable[[Iterable[Seen]], list[str]], int]] = {
    "hoboware.csv": (_hoboware, WARM),
    "one_wire.csv": (_one_wire, COLD),
    "temptale.csv": (_temptale, COLD),
    "elpro.csv": (_elpro, COLD),
    "elitech.txt": (_elitech, COLD),
    "plain.csv": (_plain, COLD),
}
"""By the name of the file, whose first part is that of its layout: how it is written, and how warm it was."""
