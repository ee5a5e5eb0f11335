"""Statements and packs as people and programs get them: the right ones, for a reason, written down."""

import io
import re
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from biobank.access.actors import SETTING_UP
from biobank.access.models import Person
from biobank.access.operations import create_token
from biobank.access.permissions import Permission
from biobank.commands import main
from biobank.core.database import reading, writing
from biobank.ledger.queries import entries_of
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT


@pytest.fixture
def given(programme):
    programme.collected_kit(definition="urine-1")
    return programme


def written(programme, kind):
    with programme.app.app_context(), reading() as work:
        found = entries_of(work, f"participant:{PARTICIPANT}")
    return [entry.event for entry in found if entry.kind == kind]


def test_a_program_gets_the_statement_in_words_with_the_entries_behind_them(given):
    answer = given.get("compliance", f"/participants/{PARTICIPANT}/statement?language=en")
    assert answer.status == 200, answer.json
    [sample] = answer.json["samples"]
    assert sample["title"] == "Sample 1: a tube of urine"
    history = next(part for part in answer.json["parts"] if part["name"] == "history")
    taken = next(line for line in history["lines"] if line["text"].startswith("Taken from you at clinic-1"))
    assert taken["entries"] == [f"{sample['identifier']}:4"]
    assert [event["recorded_by"] for event in written(given, "statement")] == ["comp.here"]


def test_a_participant_takes_the_paper_home_from_the_clinic(given):
    seat, url = Seat(given, "clinic.here"), f"/participants/{PARTICIPANT}/statement"
    token = re.search(r'name="csrf_token" value="(\w*)"', seat.get(url).text)[1]
    answer = seat.client.post(url, data={"csrf_token": token, "purpose": "request", "language": "es"})
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    assert PARTICIPANT in text
    assert "Lo que usted dio" in text
    assert "Say why it is made" in seat.post(url, language="es").problems
    with given.app.app_context(), reading() as work:
        names = [person.printed_name for person in work.session.query(Person)]
    assert [name for name in names if name in text] == []


def test_an_auditor_gets_a_pack_and_the_log_says_what_it_was(given):
    answer = given.get("auditor", f"/participants/{PARTICIPANT}/audit-pack?purpose=inspection")
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert {"README.txt", "check_pack.py", "entries.jsonl"} <= set(file.namelist())
    [event] = written(given, "audit_pack")
    assert (event["purpose"], event["recorded_by"]) == ("inspection", "audit.here")
    assert len(event["files"]) == len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist()) - 4


def test_what_is_asked_wrongly_makes_nothing(given):
    for who, path, status in (
        ("compliance", f"/participants/{PARTICIPANT}/statement?purpose=curiosity", 422),
        ("compliance", f"/participants/{PARTICIPANT}/statement?language=fr", 422),
        ("auditor", f"/participants/{PARTICIPANT}/audit-pack?purpose=request", 422),
        ("auditor", f"/participants/{PARTICIPANT}/statement", 403),
        ("clinic_staff elsewhere", f"/participants/{PARTICIPANT}/statement", 404),
        ("compliance", "/participants/A999999999/audit-pack", 404),
    ):
        answer = given.get(who, path)
        assert answer.status == status, (path, answer.json)
    assert written(given, "statement") == written(given, "audit_pack") == []


def test_both_are_written_to_files_by_command(given, tmp_path):
    def run(who, *arguments):
        token = {"BIOBANK_TOKEN": given.tokens[{"comp.here": "compliance", "audit.here": "auditor"}[who]]}
        return CliRunner().invoke(main, [*arguments, "--as", who], obj=lambda: given.app, env=token)

    pack, paper = tmp_path / "pack.zip", tmp_path / "paper.pdf"
    packed = run("audit.here", "audit-pack", PARTICIPANT, str(pack))
    assert packed.exit_code == 0, packed.output
    key = packed.stdout.split("--public-key ")[1].strip()
    with zipfile.ZipFile(pack) as file:
        file.extractall(tmp_path / "pack")
    command = [sys.executable, "-I", "check_pack.py", "--public-key", key]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / "pack", check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "nothing was found to be wrong"), (
        done.stdout
    )
    told = run("comp.here", "statement", PARTICIPANT, "--language", "es", "--pdf", str(paper))
    assert told.exit_code == 0, told.output
    assert paper.read_bytes().startswith(b"%PDF")
    assert (
        "Lo que usted dio" in run("comp.here", "statement", PARTICIPANT, "--language", "es", "--json").stdout
    )
    read = run("comp.here", "statement", PARTICIPANT, "--language", "en").stdout
    assert "Sample 1: a tube of urine" in read
    assert "Taken from you at clinic-1: sample 1." in read


def test_by_command_too_each_gets_what_their_role_and_sites_allow_and_a_refusal_spoils_no_file(
    given, tmp_path
):
    def run(who, *arguments):
        name = {"clinic_staff elsewhere": "clinic.elsewhere"}.get(who) or who.split("_")[-1]
        short = {"technician": "tech", "lead": "lead", "auditor": "audit", "compliance": "comp"}
        told = [*arguments, "--as", name if "." in name else f"{short[name]}.here"]
        return (
            CliRunner()
            .invoke(main, told, obj=lambda: given.app, env={"BIOBANK_TOKEN": given.tokens[who]})
            .exit_code
        )

    there = tmp_path / "there"
    there.write_bytes(b"the pack of last year")
    for who, *arguments in (
        ("biobank_technician", "statement", PARTICIPANT, "--pdf", str(there)),
        ("biobank_technician", "audit-pack", PARTICIPANT, str(there)),
        ("biobank_lead", "audit-pack", PARTICIPANT, str(there)),
        ("clinic_staff elsewhere", "statement", PARTICIPANT, "--pdf", str(there)),
        ("clinic_staff elsewhere", "audit-pack", PARTICIPANT, str(there)),
        ("auditor", "statement", PARTICIPANT, "--pdf", str(there)),
        ("auditor", "audit-pack", "A999999999", str(there)),
    ):
        assert run(who, *arguments) != 0, (who, arguments)
        assert there.read_bytes() == b"the pack of last year", (who, arguments)
    assert written(given, "statement") == written(given, "audit_pack") == []


def test_a_token_without_the_right_gets_neither(given):
    with given.app.app_context(), writing() as work:
        may = frozenset({Permission.SEE_PARTICIPANTS.value})
        given.tokens["narrow"] = create_token(work, SETTING_UP, username="comp.here", days=1, scopes=may)[1]
    for path in ("statement", "statement.pdf", "audit-pack"):
        answer = given.get("narrow", f"/participants/{PARTICIPANT}/{path}?purpose=audit")
        assert answer.status == 403, (path, answer.json)
        assert given.get(None, f"/participants/{PARTICIPANT}/{path}").status == 401
    assert written(given, "statement") == written(given, "audit_pack") == []
