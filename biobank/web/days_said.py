"""Days and moments in a sentence as its reader writes them; stored they stand as 2026-11-25 09:30 UTC."""
# ruff: noqa: RUF001 (an offset is told with the minus sign that clocks show)

import re
from datetime import datetime, timedelta

from babel.dates import format_date

from biobank.web.words import in_zone

WRITTEN = re.compile(
    r"(?<![\w.:/+-])(?<!such as )(?<!like )(?<!como )(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:,? (?P<time>\d\d:\d\d)(?: (?P<offset>UTC(?![+−-])|[+-]\d{4}))?)?(?![\w:+-])"
)
"""What says how a day is to be typed stays as it is; so does a moment that a machine wrote."""
IN_UTC = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC(?![+−-])")
SHORT = "d MMM y"
LONG = {"en": "EEEE d MMMM y", "es": "EEEE d 'de' MMMM 'de' y"}


def days_said(sentence: str, language: str, zone: str) -> str:
    """`sentence` with its days as people read them; a moment in UTC is told in `zone`, each with its offset.

    A day that stands alone, as in a table, is short: 25 Nov 2026.
    """

    def readable(found: re.Match[str]) -> str:
        try:
            return _said(found, language, zone, alone=found[0] == sentence)
        except ValueError:  # no day of any calendar
            return found[0]

    return WRITTEN.sub(readable, sentence)


def _said(found: re.Match[str], language: str, zone: str, *, alone: bool) -> str:
    offset = found["offset"]
    told = f"{found['day']}T{found['time'] or '00:00'}{offset.replace('UTC', '+0000') if offset else ''}"
    moment = datetime.fromisoformat(told)
    if offset == "UTC":
        moment = in_zone(moment, zone)
    day = format_date(moment, SHORT if alone else LONG.get(language, LONG["en"]), locale=language)
    return day if found["time"] is None else f"{day}, {moment:%H:%M}{_offset(moment.utcoffset())}"


def _offset(offset: timedelta | None) -> str:
    if offset is None:
        return ""
    minutes = int(offset.total_seconds()) // 60
    hours, left = divmod(abs(minutes), 60)
    return f" UTC{'−' if minutes < 0 else '+'}{hours:02}:{left:02}"
