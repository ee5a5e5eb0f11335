"""A backup of an SQLite database, made while the service goes on, and put in its place again."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from biobank.core import moments
from biobank.core.errors import Conflict
from biobank.core.schema import newest_revision
from biobank.service.databases import is_sqlite

PAGES_AT_ONCE = 1_000


class BackupRefused(Conflict):
    """A file that is no backup of ours, or a place where none can be put."""

    title = "Backup refused"


def sqlite_path(url: URL) -> Path:
    """Raises `BackupRefused` for another kind of database, with what to use there."""
    if not is_sqlite(url) or url.database in (None, "", ":memory:"):
        raise BackupRefused(
            "This is for SQLite; on PostgreSQL use pg_dump and pg_restore, as docs/operations.md says, then "
            "run: biobank journal status"
        )
    return Path(url.database or "")


def back_up(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment; nobody has to stop. Raises `BackupRefused`."""
    if target.exists():
        raise BackupRefused(f"{target} is there already; name a file that is not.")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(beside)) as there:
            here.backup(there, pages=PAGES_AT_ONCE)
            there.execute("PRAGMA journal_mode = DELETE")
        _is_whole(beside)
        _sync(beside)
        beside.replace(target)
    except sqlite3.Error as problem:
        raise BackupRefused(f"The backup could not be made ({problem}); nothing was written.") from problem
    finally:
        beside.unlink(missing_ok=True)


def put_in_place(backup: Path, database: Path) -> Path | None:
    """Put a backup where the database is; what was there is kept beside it. Returns where.

    Raises `BackupRefused` while anybody has the database open, and for a file that is no whole backup.
    """
    _is_whole(backup)
    _nobody_has_open(database)
    aside = _set_aside(database)
    beside = database.with_name(f".{database.name}.{os.getpid()}")
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.touch(mode=0o600)
    shutil.copyfile(backup, beside)
    _sync(beside)
    beside.replace(database)
    return aside


def _is_whole(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
            said = opened.execute("PRAGMA integrity_check").fetchone()[0]
            found = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as problem:
        raise BackupRefused(f"{file} is no backup of this service ({problem}).") from problem
    if said != "ok" or found is None:
        raise BackupRefused(f"{file} is damaged: {said}. Take another backup.")
    if found[0] > newest_revision():
        raise BackupRefused(
            f"{file} is of a newer version of the service (schema {found[0]}); install that one first."
        )


def _nobody_has_open(database: Path) -> None:
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as opened:
            opened.execute("PRAGMA locking_mode = EXCLUSIVE")
            opened.execute("BEGIN EXCLUSIVE")
            opened.execute("ROLLBACK")
    except sqlite3.OperationalError as problem:
        raise BackupRefused(
            f"Somebody has {database} open ({problem}); stop the service and the worker first."
        ) from problem


def _set_aside(database: Path) -> Path | None:
    if not database.exists():
        return None
    stamp = moments.now().strftime("%Y%m%dT%H%M%SZ")
    aside = database.with_name(f"{database.name}.before-{stamp}")
    for ending in ("", "-wal", "-shm"):
        part = Path(f"{database}{ending}")
        if part.exists():
            part.replace(f"{aside}{ending}")
    return aside


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
