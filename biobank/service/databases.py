"""Where the two databases are: the samples' and, apart from it, the identity vault's."""

from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from biobank.core import schema
from biobank.core.database import db
from biobank.core.hosts import is_loopback
from biobank.core.schema import IDENTITY, SAMPLE
from biobank.settings import SettingRefused, Settings
from biobank.web.current import current_settings

BESIDE = "identity.db"
ENCRYPTED = ("verify-full", "verify-ca", "require")
"""PostgreSQL's own default, `prefer`, goes on in plain where the other side asks for it."""
WAITS = {"options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=10min"}
"""PostgreSQL: who waits longer for a lock is told to try again, as on SQLite."""


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def database_url(settings: Settings) -> URL:
    """Of the samples; a relative SQLite path is relative to where the service was started."""
    return _rooted(make_url(settings.database_url))


def identity_url(settings: Settings) -> URL:
    """Of the vault; where none is named, beside an SQLite database. Raises `SettingRefused`."""
    samples = database_url(settings)
    if not settings.identity_database_url:
        if not is_sqlite(samples):
            raise SettingRefused(
                "identity_database_url is not set; name a database of its own for the identity vault, with a "
                "role of its own, such as postgresql://vault@host/identity."
            )
        return samples.set(database=_beside(samples.database))
    vault = _rooted(_parsed(settings.identity_database_url))
    if vault == samples:
        raise SettingRefused(
            "identity_database_url names the samples' own database; the identity vault needs another one."
        )
    return vault


def _beside(database: str | None) -> str | None:
    return str(Path(database).with_name(BESIDE)) if database and database != ":memory:" else database


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except ArgumentError as problem:  # what was typed may hold a password
        raise SettingRefused(
            "identity_database_url is no address of a database; write it like sqlite:///var/identity.db or "
            "postgresql://vault@host/identity."
        ) from problem


def _rooted(url: URL) -> URL:
    if not is_sqlite(url) or url.database in (None, "", ":memory:"):
        return url
    return url.set(database=str(Path(url.database or "").resolve()))


def lines_are_encrypted(settings: Settings) -> None:
    """To databases on other machines, but in the demonstration. Raises `SettingRefused`."""
    if settings.demo:
        return
    for name, url in (
        ("database_url", database_url(settings)),
        ("identity_database_url", identity_url(settings)),
    ):
        elsewhere = [host for host in _hosts(url) if not host.startswith("/") and not is_loopback(host)]
        if elsewhere and url.query.get("sslmode") not in ENCRYPTED:
            raise SettingRefused(
                f"{name} names {elsewhere[0]}, which is another machine, and nothing that says the line is "
                "encrypted; write ?sslmode=verify-full behind it (or verify-ca, or require)."
            )


def _hosts(url: URL) -> list[str]:
    """None for SQLite and for PostgreSQL's own local socket."""
    told = [url.host or "", *url.normalized_query.get("host", ()), *url.normalized_query.get("hostaddr", ())]
    return [host for each in told for host in each.split(",") if host]


def options_for(url: URL) -> dict[str, Any]:
    """Parameters stay out of error messages, and so out of the log."""
    options: dict[str, Any] = {"hide_parameters": True}
    return options if is_sqlite(url) else {**options, "pool_pre_ping": True, "connect_args": WAITS}


def engines() -> dict[str, Engine]:
    """Both, by what they hold; `core.schema` calls their migrations so."""
    return {SAMPLE: db.engine, IDENTITY: db.engines[IDENTITY]}


def upgrade_both() -> None:
    """Bring both to the schema of this version, each all or nothing."""
    for of, engine in engines().items():
        _make_place(engine.url)
        schema.upgrade(engine, of=of, answers_key_file=current_settings().answers_key_file)


def _make_place(url: URL) -> None:
    """Of an SQLite file: its folder, and the file for its owner alone."""
    if is_sqlite(url) and url.database and url.database != ":memory:":
        path = Path(url.database).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)


def is_missing(url: URL) -> bool:
    return is_sqlite(url) and not Path(url.database or "").exists()
