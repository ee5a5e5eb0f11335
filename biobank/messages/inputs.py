"""What handing a message over on paper takes."""

from dataclasses import dataclass
from datetime import date

from biobank.messages.choices import HandedOver


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """How a message reached its addressee without mail; nobody named: whoever records it, today."""

    how: HandedOver = HandedOver.IN_PERSON
    handed_by: str | None = None
    """The user name of who gave or posted it."""
    on: date | None = None
