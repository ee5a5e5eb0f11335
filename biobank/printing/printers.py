"""Printers and print rules as plain data, and the paper a job is drawn on."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from biobank.printing.choices import Medium, PrinterKind
from labels import Correction, Stock


@dataclass(frozen=True)
class Printer:
    """A printer that may be used; only such a one ever is. Times in seconds."""

    name: str
    title: str
    kind: PrinterKind
    stock: Stock
    dpi: int
    site: str | None = None
    correction: Correction = field(default_factory=Correction)
    host: str = ""
    port: int = 9100
    connect_seconds: int = 3
    answer_seconds: int = 5
    finish_seconds: int = 60

    @property
    def medium(self) -> Medium:
        return Medium.ZPL if self.kind is PrinterKind.NETWORK else Medium.PDF


@dataclass(frozen=True)
class Rule:
    """What is printed where these conditions hold; a condition that is None holds always."""

    site: str | None = None
    kind: str | None = None
    specification: str | None = None
    template: str | None = None
    printer: str | None = None

    @property
    def conditions(self) -> tuple[str | None, str | None, str | None]:
        return self.specification, self.kind, self.site

    @property
    def particular(self) -> tuple[bool, bool, bool]:
        """The greater, the more is said: the specification before the kind before the site."""
        specification, kind, site = self.conditions
        return specification is not None, kind is not None, site is not None

    def holds(self, *, site: str | None, kind: str, specification: str | None) -> bool:
        asked = (specification, kind, site)
        return all(said in (None, told) for said, told in zip(self.conditions, asked, strict=True))


@dataclass(frozen=True)
class Printers:
    """All printers by name, and the rules."""

    printers: Mapping[str, Printer]
    rules: tuple[Rule, ...]


def most_particular(rules: Iterable[Rule], **asked: Any) -> Rule | None:
    """Of the rules that hold, the one that says most of when; ties were refused with the file."""
    found = [rule for rule in rules if rule.holds(**asked)]
    return max(found, key=lambda rule: rule.particular, default=None)


@dataclass(frozen=True)
class Paper:
    """On what a job is drawn; without a stock each label in the size that its template was drawn for."""

    medium: Medium
    dpi: int
    stock: Stock | None
    correction: Correction = field(default_factory=Correction)
    start: int = 1

    def as_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> "Paper":
        told = orjson.loads(text)
        stock = Stock(**told["stock"]) if told["stock"] else None
        medium, correction = Medium(told["medium"]), Correction(**told["correction"])
        return cls(medium, told["dpi"], stock, correction, told["start"])
