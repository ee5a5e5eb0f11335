"""Signing, checking and handing out the log from a terminal, as an auditor does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from biobank.commands import main
from biobank.core.database import writing
from biobank.ledger import checkpoints, offline_verifier
from biobank.ledger.keys import load_key_file
from biobank.ledger.notes import SigningKey


@pytest.fixture
def run(programme):
    def run(*words, who="auditor", person="audit.here"):
        token = {"BIOBANK_TOKEN": programme.tokens[who]}
        command = ["ledger", *map(str, words), "--as", person]
        return programme.app.test_cli_runner().invoke(main, command, env=token, obj=lambda: programme.app)

    return run


@pytest.fixture
def tubes(programme):
    return programme.collected_kit()[1]


@pytest.fixture
def key(settings):
    return load_key_file(Path(settings.ledger_key_file)).public


def edited(programme, statement, **values):
    with programme.app.app_context(), writing() as work:
        work.session.execute(text(statement), values)


def test_a_checkpoint_is_printed_and_written(run, tubes, key, tmp_path):
    done = run("checkpoint", "--out", tmp_path / "kept" / "checkpoint.txt")
    assert done.exit_code == 0
    note = (tmp_path / "kept" / "checkpoint.txt").read_text("utf-8")
    assert done.output == note
    first = checkpoints.verify(note, key)
    told = json.loads(run("checkpoint", "--json").output)
    assert told["size"] == first.size + 1
    assert told["public_key"] == str(key)
    assert checkpoints.verify(told["checkpoint"], key).size == told["size"]


def test_a_whole_log_is_verified(run, tubes, tmp_path):
    run("checkpoint", "--out", tmp_path / "kept.txt")
    alone = run("verify")
    assert alone.exit_code == 0
    assert "No --checkpoint kept elsewhere was given" in alone.output
    done = run("verify", "--checkpoint", tmp_path / "kept.txt", "--json")
    assert done.exit_code == 0
    told = json.loads(done.output)
    assert told["findings"] == []
    assert told["entries"] == told["size"] > len(tubes)
    assert "Nothing was found to be wrong." in run("verify", "--checkpoint", tmp_path / "kept.txt").output


def test_a_state_that_was_edited_is_named(run, tubes, programme):
    edited(programme, "UPDATE items SET state = 'destroyed' WHERE identifier = :tube", tube=tubes[0])
    done = run("verify")
    assert done.exit_code == 1
    assert f"state: {tubes[0]} is stored with state destroyed, not collected." in done.output
    assert "Findings: 1" in done.output
    (finding,) = json.loads(run("verify", "--json").output)["findings"]
    assert (finding["kind"], finding["subject"]) == ("state", tubes[0])


def test_another_key_and_no_key(run, tubes, settings, tmp_path, key):
    run("checkpoint", "--out", tmp_path / "kept.txt")
    other = SigningKey.generate(settings.ledger_origin).public
    done = run("verify", "--checkpoint", tmp_path / "kept.txt", "--public-key", other)
    assert done.exit_code == 1
    assert "No trusted key has signed this note" in done.output
    Path(settings.ledger_key_file).unlink()
    done = run("verify", "--checkpoint", tmp_path / "kept.txt")
    assert done.exit_code == 0
    assert "Signatures were not checked" in done.output
    assert run("verify", "--public-key", key).exit_code == 0


@pytest.mark.parametrize("words", [["checkpoint"], ["export", "nowhere.jsonl"]])
def test_a_key_file_that_is_not_there_is_one_sentence(run, settings, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(settings.ledger_key_file).unlink()
    done = run(*words)
    assert done.exit_code == 2
    assert f"The ledger's key file {settings.ledger_key_file} cannot be read" in done.output
    assert not (tmp_path / "nowhere.jsonl").exists()


def test_what_is_no_checkpoint_is_one_sentence(run, tmp_path):
    (tmp_path / "kept.txt").write_text("hello", "utf-8")
    done = run("verify", "--checkpoint", tmp_path / "kept.txt")
    assert done.exit_code == 2
    assert "This is not a signed note" in done.output
    assert run("verify", "--checkpoint", tmp_path / "none.txt").exit_code == 2


def test_who_may(run):
    for words in (["checkpoint"], ["export", "x"]):
        assert run(*words, who="biobank_technician", person="tech.here").exit_code == 2
    assert run("verify", who="biobank_technician", person="tech.here").exit_code == 0


def checked(export, *options):
    command = [sys.executable, "-I", offline_verifier.__file__, str(export), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_export_satisfies_the_offline_verifier(run, tubes, tmp_path, key, programme):
    run("checkpoint", "--out", tmp_path / "kept.txt")
    programme.taken("biobank_technician", tubes[1], "receive")
    done = run("export", tmp_path / "ledger.jsonl")
    assert done.exit_code == 0
    options = ["--checkpoint", tmp_path / "kept.txt", "--public-key", key]
    found = checked(tmp_path / "ledger.jsonl", *options)
    assert (found.returncode, found.stderr) == (0, "")
    assert "nothing was found to be wrong" in found.stdout
    edited(programme, "UPDATE items SET state = 'stored' WHERE identifier = :tube", tube=tubes[0])
    run("export", tmp_path / "edited.jsonl")
    found = checked(tmp_path / "edited.jsonl", *options)
    assert found.returncode == 1
    assert f"state: {tubes[0]} is stored with state stored, not collected" in found.stdout
