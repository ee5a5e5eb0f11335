"""kill -9 while the journal is applied to an older backup: all of it is taken over in the end, and nothing twice.

    pytest -m campaign tests/campaigns/test_apply_kills.py -s

prints the figures. CAMPAIGN_SEED repeats a run's choices, CAMPAIGN_KILLS asks for more than 10 a database.
"""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from biobank.core.database import db, reading
from biobank.journal.formats import read_journal
from biobank.journal.guarding import install_guard, why_read_only
from biobank.journal.models import JournalApplication
from biobank.journal.queries import lacking
from biobank.messages.models import Message
from biobank.participants.queries import participant_named
from biobank.withdrawals.models import RecordedDecision
from tests.campaigns.service import PROGRAM, WORKS_WITHIN, environment, until
from tests.campaigns.test_restore_drill import back_up_and_restore, command, settings
from tests.programme import set_up
from tests.withdrawals.test_api import decision

__all__ = ["settings"]
pytestmark = pytest.mark.campaign
KILLS = int(os.environ.get("CAMPAIGN_KILLS", "10"))
SEED = int(os.environ.get("CAMPAIGN_SEED") or random.SystemRandom().randrange(10**6))
PEOPLE = 60
LONGER = 1.2
"""Each process is left alive a little longer than the one before, until one is over before it is killed."""


def applying(settings, programme):
    """`biobank journal apply` as a process of its own."""
    token = {"BIOBANK_TOKEN": programme.tokens["compliance"]}
    told = [PROGRAM, "journal", "apply", "--as", "comp.here"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(told, env=environment(settings) | token, **quiet)


def is_writing(url):
    """Whether anybody holds a transaction that has written."""
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(url.database, timeout=0, isolation_level=None)) as probe:
            try:
                probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
    )
    with db.engine.connect() as connection:
        return connection.exec_driver_sql(asked).scalar() > 0


def killed(process, url, seconds):
    """Some time after it began to write; whether it was still at it."""
    until(lambda: process.poll() is not None or is_writing(url), "nothing was written")
    time.sleep(seconds)
    at_it = process.poll() is None and is_writing(url)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not is_writing(url), "the database went on for a process that is gone")
    return at_it


def test_a_journal_that_is_applied_and_killed_is_applied_whole(app, settings, tmp_path):
    install_guard(app)
    choices, programme = random.Random(SEED), set_up(app)
    codes = [programme.add_participant(f"D{number:09d}") for number in range(PEOPLE)]
    _, tubes = programme.collected_kit(definition="urine-1", participant=codes[-1])
    url = make_url(settings.database_url)
    back_up, restore = back_up_and_restore(app, url, tmp_path)
    back_up()
    for code in codes:
        assert programme.post("compliance", "/withdrawals", decision(participant=code)).status == 201
    before = read_journal(Path(settings.withdrawal_journal_file))
    with app.app_context():
        db.engine.dispose()
    restore()
    latest, halves, kills = 0.3, 0, 0
    while kills < KILLS and not whole(app, before):
        with app.app_context():
            kills += killed(applying(settings, programme), url, choices.uniform(0, latest))
        latest *= LONGER
        install_guard(app)  # a process of its own
        if not whole(app, before):
            halves += nothing_of_it(app)
            use = programme.scan("biobank_technician", tubes[0], "check_out")
            assert (use.status, "journal apply" in use.json["detail"]) == (503, True)
    if not whole(app, before):
        assert applying(settings, programme).wait(WORKS_WITHIN) == 0
    install_guard(app)
    with app.app_context(), reading() as work:
        assert why_read_only(work) is None
        assert all(participant_named(work, code).left for code in codes)
        for table, column in ((RecordedDecision, "participant"), (Message, "about")):
            found = Counter(getattr(row, column) for row in work.session.query(table))
            assert (len(found), set(found.values())) == (PEOPLE, {1})
        applied = work.session.query(JournalApplication).order_by(JournalApplication.id)
        assert [each.line for each in applied] == [line.number for line in before]
    assert read_journal(Path(settings.withdrawal_journal_file)) == before
    assert command(app, programme, "ledger", "verify")["findings"] == []
    print(
        f"\n{url.get_backend_name()}: {kills} kills while {PEOPLE} decisions were taken over, up to {latest / LONGER:.1f} s after the first write, "
        f"none of them left a half ({halves} looked at), 0 lost, 0 twice, seed {SEED}"
    )
    assert kills >= KILLS / 2, "too few were still at it when they were killed"


def whole(app, lines):
    with app.app_context(), reading() as work:
        return lacking(work, lines) == []


def nothing_of_it(app):
    """All or nothing: what was killed has taken over none."""
    with app.app_context(), reading() as work:
        assert work.session.query(JournalApplication).count() == 0
        assert work.session.query(RecordedDecision).count() == 0
    return 1
