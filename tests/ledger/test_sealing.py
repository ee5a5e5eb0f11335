"""Entries get their place in the tree in batches, each once, whoever seals, and checkpoints sign the result."""

import logging
import threading
import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from biobank.core.database import reading, writing
from biobank.ledger import checkpoints, keys, queries, sealing, tasks, tree
from biobank.ledger.models import LedgerEntry, LedgerLeaf, LedgerNode, LedgerUnsealed
from biobank.ledger.notes import KeyRefused, SigningKey
from biobank.ledger.operations import append_to, issue_checkpoint

ORIGIN = "biobank.example/custody"
KEY = SigningKey.generate(ORIGIN)


@pytest.fixture
def inside(app):
    with app.app_context():
        yield app


def append(count, subject="A100000001"):
    with writing() as work:
        for number in range(count):
            append_to(work, subject=subject, kind="decision", content={"number": number})


def leaf_hashes(work):
    question = select(LedgerEntry.hash).join(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
    return list(work.session.scalars(question.order_by(LedgerLeaf.leaf_index)))


def is_whole(work):
    """Every entry once in the tree, the nodes those of its leaves."""
    hashes = leaf_hashes(work)
    grown = tree.append(0, (), hashes)
    stored = {(node.level, node.position): node.hash for node in work.session.scalars(select(LedgerNode))}
    assert stored == {(level, position): digest for level, position, digest in grown.nodes}
    assert queries.tree_size(work) == len(hashes) == len(set(hashes))
    return len(hashes)


@pytest.mark.parametrize("batches", [[1], [1, 1, 1], [5, 3], [7, 1, 9], [64, 1, 63]])
def test_batches_make_the_tree_of_their_leaves(inside, batches):
    for count in batches:
        append(count)
        assert sealing.seal_all() == count
    with reading() as work:
        assert is_whole(work) == sum(batches)
        assert queries.waiting(work).count == 0


def test_a_batch_takes_the_oldest_entries(inside):
    append(5)
    with writing() as work:
        assert sealing.seal(work, limit=3) == 3
        assert [entry.leaf_index for entry in queries.entries_of(work, "A100000001")] == [0, 1, 2, None, None]


def test_more_than_a_batch(inside, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    monkeypatch.setattr(sealing.seal, "__defaults__", (4,))
    append(11)
    assert sealing.seal_all() == 11
    append(9)
    with writing() as work:
        assert sealing.seal_whole(work) == 9
        assert is_whole(work) == 20


def test_nothing_waits(inside):
    assert sealing.seal_all() == 0
    with writing() as work:
        assert sealing.seal(work) == 0


def test_what_is_rolled_back_is_sealed_later(inside):
    append(3)
    with pytest.raises(ZeroDivisionError), writing() as work:
        sealing.seal(work) / 0
    assert sealing.seal_all() == 3


def test_what_is_queued_again_is_sealed_once(inside):
    append(2)
    sealing.seal_all()
    with writing() as work:
        work.session.execute(text("INSERT INTO ledger_unsealed VALUES (1)"))
    assert sealing.seal_all() == 0
    append(1)
    assert sealing.seal_all() == 1
    with reading() as work:
        assert is_whole(work) == 3
        assert queries.waiting(work).count == 0


def test_a_tree_without_its_frontier_does_not_grow(inside):
    append(3)
    sealing.seal_all()
    append(1)
    drop = {
        "sqlite": "DROP TRIGGER ledger_nodes_no_delete",
        "postgresql": "DROP TRIGGER ledger_nodes_no_change ON ledger_nodes",
    }
    with writing() as work:
        work.session.execute(text(drop[work.dialect]))
        work.session.execute(text("DELETE FROM ledger_nodes WHERE level = 1"))
    with pytest.raises(queries.TreeDamaged, match=r"Node 0 of level 1 .* run `biobank ledger verify`"):
        sealing.seal_all()


def test_sealers_and_writers_at_once(inside):
    """Four writers and three sealers: every entry one leaf, subjects in their order."""
    failures = []

    def act(task):
        try:
            with inside.app_context():
                task()
        except Exception as failure:
            failures.append(failure)

    def write(subject):
        for _ in range(25):
            append(2, subject)

    def seal():
        for _ in range(15):
            sealing.seal_all()
            time.sleep(0.01)

    tasks_at_once = [lambda name=f"A10000000{number}": write(name) for number in range(4)] + [seal] * 3
    threads = [threading.Thread(target=act, args=(task,)) for task in tasks_at_once]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    sealing.seal_all()
    with reading() as work:
        assert is_whole(work) == 200
        for number in range(4):
            places = [entry.leaf_index for entry in queries.entries_of(work, f"A10000000{number}")]
            assert places == sorted(places)


def test_a_checkpoint_covers_what_was_there(inside):
    append(6)
    with writing() as work:
        first = issue_checkpoint(work, KEY)
    with writing() as work:
        second = issue_checkpoint(work, KEY)
        newest = queries.newest_checkpoint(work)
        assert newest.text == second
        about = queries.entries_of(work, "checkpoint")
    assert checkpoints.verify(first, KEY.public).size == 6
    read = checkpoints.verify(second, KEY.public)
    assert (read.size, read.root) == (7, newest.root)
    assert about[0].event["size"] == 6
    assert about[0].event["key"] == str(KEY.public)
    assert (about[0].leaf_index, about[1].leaf_index) == (6, None)


def test_an_empty_log_has_a_checkpoint(inside):
    with writing() as work:
        assert checkpoints.read(issue_checkpoint(work, KEY)).root == tree.EMPTY_ROOT


def test_the_log_proves_an_entry_and_its_growth(inside):
    append(9)
    with writing() as work:
        older = checkpoints.read(issue_checkpoint(work, KEY))
    append(4, "A100000002")
    with writing() as work:
        note = issue_checkpoint(work, KEY)
    newer = checkpoints.read(note)
    with reading() as work:
        for entry in [*queries.entries_of(work, "A100000001"), *queries.entries_of(work, "A100000002")]:
            proof = queries.inclusion_proof(work, entry.subject, entry.sequence)
            hashes = [checkpoints.notes.from_base64(each) for each in proof["hashes"]]
            tree.verify_inclusion(proof["leaf_index"], proof["size"], entry.hash, hashes, newer.root)
            assert proof["checkpoint"] == note
        grown = queries.consistency(work, older.size)
        hashes = [checkpoints.notes.from_base64(each) for each in grown["hashes"]]
        tree.verify_consistency(older.size, grown["second"], older.root, newer.root, hashes)
        with pytest.raises(tree.ProofRefused):
            queries.consistency(work, 0)


def test_a_proof_before_the_next_checkpoint(inside):
    append(3)
    with reading() as work:
        with pytest.raises(queries.NotSealedYet):
            queries.inclusion_proof(work, "A100000001", 1)
        with pytest.raises(queries.UnknownEntry, match="no entry 4 of A100000001"):
            queries.inclusion_proof(work, "A100000001", 4)
        with pytest.raises(queries.UnknownEntry, match="No checkpoint"):
            queries.consistency(work, 1)
    sealing.seal_all()
    with reading() as work:
        proof = queries.inclusion_proof(work, "A100000001", 2)
        assert (proof["checkpoint"], proof["size"]) == (None, 3)
        assert proof["root"] == checkpoints.notes.to_base64(queries.root(work, 3))


class TestTheSealerThread:
    def wait_until(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "nothing happened for a minute"
            time.sleep(0.02)

    def unsealed(self):
        with reading() as work:
            return work.session.scalars(select(LedgerUnsealed.entry_id)).all()

    def test_it_seals_until_it_is_stopped(self, inside):
        sealer = tasks.Sealer(inside)
        sealer.start()
        append(3)
        self.wait_until(lambda: not self.unsealed())
        sealer.stop()
        assert not sealer.is_alive()
        append(1)
        time.sleep(0.7)
        with reading() as work:
            assert queries.entries_of(work, "A100000001")[3].leaf_index is None

    def test_it_can_be_stopped_before_it_was_started(self, inside):
        tasks.Sealer(inside).stop()

    def test_a_failure_is_logged_and_tried_again(self, inside, monkeypatch, caplog):
        rounds = iter([RuntimeError("the disk is full"), 0])

        def sometimes():
            outcome = next(rounds, 0)
            if isinstance(outcome, Exception):
                raise outcome
            return sealing.seal_all()

        monkeypatch.setattr(tasks, "seal_all", sometimes)
        append(2)
        sealer = tasks.Sealer(inside)
        with caplog.at_level(logging.ERROR):
            sealer.start()
            self.wait_until(lambda: not self.unsealed())
        sealer.stop()
        assert "the disk is full" in caplog.text

    def test_it_begins_each_day_with_a_checkpoint_file(self, inside, settings, tmp_path):
        append(2)
        sealer = tasks.Sealer(inside)
        sealer.start()
        folder = tmp_path / "checkpoints"
        self.wait_until(lambda: list(folder.glob("checkpoint-*.txt")))
        sealer.stop()
        (file,) = folder.iterdir()
        key = keys.load_key_file(Path(settings.ledger_key_file)).public
        assert checkpoints.verify(file.read_text("utf-8"), key).size == 2


def test_a_day_has_one_checkpoint_file(inside, settings, tmp_path):
    keyless = settings.with_changes(ledger_key_file=str(tmp_path / "none"))
    with pytest.raises(KeyRefused):
        tasks.write_daily_checkpoint(keyless, date(2026, 3, 1))
    path = tasks.write_daily_checkpoint(settings, date(2026, 3, 1))
    before = path.read_text("utf-8")
    append(1)
    assert tasks.write_daily_checkpoint(settings, date(2026, 3, 1)).read_text("utf-8") == before
    assert tasks.write_daily_checkpoint(settings.with_changes(checkpoint_folder=""), date(2026, 3, 1)) is None
