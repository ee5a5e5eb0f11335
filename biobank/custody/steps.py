"""One step from question to answer: what was attempted, what was found out about it, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from biobank.access.actors import Actor
from biobank.core.errors import Conflict, NotFound
from biobank.core.moments import Told
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.transitions import Transition
from biobank.items.queries import sites_of

OUTSIDE = ("carrier:", "custodian:")
"""Who holds an item and is no site of ours."""

SourceKind = Literal["scan", "keyed", "paper", "file", "offline", "command", "system"]

SEEN_ALREADY: frozenset[SourceKind] = frozenset({"paper", "offline", "file", "system"})
"""Sources that nobody can be asked back about: what they say is taken, with a flag."""


class AskedBack(Conflict):
    """A surprising fact: asked back once, and taken when it is confirmed with a reason."""

    title = "Is it really so?"


class UnknownItem(NotFound):
    """No item bears this code."""

    title = "Unknown barcode"


@dataclass(frozen=True)
class Source:
    """Where an event came from: a scanner, a keyboard, a paper form, a file and its row."""

    kind: SourceKind
    reference: str = ""


class ItemNow(NamedTuple):
    """An item as the scan path reads it, in the order of `statements.COLUMNS`.

    Moments are microseconds since 1970 in UTC. A tuple, since two are made for every scan.
    """

    id: int
    identifier: str
    kind: Kind
    specification: str | None
    state: State
    sequence: int
    head: bytes
    site: str | None
    custodian: str | None
    sent_to: str | None
    container_id: int | None
    position: str | None
    place_unknown_since: int | None
    participant: str | None
    kit_id: int | None
    volume_microlitres: int | None
    collected_at: int | None
    occurred_at: int | None
    recorded_at: int

    def sites(self) -> frozenset[str]:
        """Sites that this item is of."""
        return sites_of(self.site, self.custodian, self.sent_to)

    def sites_told(self) -> list[str]:
        """The same as a sentence names them: whoever carries it is nobody to tell."""
        return sorted(site for site in self.sites() if not site.startswith(OUTSIDE)) or ["a carrier"]


@dataclass(frozen=True)
class Flag:
    """Something about a step that is kept with its event; a doubt also opens a discrepancy."""

    code: str
    sentence: str
    is_doubt: bool = True


@dataclass(frozen=True)
class Alert:
    """One sentence for the person at the bench, and what kind of thing it is about."""

    kind: str
    text: str


@dataclass(frozen=True)
class Attempt:
    """A step that somebody asks for, with all that its rules may look at."""

    item: ItemNow
    action: Action
    row: Transition
    by: Actor
    performed_by: str
    at: Told | None
    source: Source
    recorded_at: datetime
    place: ItemNow | None = None
    position: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    confirmation: str | None = None
    corrects: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    holds: frozenset[HoldKind] = frozenset()

    @property
    def is_taken_as_it_is(self) -> bool:
        """Nobody is asked back: it was confirmed, comes from paper or a file, or is a fact of the dock."""
        return bool(self.confirmation) or self.source.kind in SEEN_ALREADY or not self.row.asks_back

    @property
    def bench_site(self) -> str | None:
        return self.by.bench_site

    def ask_back(self, code: str, sentence: str) -> list[Flag]:
        """A doubt: `AskedBack` the first time, a flag with the event once it is confirmed."""
        if self.is_taken_as_it_is:
            return [Flag(code, sentence)]
        raise AskedBack(
            f"{sentence} If it really is so, confirm it with a reason.",
            confirmable=True,
            reason_code=code,
            item=self.item.identifier,
        )


@dataclass(frozen=True)
class Done:
    """A step that was taken: the attempt, the item after it and the event as it stands in the ledger.

    `born` are the items that came to be with it; the reaction that registers them puts them there.
    """

    attempt: Attempt
    item: ItemNow
    event: Mapping[str, Any]
    flags: tuple[Flag, ...] = ()
    born: list[ItemNow] = field(default_factory=list)


@dataclass(frozen=True)
class Recorded:
    """The answer to a scan; `repeated` says that it was true already and `event` is the earlier one."""

    event: Mapping[str, Any]
    item: ItemNow
    alerts: tuple[Alert, ...] = ()
    repeated: bool = False
    born: tuple[ItemNow, ...] = ()
