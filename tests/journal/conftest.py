"""The floor that these tests start from, and a journal on either kind of database."""

import pytest

from biobank.core.database import writing
from biobank.wiring import install_rules
from tests.leaving import Leaving, leaving

__all__ = ["leaving"]


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "elsewhere" / "withdrawals.jsonl"


@pytest.fixture
def settings(settings, journal):
    return settings.with_changes(withdrawal_journal_file=str(journal))


@pytest.fixture
def floor(app):
    """A floor in a transaction of its own, kept; every further transaction is the test's."""
    install_rules()
    with app.app_context():
        with writing() as work:
            kept = Leaving(work)
        yield kept
