"""Commands for whoever runs the service: serve, worker, database, config."""

import os
import signal
import threading
from typing import Any

import click
from flask import Flask
from sqlalchemy import make_url
from waitress.server import create_server

from biobank.core import moments, schema
from biobank.core.database import db, reading
from biobank.core.errors import Conflict
from biobank.destruction import signer_files
from biobank.identity.tasks import finish_looks
from biobank.items.operations import forget_old_scans
from biobank.journal.following import fill_journal
from biobank.journal.guarding import why_read_only
from biobank.journal.queries import journal_warnings
from biobank.ledger.tasks import Sealer
from biobank.messages.mail import check_mail_settings
from biobank.messages.tasks import Sender
from biobank.printing.queries import printers_of_settings
from biobank.service.databases import engines, is_missing, upgrade_both
from biobank.service.keys import make_missing_keys
from biobank.settings import Settings, load_settings
from biobank.visits.answers import forget_old_answers
from biobank.web.current import current_settings
from biobank.web.terminal import answer_no, application, json_option, show, unattended
from biobank.web.transport import can_be_served, waitress_options

PORTS = 65_536
EACH_DAY = (fill_journal, forget_old_scans, forget_old_answers, finish_looks)
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
        can_be_served(settings)
        if with_demo and is_missing(db.engine.url):
            from biobank.demo.programme import begin

            begin(settings, with_kits=True)
        ready()
        fill_journal(settings)
        tell_if_read_only(settings)
        if with_demo:
            from biobank.demo.programme import print_sign_ins

            print_sign_ins(settings)
    warn_of_keys(settings)
    check_mail_settings(settings)
    import biobank.destruction.signing  # noqa: F401 (takes a second, which the first confirmation would wait for)

    server = listening(app, settings)
    sealer, sender = Sealer(app, EACH_DAY), Sender(app)
    sealer.start()
    sender.start()
    click.echo(f"Serving on http://{settings.serve_host}:{settings.serve_port}  (stop with Ctrl-C)")
    try:
        server.run()
    finally:
        sender.stop()
        sealer.stop()


def warn_of_keys(settings: Settings) -> None:
    for sentence in warnings_of(settings):
        click.echo(f"Warning: {sentence}", err=True)


def tell_if_read_only(settings: Settings) -> None:
    """An older backup is served for reading; who starts it hears what to do."""
    if settings.demo:
        return
    with reading() as work:
        why = why_read_only(work)
    if why:
        click.echo(f"Warning: {why}", err=True)


def warnings_of(settings: Settings) -> list[str]:
    """Of what is not wrong yet, or not safe."""
    return [*signer_files.warnings(settings, moments.now()), *journal_warnings(settings)]


def listening(app: Flask, settings: Settings) -> Any:
    """A server that has its port. Raises `AddressTaken` when it cannot have it."""
    host, port = settings.serve_host, settings.serve_port
    if not 0 < port < PORTS:  # the system would quietly take another
        raise AddressTaken(f"There is no port {port}; set BIOBANK_SERVE_PORT to one from 1 to {PORTS - 1}.")
    options: dict[str, Any] = {"threads": settings.serve_threads, "ident": None, **waitress_options(settings)}
    try:
        return create_server(app, host=host, port=port, **options)
    except (OSError, OverflowError, ValueError) as problem:
        raise AddressTaken(
            f"The service cannot listen on {host}:{port} ({problem}); stop what runs there, or name another "
            "address with BIOBANK_SERVE_HOST and BIOBANK_SERVE_PORT."
        ) from problem


@click.command("worker")
@unattended("it does what follows by itself")
def worker() -> None:
    """Seal new entries and send messages beside a service of several processes, until stopped."""
    app = application()
    with app.app_context():
        ready()
        check_mail_settings(current_settings())
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    sealer, sender = Sealer(app, EACH_DAY), Sender(app)
    sealer.start()
    sender.start()
    click.echo("Sealing, and sending messages.")
    stopping.wait()
    sender.stop()
    sealer.stop()


CALLED = {schema.SAMPLE: "database", schema.IDENTITY: "identity vault"}


def ready() -> None:
    """Raises `SchemaDiffers` unless both databases are at the schema of this version."""
    for of, engine in engines().items():
        if is_missing(engine.url):
            raise SchemaDiffers(
                f"There is no {CALLED[of]} at {engine.url.render_as_string()}; run: biobank database upgrade"
            )
        found, wanted = schema.revision_of(engine), schema.newest_revision(of)
        if found != wanted:
            raise SchemaDiffers(
                f"The {CALLED[of]} is at schema {found or 'none'}, this version needs {wanted}; "
                "make a backup, then run: biobank database upgrade",
            )


@click.group("database")
def database() -> None:
    """The schema of the database and of the identity vault."""


@database.command("upgrade")
@unattended("the database does not know anybody yet")
def upgrade() -> None:
    """Bring the database and the identity vault to the schema of this version."""
    with application().app_context():
        upgrade_both()
        for of, engine in engines().items():
            click.echo(f"The {CALLED[of]} is at schema {schema.revision_of(engine)}.")


@database.command("check")
@json_option
@unattended("it shows numbers of schemas and nothing else")
def check(*, as_json: bool) -> None:
    """Say whether both databases are at the schema of this version; exit 1 when not."""
    with application().app_context():
        found = {
            of: None if is_missing(engine.url) else schema.revision_of(engine)
            for of, engine in engines().items()
        }
    wanted = {of: schema.newest_revision(of) for of in found}
    samples, vault = (
        {"schema": found[of], "wanted": wanted[of], "up_to_date": found[of] == wanted[of]}
        for of in (schema.SAMPLE, schema.IDENTITY)
    )
    lines = [
        f"The {CALLED[of]} is at schema {found[of] or 'none'}; this version needs {wanted[of]}."
        for of in found
    ]
    show({**samples, "identity": vault}, as_json=as_json, lines=lines)
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
    check_mail_settings(settings)
    can_be_served(settings)
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
    warnings = warnings_of(settings)
    lines += [f"Warning: {sentence}" for sentence in warnings]
    document = {
        "changed": shown,
        "from_file": os.environ.get("BIOBANK_CONFIG"),
        "printers": printers,
        "warnings": warnings,
    }
    show(document, as_json=as_json, lines=lines)


def without_password(name: str, value: object) -> object:
    addresses = ("database_url", "identity_database_url")
    return make_url(str(value)).render_as_string(hide_password=True) if name in addresses else value


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
