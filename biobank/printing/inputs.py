"""What a person asks to be printed."""

from dataclasses import dataclass

from biobank.printing.choices import CopyReason, Medium

MOST_COPIES = 50
"""Of each label, in one job."""
MOST_LABELS = 1_000
"""In a job that somebody waits for: on SQLite the others wait for its proof, some seconds."""


@dataclass(frozen=True)
class NewPrint:
    """Labels to print: of `items`, or of whole `kits`, each of them its box and its tubes in draw order.

    `items` are printed identifiers or aliases, one a line as they were pasted or scanned: empty lines are
    passed over, and a refusal names the number of the line. Without `printer` the person's own or the rules
    choose; `medium` asks for a file of that kind where the printer chosen takes another. `stock` is what lies
    in an office printer's tray when it is not the printer's own.
    """

    items: tuple[str, ...] = ()
    kits: tuple[str, ...] = ()
    printer: str | None = None
    medium: Medium | None = None
    template: str | None = None
    stock: str | None = None
    start: int = 1
    copies: int = 1
    reason: CopyReason | None = None
    remark: str = ""
    at_most: int = MOST_LABELS
