"""What somebody brings who reads a logger's file, or lets tubes be used all the same."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A logger's file for a parcel; `zone` is meant where the file names none."""

    parcel: str
    content: bytes
    zone: str
    layout: str | None = None
    confirmation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Releasing:
    """Which tubes of a file may be used all the same, and why; `items` are identifiers, none of them all."""

    items: tuple[str, ...]
    reason: str
