"""What a piece of work asks of the database: its statements in order, and on SQLite how far they look."""

from contextlib import contextmanager

from sqlalchemy import Engine, event

from biobank.core.database import Work


@contextmanager
def statements():
    """Of the scan path's cursor and of the session alike."""
    asked, run = [], Work.run

    def by_session(_connection, _cursor, text, *_more):
        asked.append(text)

    def by_cursor(work, statement, **parameters):
        asked.append(statement.text[work.dialect])
        return run(work, statement, **parameters)

    event.listen(Engine, "before_cursor_execute", by_session)
    Work.run = by_cursor
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", by_session)
        Work.run = run


@contextmanager
def looking(work):
    """Counts in hundreds the steps of SQLite's machine, which grow with the rows that a statement reads."""
    steps = []
    driver = work.connection.connection.driver_connection
    driver.set_progress_handler(lambda: steps.append(1), 100)
    try:
        yield steps
    finally:
        driver.set_progress_handler(None, 0)
