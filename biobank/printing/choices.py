"""Coded answers of printing: on what, why once more, how a job stands and what became of an unclear one."""

from enum import StrEnum


class Medium(StrEnum):
    """What a printer takes."""

    PDF = "pdf"
    ZPL = "zpl"


class PrinterKind(StrEnum):
    """How documents reach a printer: by whoever opens the PDF, or sent over the network."""

    OFFICE = "office"
    NETWORK = "network"


class CopyReason(StrEnum):
    """Why an item gets a label beyond those that it gets anyway."""

    SPOILED = "spoiled"
    LOST = "lost"
    UNREADABLE = "unreadable"
    SECOND_LABEL = "second_label"
    WRONG_STOCK = "wrong_stock"
    OTHER_PRINTER = "other_printer"
    CHANGED = "changed"


class JobState(StrEnum):
    """How a print job stands: what the newest row of its own says."""

    MADE = "made"
    HANDED_OUT = "handed_out"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"


class SeenAtPrinter(StrEnum):
    """What a person saw at the printer of an unclear job."""

    PRINTED = "printed"
    NOT_PRINTED = "not_printed"


UNCOUNTED = frozenset({JobState.FAILED, JobState.NOT_PRINTED})
"""Jobs of which no label came out: the labels do not count as copies."""

SENDABLE = UNCOUNTED | {JobState.MADE}
"""Jobs of which nothing can have come out yet."""
