"""A restored backup in a real browser: one page while nothing may be written, and what is entered again after it."""

import shutil

import pytest

from biobank.core.database import db, writing
from biobank.journal.formats import read_journal
from biobank.journal.guarding import install_guard
from biobank.journal.operations import apply_journal
from biobank.service.backups import back_up, put_in_place
from biobank.service.keys import make_missing_keys
from tests.browser import restore_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.test_printing import complaints
from tests.programme import PASSWORD
from tests.withdrawals.test_api import decision

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


@pytest.fixture
def settings(settings, tmp_path):
    journal = str(tmp_path / "withdrawals.jsonl")
    made = settings.with_changes(demo=False, withdrawal_journal_file=journal, second_proof_roles="")
    make_missing_keys(made)
    return made


@pytest.fixture
def database_url(tmp_path, identity_template, sqlite_programme):
    shutil.copy(identity_template, tmp_path / "identity.db")
    shutil.copy(sqlite_programme[0], tmp_path / "biobank.db")
    return f"sqlite:///{tmp_path}/biobank.db"


def test_who_would_sign_in_is_told_and_compliance_enters_what_is_left(programme, tmp_path):
    programme.let_sign("comp.here")
    order = programme.post("compliance", "/withdrawals", decision(ceremony="yes")).json["order"]
    back_up(tmp_path / "biobank.db", tmp_path / "kept.db")
    settled = {"settlement": "not_wanted"}
    programme.post("compliance", f"/destruction-orders/{order}/ceremony", settled)
    with programme.app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    put_in_place(tmp_path / "kept.db", tmp_path / "biobank.db")
    install_guard(programme.app)
    found: list[str] = []

    def look(page, _name):
        found.extend(complaints(page))

    with served(programme.app) as address, chromium() as browser:
        page = browser.new_page()
        restore_story.tell_while_shut(page, address, look)
        with programme.app.app_context(), writing(restoring=True) as work:
            lines = read_journal(tmp_path / "withdrawals.jsonl")
            assert len(apply_journal(work, lines, by=programme.actor("comp.here"))) == 1
        restore_story.tell_once_open(page, address, "comp.here", PASSWORD, look)
    assert found == []
