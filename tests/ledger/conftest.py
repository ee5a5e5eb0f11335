"""A database with a life in it, and what its administrator can do to it."""

import pytest

from tests.custody.conftest import own_rules
from tests.leaving import leaving
from tests.ledger.history import live_through

__all__ = ["history", "leaving", "own_rules"]


@pytest.fixture
def history(own_rules, app):
    with app.app_context():
        yield live_through()
