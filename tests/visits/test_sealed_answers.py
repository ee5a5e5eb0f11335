"""Answers to safety questions lie encrypted; their keys are made anew, go missing, and are the wrong ones."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from biobank.app import create_app
from biobank.core import key_rotation, schema
from biobank.core.data_keys import KeyFile, WrongKey
from biobank.core.database import prepare_engine, reading, writing
from biobank.core.sealed_fields import FieldDamaged
from biobank.core.secret_files import SecretRefused, create_secret
from biobank.ledger.rotating import exchange_file_key, rotate_data_key
from biobank.visits.answers_rotation import ANSWERS
from biobank.visits.models import AnswersKey, SafetyAnswers
from biobank.visits.queries import answers_of, visit_numbered
from biobank.visits.replay import visit_findings
from biobank.visits.sealed_answers import answers_key_file, answers_open
from biobank.wiring import install_rules
from tests.floor import CODE
from tests.visits.conftest import CHILD, Clinic

WEIGHT = 41_357
SALT = bytes(range(16))


@pytest.fixture
def answered(app):
    """Two visits whose answers are kept; the adult fainted before, the child weighs 41.357 kg."""
    with app.app_context():
        install_rules()
        with writing() as work:
            clinic = Clinic(work)
            by = clinic.clinic
            visits = [
                clinic.ready(CODE, answers={"fainted_before": "yes"}, chosen="full").id,
                clinic.ready(CHILD, weight_grams=WEIGHT).id,
            ]
        yield by, visits


def all_is_there(visits):
    with reading() as work:
        adult, child = (answers_of(work, visit_numbered(work, number)) for number in visits)
        assert adult.answers["fainted_before"] == "yes"
        assert child.weight_grams == WEIGHT
        assert list(visit_findings(work)) == []


def test_p15_nothing_in_the_database_tells_what_was_answered(answered):
    """We encrypt participant data: health answers and a child's weight, on the samples' side too."""
    with reading() as work:
        rows = work.connection.execute(text("SELECT * FROM safety_answers")).all()
        kept = b" ".join(
            bytes(value) for row in rows for value in row if isinstance(value, bytes | memoryview)
        )
        assert not any(word in kept for word in (b"fainted", b"yes", b"41357"))
        assert len({len(row.sealed) for row in work.session.scalars(select(SafetyAnswers))}) == 1


def test_answers_moved_to_another_visit_are_not_opened_and_the_log_says_so(answered):
    _, (adult, child) = answered
    with writing() as work:
        kept, other = (work.session.get(SafetyAnswers, number) for number in (adult, child))
        kept.sealed = other.sealed
    with reading() as work:
        with pytest.raises(FieldDamaged, match=f"of visit {adult} were changed or moved"):
            answers_of(work, visit_numbered(work, adult))
        assert [finding.subject for finding in visit_findings(work)] == [f"visit:{adult}"]


def test_keys_are_made_anew_and_a_run_that_was_killed_goes_on(answered, monkeypatch, settings):
    by, visits = answered
    monkeypatch.setattr(key_rotation, "AT_ONCE", 1)
    monkeypatch.setattr(key_rotation, "_still_in_use", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rotate_data_key(ANSWERS, by.person)
    all_is_there(visits)
    monkeypatch.undo()
    assert rotate_data_key(ANSWERS, by.person).key == 2
    all_is_there(visits)
    with reading() as work:
        assert {row.number: bool(row.wrapped) for row in work.session.scalars(select(AnswersKey))} == {
            1: False,
            2: True,
        }
    file = answers_key_file(settings)
    (before,) = file.read()
    monkeypatch.setattr(KeyFile, "wrapped", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exchange_file_key(ANSWERS, by.person)
    all_is_there(visits)
    monkeypatch.undo()
    done = exchange_file_key(ANSWERS, by.person)
    (after,) = file.read()
    assert (done.wrapped, done.key) == (1, after.fingerprint)
    assert after != before
    all_is_there(visits)


@pytest.fixture
def path(settings):
    return Path(settings.answers_key_file)


@pytest.mark.parametrize("kept", ["missing", "another's", "no key"])
def test_the_service_does_not_start_without_the_key_of_its_answers(answered, path, settings, kept):
    copy = path.read_bytes()
    path.unlink()
    said = "cannot be read"
    if kept == "another's":
        create_secret(path)
        said = "does not open the answers to safety questions of this database"
    if kept == "no key":
        path.write_text("long enough to be a secret, and still no key")
        path.chmod(0o600)
        said = "holds no key of the answers to safety questions"
    with pytest.raises(SecretRefused, match=said):
        create_app(settings.with_changes(demo=False))
    path.write_bytes(copy)
    path.chmod(0o600)
    all_is_there(answered[1])


def test_a_lost_key_costs_the_answers_and_nothing_else(answered, path, settings):
    """What docs/operations.md says to do when there is no copy of the key."""
    path.unlink()
    create_secret(path)
    with pytest.raises(WrongKey):
        answers_open()
    with writing() as work:
        for table in ("safety_answers", "answers_keys"):
            work.session.execute(text(f"DELETE FROM {table}"))
    answers_open()
    with writing() as work:
        assert list(visit_findings(work)) == []
        visit = visit_numbered(work, answered[1][0])
        assert (visit.clearance, answers_of(work, visit)) == ("full", None)
        Clinic.answered(Asking(work, answered[0]), visit)
    with reading() as work:
        assert answers_of(work, visit_numbered(work, answered[1][0])).answers["fainted_before"] == "no"


class Asking:
    """Somebody who asks the questions again."""

    telling = Clinic.telling

    def __init__(self, work, by):
        self.work, self.clinic = work, by


# Databases from before.


@pytest.fixture
def before(database_url):
    """A database of the version before, with answers in plain."""
    engine = create_engine(database_url)
    prepare_engine(engine)
    schema.downgrade(engine, "0023")
    told = {"answers": json.dumps({"fainted_before": "yes"}), "salt": SALT, "weight": WEIGHT}
    with engine.begin() as connection:
        for statement in (
            (
                "INSERT INTO sites (code, name, kind, zone, created_at, created_by) "
                "VALUES ('clinic-1', 'Clinic', 'clinic', 'UTC', 1, 'setup')"
            ),
            (
                'INSERT INTO participants (code, provisional, "left", deceased, created_at, created_by) '
                "VALUES ('A100000001', false, false, false, 1, 'setup')"
            ),
            (
                'INSERT INTO visits (id, site, participant, "on", state, version, opened_at, opened_by) '
                "VALUES (7, 'clinic-1', 'A100000001', '2026-03-01', 'open', 1, 1, 'clinic.ana')"
            ),
            (
                "INSERT INTO safety_answers (visit_id, answers, weight_grams, drawn_elsewhere_microlitres, salt, "
                "answered_at) VALUES (7, :answers, :weight, 12000, :salt, 1)"
            ),
        ):
            connection.execute(text(statement), told if ":answers" in statement else {})
    yield engine
    engine.dispose()


def test_answers_of_before_are_encrypted_by_the_upgrade(before, app, settings, path):
    with pytest.raises(RuntimeError, match="run biobank keys create"):
        schema.upgrade(before)
    assert schema.revision_of(before) == "0023"
    schema.upgrade(before, answers_key_file=str(path))
    with app.app_context(), reading() as work:
        answered = answers_of(work, visit_numbered(work, 7))
        assert (dict(answered.answers), answered.weight_grams) == ({"fainted_before": "yes"}, WEIGHT)
        assert (answered.drawn_elsewhere_microlitres, answered.salt) == (12_000, SALT)
    if before.dialect.name == "sqlite":
        with before.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"fainted_before" not in Path(before.url.database).read_bytes()
