"""What must be so between entries: a subject's numbers, heads and times, the checkpoints around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from biobank.core.moments import MICROSECOND
from biobank.ledger.findings import Finding, Wrong
from biobank.ledger.offline_verifier import Numbering, first_to_last

LATEST_SEALING = timedelta(hours=1)
"""The longest transaction that may lie between an entry's own time and its place in the tree (an import)."""

Filed = tuple[str, int, str, int, bytes]
"""An entry's subject, sequence, kind, recorded_at (microseconds since 1970) and previous hash."""

NOTHING_BEFORE = (0, b"", 0)


class Chains:
    """Follows every subject from entry to entry, in the order of the leaves."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[int, bytes, int]] = {}
        self._numbering: dict[str, Numbering] = {}
        self._findings: list[Finding] = []

    def follow(self, entry: Filed, digest: bytes) -> None:
        subject, sequence, _, recorded_at, previous = entry
        number, head, before = self._newest.get(subject, NOTHING_BEFORE)
        if sequence == number + 1:
            if previous != head:
                self._is_not_continued(subject, number, sequence)
        elif self._placed(subject, sequence, number) != "ahead":
            return
        if recorded_at < before:
            self._find(
                Wrong.BACK_DATED,
                subject,
                sequence,
                "says that it was recorded before the one that it follows",
            )
        self._newest[subject] = (sequence, digest, recorded_at)

    def _is_not_continued(self, subject: str, number: int, sequence: int) -> None:
        """An entry names the hash of the one before it: it is the other one that is not as it was."""
        if number:
            self._find(Wrong.CHANGED, subject, number, f"is not the one that entry {sequence} continues")
        else:
            self._find(Wrong.CHANGED, subject, sequence, "is the first and continues another")

    def _placed(self, subject: str, sequence: int, number: int) -> str:
        numbering = self._numbering.setdefault(subject, Numbering(number + 1))
        numbering.expected = max(numbering.expected, number + 1)
        placed = numbering.place(sequence)
        if placed == "late":
            self._find(Wrong.RE_ORDERED, subject, sequence, "comes after a later one")
        if placed == "twice":
            self._find(Wrong.INSERTED, subject, sequence, "is there twice")
        return placed

    def all_findings(self) -> Iterator[Finding]:
        """What was found on the way, and what never came."""
        yield from self._findings
        for subject, numbering in self._numbering.items():
            for gap in numbering.passed_over:
                sentence = f"{subject} entry {first_to_last(gap)} is gone."
                yield Finding(Wrong.REMOVED, subject, gap.start, sentence)

    def _find(self, kind: Wrong, subject: str, sequence: int, what: str) -> None:
        self._findings.append(Finding(kind, subject, sequence, f"{subject} entry {sequence} {what}."))


@dataclass(frozen=True)
class Issued:
    """When the log had this size, as its checkpoint says; microseconds since 1970."""

    size: int
    at: int


class Interval:
    """Between which moments an entry was recorded, by the checkpoints before and after its leaf."""

    def __init__(self, issued: Sequence[Issued], skew_minutes: int) -> None:
        self._coming = iter(sorted(issued, key=lambda each: each.size))
        self._skew = timedelta(minutes=skew_minutes) // MICROSECOND
        self._earliest = 0
        self._next: Issued | None = next(self._coming, None)

    def holds(self, leaf_index: int, recorded_at: int) -> bool:
        """Asked leaf by leaf. An entry may be sealed an hour after its own time, and clocks may differ."""
        while self._next is not None and leaf_index >= self._next.size:
            self._earliest = self._next.at - LATEST_SEALING // MICROSECOND
            self._next = next(self._coming, None)
        return recorded_at >= self._earliest and (
            self._next is None or recorded_at <= self._next.at + self._skew
        )
