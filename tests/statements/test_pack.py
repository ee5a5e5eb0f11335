"""The audit pack of one participant: whole for who checks it elsewhere, and broken by whatever is taken from it."""

import argparse
import json
import random
import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from biobank.custody.states import Action
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.ledger.sealing import seal_whole
from biobank.statements import offline_pack
from biobank.statements.choices import Purpose
from biobank.statements.operations import record_pack
from biobank.statements.packs import prepare, write_pack
from tests.floor import CODE

OTHER = "A100000002"
CHILDREN = [{"specification": "serum", "volume_microlitres": 500}] * 3


def packed(leaving, participant=CODE):
    """The zip's bytes, and the log's public key."""
    seal_whole(leaving.work)
    prepared = prepare(leaving.work, participant)
    made = record_pack(leaving.work, leaving.compliance, prepared, Purpose.AUDIT)
    stream = BytesIO()
    write_pack(leaving.work, prepared, made, stream)
    return stream.getvalue(), str(made.public_key)


def files_of(content):
    with zipfile.ZipFile(BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def unpacked(files, folder):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def checked(folder, key):
    """What an auditor sees: exit code and text, of the program in the pack, in a Python of its own."""
    command = [sys.executable, "-I", str(folder / "check_pack.py"), "--public-key", key]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def findings(files, folder, key):
    """The same program in this process; `cannot be checked` is a finding too."""
    given = argparse.Namespace(pack=unpacked(files, folder), public_key=key)
    try:
        return offline_pack.verify(given)[0]
    except (*offline_pack.DAMAGED, offline_pack.Unusable) as problem:
        return [f"cannot be checked: {problem}"]


def lines(files, name="entries.jsonl"):
    return [json.loads(line) for line in files[name].splitlines()]


def with_lines(files, changed, name="entries.jsonl"):
    return {**files, name: b"".join(json.dumps(line).encode() + b"\n" for line in changed)}


def share_a_box_and_a_bag(leaving):
    """Two participants whose tubes met in a box and in a waste bag; one tube was first taken for the other's."""
    leaving.window(0)
    leaving.participant(OTHER)
    tubes = leaving.received()
    theirs = [tubes[name] for name in list(tubes)[:3]]
    leaving.step(theirs[0], Action.ALIQUOT, details={"children": CHILDREN})
    box = leaving.box()
    for number, aliquot in enumerate(aliquots(leaving), 1):
        leaving.step(aliquot, Action.STORE, place=box, position=f"B{number}")
    leaving.step(theirs[1], Action.STORE, place=box, position="A1")
    others = leaving.tube(OTHER)
    leaving.step(others, Action.STORE, place=box, position="A1", confirmation="it lies there")
    mistaken = leaving.tube(OTHER)
    leaving.step(mistaken, Action.LINK, leaving.lead, details={"participant": CODE})
    for participant in (CODE, OTHER):
        leaving.decide(participant=participant)
    wanted = [leaving.row(line).identifier for line in (theirs[2], others)]
    leaving.destroy(*wanted)
    return theirs


@pytest.fixture
def met(leaving):
    share_a_box_and_a_bag(leaving)
    return leaving


def aliquots(leaving):
    return list(leaving.work.session.scalars(select(Item.identifier).where(Item.kind == "aliquot")))


def codes_of_the_other(leaving):
    own = {CODE, *leaving.work.session.scalars(select(Item.identifier).where(Item.participant == CODE))}
    kits = select(Item.identifier).where(Item.kind == "kit", Item.participant == OTHER)
    theirs = leaving.work.session.scalars(select(Item.identifier).where(Item.participant == OTHER)).all()
    found = {OTHER, leaving.order(OTHER).identifier, *theirs, *leaving.work.session.scalars(kits)} - own
    return found | {printed(code) for code in found if len(code) == 13}


def text_of(name, content):
    if not name.endswith(".pdf"):
        return content.decode()
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_a_pack_is_right_for_who_checks_it_without_us_and_names_nobody_else(met, tmp_path):
    content, key = packed(met)
    files = files_of(content)
    code, text = checked(unpacked(files, tmp_path / "pack"), key)
    assert (code, text.splitlines()[-1]) == (0, "nothing was found to be wrong"), text
    everything = "\n".join(text_of(name, content) for name, content in files.items())
    assert [code for code in codes_of_the_other(met) if code in everything] == []
    hidden = lines(files, "withheld.jsonl")
    assert {line["outline"].get("action") for line in hidden} >= {"assign", "displace"}
    assert {line["subject"] for line in lines(files)} >= set(aliquots(met))


def removed_from_an_aliquot(files, aliquot, _later):
    return with_lines(
        files, [line for line in lines(files) if (line["subject"], line["sequence"]) != (aliquot, 2)]
    )


def last_of_an_aliquot(files, aliquot, _later):
    of_it = max(line["sequence"] for line in lines(files) if line["subject"] == aliquot)
    kept = [line for line in lines(files) if (line["subject"], line["sequence"]) != (aliquot, of_it)]
    return with_lines(files, kept)


def aliquot_left_out(files, aliquot, _later):
    return with_lines(files, [line for line in lines(files) if line["subject"] != aliquot])


def aliquot_left_out_of_the_list_too(files, aliquot, _later):
    files = aliquot_left_out(files, aliquot, _later)
    listed = [line for line in lines(files, "subjects.jsonl") if line["subject"] != aliquot]
    return with_lines(files, listed, "subjects.jsonl")


def changed_body(files, aliquot, _later):
    changed = lines(files)
    for line in changed:
        if line["subject"] == aliquot and line["sequence"] == 1:
            line["body"] = line["body"].replace('"volume_microlitres":500', '"volume_microlitres":501')
    return with_lines(files, changed)


def swapped_proofs(files, aliquot, _later):
    changed = lines(files)
    one, other = [line for line in changed if line["subject"] == aliquot][:2]
    one["proof"], other["proof"] = other["proof"], one["proof"]
    return with_lines(files, changed)


def other_checkpoint(files, _aliquot, later):
    return {**files, "checkpoint.txt": later["checkpoint.txt"]}


def anothers_event(files, _aliquot, later):
    foreign = next(line for line in lines(later) if line["subject"] not in files["subjects.jsonl"].decode())
    return with_lines(files, [*lines(files), foreign])


def other_state(files, aliquot, _later):
    changed = lines(files, "subjects.jsonl")
    for line in changed:
        if line["subject"] == aliquot:
            line["state"] = "destroyed"
    return with_lines(files, changed, "subjects.jsonl")


def shown_as_withheld(files, aliquot, _later):
    changed = lines(files)
    del next(line for line in changed if line["subject"] == aliquot)["body"]
    return with_lines(files, changed)


TAMPERED = (
    (removed_from_an_aliquot, "removed: entry 2 of aliquot {}"),
    (last_of_an_aliquot, "removed: aliquot {} ends with entry"),
    (aliquot_left_out, "removed: none of the"),
    (aliquot_left_out_of_the_list_too, "removed: piece 1 of 3"),
    (changed_body, "changed: aliquot {} entry 1 is not what was written"),
    (swapped_proofs, "proof: aliquot {} entry 1"),
    (other_checkpoint, "proof: aliquot {} entry 1"),
    (anothers_event, "is not on its list"),
    (other_state, "changed: subjects.jsonl"),
    (shown_as_withheld, "removed: aliquot {} entry 1 is neither shown nor withheld"),
)


def test_whatever_is_taken_from_a_pack_or_put_into_it_is_named(met, tmp_path):
    content, key = packed(met)
    files, aliquot = files_of(content), aliquots(met)[0]
    later = files_of(packed(met, OTHER)[0])
    for number, (tamper, told) in enumerate(TAMPERED):
        found = findings(tamper(files, aliquot, later), tmp_path / str(number), key)
        assert any(told.format(aliquot) in finding for finding in found), (tamper.__name__, found[:5])
    assert findings(files, tmp_path / "right", key) == []


def test_no_bit_of_a_pack_can_be_turned_unnoticed(met, tmp_path):
    content, key = packed(met)
    files, chance = files_of(content), random.Random(19)
    folder = unpacked(files, tmp_path / "pack")
    filled = sorted(name for name, content in files.items() if len(content) > 1)
    for number in range(120):
        name = filled[number % len(filled)] if number % 2 else "entries.jsonl"
        at, bit = chance.randrange(len(files[name]) - 1), 1 << chance.randrange(8)
        turned = bytearray(files[name])
        turned[at] ^= bit
        (folder / name).write_bytes(turned)
        assert findings({}, folder, key), (name, at, bit)
        (folder / name).write_bytes(files[name])
    assert findings({}, folder, key) == []


def test_a_certificate_is_in_the_pack_as_it_was_issued(leaving, tmp_path):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    leaving.destroy(tube)
    leaving.confirm(leaving.order())
    content, key = packed(leaving)
    files = files_of(content)
    [name] = [name for name in files if name.startswith("certificates/")]
    assert findings(files, tmp_path / "right", key) == []
    found = findings({**files, name: files[name] + b"\n"}, tmp_path / "wrong", key)
    assert f"changed: certificate {name[13:26]} is not the file that was issued" in found
    del files[name]
    assert any(name[13:26] in finding for finding in findings(files, tmp_path / "without", key))
