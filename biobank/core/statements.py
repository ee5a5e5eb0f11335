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
        self.text = {name: str(clause.compile(dialect=dialect)) for name, dialect in DIALECTS.items()}
        self.constants = {name: value for name, value in clause.compile().params.items() if value is not None}
