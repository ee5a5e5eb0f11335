"""What somebody says who registers a study's request, or asks who holds what was distributed."""

from dataclasses import dataclass
from datetime import date

from biobank.custody.states import Kind
from biobank.distribution.choices import HolderAnswer


@dataclass(frozen=True, kw_only=True)
class Portion:
    """How many of one kind of specimen a study gets at most; without a specification of any."""

    kind: Kind
    most: int
    specification: str = ""


@dataclass(frozen=True, kw_only=True)
class NewRequest:
    """A study as the access committee knows it; everything is a code but its purpose, which names nobody."""

    number: str
    study: str
    receiver: str
    agreement: str
    purpose: str
    valid_from: date
    valid_until: date
    portions: tuple[Portion, ...]


@dataclass(frozen=True, kw_only=True)
class HolderTold:
    """That a study was asked for one item, or what it answered; `reference` is a letter's number."""

    item: str
    on: date
    answer: HolderAnswer | None = None
    reference: str | None = None
