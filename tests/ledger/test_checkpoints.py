"""Checkpoints and the key file they are signed with."""

import os
import stat

import pytest

from biobank.core.errors import Conflict, Invalid
from biobank.ledger import checkpoints, notes, tree
from biobank.ledger.checkpoints import Checkpoint, CheckpointRefused
from biobank.ledger.keys import KeyFileExists, create_key_file, load_key_file
from biobank.ledger.notes import KeyRefused, NoteRefused, SigningKey

KEY = SigningKey.generate("biobank.example/log")
WITNESS = SigningKey.generate("witness.example/one")
ROOT = tree.node_hash(tree.leaf_hash(b"one"), tree.leaf_hash(b"two"))
CHECKPOINT = Checkpoint("biobank.example/log", 2, ROOT)


def test_the_text_is_three_lines():
    assert CHECKPOINT.text == f"biobank.example/log\n2\n{notes.to_base64(ROOT)}\n"
    assert Checkpoint.parse(CHECKPOINT.text) == CHECKPOINT


def test_made_and_verified():
    note = checkpoints.make(CHECKPOINT, KEY)
    assert checkpoints.verify(note, KEY.public) == checkpoints.read(note) == CHECKPOINT


def test_the_example_of_the_specification_is_read():
    found = checkpoints.read(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)


def test_witnesses_sign_too():
    note = checkpoints.make(CHECKPOINT, KEY)
    with pytest.raises(NoteRefused, match=r"lacks the signature of witness\.example/one"):
        checkpoints.verify(note, KEY.public, [WITNESS.public])
    assert checkpoints.verify(notes.cosign(note, WITNESS), KEY.public, [WITNESS.public]) == CHECKPOINT


def test_a_witness_alone_is_not_enough():
    note = notes.sign(CHECKPOINT.text, WITNESS)
    with pytest.raises(NoteRefused, match=r"lacks the signature of biobank\.example/log"):
        checkpoints.verify(note, KEY.public, [WITNESS.public])


def test_extension_lines_are_allowed_and_empty_ones_are_not():
    assert Checkpoint.parse(CHECKPOINT.text + "more\n") == CHECKPOINT
    with pytest.raises(CheckpointRefused, match="none of them empty"):
        Checkpoint.parse(CHECKPOINT.text + "\nmore\n")


@pytest.mark.parametrize("text", ["", "log\n2\n", "\n2\nAAAA\n", CHECKPOINT.text[:-1]], ids=ascii)
def test_lines_that_lack(text):
    with pytest.raises(CheckpointRefused, match="has the lines origin, size and root"):
        Checkpoint.parse(text)


@pytest.mark.parametrize("size", ["02", "-1", "+2", "2 ", "two", "\u0662", "9" * 20], ids=ascii)
def test_sizes_are_plain(size):
    with pytest.raises(CheckpointRefused, match="no plain size and root"):
        Checkpoint.parse(CHECKPOINT.text.replace("\n2\n", f"\n{size}\n"))


@pytest.mark.parametrize("root", ["AAAA", "not base64", notes.to_base64(ROOT)[:-1]])
def test_roots_are_whole(root):
    with pytest.raises(CheckpointRefused, match="no plain size and root"):
        Checkpoint.parse(f"log\n2\n{root}\n")


def test_the_key_signs_for_its_own_log_only():
    with pytest.raises(CheckpointRefused, match=r"does not sign for other\.example/log"):
        checkpoints.make(Checkpoint("other.example/log", 2, ROOT), KEY)
    note = notes.sign(Checkpoint("other.example/log", 2, ROOT).text, KEY)
    with pytest.raises(CheckpointRefused, match=r"a checkpoint of other\.example/log, not of biobank"):
        checkpoints.verify(note, KEY.public)


def test_a_key_file_is_made_for_its_owner_alone(tmp_path):
    path = tmp_path / "ledger.key"
    before = os.umask(0)
    try:
        made = create_key_file(path, "biobank.example/log")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key_file(path).public == made.public


def test_a_key_file_is_never_written_over(tmp_path):
    made = create_key_file(tmp_path / "ledger.key", "biobank.example/log")
    with pytest.raises(KeyFileExists, match="There is a key file") as refusal:
        create_key_file(tmp_path / "ledger.key", "biobank.example/log")
    assert isinstance(refusal.value, Conflict)
    assert load_key_file(tmp_path / "ledger.key").public == made.public


def test_a_key_file_needs_its_folder(tmp_path):
    with pytest.raises(KeyRefused, match=r"No key file can be written at .*: No such file or directory"):
        create_key_file(tmp_path / "missing" / "ledger.key", "biobank.example/log")


def test_a_missing_key_file_is_one_sentence(tmp_path):
    with pytest.raises(KeyRefused, match=r"key file .*ledger\.key cannot be read: No such file") as refusal:
        load_key_file(tmp_path / "ledger.key")
    assert isinstance(refusal.value, Invalid)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o601, 0o666])
def test_a_key_file_open_to_others_is_refused(tmp_path, mode):
    path = tmp_path / "ledger.key"
    create_key_file(path, "biobank.example/log")
    path.chmod(mode)
    with pytest.raises(KeyRefused, match=rf"open to others \(mode {mode:04o}\): run chmod 600"):
        load_key_file(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PRIVATE+KEY+log+00000000+AAAA\n", b"log+1+2\n"])
def test_a_file_without_a_key_is_refused(tmp_path, content):
    path = tmp_path / "ledger.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyRefused, match="holds no key: restore it from a copy") as refusal:
        load_key_file(path)
    assert "PRIVATE" not in refusal.value.detail
