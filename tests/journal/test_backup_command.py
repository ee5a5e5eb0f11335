"""A backup is made while people work, put back with one command, and says what is to be done next."""

import json
import re
import shutil
import sqlite3
from datetime import date

import pytest
from click.testing import CliRunner

from biobank.commands import main
from biobank.core.database import db
from biobank.journal.formats import read_journal
from biobank.journal.guarding import install_guard
from biobank.ledger.tasks import write_daily_checkpoint
from biobank.service.keys import make_missing_keys
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT, PASSWORD
from tests.withdrawals.test_api import decision


@pytest.fixture
def database_url(tmp_path, identity_template, sqlite_programme):
    """SQLite alone: on PostgreSQL its own tools do this."""
    shutil.copy(identity_template, tmp_path / "identity.db")
    shutil.copy(sqlite_programme[0], tmp_path / "biobank.db")
    return f"sqlite:///{tmp_path}/biobank.db"


@pytest.fixture
def settings(settings):
    made = settings.with_changes(demo=False, withdrawal_journal_file="")
    make_missing_keys(made)
    return made


@pytest.fixture
def app(app):
    install_guard(app)
    return app


def run(programme, *arguments, who="compliance", person="comp.here", json_too=True):
    told = [*map(str, arguments), *(["--json"] if json_too else []), *(["--as", person] if person else [])]
    token = {"BIOBANK_TOKEN": programme.tokens[who]}
    return CliRunner().invoke(main, told, obj=lambda: programme.app, env=token)


def test_from_a_lost_database_to_one_that_knows_who_left(programme, tmp_path):
    kept = tmp_path / "kept.db"
    made = run(programme, "backup", kept, person=None)
    assert (made.exit_code, kept.stat().st_mode & 0o777) == (0, 0o600)
    left = programme.post("compliance", "/withdrawals", decision())
    assert left.status == 201
    with programme.app.app_context():
        db.engine.dispose()
    put = run(programme, "restore", kept, person=None)
    assert (put.exit_code, "journal apply" in json.loads(put.output)["next"]) == (1, True)
    install_guard(programme.app)  # a process of its own
    refused = programme.post("compliance", "/withdrawals", decision())
    assert (refused.status, "read-only" in refused.json["detail"]) == (503, True)
    assert told_who_would_sign_in(programme) == "older_than_journal"
    assert programme.get("compliance", f"/participants/{PARTICIPANT}").json["standing"]["left"] is False
    status = run(programme, "journal", "status")
    assert (status.exit_code, json.loads(status.output)["not_in_database"]) == (1, [1])
    applied = run(programme, "journal", "apply")
    assert (applied.exit_code, len(json.loads(applied.output)["applied"])) == (0, 1), applied.output
    assert run(programme, "journal", "status").exit_code == 0
    assert programme.get("compliance", f"/participants/{PARTICIPANT}").json["standing"]["left"] is True
    assert programme.scan("biobank_technician", programme.kit()[0], "quarantine").status != 503
    assert told_who_would_sign_in(programme) is None


def told_who_would_sign_in(programme):
    """Why the page says that nobody can, whoever types a password or scans a badge; None once they can."""
    browser = programme.app.test_client()
    page = browser.get("/sign-in", follow_redirects=True)
    typed = browser.post("/sign-in", data={"name": "comp.here", "password": PASSWORD}, follow_redirects=True)
    told = re.search(r'data-cause="(\w+)"', page.text)
    if told is None:
        assert (page.status_code, browser.get("/restore").status_code) == (200, 200)
        return None
    assert (page.status_code, typed.status_code, typed.text) == (503, 503, page.text)
    assert "biobank journal" in page.text
    assert "compliance" in page.text
    assert PARTICIPANT not in page.text
    return told[1]


def test_what_is_entered_again_is_on_a_page_of_compliance_until_it_is(programme, tmp_path):
    order = programme.post("compliance", "/withdrawals", decision(ceremony="yes")).json["order"]
    kept = tmp_path / "kept.db"
    run(programme, "backup", kept, person=None)
    settled = {"settlement": "not_wanted"}
    path = f"/destruction-orders/{order}/ceremony"
    assert programme.post("compliance", path, settled).status == 200
    with programme.app.app_context():
        db.engine.dispose()
    put = json.loads(run(programme, "restore", kept, person=None).output)
    assert ["The ceremony of order" in line for line in put["to_enter_again"]] == [True]
    install_guard(programme.app)
    assert 'id="entering"' in programme.app.test_client().get("/restore").text
    assert run(programme, "journal", "apply").exit_code == 0
    assert run(programme, "journal", "status").exit_code == 1
    seat = Seat(programme, "comp.here")
    assert "/restore/to-enter" in seat.get("/").text
    assert f'href="/destruction-orders/{order}"' in seat.get("/restore/to-enter").text
    assert order not in Seat(programme, "comp.elsewhere").get("/restore/to-enter").text
    assert programme.post("compliance", path, settled).status == 200
    assert "/restore/to-enter" not in seat.get("/").text
    assert run(programme, "journal", "status").exit_code == 0


def test_a_log_that_is_shorter_than_a_checkpoint_outside_is_accepted_by_name_or_not_at_all(
    programme, tmp_path
):
    kept = tmp_path / "kept.db"
    run(programme, "backup", kept, person=None)
    programme.kit()
    with programme.app.app_context():
        write_daily_checkpoint(programme.app.extensions["biobank.settings"], date(2026, 3, 1))
        db.engine.dispose()
    put = run(programme, "restore", kept, person=None)
    assert "accept-loss" in json.loads(put.output)["next"]
    install_guard(programme.app)
    assert programme.post("compliance", "/withdrawals", decision()).status == 503
    assert told_who_would_sign_in(programme) == "older_than_checkpoint"
    done = run(programme, "journal", "accept-loss")
    assert (done.exit_code, json.loads(done.output)["lost_size"] > json.loads(done.output)["size"]) == (
        0,
        True,
    )
    assert programme.post("compliance", "/withdrawals", decision()).status == 201
    again = run(programme, "journal", "accept-loss")
    assert (again.exit_code, "nothing is to accept" in again.output) == (2, True)


def test_nothing_is_put_over_a_database_that_is_in_use(programme, tmp_path):
    kept = tmp_path / "kept.db"
    run(programme, "backup", kept, person=None)
    before = (tmp_path / "biobank.db").read_bytes()
    other = sqlite3.connect(tmp_path / "biobank.db")
    other.execute("SELECT count(*) FROM participants").fetchone()
    refused = run(programme, "restore", kept, person=None)
    other.close()
    assert (refused.exit_code, "stop the service" in refused.output) == (2, True)
    assert (tmp_path / "biobank.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_backup_is_refused(programme, tmp_path, content):
    (tmp_path / "other.db").write_bytes(content)
    refused = run(programme, "restore", tmp_path / "other.db", person=None)
    assert (refused.exit_code, "no backup" in refused.output) == (2, True)


def test_a_broken_journal_names_its_line_and_keeps_a_restored_service_shut(programme, tmp_path):
    programme.post("compliance", "/withdrawals", decision())
    journal = tmp_path / "withdrawals.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"destroy", b"keepall"))
    broken = run(programme, "journal", "verify")
    assert (broken.exit_code, json.loads(broken.output)["broken_at"]) == (1, 1)
    install_guard(programme.app)
    assert programme.post("compliance", "/withdrawals", decision()).status == 503


def test_a_journal_that_is_whole_says_so(programme, tmp_path):
    programme.post("compliance", "/withdrawals", decision())
    told = json.loads(run(programme, "journal", "verify").output)
    assert told == {
        "broken_at": None,
        "lines": 1,
        "newest": read_journal(tmp_path / "withdrawals.jsonl")[0].hash,
    }
