"""Another code on a thing, such as its maker's: who issued it, and what it says. Plain data."""

import re
from dataclasses import dataclass

from biobank.core.errors import Invalid
from biobank.items.identifiers import looks_like_ours, normalise

ISSUER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 &.+-]{0,39}")
VALUE = re.compile(r"[0-9A-Z][0-9A-Z._/+-]{0,79}")
"""In the form in which scans are looked up."""


class AliasRefused(Invalid):
    """What was told is no code of a maker."""

    title = "Code not taken"


@dataclass(frozen=True)
class Alias:
    """Unique by issuer, and never used again; `value` in the form in which scans are looked up."""

    issuer: str
    value: str

    def __str__(self) -> str:
        return f"{self.value} ({self.issuer})"

    @property
    def known_as(self) -> str:
        """What is unique: `FluidX` and `fluidx` are one issuer."""
        return f"{normalise(self.value)} ({self.issuer.strip().lower()})"


def read_alias(issuer: object, value: object) -> Alias:
    """Raises `AliasRefused`, which repeats neither."""
    named = issuer.strip() if isinstance(issuer, str) else ""
    if not ISSUER.fullmatch(named):
        raise AliasRefused(
            "Say whose code it is, in at most 40 letters and digits: the maker of the tubes, such as FluidX.",
            field="details.issuer",
        )
    text = value if isinstance(value, str) else ""
    if looks_like_ours(text):
        raise AliasRefused(
            "This is one of our own codes, which stands on one thing already; scan the maker's.",
            field="details.code",
        )
    code = normalise(text)
    if not VALUE.fullmatch(code):
        raise AliasRefused(
            "Scan the maker's code: letters, digits and . _ / + - only, at most 80 of them.",
            field="details.code",
        )
    return Alias(named, code)
