"""Transactions: all or nothing, readers cannot write, writers are served in turn."""

import threading
import time

import pytest
from sqlalchemy import text

from biobank.core.database import FirstComeFirstServed, db, reading, writing
from biobank.core.errors import DatabaseUnavailable
from biobank.sites.operations import add_site
from biobank.sites.queries import sites


def add(work, code):
    add_site(work, by="test", code=code, name="Site", kind="clinic", zone="America/Chicago")


def codes():
    with reading() as work:
        return [site.code for site in sites(work)]


def test_what_raises_leaves_nothing(app):
    with app.app_context():
        with pytest.raises(RuntimeError), writing() as work:
            add(work, "one")
            raise RuntimeError
        assert codes() == []


def test_a_savepoint_keeps_what_came_before_it(app):
    with app.app_context():
        with writing() as work:
            add(work, "one")
            with pytest.raises(RuntimeError), work.savepoint():
                add(work, "two")
                raise RuntimeError
            add(work, "three")
        assert sorted(codes()) == ["one", "three"]


def test_a_reader_cannot_write(app):
    with app.app_context():
        with pytest.raises(Exception, match=r"read-?only|readonly|not take this"), reading() as work:
            add(work, "one")
            work.flush()
        with writing() as work:  # and the same connection writes again afterwards
            add(work, "two")
        assert codes() == ["two"]


def test_commits_are_durable_and_foreign_keys_hold(app):
    with app.app_context(), reading() as work:
        if work.is_sqlite:
            values = [
                work.connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("synchronous", "foreign_keys")
            ]
            assert values == [2, 1]
        else:
            assert work.connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_a_database_that_is_away_is_one_sentence(settings):
    from biobank.app import create_app

    if not settings.database_url.startswith("sqlite"):
        settings = settings.with_changes(database_url="postgresql://nobody@127.0.0.1:1/nothing")
    else:
        settings = settings.with_changes(database_url="sqlite:////nowhere/at/all.db")
    app = create_app(settings)
    with (
        app.app_context(),
        pytest.raises(DatabaseUnavailable, match="nothing was recorded"),
        writing() as work,
    ):
        work.flush()


def test_writers_are_served_in_the_order_they_came():
    lock, served = FirstComeFirstServed(), []

    def serve(number):
        with lock:
            served.append(number)

    with lock:
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=serve, args=(number,)))
            threads[-1].start()
            while len(lock._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert served == list(range(8))


def test_an_engine_is_shared_by_readers_and_writers(app):
    with app.app_context(), writing() as work:
        assert work.connection.engine.pool is db.engine.pool
