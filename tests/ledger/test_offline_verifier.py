"""The offline verifier on exports that are whole and on exports that somebody has worked on.

Each run is made twice, as a process of its own from a copied file and in this process, and both must agree.
"""

import json
import runpy
import shutil
import subprocess
import sys
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

import pytest

from biobank.ledger import checkpoints, notes, offline_verifier, tree
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.checkpoints import Checkpoint
from biobank.ledger.notes import SigningKey

ORIGIN = "biobank.example/log"
KEY = SigningKey.generate(ORIGIN)
CERTIFICATE = b"%PDF the certificate"
TUBE, OTHER = "T483134562451", "T483134562548"


def custody(subject: str, to: str, **more: object) -> dict:
    return {"kind": "custody", "subject": subject, "action": "step", "to": to} | more


STORY = [
    custody(TUBE, "expected"),
    custody(OTHER, "expected", place=None),
    custody(TUBE, "collected"),
    {"kind": "decision", "subject": "A123456789", "samples": "destroy"},
    {"kind": "hold", "subject": TUBE, "hold": "withdrawal", "change": "placed"},
    custody(TUBE, "stored", place="B100000000097"),
    {"kind": "hold", "subject": OTHER, "hold": "recall", "change": "placed"},
    {"kind": "hold", "subject": OTHER, "hold": "recall", "change": "lifted"},
    custody(OTHER, "collected"),
    custody(TUBE, "in_waste"),
    {"kind": "certificate", "subject": "C1", "number": "C1", "sha256": sha256(CERTIFICATE).hexdigest()},
]
STATES = [
    {"item": TUBE, "state": "in_waste", "place": "B100000000097", "holds": ["withdrawal"]},
    {"item": OTHER, "state": "collected", "place": None, "holds": []},
]


def entries(story: list[dict]) -> list[dict]:
    heads: dict[str, tuple[int, str]] = {}
    written = []
    for at, event in enumerate(story):
        sequence, previous = heads.get(event["subject"], (0, ""))
        recorded_at = f"2026-11-21T20:58:{at:02}.000000Z"
        entry = {"v": 1, "sequence": sequence + 1, "previous": previous, "recorded_at": recorded_at} | event
        heads[event["subject"]] = sequence + 1, tree.leaf_hash(canonical_bytes(entry)).hex()
        written.append(entry)
    return written


def checkpoint(leaves: list[dict], size: int, key: SigningKey = KEY, origin: str = ORIGIN) -> str:
    hashes = [tree.leaf_hash(leaf["body"].encode()) for leaf in leaves[:size]]
    root = tree.root_of_frontier(tree.append(0, (), hashes).frontier)
    return notes.sign(Checkpoint(origin, size, root).text, key)


def leaf(index: int, entry: dict) -> dict:
    body = canonical_bytes(entry)
    return {"kind": "leaf", "index": index, "hash": tree.leaf_hash(body).hex(), "body": body.decode()}


def header(leaves: list[dict]) -> dict:
    note = checkpoint(leaves, len(leaves))
    root = notes.to_base64(checkpoints.read(note).root)
    size = len(leaves)
    return {"kind": "export", "v": 1, "origin": ORIGIN, "size": size, "root": root, "checkpoint": note}


def export(written: list[dict]) -> list[dict]:
    leaves = [leaf(index, entry) for index, entry in enumerate(written)]
    lines = [header(leaves), *leaves]
    for state in STATES:
        of_item = [each for each in leaves if json.loads(each["body"])["subject"] == state["item"]]
        lines.append({"kind": "state", **state, "sequence": len(of_item), "head": of_item[-1]["hash"]})
    lines.append({"kind": "certificate", "number": "C1", "sha256": sha256(CERTIFICATE).hexdigest()})
    return lines


WHOLE = export(entries(STORY))
LEAVES = [line for line in WHOLE if line["kind"] == "leaf"]


def announced_again(lines: list[dict]) -> list[dict]:
    """As somebody with the database and the signing key would export it: leaves counted and signed anew."""
    leaves = [line for line in lines if line["kind"] == "leaf"]
    for index, line in enumerate(leaves):
        line["index"] = index
    return [header(leaves), *lines[1:]]


@pytest.fixture
def verify(tmp_path, capsys, monkeypatch):
    program = shutil.copy(offline_verifier.__file__, tmp_path / "offline_verifier.py")

    def run(lines: list[dict] | str, *options: str) -> tuple[int, list[str]]:
        text = lines if isinstance(lines, str) else "".join(json.dumps(line) + "\n" for line in lines)
        path = tmp_path / "ledger.jsonl"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-I", program, str(path), *options]
        process = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        assert process.stderr == ""
        monkeypatch.setattr(sys, "argv", ["offline_verifier.py", str(path), *options])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(offline_verifier.__file__, run_name="__main__")
        assert capsys.readouterr().out == process.stdout
        assert ended.value.code == process.returncode
        return process.returncode, process.stdout.splitlines()

    return run


@pytest.fixture
def kept(tmp_path):
    """A checkpoint of the first eight leaves, kept elsewhere."""

    def keep(note: str | None = None, name: str = "kept.txt") -> list[str]:
        (tmp_path / name).write_text(checkpoint(LEAVES, 8) if note is None else note, encoding="utf-8")
        return ["--checkpoint", str(tmp_path / name)]

    return keep


def names(output: list[str]) -> set[str]:
    known = "changed removed inserted re-ordered back-dated unreadable root checkpoint signature state certificate"
    return {line.partition(":")[0] for line in output} & set(known.split())


def test_a_whole_log(verify, kept, tmp_path):
    (tmp_path / "certificate.pdf").write_bytes(CERTIFICATE)
    certificate = ["--certificate", str(tmp_path / "certificate.pdf")]
    code, output = verify(WHOLE, *kept(), *certificate, "--public-key", str(KEY.public))
    assert code == 0
    assert output[0].startswith("11 leaves, 4 subjects, root ")
    assert output[1:] == ["signatures were checked", "nothing was found to be wrong"]


def test_an_empty_log(verify):
    code, output = verify([header([])])
    assert (code, output[0]) == (0, "0 leaves, 0 subjects, root " + notes.to_base64(tree.EMPTY_ROOT))


def test_it_says_what_it_did_not_check(verify):
    code, output = verify(WHOLE)
    assert code == 0
    assert "no --checkpoint kept elsewhere was given: a log rewritten whole would not be noticed" in output
    assert "signatures were NOT checked: no --public-key was given" in output


def test_the_standard_library_is_enough(tmp_path, kept, monkeypatch, capsys):
    path = tmp_path / "ledger.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in WHOLE), encoding="utf-8")
    options = [str(path), *kept(), "--public-key", str(KEY.public)]
    bare = [sys.executable, "-I", "-S", offline_verifier.__file__, *options]
    process = subprocess.run(bare, capture_output=True, text=True, cwd="/", check=False)
    assert (process.returncode, process.stderr) == (0, "")
    said = "signatures were NOT checked: the package cryptography is not installed"
    assert said in process.stdout.splitlines()
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    monkeypatch.setattr(sys, "argv", ["offline_verifier.py", *options])
    assert offline_verifier.main() == 0
    assert said in capsys.readouterr().out.splitlines()


def test_an_edited_body(verify, kept):
    lines = deepcopy(WHOLE)
    lines[3]["body"] = lines[3]["body"].replace("collected", "discarded")
    code, output = verify(lines, *kept())
    assert code == 1
    said = f"changed: {TUBE} entry 2 (leaf 2) is not what was written: its bytes do not give its hash"
    assert said in output
    assert names(output) == {"changed", "root", "checkpoint"}
    assert sum(line.startswith("changed") for line in output) == 1


def test_an_edited_body_with_its_hash(verify):
    lines = deepcopy(WHOLE)
    lines[3] = leaf(2, json.loads(lines[3]["body"]) | {"to": "discarded"})
    code, output = verify(announced_again(lines))
    assert code == 1
    said = f"changed: {TUBE} entry 3 (leaf 4) does not continue the entry before it: one was replaced"
    assert output[0] == said


def test_the_newest_entry_edited_with_its_hash_is_seen_by_the_state(verify):
    lines = deepcopy(WHOLE)
    lines[10] = leaf(9, json.loads(lines[10]["body"]) | {"to": "stored"})
    code, output = verify(announced_again(lines))
    assert code == 1
    assert f"state: {TUBE} is stored with state in_waste, not stored" in output
    assert any(line.startswith(f"state: {TUBE} is stored with head") for line in output)


@pytest.mark.parametrize("size", range(1, 11))
def test_a_log_rewritten_whole_is_seen_only_from_outside(verify, kept, size):
    story = deepcopy(STORY)
    story[0]["action"] = "another"
    rewritten = export(entries(story))
    assert verify(rewritten, "--public-key", str(KEY.public))[0] == 0
    code, output = verify(rewritten, *kept(checkpoint(LEAVES, size)), "--public-key", str(KEY.public))
    assert code == 1
    assert output[0].startswith(f"checkpoint: the first {size} leaves are not those that ")


def test_a_deleted_leaf(verify):
    lines = deepcopy(WHOLE)
    del lines[3]
    code, output = verify(lines)
    assert code == 1
    assert {"removed: leaf 2 of the log", f"removed: {TUBE} entry 2"} <= set(output)
    assert "removed: the export announces 11 leaves and holds 10" in output


def test_several_deleted_leaves_signed_anew(verify, kept):
    lines = deepcopy(WHOLE)
    del lines[3:6]
    code, output = verify(announced_again(lines), *kept())
    assert code == 1
    assert f"removed: {TUBE} entry 2 to 3" in output
    assert names(output) == {"removed", "checkpoint", "state"}


def test_an_inserted_leaf(verify):
    lines = deepcopy(WHOLE)
    lines.insert(4, lines[3])
    code, output = verify(lines)
    assert code == 1
    assert {"inserted: leaf 2 is there twice", f"inserted: {TUBE} entry 2 (leaf 2) is there twice"} <= set(
        output
    )
    assert "inserted: the export announces 11 leaves and holds 12" in output


def test_an_inserted_leaf_signed_anew(verify):
    lines = deepcopy(WHOLE)
    forged = json.loads(lines[3]["body"]) | {"to": "destroyed"}
    lines.insert(4, leaf(3, forged))
    code, output = verify(announced_again(lines))
    assert code == 1
    assert output[0] == f"inserted: {TUBE} entry 2 (leaf 3) is there twice"


def test_reordered_leaves(verify):
    lines = deepcopy(WHOLE)
    lines[5], lines[6] = lines[6], lines[5]
    code, output = verify(lines)
    assert code == 1
    assert {"re-ordered: leaf 4 comes after a later one", "root"} <= {*output, *names(output)}
    assert f"re-ordered: {TUBE} entry 3 (leaf 4) comes after a later one" in output
    assert "removed" not in names(output)


def test_the_middle_of_a_gap_comes_late(verify):
    lines = deepcopy(WHOLE)
    lines[2:7] = [lines[6], lines[4], lines[2], lines[3], lines[5]]
    code, output = verify(lines)
    assert code == 1
    late = [line for line in output if line.startswith("re-ordered: leaf")]
    assert late == [f"re-ordered: leaf {index} comes after a later one" for index in (3, 1, 2, 4)]
    assert "removed" not in names(output)


def test_leaves_of_two_subjects_reordered_and_renumbered(verify):
    lines = deepcopy(WHOLE)
    lines[2], lines[1] = {**lines[1], "index": 1}, {**lines[2], "index": 0}
    assert verify(lines)[0] == 1
    assert names(verify(lines)[1]) == {"root", "checkpoint"}


@pytest.mark.parametrize("size", range(11))
def test_truncated_and_signed_anew(verify, kept, size):
    lines = announced_again(deepcopy([WHOLE[0], *LEAVES[:size], *WHOLE[len(LEAVES) + 1 :]]))
    code, output = verify(lines, *kept(checkpoint(LEAVES, 11)))
    assert code == 1
    assert any("covers 11 leaves, the log has only" in line for line in output)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_file_cut_short(verify, cut):
    whole = "".join(json.dumps(line) + "\n" for line in WHOLE)
    code, output = verify(whole[: -cut - 1])
    assert code == 1
    assert "unreadable: line 15 of the export is incomplete or unknown" in output


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "destroyed"),
        ("state", None),
        ("place", None),
        ("holds", []),
        ("sequence", 4),
        ("head", "00"),
    ],
)
def test_a_state_edited_alone(verify, column, value):
    lines = deepcopy(WHOLE)
    lines[12][column] = value
    code, output = verify(lines)
    assert code == 1
    assert output[0].startswith(f"state: {TUBE} is stored with {column} {value}, not ")
    assert names(output) == {"state"}


def test_states_that_lack_double_or_come_from_nowhere(verify):
    lines = deepcopy(WHOLE)
    nowhere = lines[12] | {"item": "T000000000097"}
    lines[12:14] = [lines[13], lines[13], nowhere]
    code, output = verify(lines)
    assert code == 1
    assert f"state: {TUBE} has entries and no stored state" in output
    assert f"state: {OTHER} is stored twice" in output
    assert "state: T000000000097 is stored with state in_waste, not None" in output


def test_a_back_dated_entry(verify):
    written = entries(STORY[:3])
    written[2]["recorded_at"] = "2026-11-20T00:00:00.000000Z"
    leaves = [leaf(index, entry) for index, entry in enumerate(written)]
    code, output = verify([header(leaves), *leaves])
    assert code == 1
    assert output[0].startswith(f"back-dated: {TUBE} entry 2 (leaf 2) says")


def test_certificates(verify, tmp_path):
    lines = deepcopy(WHOLE)
    lines[-1]["sha256"] = "00"
    assert verify(lines)[1][0] == "certificate: C1 is not the one in the log"
    (tmp_path / "certificate.pdf").write_bytes(CERTIFICATE + b" edited")
    code, output = verify(WHOLE, "--certificate", str(tmp_path / "certificate.pdf"))
    assert code == 1
    assert output[0].endswith("is not in the log: it was changed or comes from elsewhere")


@pytest.mark.parametrize(("name", "value"), [("origin", "other/log"), ("root", "AAAA"), ("size", 12)])
def test_an_edited_header(verify, name, value):
    code, output = verify([WHOLE[0] | {name: value}, *WHOLE[1:]])
    assert code == 1
    assert "checkpoint: the export's own checkpoint is for another origin, size or root" in "\n".join(output)


def test_checkpoints_that_contradict_each_other(verify, kept):
    forged = checkpoint([LEAVES[1], LEAVES[0], *LEAVES[2:]], 8)
    code, output = verify(WHOLE, *kept(), *kept(forged, "forged.txt"))
    assert code == 1
    assert any("contradict each other at 8 leaves" in line for line in output)


def test_a_checkpoint_of_another_log(verify, kept):
    code, output = verify(WHOLE, *kept(checkpoint(LEAVES, 8, origin="other.example/log")))
    assert code == 1
    assert output[0].endswith("is for other.example/log, not for biobank.example/log")


def test_signatures(verify, kept):
    stranger = SigningKey.generate(ORIGIN)
    code, output = verify(WHOLE, *kept(), "--public-key", str(stranger.public))
    assert code == 1
    assert output[0] == f"signature: the export's own checkpoint is not signed by {ORIGIN}"
    other = checkpoint(LEAVES, 8).splitlines(keepends=True)[-1]
    text = checkpoint(LEAVES, 7).rpartition("\n\n")[0] + "\n\n"
    code, output = verify(WHOLE, *kept(text + other), "--public-key", str(KEY.public))
    assert code == 1
    assert output[0].startswith(f"signature: the signature of {ORIGIN} under ")
    assert output[0].endswith("kept.txt is false")


def test_cosignatures_are_allowed(verify, kept):
    witness = SigningKey.generate("witness.example/one")
    note = notes.cosign(checkpoint(LEAVES, 8), witness)
    assert verify(WHOLE, *kept(note), "--public-key", str(KEY.public))[0] == 0


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "nonsense",
        '{"kind": []}',
        '{"kind": "other"}',
        '{"kind": "leaf", "index": "0"}',
        "[" * 100_000,
        '{"kind":"state","item":"T1"}',
        '{"kind":"leaf","index":' + "9" * 5000 + "}",
    ],
    ids=lambda line: line[:30],
)
def test_lines_that_cannot_be_read(verify, line):
    whole = "".join(json.dumps(each) + "\n" for each in WHOLE)
    code, output = verify(whole + line + "\n")
    assert code == 1
    assert output[0] == "unreadable: line 16 of the export is incomplete or unknown"


@pytest.mark.parametrize("body", ["", "[]", '{"v":2}', '{"v":1,"subject":1}', "\ud800"], ids=ascii)
def test_bodies_that_are_no_entries(verify, body):
    lines = deepcopy(WHOLE)
    lines[3]["body"] = body
    code, output = verify(lines)
    assert code == 1
    assert "unreadable: leaf 2 is not an entry of version 1" in output


def test_what_cannot_be_checked_exits_with_2(verify, kept, tmp_path):
    first = "the first line is not the head of a ledger export of version 1"
    for head in ({}, WHOLE[0] | {"v": 2}, WHOLE[0] | {"size": "11"}, WHOLE[1]):
        assert verify([head, *WHOLE[1:]]) == (2, [f"cannot be checked: {first}"])
    assert verify("")[0] == 2
    assert verify(WHOLE, *kept("no checkpoint"))[0] == 2
    assert verify(WHOLE, "--checkpoint", str(tmp_path / "missing.txt"))[0] == 2
    assert verify(WHOLE, "--public-key", "nonsense")[0] == 2
    assert verify(WHOLE, "--public-key", str(KEY.public).replace("log", "dog"))[0] == 2
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    assert verify(WHOLE, "--checkpoint", str(tmp_path / "binary.txt"))[0] == 2


def test_bytes_that_are_no_text_are_a_change(verify, tmp_path, monkeypatch, capsys):
    path: Path = tmp_path / "ledger.jsonl"
    whole = "".join(json.dumps(each) + "\n" for each in WHOLE).encode()
    path.write_bytes(whole.replace(b"A123456789", b"A12345678\xff", 1))
    monkeypatch.setattr(sys, "argv", ["offline_verifier.py", str(path)])
    assert offline_verifier.main() == 1
    assert capsys.readouterr().out.startswith("changed: A12345678")
