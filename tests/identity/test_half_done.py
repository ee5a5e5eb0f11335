"""A database goes away while an identity is entered or changed over HTTP: all of it stands, or nothing, and it is said."""

import sqlite3

import pytest
from sqlalchemy import event, select

from biobank.core.database import db, reading
from biobank.core.schema import IDENTITY
from biobank.core.tables import Base
from biobank.identity.models import IdentityBase, StoredIdentity
from biobank.identity.replay import access_findings
from biobank.identity.vault import vault_reading
from tests.custody.test_half_done import Trouble
from tests.identity.conftest import IDENTITY as WHO
from tests.identity.conftest import ledger_accesses, vault_accesses
from tests.programme import PARTICIPANT

TEXTS = {name.value: words for name, words in WHO.texts().items()}
ENTERED = {**TEXTS, "reason": "enrolment"}
CHANGED = {"phone": "+1 555 010 0999", "reason": "correction"}
IN_PASSING = {"person_sessions", "tokens", "request_counts"}


def put(programme, told, key="once"):
    path = f"/identity/{PARTICIPANT}"
    return programme.ask("identity_officer", "PUT", path, told, Idempotency_Key=key)


def rows(engine, base):
    with reading(engine) as work:
        return {
            table.name: sorted(map(repr, work.connection.execute(select(table)).all()))
            for table in base.metadata.sorted_tables
            if table.name not in IN_PASSING
        }


def both():
    return rows(None, Base), rows(db.engines[IDENTITY], IdentityBase)


def identity():
    with vault_reading() as vault:
        row = vault.session.scalar(select(StoredIdentity))
        return None if row is None else row.phone


def is_whole():
    """Both sides have each look, whatever was said of it."""
    assert [row.access for row in vault_accesses()] == [each["access"] for each in ledger_accesses()]
    with reading() as work:
        assert list(access_findings(work)) == []


def begun(programme, before):
    if before:
        assert put(programme, before, "before").status == 200
    return identity()


CASES = pytest.mark.parametrize(
    ("before", "told"), [(None, ENTERED), (ENTERED, CHANGED)], ids=["entered", "changed"]
)


@CASES
@pytest.mark.parametrize("side", ["samples", "vault"])
def test_at_whichever_write_a_database_goes_away_all_of_it_stands_or_nothing(
    programme, vault_on_the_same_kind, monkeypatch, before, told, side
):
    with programme.app.app_context():
        kept = begun(programme, before)
        trouble = Trouble(monkeypatch, db.engines[IDENTITY] if side == "vault" else db.engine)
        seen = []
        for at in range(1, 20):
            trouble.at, trouble.seen, was = at, 0, both()
            answer = put(programme, told, f"try {at}")
            if answer.status == 200:
                break
            assert answer.status == 503, answer.json
            stands = "The vault keeps what was entered" in answer.json["detail"]
            seen.append(stands)
            if not stands:
                assert both() == was, f"write {at}"
            else:
                trouble.at = 0
                assert identity() != kept
                is_whole()
                kept = identity()
        trouble.at = 0
        assert seen
        assert not all(seen)
        is_whole()


@CASES
def test_what_the_vault_kept_before_the_samples_side_was_lost_stands_and_is_said(
    programme, vault_on_the_same_kind, before, told
):
    with programme.app.app_context():
        kept = begun(programme, before)
        lost = []

        def goes_away(connection):
            if lost or identity() == kept:
                return
            lost.append(True)
            if db.engine.dialect.name == "sqlite":
                raise sqlite3.OperationalError("disk I/O error")
            connection.connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")

        event.listen(db.engine, "commit", goes_away)
        answer = put(programme, told)
        assert (answer.status, lost) == (503, [True])
        assert "Nothing has to be entered again." in answer.json["detail"]
        assert identity() != kept
        assert ledger_accesses()[-1]["finished"] == "afterwards"
        is_whole()
        assert put(programme, told).status == 200
        is_whole()
