"""What the ledger says of every item, compared with what is stored: an item's row is only a replay."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import RowMapping, bindparam, exists, or_, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.operations import UNPLACED
from biobank.custody.queries import NAMED, TOLD_CHANGES, codes_given
from biobank.custody.statements import aliases, holds, items
from biobank.items.aliases import Alias
from biobank.items.models import ItemParent
from biobank.ledger.findings import Finding, Wrong
from biobank.ledger.queries import entries, leaves, streamed

ITEMS_AT_ONCE = 500
BORN_WITH = ("draw_order", "lot", "expires_on", "kit")
"""Columns that stand in an item's first entry and never change."""

parents = table_of(ItemParent)
container = items.alias("container")
kit = items.alias("kit")

ENTRIES_BY_SUBJECT = Statement(
    select(entries.c.subject, entries.c.sequence, entries.c.kind, entries.c.hash, entries.c.body).order_by(
        entries.c.subject, entries.c.sequence
    )
)
SEALED_ENTRIES_OF = Statement(
    select(entries.c.subject, entries.c.sequence, entries.c.kind, entries.c.hash, entries.c.body)
    .join(leaves, leaves.c.entry_id == entries.c.id)
    .where(entries.c.subject == bindparam("subject"), leaves.c.leaf_index < bindparam("size"))
    .order_by(entries.c.sequence)
)
IDENTIFIERS = Statement(select(items.c.identifier).order_by(items.c.identifier))
WITHOUT_ENTRY = Statement(
    select(items.c.identifier)
    .where(~exists().where(entries.c.subject == items.c.identifier))
    .order_by(items.c.identifier)
)


@dataclass
class Replayed:
    """An item as its entries tell it: columns by name, standing holds by the entry that placed each."""

    columns: dict[str, Any] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    is_item: bool = False

    def take(self, sequence: int, kind: str, digest: bytes, event: Mapping[str, Any]) -> None:
        self.columns |= {"sequence": sequence, "head": digest.hex(), "recorded_at": event["recorded_at"]}
        if kind == "custody":
            self.is_item = True
            self._step(event)
        elif kind == "hold":
            self.is_item = True
            self._hold(event)
        elif kind == NAMED:
            self._name(event)

    def _step(self, event: Mapping[str, Any]) -> None:
        if event["action"] == "register":
            self.columns |= {name: event.get(name) for name in (*BORN_WITH, *TOLD_CHANGES)}
            self.columns |= {"kind": event["item_kind"], "parents": sorted(event.get("parents", ()))}
        self._name(event)
        self.columns |= {name: event[name] for name in TOLD_CHANGES if name in event}
        self.columns["state"] = event["to"]
        if event["occurred_at"]:
            self.columns["occurred_at"] = event["occurred_at"]
        if "place" in event:
            lost = event["place"] is None and event["action"] in UNPLACED
            self.columns |= {"place": event["place"], "position": event["position"]}
            self.columns["place_unknown_since"] = event["recorded_at"] if lost else None

    def _name(self, event: Mapping[str, Any]) -> None:
        self.columns["aliases"] = sorted({*self.columns.get("aliases", ()), *codes_given(event)})

    def _hold(self, event: Mapping[str, Any]) -> None:
        if event["change"] == "placed":
            self.holds[event["hold"]] = event["sequence"]
        else:
            self.holds.pop(event["hold"], None)


def replayed(rows: Iterable[tuple[Any, ...]]) -> Replayed:
    """Fold one subject's entries (subject, sequence, kind, hash, body), in their order."""
    known = Replayed()
    for _, sequence, kind, digest, body in rows:
        known.take(sequence, kind, bytes(digest), orjson.loads(body))
    return known


def state_findings(work: Work) -> Iterator[Finding]:
    """Each item whose row or holds differ from its entries, or that lacks the one or the other."""
    work.flush()
    by_subject = groupby(streamed(work, ENTRIES_BY_SUBJECT), key=itemgetter(0))
    told = ((subject, _readable(rows)) for subject, rows in by_subject)
    while batch := dict(islice(told, ITEMS_AT_ONCE)):
        stored = _stored(work, list(batch))
        for subject, known in batch.items():
            yield from _compared(subject, known, stored.get(subject))
    for (identifier,) in streamed(work, WITHOUT_ENTRY):
        yield Finding(Wrong.STATE, identifier, None, f"{identifier} is stored and has no entry in the log.")


def _readable(rows: Iterable[tuple[Any, ...]]) -> Replayed | None:
    try:
        return replayed(rows)
    except (KeyError, TypeError, ValueError):
        return None


def _compared(subject: str, known: Replayed | None, stored: Replayed | None) -> Iterator[Finding]:
    if known is None:
        yield Finding(Wrong.STATE, subject, None, f"{subject} has entries that cannot be replayed.")
    elif stored is None and known.is_item:
        yield Finding(Wrong.STATE, subject, None, f"{subject} has entries and is not stored.")
    elif stored is not None:
        yield from _differences(subject, known, stored)


def _differences(subject: str, known: Replayed, stored: Replayed) -> Iterator[Finding]:
    sequence = known.columns["sequence"]
    for name, value in stored.columns.items():
        if known.columns.get(name) != value:
            sentence = (
                f"{subject} is stored with {name} {_shown(value)}, not {_shown(known.columns.get(name))}."
            )
            yield Finding(Wrong.STATE, subject, sequence, sentence)
    for hold in sorted(known.holds.items() ^ stored.holds.items()):
        is_told = hold in known.holds.items()
        yield Finding(
            Wrong.STATE, subject, hold[1],
            f"{subject} {'lacks' if is_told else 'has'} the {hold[0]} hold of entry {hold[1]}, "
            f"which the log {'tells' if is_told else 'does not tell'} of.",
        )  # fmt: skip


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def _stored(work: Work, identifiers: list[str]) -> dict[str, Replayed]:
    """The stored items among these, in the words of the entries."""
    question = _stored_items().where(items.c.identifier.in_(identifiers))
    rows = work.connection.execute(question).mappings()
    found = {row["id"]: (str(row["identifier"]), _as_told(row)) for row in rows}
    _add_parents(work, {number: known for number, (_, known) in found.items()})
    _add_aliases(work, {number: known for number, (_, known) in found.items()})
    _add_holds(work, {number: known for number, (_, known) in found.items()})
    return dict(found.values())


def _stored_items() -> Any:
    return (
        select(items, container.c.identifier.label("place"), kit.c.identifier.label("kit"))
        .outerjoin(container, container.c.id == items.c.container_id)
        .outerjoin(kit, kit.c.id == items.c.kit_id)
    )


MOMENTS = ("occurred_at", "recorded_at", "place_unknown_since")
AS_STORED = (
    "kind", "state", "sequence", "specification", "draw_order", "lot", "kit", "place", "position", "site",
    "custodian", "sent_to", "participant", "volume_microlitres",
)  # fmt: skip


def _as_told(row: RowMapping) -> Replayed:
    columns: dict[str, Any] = {name: row[name] for name in AS_STORED}
    columns |= {name: moments.to_text(row[name]) if row[name] else None for name in MOMENTS}
    columns |= {
        "head": row["head"].hex(),
        "expires_on": row["expires_on"].isoformat() if row["expires_on"] else None,
        "collected_at": moments.to_microseconds(row["collected_at"]) if row["collected_at"] else None,
        "parents": [],
        "aliases": [],
    }
    return Replayed(columns)


def _add_parents(work: Work, found: Mapping[int, Replayed]) -> None:
    question = (
        select(parents.c.child_id, items.c.identifier)
        .join(items, items.c.id == parents.c.parent_id)
        .where(parents.c.child_id.in_(list(found)))
        .order_by(items.c.identifier)
    )
    for child, parent in work.connection.execute(question):
        found[child].columns["parents"].append(parent)
    for known in found.values():
        known.columns["parents"].sort()  # the database may sort by other rules


def _add_aliases(work: Work, found: Mapping[int, Replayed]) -> None:
    question = select(aliases.c.item_id, aliases.c.issuer, aliases.c.value).where(
        aliases.c.item_id.in_(list(found))
    )
    for number, issuer, value in work.connection.execute(question):
        found[number].columns["aliases"].append(Alias(issuer, value).known_as)
    for known in found.values():
        known.columns["aliases"].sort()


def _add_holds(work: Work, found: Mapping[int, Replayed]) -> None:
    question = select(holds.c.item_id, holds.c.kind, holds.c.placed_sequence).where(
        holds.c.item_id.in_(list(found)), holds.c.lifted_sequence.is_(None)
    )
    for number, kind, sequence in work.connection.execute(question):
        found[number].holds[kind] = sequence


def states_for_export(work: Work, size: int) -> Iterator[dict[str, Any]]:
    """Each item as it is stored, for the offline verifier to compare with the first `size` leaves.

    An item with entries behind those is given as it was then, by its entries: the export is of one moment,
    and scans go on. `verify` compares the stored rows of those too.
    """
    identifiers = (identifier for (identifier,) in streamed(work, IDENTIFIERS))
    while batch := list(islice(identifiers, ITEMS_AT_ONCE)):
        stored = _stored(work, batch)
        for identifier in _moved_on(work, batch, size):
            stored[identifier] = replayed(streamed(work, SEALED_ENTRIES_OF, subject=identifier, size=size))
        for identifier, known in stored.items():
            if "sequence" in known.columns:  # else it was born behind those leaves
                columns = {name: known.columns.get(name) for name in ("state", "place", "sequence", "head")}
                yield {"kind": "state", "item": identifier, **columns, "holds": sorted(known.holds)}


def _moved_on(work: Work, identifiers: list[str], size: int) -> list[str]:
    question = (
        select(entries.c.subject)
        .outerjoin(leaves, leaves.c.entry_id == entries.c.id)
        .where(
            entries.c.subject.in_(identifiers),
            or_(leaves.c.leaf_index.is_(None), leaves.c.leaf_index >= size),
        )
        .distinct()
    )
    return list(work.connection.scalars(question))
