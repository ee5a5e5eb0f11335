"""What a label printer answers to `~HS`: three lines between STX and ETX, of 12, 11 and 2 values.

The meaning of each value is that of the ZPL II Programming Guide, "Host Status Return".
"""

import re
from dataclasses import dataclass

ASK = b"~HS"
LINES = 3
LONGEST = 512
"""Bytes; the three lines have about 90."""

ANSWER = re.compile(rb"\s*(?:\x02([0-9,]*)\x03\s*)(?:\x02([0-9,]*)\x03\s*)(?:\x02([0-9A-Za-z,]*)\x03\s*)")
VALUES = (12, 11, 2)


class StatusUnreadable(Exception):
    """What came was no status."""


@dataclass(frozen=True)
class PrinterStatus:
    """How the printer is; `formats_waiting` and `labels_remaining` are counts."""

    paper_out: bool
    paused: bool
    formats_waiting: int
    buffer_full: bool
    partial_format: bool
    corrupt_ram: bool
    under_temperature: bool
    over_temperature: bool
    head_open: bool
    ribbon_out: bool
    labels_remaining: int

    @property
    def is_busy(self) -> bool:
        """Whether something is still to come out; a full buffer empties by itself."""
        return bool(self.formats_waiting or self.labels_remaining or self.partial_format or self.buffer_full)

    def problems(self) -> list[str]:
        """What somebody has to do something about, in words."""
        return [words for name, words in PROBLEMS.items() if getattr(self, name)]


PROBLEMS = {
    "paper_out": "it is out of labels",
    "head_open": "its head is open",
    "ribbon_out": "it is out of ribbon",
    "paused": "it is paused",
    "corrupt_ram": "its memory lost its settings",
    "over_temperature": "its head is too hot",
    "under_temperature": "its head is too cold",
}


def is_whole(answer: bytes) -> bool:
    return answer.count(b"\x03") >= LINES


def read_status(answer: bytes) -> PrinterStatus:
    """Raises `StatusUnreadable`."""
    found = ANSWER.fullmatch(answer)
    lines = [line.decode().split(",") for line in found.groups()] if found else []
    if tuple(len(line) for line in lines) != VALUES or "" in lines[0] + lines[1]:
        raise StatusUnreadable("what it answers is no state of a label printer")
    first, second, _ = lines
    return PrinterStatus(
        paper_out=first[1] != "0",
        paused=first[2] != "0",
        formats_waiting=int(first[4]),
        buffer_full=first[5] != "0",
        partial_format=first[7] != "0",
        corrupt_ram=first[9] != "0",
        under_temperature=first[10] != "0",
        over_temperature=first[11] != "0",
        head_open=second[2] != "0",
        ribbon_out=second[3] != "0",
        labels_remaining=int(second[8]),
    )
