"""What somebody who owns the database can do to the log and the states, once the fences are down."""

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import bindparam, select, text

from biobank.core import moments
from biobank.core.statements import Statement
from biobank.custody.replay import MOMENTS, replayed
from biobank.ledger import tree
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.operations import append_to, issue_checkpoint, store_entry, write_entry
from biobank.ledger.queries import entries, streamed, tree_size
from biobank.ledger.sealing import seal_whole

OF_SUBJECT = Statement(
    select(entries.c.subject, entries.c.sequence, entries.c.kind, entries.c.hash, entries.c.body)
    .where(entries.c.subject == bindparam("subject"))
    .order_by(entries.c.sequence)
)


@dataclass
class Tampering:
    """One open transaction of an administrator."""

    work: object
    story: dict[str, str]

    def __getattr__(self, name):
        return self.story[name]

    def sql(self, statement, **values):
        return self.work.session.execute(text(statement), values)

    def one(self, statement, **values):
        return self.sql(statement, **values).one()

    def fences_down(self):
        if self.work.is_sqlite:  # foreign keys are a wish of each connection there, and this one has none
            for (name,) in self.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                self.sql(f"DROP TRIGGER {name}")
        else:
            self.sql("SET LOCAL session_replication_role = replica")

    def entry(self, subject, sequence):
        return self.one(
            "SELECT e.id, e.body, e.hash, e.recorded_at, l.leaf_index FROM ledger_entries e "
            "LEFT JOIN ledger_leaves l ON l.entry_id = e.id WHERE subject = :subject AND sequence = :sequence",
            subject=subject, sequence=sequence,
        )  # fmt: skip

    def newest(self, subject):
        return self.one("SELECT max(sequence) FROM ledger_entries WHERE subject = :s", s=subject)[0]

    def forge(self, subject, sequence, *, hash_too=False, **changes):
        """Another body for an event; with its hash when asked."""
        entry = self.entry(subject, sequence)
        body = canonical_bytes(json.loads(entry.body) | changes)
        digest = tree.leaf_hash(body) if hash_too else entry.hash
        self.sql(
            "UPDATE ledger_entries SET body = :b, hash = :h WHERE id = :id", b=body, h=digest, id=entry.id
        )
        return subject, sequence

    def regrow(self):
        """All nodes anew from the hashes of the leaves."""
        rows = self.sql(
            "SELECT e.hash FROM ledger_leaves l JOIN ledger_entries e ON e.id = l.entry_id ORDER BY l.leaf_index"
        ).all()
        self.sql("DELETE FROM ledger_nodes")
        for node in tree.append(0, (), [row.hash for row in rows]).nodes:
            self.sql("INSERT INTO ledger_nodes VALUES (:level, :position, :hash)", **node._asdict())

    def fit_state(self, subject):
        """An item's row as its entries tell it now."""
        told = replayed(streamed(self.work, OF_SUBJECT, subject=subject)).columns
        place = self.sql("SELECT id FROM items WHERE identifier = :p", p=told.get("place")).scalar()
        micro = {name: self.microseconds(told.get(name)) for name in MOMENTS}
        self.sql(
            "UPDATE items SET state = :state, sequence = :sequence, head = :head, occurred_at = :occurred_at, "
            "recorded_at = :recorded_at, place_unknown_since = :place_unknown_since, "
            "container_id = :place, position = :position WHERE identifier = :s",
            s=subject, state=told["state"], sequence=told["sequence"], head=bytes.fromhex(told["head"]),
            place=place, position=told.get("position"), **micro,
        )  # fmt: skip
        self.sql(
            "DELETE FROM freeze_thaws WHERE sequence > :sequence AND item_id = "
            "(SELECT id FROM items WHERE identifier = :s)", s=subject, sequence=told["sequence"],
        )  # fmt: skip

    def microseconds(self, told):
        return told and moments.to_microseconds(moments.read_moment(told).at)

    def remove(self, subject, sequence, *, leaf=True):
        entry = self.entry(subject, sequence)
        if leaf:
            self.sql("DELETE FROM ledger_leaves WHERE entry_id = :id", id=entry.id)
        self.sql("DELETE FROM ledger_entries WHERE id = :id", id=entry.id)
        return subject, sequence

    def append(self, subject, **content):
        """An event that nobody did, put on properly."""
        return append_to(self.work, subject=subject, kind="custody", content=content)

    def cut(self, size):
        """The log as it was with so many leaves; states are set back."""
        gone = [row.subject for row in self.sql(
            "SELECT DISTINCT subject FROM ledger_entries e LEFT JOIN ledger_leaves l ON l.entry_id = e.id "
            "WHERE l.leaf_index >= :size OR l.leaf_index IS NULL", size=size).all()]  # fmt: skip
        self.sql("DELETE FROM ledger_leaves WHERE leaf_index >= :size", size=size)
        self.sql("DELETE FROM ledger_unsealed")
        self.sql("DELETE FROM ledger_entries WHERE id NOT IN (SELECT entry_id FROM ledger_leaves)")
        self.sql("DELETE FROM ledger_checkpoints WHERE size >= :size", size=size)
        self.regrow()
        for subject in gone:
            if subject != "checkpoint":
                self.fit_state(subject)

    def rewrite(self, change, key=None):
        """Every event anew, as `change` has it: chains, tree, states; with the key, checkpoints where they were."""
        rows = self.sql(
            "SELECT e.body, e.kind, e.subject, e.recorded_at FROM ledger_entries e "
            "LEFT JOIN ledger_leaves l ON l.entry_id = e.id ORDER BY l.leaf_index IS NULL, l.leaf_index, e.id"
        ).all()
        for table in ("checkpoints", "nodes", "leaves", "unsealed", "entries"):
            self.sql(f"DELETE FROM ledger_{table}")
        heads = {}
        for row in rows:
            event = change(json.loads(row.body))
            if row.kind == "checkpoint" and key:
                self.sign_then(key, moments.from_microseconds(row.recorded_at))
            elif event is not None and row.kind != "checkpoint":
                self.store_again(row, event, heads)
        seal_whole(self.work)
        for (subject,) in self.sql("SELECT identifier FROM items").all():
            self.fit_state(subject)

    def store_again(self, row, event, heads):
        sequence, head = heads.get(row.subject, (0, b""))
        written = write_entry(
            subject=row.subject, sequence=sequence + 1, previous=head, kind=row.kind, content=event,
            recorded_at=moments.from_microseconds(row.recorded_at),
        )  # fmt: skip
        store_entry(self.work, written)
        heads[row.subject] = written.sequence, written.hash

    def sign_then(self, key, at):
        """A checkpoint as it would have been issued at that moment."""
        with pytest.MonkeyPatch.context() as clock:
            clock.setattr(moments, "now", lambda: at)
            issue_checkpoint(self.work, key)

    @property
    def size(self):
        return tree_size(self.work)
