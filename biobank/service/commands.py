"""Commands for whoever runs the service: serve, worker, database, config."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import make_url
from waitress.server import create_server

from biobank.core import schema
from biobank.core.database import db
from biobank.core.errors import Conflict
from biobank.items.operations import forget_old_scans
from biobank.ledger.tasks import Sealer
from biobank.printing.queries import printers_of_settings
from biobank.service.keys import make_missing_keys
from biobank.settings import Settings, load_settings
from biobank.visits.answers import forget_old_answers
from biobank.web.current import current_settings
from biobank.web.terminal import answer_no, application, json_option, show, unattended

PORTS = 65_536
EACH_DAY = (forget_old_scans, forget_old_answers)
"""What the sealer does once a day beside sealing."""


class SchemaDiffers(Conflict):
    """The database is not at the schema that this version needs."""

    title = "Database not up to date"


class AddressTaken(Conflict):
    """Nothing can listen where the settings say."""

    title = "Address not free"


@click.command("serve")
@click.option("--with-demo", is_flag=True, help="Make a demonstration first when there is no database yet.")
@unattended("it answers everybody else")
def serve(*, with_demo: bool) -> None:
    """Serve the pages and the API until stopped."""
    app = application()
    with app.app_context():
        settings = current_settings()
        if with_demo and is_missing(settings):
            from biobank.demo.programme import begin

            begin(settings, with_kits=True)
        ready(settings)
        if with_demo:
            from biobank.demo.programme import print_sign_ins

            print_sign_ins(settings)
    server = listening(app, settings)
    sealer = Sealer(app, EACH_DAY)
    sealer.start()
    click.echo(f"Serving on http://{settings.serve_host}:{settings.serve_port}  (stop with Ctrl-C)")
    try:
        server.run()
    finally:
        sealer.stop()


def listening(app: Flask, settings: Settings) -> Any:
    """A server that has its port. Raises `AddressTaken` when it cannot have it."""
    host, port = settings.serve_host, settings.serve_port
    if not 0 < port < PORTS:  # the system would quietly take another
        raise AddressTaken(f"There is no port {port}; set BIOBANK_SERVE_PORT to one from 1 to {PORTS - 1}.")
    try:
        return create_server(app, host=host, port=port, threads=settings.serve_threads, ident=None)
    except (OSError, OverflowError, ValueError) as problem:
        raise AddressTaken(
            f"The service cannot listen on {host}:{port} ({problem}); stop what runs there, or name another "
            "address with BIOBANK_SERVE_HOST and BIOBANK_SERVE_PORT."
        ) from problem


@click.command("worker")
@unattended("it does what follows by itself")
def worker() -> None:
    """Seal new entries beside a service of several processes, until stopped."""
    app = application()
    with app.app_context():
        ready(current_settings())
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sealer = Sealer(app, EACH_DAY)
    sealer.start()
    click.echo("Sealing.")
    stopping.wait()
    sealer.stop()


def is_missing(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()


def ready(settings: Settings) -> None:
    """Raises `SchemaDiffers` unless the database is at the schema of this version."""
    if is_missing(settings):
        raise SchemaDiffers(f"There is no database at {settings.database_url}; run: biobank database upgrade")
    found, wanted = schema.revision_of(db.engine), schema.newest_revision()
    if found != wanted:
        raise SchemaDiffers(
            f"The database is at schema {found or 'none'}, this version needs {wanted}; "
            "make a backup, then run: biobank database upgrade",
        )


@click.group("database")
def database() -> None:
    """The database's schema."""


@database.command("upgrade")
@unattended("the database does not know anybody yet")
def upgrade() -> None:
    """Bring the database to the schema of this version."""
    with application().app_context():
        make_folder(current_settings())
        schema.upgrade(db.engine)
        click.echo(f"The database is at schema {schema.revision_of(db.engine)}.")


def make_folder(settings: Settings) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).resolve().parent.mkdir(parents=True, exist_ok=True)


@database.command("check")
@json_option
@unattended("it shows numbers of schemas and nothing else")
def check(*, as_json: bool) -> None:
    """Say whether the database is at the schema of this version; exit 1 when not."""
    with application().app_context():
        found = None if is_missing(current_settings()) else schema.revision_of(db.engine)
    wanted = schema.newest_revision()
    show(
        {"schema": found, "wanted": wanted, "up_to_date": found == wanted},
        as_json=as_json,
        lines=[f"The database is at schema {found or 'none'}; this version needs {wanted}."],
    )
    if found != wanted:
        answer_no()


@click.group("config")
def config() -> None:
    """The settings."""


@config.command("check")
@json_option
@unattended("whoever installs the service has no account in it")
def check_config(*, as_json: bool) -> None:
    """Read all settings and secrets as the service would, and show what differs from the defaults."""
    application()
    settings, defaults = load_settings(), load_settings({})
    changed = {
        name: getattr(settings, name)
        for name in vars(defaults)
        if getattr(settings, name) != getattr(defaults, name)
    }
    shown = {name: without_password(name, value) for name, value in changed.items()}
    printers = {name: printer.site for name, printer in printers_of_settings(settings).printers.items()}
    lines = [f"{name} = {value}" for name, value in shown.items()] or ["All settings are the defaults."]
    named = [f"{name} ({f'of {site}' if site else 'of every site'})" for name, site in printers.items()]
    lines.append(f"Printers: {', '.join(sorted(named)) or 'none'}.")
    document = {"changed": shown, "from_file": os.environ.get("BIOBANK_CONFIG"), "printers": printers}
    show(document, as_json=as_json, lines=lines)


def without_password(name: str, value: object) -> object:
    return make_url(str(value)).render_as_string(hide_password=True) if name == "database_url" else value


@click.group("keys")
def keys() -> None:
    """The service's key files, which lie outside the database."""


@keys.command("create")
@json_option
@unattended("keys come before the first account")
def create_keys(*, as_json: bool) -> None:
    """Make the key files that are missing, readable by their owner alone; what exists stays."""
    made = [str(path) for path in make_missing_keys(load_settings())]
    lines = [f"Made {path}; keep a copy where the database is not." for path in made]
    show({"made": made}, as_json=as_json, lines=lines or ["All key files are there."])
