"""The floor that these tests start from, and a journal on either kind of database."""

import copy
import uuid
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from biobank.core.database import db, writing
from biobank.journal.guarding import install_guard
from biobank.service.backups import back_up
from biobank.wiring import install_rules
from tests.leaving import Leaving, leaving

__all__ = ["leaving"]


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "elsewhere" / "withdrawals.jsonl"


@pytest.fixture
def settings(settings, journal):
    return settings.with_changes(withdrawal_journal_file=str(journal))


@pytest.fixture
def floor(app):
    """A floor in a transaction of its own, kept; every further transaction is the test's."""
    install_rules()
    with app.app_context():
        with writing() as work:
            kept = Leaving(work)
        yield kept


@pytest.fixture
def older(app, settings, request, put_together, tmp_path):
    """Keeps the database as it is now, and later puts it in place as the service that goes on from there.

    `older.keep()` before what is to be lost, `older.put_back()` after: the same keys, journal and checkpoints.
    """
    backup = Older(app, settings, request, put_together, tmp_path)
    yield backup
    backup.end()


class Older:
    def __init__(self, app, settings, request, put_together, folder):
        self.app, self.settings, self.request = app, settings, request
        self.put_together, self.folder = put_together, folder
        self.name, self.restored = f"older_{uuid.uuid4().hex[:12]}", None

    def keep(self):
        """Nothing else is connected at this moment."""
        with self.app.app_context():
            db.engine.dispose()
        url = make_url(self.settings.database_url)
        if url.get_backend_name() == "sqlite":
            path = self.folder / "older" / "biobank.db"
            path.parent.mkdir()
            back_up(Path(url.database), path)
            self.url = f"sqlite:///{path}"
            return
        self.run(f"CREATE DATABASE {self.name} TEMPLATE {url.database}")
        self.url = url.set(database=self.name).render_as_string(hide_password=False)

    def put_back(self):
        """The application on the older database; the other one is lost."""
        from biobank.app import connect_database
        from biobank.web.current import keep_settings

        app = copy.copy(self.put_together)
        app.config, app.extensions = copy.copy(app.config), dict(app.extensions)
        app.teardown_appcontext_funcs = []
        app.extensions.pop("sqlalchemy", None)
        changed = self.settings.with_changes(database_url=self.url, demo=False)
        keep_settings(app, changed)
        connect_database(app, changed)
        install_guard(app)
        self.restored = app
        return app

    def run(self, statement):
        administrator, _ = self.request.getfixturevalue("postgresql_template")
        with administrator.connect() as connection:
            connection.execute(text(statement))

    def end(self):
        if self.restored is not None:
            with self.restored.app_context():
                for engine in db.engines.values():
                    engine.dispose()
        if not self.settings.database_url.startswith("sqlite"):
            self.run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
