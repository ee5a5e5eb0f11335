"""What `ledger verify` finds of what an administrator can do, alone and with a checkpoint kept outside.

    pytest -m campaign tests/campaigns/test_tampering.py -s

prints the table. Each row is one tampering with a history that real operations made, in a transaction of its
own that is rolled back after the verification. A star: a finding names the event, item, order or certificate.

NOTHING in both columns is what no log of this kind can show: what lies behind the newest checkpoint that is
kept outside, and an event that was added like any other. So checkpoints leave often, and people sign.
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from biobank.core import moments
from biobank.core.database import db, reading, writing
from biobank.custody.states import Action
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.queries import tree_size
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS
from biobank.wiring import install_rules
from tests.campaigns.tampering import Tampering
from tests.floor import CODE
from tests.leaving import Leaving

pytestmark = pytest.mark.campaign
OTHER = "A100000002"


class RolledBack(Exception):
    pass


class Life:
    """A participant who left and one who stays, from the kit to the certificate."""

    def __init__(self, settings):
        self.settings, self.story, self.sizes = settings, {}, {}
        install_rules()
        with writing() as work:
            self.floor = Leaving(work)
            self.floor.participant(OTHER)
            self.gone = list(self.floor.received().values())[:4]
            self.stays = list(self.floor.received(participant=OTHER).values())
        self.key = load_key_file(Path(settings.ledger_key_file))
        for chapter in (self.stored, self.destroyed, self.used):
            with writing() as work:
                self.floor.work = work
                self.floor.window(0)
                chapter()
            with writing() as work:
                self.kept = issue_checkpoint(work, self.key)
            with reading() as work:
                self.sizes[chapter.__name__] = tree_size(work)
        with writing() as work:
            self.floor.work = work
            self.floor.step(self.story["later"], Action.THAW)
        seal_all()

    def stored(self):
        self.story["box"] = self.floor.box()
        names = ("tube", "held", "used", "later", "other")
        for at, (name, tube) in enumerate(zip(names, self.stays, strict=False), 1):
            self.floor.step(tube, Action.STORE, place=self.story["box"], position=f"A{at}")
            self.story[name] = tube
        self.floor.step(
            self.story["held"], Action.QUARANTINE, details={"hold": "temperature", "reason": "warm"}
        )

    def destroyed(self):
        self.floor.decide()
        order = self.floor.order()
        self.story["order"] = order.identifier
        lines = self.floor.work.session.execute(
            text(
                "SELECT i.identifier FROM destruction_lines l JOIN items i ON i.id = l.item_id ORDER BY i.id"
            )
        ).scalars()
        self.floor.destroy(*lines)
        assert self.floor.confirm(order).returned == {}

    def used(self):
        self.floor.step(self.story["used"], Action.CHECK_OUT)
        self.floor.step(self.story["used"], Action.CONSUME)


@pytest.fixture
def life(app, settings):
    with app.app_context():
        db.engine.dispose()
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", lambda found, _: found.execute("PRAGMA foreign_keys = OFF"))
        yield Life(settings)


# What can be done. Each returns the event that a finding has to name, or what it is about.


def body(on):
    return on.forge(on.tube, 3, performed_by="bio.eve")


def body_and_hash(on):
    return on.forge(on.tube, 3, hash_too=True, performed_by="bio.eve")


def body_hash_and_tree(on):
    named = on.forge(on.tube, 3, hash_too=True, performed_by="bio.eve")
    on.regrow()
    return named


def newest_event_and_all_that_hangs_on_it(on):
    named = on.forge(on.tube, on.newest(on.tube), hash_too=True, performed_by="bio.eve")
    on.regrow()
    on.fit_state(on.tube)
    return named


def newest_event_behind_the_checkpoint(on):
    named = on.forge(on.later, on.newest(on.later), hash_too=True, performed_by="bio.eve")
    on.regrow()
    on.fit_state(on.later)
    return named


def index_column(on):
    on.sql("UPDATE ledger_entries SET kind = 'note' WHERE subject = :s AND sequence = 3", s=on.tube)
    return on.tube, 3


def body_is_no_event(on):
    on.sql("UPDATE ledger_entries SET body = :b WHERE subject = :s AND sequence = 3", s=on.tube, b=b"{")
    return on.tube, 3


def event_alone(on):
    return on.remove(on.tube, 3, leaf=False)


def event_and_leaf(on):
    return on.remove(on.tube, 3)


def newest_event_with_its_state(on):
    named = on.remove(on.tube, on.newest(on.tube))
    on.fit_state(on.tube)
    return named


def event_without_a_place(on):
    on.append(on.tube, **{"action": "thaw", "from": "stored", "to": "stored", "occurred_at": None})
    on.sql("DELETE FROM ledger_unsealed")
    return on.tube, on.newest(on.tube)


def event_with_everything(on):
    on.append(on.tube, **{"action": "thaw", "from": "stored", "to": "stored", "occurred_at": None})
    on.fit_state(on.tube)
    return on.tube, on.newest(on.tube)


def leaves_exchanged(on):
    one, other = on.entry(on.tube, 3), on.entry(on.tube, 4)
    for index, entry_id in ((one.leaf_index, -1), (other.leaf_index, one.id), (one.leaf_index, other.id)):
        on.sql("UPDATE ledger_leaves SET entry_id = :id WHERE leaf_index = :i", i=index, id=entry_id)
    return on.tube, 3


def leaves_exchanged_with_tree(on):
    leaves_exchanged(on)
    on.regrow()
    return on.tube, 3


def numbers_exchanged(on):
    for before, after in ((3, -1), (4, 3), (-1, 4)):
        on.sql(
            "UPDATE ledger_entries SET sequence = :after WHERE subject = :s AND sequence = :before",
            s=on.tube, before=before, after=after,
        )  # fmt: skip
    return on.tube, 3


def newest_event_dated_back(on):
    sequence = on.newest(on.later)
    earlier = on.entry(on.later, sequence).recorded_at - timedelta(days=3) // timedelta(microseconds=1)
    told = moments.to_text(moments.from_microseconds(earlier))
    named = on.forge(on.later, sequence, hash_too=True, recorded_at=told)
    on.sql(
        "UPDATE ledger_entries SET recorded_at = :r WHERE subject = :s AND sequence = :n",
        r=earlier, s=on.later, n=sequence,
    )  # fmt: skip
    on.regrow()
    on.fit_state(on.later)
    return named


def replaced(on):
    """SQLite's REPLACE, which deletes past a DELETE trigger; PostgreSQL's upsert."""
    found = on.entry(on.tube, 3)
    on.sql("CREATE TEMPORARY TABLE copy AS SELECT * FROM ledger_entries WHERE id = :id", id=found.id)
    on.sql(
        "UPDATE copy SET body = :b", b=canonical_bytes(json.loads(found.body) | {"performed_by": "bio.eve"})
    )
    if on.work.is_sqlite:
        on.sql("REPLACE INTO ledger_entries SELECT * FROM copy")
    else:
        on.sql(
            "INSERT INTO ledger_entries SELECT * FROM copy ON CONFLICT (id) DO UPDATE SET body = excluded.body"
        )
    on.sql("DROP TABLE copy")
    return on.tube, 3


def last_events(on):
    on.cut(on.life.sizes["destroyed"])
    return on.used, None


def whole_log(on):
    for table in ("checkpoints", "nodes", "leaves", "unsealed", "entries"):
        on.sql(f"DELETE FROM ledger_{table}")
    return on.tube, None


def stored_checkpoint_removed(on):
    on.sql("DELETE FROM ledger_checkpoints WHERE size = (SELECT max(size) FROM ledger_checkpoints)")
    return "checkpoint", None


def stored_checkpoint_changed(on):
    on.sql("UPDATE ledger_checkpoints SET root = :r", r=bytes(32))


def node(on):
    on.sql("UPDATE ledger_nodes SET hash = :r WHERE level = 2 AND position = 1", r=bytes(32))


def state(on):
    on.sql("UPDATE items SET state = 'destroyed' WHERE identifier = :s", s=on.tube)
    return on.tube, None


def place(on):
    on.sql("UPDATE items SET position = 'H12' WHERE identifier = :s", s=on.tube)
    return on.tube, None


def participant(on):
    on.sql("UPDATE items SET participant = 'A100000009' WHERE identifier = :s", s=on.tube)
    return on.tube, None


def hold_removed(on):
    on.sql("DELETE FROM holds WHERE item_id = (SELECT id FROM items WHERE identifier = :s)", s=on.held)
    return on.held, None


def hold_lifted(on):
    on.sql(
        "UPDATE holds SET lifted_sequence = 99 WHERE item_id = (SELECT id FROM items WHERE identifier = :s)",
        s=on.held,
    )
    return on.held, None


def code_invented(on):
    on.sql(
        "INSERT INTO item_aliases (item_id, issuer, value) SELECT id, 'Maker', 'MK00000001' FROM items "
        "WHERE identifier = :s",
        s=on.tube,
    )
    return on.tube, None


def item_removed(on):
    on.sql("DELETE FROM items WHERE identifier = :s", s=on.other)
    return on.other, None


def item_invented(on):
    on.sql(
        "INSERT INTO items (identifier, kind, state, sequence, head, recorded_at) "
        "VALUES ('T000000000000', 'tube', 'stored', 1, :h, 0)",
        h=bytes(32),
    )
    return "T000000000000", None


def order_line(on):
    on.sql("UPDATE destruction_lines SET outcome = NULL")
    return on.order, None


def order_line_removed(on):
    on.sql("DELETE FROM destruction_lines WHERE id = (SELECT max(id) FROM destruction_lines)")
    return on.order, None


def certificate(on):
    on.sql("UPDATE certificates SET pdf = :p", p=b"%PDF another")
    return on.sql("SELECT identifier FROM certificates").scalar_one(), None


def decision(on):
    on.sql("UPDATE decisions SET samples = 'keep'")
    return "decision 1", None


def standing(on):
    on.sql(
        'UPDATE participants SET samples = :keep, "left" = FALSE WHERE samples = :destroy',
        keep="keep",
        destroy="destroy",
    )
    return CODE, None


def consent(on):
    on.sql("UPDATE consents SET scopes = 'blood,urine,dna' WHERE participant = :p", p=OTHER)
    return f"consent {on.sql('SELECT id FROM consents WHERE participant = :p', p=OTHER).scalar_one()}", None


def signature(on):
    on.sql("UPDATE signatures SET signer = 'bio.lea' WHERE signer = 'bio.theo'")
    return f"signature:{on.sql('SELECT min(id) FROM signatures').scalar_one() + 1}", None


def _another_hand(on):
    def change(event):
        is_it = event["subject"] == on.tube and event["sequence"] == 3
        return event | {"performed_by": "bio.eve"} if is_it else event

    return change


def all_rewritten(on):
    on.rewrite(_another_hand(on))
    return on.tube, 3


def all_rewritten_and_signed(on):
    on.rewrite(_another_hand(on), on.life.key)
    return on.tube, 3


def event_written_out(on):
    on.rewrite(
        lambda event: None if (event["subject"], event["sequence"]) == (on.used, on.newest_of_used) else event
    )
    return on.used, None


CASES = {
    "edit: an event's body": body,
    "edit: body and hash": body_and_hash,
    "edit: body, hash and tree": body_hash_and_tree,
    "edit: an item's newest event, its hash, tree and state": newest_event_and_all_that_hangs_on_it,
    "edit: the same behind the newest checkpoint": newest_event_behind_the_checkpoint,
    "edit: an index column": index_column,
    "edit: a body that is no event": body_is_no_event,
    "edit: a node of the tree": node,
    "delete: an event": event_alone,
    "delete: an event and its leaf": event_and_leaf,
    "delete: an item's newest event, its leaf and state": newest_event_with_its_state,
    "insert: an event without a place in the tree": event_without_a_place,
    "insert: an event appended like any other, with its state": event_with_everything,
    "re-order: two leaves": leaves_exchanged,
    "re-order: two leaves and the tree": leaves_exchanged_with_tree,
    "re-order: two numbers": numbers_exchanged,
    "back-date: an item's newest event, its hash, tree and state": newest_event_dated_back,
    "replace: an event under its own key": replaced,
    "truncate: the last events, tree and states (an old backup)": last_events,
    "truncate: the whole log": whole_log,
    "checkpoint: the newest stored one removed": stored_checkpoint_removed,
    "checkpoint: the stored roots changed": stored_checkpoint_changed,
    "state: of an item": state,
    "state: an item's place": place,
    "state: an item's participant": participant,
    "state: a hold removed": hold_removed,
    "state: a hold lifted without an event": hold_lifted,
    "state: a maker's code that nobody told": code_invented,
    "state: an item removed": item_removed,
    "state: an item invented": item_invented,
    "state: lines of an order opened": order_line,
    "state: a line of an order removed": order_line_removed,
    "state: a certificate's bytes": certificate,
    "state: a decision of a participant": decision,
    "state: where a participant stands": standing,
    "state: the scopes of a consent": consent,
    "state: who signed": signature,
    "rewrite: everything, checkpoints dropped": all_rewritten,
    "rewrite: everything, signed with the log's own key": all_rewritten_and_signed,
    "rewrite: an event never was, checkpoints dropped": event_written_out,
}
EXPECTED = Path(__file__).with_name("tamper_matrix.txt")


def verified(work, life, act, checkpoints):
    on = Tampering(work, life.story | {"life": life})
    on.story["newest_of_used"] = on.newest(on.used)
    on.fences_down()
    named = act(on)
    work.expire()
    return verify(work, checkpoints=checkpoints, public_key=life.key.public, replays=REPLAYS), named


def found(life, act, checkpoints):
    """The kinds of findings, and a star where one names what was done."""
    with pytest.raises(RolledBack) as result, writing() as work:
        raise RolledBack(*verified(work, life, act, checkpoints))
    report, named = result.value.args
    kinds = ", ".join(sorted({finding.kind.value for finding in report.findings})) or "NOTHING"
    subject, sequence = named or (None, None)
    is_named = any(
        finding.subject == subject and sequence in (None, finding.sequence) for finding in report.findings
    )
    return kinds + ("*" if subject and is_named else "")


def test_the_tamper_matrix(life):
    with reading() as work:
        assert (
            verify(work, checkpoints=[life.kept], public_key=life.key.public, replays=REPLAYS).findings == ()
        )
    rows = [f"{'what was done':<60} {'found alone':<32} found with a checkpoint kept outside"]
    for name, act in CASES.items():
        rows.append(f"{name:<60} {found(life, act, []):<32} {found(life, act, [life.kept])}")
    print("", *rows, sep="\n")
    assert "\n".join(rows) + "\n" == EXPECTED.read_text("utf-8")


REFUSED = {
    "ledger_entries": ("id", "kind"),
    "ledger_leaves": ("leaf_index", "entry_id"),
    "ledger_nodes": ("level, position", "hash"),
    "ledger_checkpoints": ("id", "text"),
}
"""Each table with its key and a column."""


@pytest.mark.parametrize("table", REFUSED)
def test_the_fences_refuse_each(life, table):
    key, column = REFUSED[table]
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    again = f"INSERT INTO {table} SELECT * FROM {table}"
    if db.engine.dialect.name == "sqlite":
        statements.append(again.replace("INSERT", "REPLACE", 1))
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
        statements.append(f"{again} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}")
    for statement in statements:
        with pytest.raises(DBAPIError, match="is append-only"), writing() as work:
            work.session.execute(text(statement))
    with reading() as work:
        assert verify(work, checkpoints=[life.kept], replays=REPLAYS).findings == ()
