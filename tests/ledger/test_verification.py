"""A whole log is found whole, and each thing that is done to one is named in a sentence."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.core.database import db, reading, writing
from biobank.custody.replay import state_findings, states_for_export
from biobank.ledger import audit, checkpoints, tree
from biobank.ledger.checkpoints import Checkpoint, CheckpointRefused
from biobank.ledger.notes import NoteRefused, SigningKey
from biobank.ledger.operations import append_to
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from tests.campaigns.tampering import Tampering
from tests.ledger.history import KEY


class Ended(Exception):
    pass


@pytest.fixture
def after(history):
    """What is said after something was done by an administrator; nothing of it is kept."""
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        from sqlalchemy import event

        event.listen(db.engine, "connect", lambda found, _: found.execute("PRAGMA foreign_keys = OFF"))

    def after(*done, **given):
        with pytest.raises(Ended) as ended, writing() as work:
            raise Ended(*judged(work, done, given))
        return list(map(str, ended.value.args))

    def judged(work, done, given):
        on = Tampering(work, history.items)
        on.fences_down()
        for act in done:
            act(on)
        work.expire()
        return verify(work, replays=[state_findings], **given).findings

    return after


def sql(statement, **values):
    return lambda on: on.sql(statement, **values)


def test_a_whole_log(history):
    with reading() as work:
        report = verify(
            work, checkpoints=history.checkpoints, public_key=KEY.public, replays=[state_findings]
        )
    assert report.findings == ()
    assert report.is_clean
    assert report.entries == report.size + 1  # the entry about the newest checkpoint waits for its place


def test_an_empty_log(app):
    with app.app_context(), reading() as work:
        report = verify(work, replays=[state_findings])
    assert (report.findings, report.size, report.root) == ((), 0, tree.EMPTY_ROOT)


def test_more_than_a_chunk(history, after, monkeypatch):
    monkeypatch.setattr(audit, "CHUNK", 4)
    assert after() == []
    said = after(lambda on: on.forge(history.second, 3, performed_by="bio.eve"))
    assert f"changed: {history.second} entry 3 was changed: its bytes do not give its hash." in said


# Entries.


def test_an_edited_body_is_said_once_and_where(history, after):
    said = after(lambda on: on.forge(history.first, 2, performed_by="bio.eve"))
    assert [line for line in said if history.first in line] == [
        f"changed: {history.first} entry 2 was changed: its bytes do not give its hash."
    ]
    assert any("stored nodes of the tree are not what its leaves give" in line for line in said)
    assert any(
        "leaves from 0 on are not those that the stored checkpoint of" in line and "and 2 more" in line
        for line in said
    )


def test_an_edit_between_two_checkpoints_is_narrowed_down(history, after):
    first, second, _ = (checkpoints.read(note) for note in history.checkpoints)
    said = after(lambda on: on.forge(history.first, 5, performed_by="bio.eve"))
    assert any(
        f"The leaves from {first.size} on are not those that the stored checkpoint of {second.size}" in line
        for line in said
    )


def test_an_edited_body_and_hash_is_not_what_was_sealed_nor_what_is_continued(history, after):
    said = after(lambda on: on.forge(history.first, 2, hash_too=True, performed_by="bio.eve"))
    assert f"changed: {history.first} entry 2 is not the one that entry 3 continues." in said
    assert any(
        line.startswith(f"changed: {history.first} entry 2 is not what was sealed as leaf") for line in said
    )


def test_a_first_entry_that_continues_another(history, after):
    said = after(lambda on: on.forge(history.first, 1, hash_too=True, previous="ab" * 32))
    assert f"changed: {history.first} entry 1 is the first and continues another." in said


FILED = {"kind": "'note'", "recorded_at": "1", "previous": "hash", "subject": "'T1'"}


def test_an_entry_filed_wrongly(history, after):
    for column, value in FILED.items():
        said = after(
            sql(
                f"UPDATE ledger_entries SET {column} = {value} WHERE subject = :s AND sequence = 2",
                s=history.first,
            )
        )
        subject = "T1" if column == "subject" else history.first
        other = f"another {column} than its bytes say ({history.first} entry 2)."
        assert f"changed: {subject} entry 2 is filed under {other}" in said


NO_ENTRIES = (
    b"{",
    b"[]",
    b"3",
    b'{"subject":3,"sequence":1,"kind":"x","recorded_at":"2026-01-01T00:00:00Z","previous":""}',
    b'{"subject":"x","sequence":1,"kind":"x","recorded_at":"2026-01-01","previous":""}',
)


def test_bytes_that_are_no_entry(history, after):
    for body in NO_ENTRIES:
        statement = "UPDATE ledger_entries SET body = :b WHERE subject = :s AND sequence = 2"
        said = after(sql(statement, b=body, s=history.first))
        assert f"changed: {history.first} entry 2 was changed: its bytes are no entry." in said
        assert not any(line.startswith("removed") for line in said)
        assert f"state: {history.first} has entries that cannot be replayed." in said


def test_an_entry_that_waits_is_checked_too(history, after):
    said = after(lambda on: on.forge("checkpoint", 3, size=1))
    assert "changed: checkpoint entry 3 was changed: its bytes do not give its hash." in said


def test_what_sqlite_takes_for_bytes_and_numbers(history, after):
    if db.engine.dialect.name == "sqlite":
        said = after(sql("UPDATE ledger_entries SET body = 'text', recorded_at = 'text'"))
        assert f"changed: {history.first} entry 2 was changed: its bytes are no entry." in said
        said = after(sql("UPDATE ledger_entries SET recorded_at = 'text', sequence = subject || sequence"))
        assert any(
            f"is filed under another recorded_at than its bytes say ({history.first} entry 2)" in line
            for line in said
        )


def test_a_removed_entry_whose_leaf_stays(history, after):
    said = after(lambda on: on.remove(history.first, 2, leaf=False))
    assert said[0].startswith("removed: Leaf ")
    assert said[0].endswith(" of the tree has no entry.")
    assert f"removed: {history.first} entry 2 is gone." in said
    assert not any("stored nodes" in line or line.startswith("checkpoint") for line in said)


def test_several_removed_entries(history, after):
    said = after(lambda on: on.remove(history.first, 2), lambda on: on.remove(history.first, 3))
    assert f"removed: {history.first} entry 2 to 3 is gone." in said


def test_leaves_removed_with_their_nodes(history, after):
    said = after(
        sql("DELETE FROM ledger_leaves WHERE leaf_index = 3"),
        sql("DELETE FROM ledger_nodes WHERE level = 0 AND position = 3"),
    )
    assert "removed: Leaf 3 of the tree has no entry." in said
    assert any(line.startswith("inserted") and "neither in the tree nor waits" in line for line in said)


def test_nodes_that_cover_more_than_there_is(history, after):
    said = after(sql("INSERT INTO ledger_nodes VALUES (0, 1000, :h)", h=bytes(32)))
    assert len(said) == 1
    assert said[0].startswith("removed: 1 stored nodes cover more than the")


def test_a_leaf_far_out(history, after):
    said = after(
        lambda on: on.append(
            history.first, **{"action": "thaw", "from": "x", "to": "x", "occurred_at": None}
        ),
        sql("DELETE FROM ledger_unsealed"),
        sql("INSERT INTO ledger_leaves SELECT 999999999999, max(id) FROM ledger_entries"),
    )
    assert "inserted: Leaf 999999999999 is no place in the tree." in said


def test_entries_exchanged_in_the_tree(history, after):
    def exchange(on):
        one, other = on.entry(history.first, 3), on.entry(history.first, 4)
        for index, number in ((one.leaf_index, -1), (other.leaf_index, one.id), (one.leaf_index, other.id)):
            on.sql("UPDATE ledger_leaves SET entry_id = :n WHERE leaf_index = :i", n=number, i=index)

    said = after(exchange)
    assert f"re-ordered: {history.first} entry 3 comes after a later one." in said


def test_an_entry_twice(history, after):
    def twice(on):
        on.sql(
            "INSERT INTO ledger_entries (subject, sequence, kind, recorded_at, previous, hash, body) "
            "SELECT subject || ' ', sequence, kind, recorded_at, previous, hash, body "
            "FROM ledger_entries WHERE subject = :s AND sequence = 3",
            s=history.first,
        )

    said = after(twice)
    assert f"inserted: {history.first} entry 3 is there twice." in said
    assert f"inserted: {history.first}  entry 3 is neither in the tree nor waits for it." in said


# Times.


def back(on, subject, **by):
    """The newest entry of a subject told earlier or later, and the tree and state made to fit."""
    sequence = on.newest(subject)
    at = moments.from_microseconds(on.entry(subject, sequence).recorded_at) + timedelta(**by)
    on.forge(subject, sequence, hash_too=True, recorded_at=moments.to_text(at))
    on.sql(
        "UPDATE ledger_entries SET recorded_at = :r WHERE subject = :s AND sequence = :n",
        r=moments.to_microseconds(at), s=subject, n=sequence,
    )  # fmt: skip
    on.regrow()
    on.fit_state(subject)


def test_recorded_before_the_entry_that_it_follows(history, after):
    said = after(lambda on: back(on, history.third, seconds=-30))
    assert any(
        line.endswith("says that it was recorded before the one that it follows.") and history.third in line
        for line in said
    )


@pytest.mark.parametrize("by", [{"days": -2}, {"days": 2}])
def test_recorded_outside_the_checkpoints_around(history, after, by):
    said = after(lambda on: back(on, history.second, **by))
    assert any(
        line.startswith(f"back-dated: {history.second}") and "not between the checkpoints" in line
        for line in said
    )


@pytest.mark.parametrize("by", [{"minutes": -50}, {"minutes": 4}])
def test_a_long_transaction_and_another_clock_are_no_finding(history, after, by):
    with writing() as work:
        at = moments.now() + timedelta(**by)
        append_to(work, subject="A100000005", kind="decision", content={"samples": "keep"}, recorded_at=at)
    seal_all()
    assert after() == []


def test_what_waits_too_long_for_its_place(history, after):
    with writing() as work:
        at = moments.now() - timedelta(minutes=1)
        append_to(work, subject="A100000005", kind="decision", content={"samples": "keep"}, recorded_at=at)
    (said,) = after()
    assert said.startswith("unsealed: A100000005 entry 1 waits for its place in the tree since ")


# Checkpoints.


def test_a_checkpoint_of_more_than_there_is(history, after):
    note = checkpoints.make(Checkpoint(KEY.name, 5000, bytes(32)), KEY)
    (said,) = after(checkpoints=[note])
    assert said.startswith("removed: The log has only ")
    assert said.endswith("fewer than the given checkpoint of 5000 leaves.")


def test_a_checkpoint_of_other_leaves(history, after):
    note = checkpoints.make(Checkpoint(KEY.name, 3, bytes(32)), KEY)
    assert after(checkpoints=[note]) == [
        "checkpoint: The leaves from 0 on are not those that the given checkpoint of 3 leaves was signed for."
    ]


def test_a_checkpoint_of_another_log_and_by_another_hand(history, after):
    elsewhere = SigningKey.generate("elsewhere.example/log")
    note = checkpoints.make(Checkpoint(elsewhere.name, 3, bytes(32)), elsewhere)
    (said,) = after(checkpoints=[note], public_key=KEY.public)
    assert said.startswith("checkpoint: The given checkpoint of 3 leaves is of elsewhere.example/log, not of")
    impostor = SigningKey.generate(KEY.name)
    read = checkpoints.read(history.checkpoints[0])
    (said,) = after(checkpoints=[checkpoints.make(read, impostor)], public_key=KEY.public)
    assert said.startswith(f"checkpoint: The given checkpoint of {read.size} leaves: No trusted key")
    assert after(checkpoints=[checkpoints.make(read, impostor)]) == []


def test_what_is_no_checkpoint_is_refused(history):
    with reading() as work:
        with pytest.raises(NoteRefused):
            verify(work, checkpoints=["hello"])
        with pytest.raises(CheckpointRefused):
            verify(work, checkpoints=["a\n\n— a AAAAAAAA\n"])


def test_stored_checkpoints_removed_changed_and_invented(history, after):
    sizes = [checkpoints.read(note).size for note in history.checkpoints]
    (said,) = after(sql("DELETE FROM ledger_checkpoints WHERE size = :s", s=sizes[1]))
    assert said.startswith(f"checkpoint: The log tells of a checkpoint of {sizes[1]} leaves")
    said = after(sql("UPDATE ledger_checkpoints SET text = 'hello' WHERE size = :s", s=sizes[1]))
    assert any("was changed: This is not a signed note" in line for line in said)
    said = after(sql("UPDATE ledger_checkpoints SET root = :r WHERE size = :s", r=bytes(32), s=sizes[1]))
    assert any("is filed under another size or root than was signed." in line for line in said)
    said = after(
        sql(
            "INSERT INTO ledger_checkpoints (size, root, text, issued_at) "
            "SELECT size, root, text, issued_at + 1000 FROM ledger_checkpoints WHERE size = :s",
            s=sizes[0],
        )
    )
    assert len(said) == 1
    assert said[0].startswith("checkpoint: The log has no entry about the stored checkpoint of")


# States.


COLUMNS = [
    ("state", "'destroyed'", "destroyed", "stored"),
    ("position", "'H12'", "H12", "B10"),
    ("custodian", "'site:x'", "site:x", "nothing"),
    ("site", "NULL", "nothing", "clinic-1"),
    ("volume_microlitres", "5", "5", "nothing"),
    ("specification", "'1SAL'", "1SAL", "1ED04"),
    ("draw_order", "7", "7", "1"),
    ("kind", "'aliquot'", "aliquot", "tube"),
    ("sequence", "3", "3", "8"),
    ("participant", "'A100000009'", "A100000009", "nothing"),
    ("expires_on", "'2027-01-01'", "2027-01-01", "nothing"),
    ("kit_id", "NULL", "nothing", "KIT"),
    ("container_id", "NULL", "nothing", "BOX"),
    ("place_unknown_since", "0", "1970-01-01T00:00:00.000000Z", "nothing"),
]


def test_a_column_of_an_item(history, after):
    for column, value, stored, known in COLUMNS:
        named = {"kit_id": "kit", "container_id": "place"}.get(column, column)
        told = {"KIT": history.kit, "BOX": history.box}.get(known, known)
        said = after(sql(f"UPDATE items SET {column} = {value} WHERE identifier = :s", s=history.first))
        assert said == [f"state: {history.first} is stored with {named} {stored}, not {told}."]


def test_a_parent(history, after):
    (said,) = after(sql("DELETE FROM item_parents"))
    assert said == f"state: {history.aliquot} is stored with parents [], not ['{history.first}']."


def test_holds(history, after):
    (said,) = after(sql("DELETE FROM holds WHERE kind = 'withdrawal'"))
    assert said == f"state: {history.first} lacks the withdrawal hold of entry 8, which the log tells of."
    (said,) = after(sql("UPDATE holds SET lifted_sequence = NULL WHERE kind = 'recall'"))
    assert said == f"state: {history.first} has the recall hold of entry 6, which the log does not tell of."


def test_items_without_entries_and_entries_without_items(history, after):
    said = after(sql("UPDATE items SET identifier = 'T000000000000' WHERE identifier = :s", s=history.second))
    assert said == [
        f"state: {history.second} has entries and is not stored.",
        "state: T000000000000 is stored and has no entry in the log.",
    ]


def test_states_as_of_an_earlier_checkpoint(history):
    size = checkpoints.read(history.checkpoints[0]).size
    with reading() as work:
        states = {state["item"]: state for state in states_for_export(work, size)}
        now = {state["item"]: state for state in states_for_export(work, size + 1000)}
    assert states.keys() == {history.kit, history.first, history.second, history.third}
    assert (states[history.first]["state"], states[history.first]["sequence"]) == ("collected", 2)
    assert now.keys() == set(history.items.values())
    assert (now[history.first]["state"], now[history.first]["holds"]) == ("stored", ["withdrawal"])


def test_many_items(history, after, monkeypatch):
    monkeypatch.setattr("biobank.custody.replay.ITEMS_AT_ONCE", 2)
    assert after() == []
