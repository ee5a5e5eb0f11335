"""Statements written once in SQLAlchemy Core and compiled to SQL text, for the scan path's driver cursor.

Compiled text bypasses SQLAlchemy's type processors: its columns are str, int and bytes (`architecture`).
"""

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement

DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(paramstyle="named"),
    "postgresql": PGDialect_psycopg(),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
}


class Statement:
    """A Core statement and its text for each database; parameters go in as a dictionary by name."""

    def __init__(self, clause: ClauseElement) -> None:
        compiled = {name: clause.compile(dialect=dialect) for name, dialect in DIALECTS.items()}
        self.text = {name: str(text) for name, text in compiled.items()}
        self.constants = {
            name: {key: value for key, value in text.params.items() if value is not None}
            for name, text in compiled.items()
        }
        """Values that stand in the clause itself, by database and name."""
