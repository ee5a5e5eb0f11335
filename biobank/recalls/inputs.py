"""What somebody says who recalls a lot."""

from dataclasses import dataclass

from biobank.recalls.choices import Cause


@dataclass(frozen=True, kw_only=True)
class NewRecall:
    """A lot as its maker prints it; `specification` narrows it to one kit definition or tube code."""

    lot: str
    cause: Cause
    specification: str = ""
    notice: str | None = None
