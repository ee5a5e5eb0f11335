"""A database with a life in it, and what its administrator can do to it."""

import pytest

from tests.custody.conftest import own_rules  # noqa: F401 (a fixture)
from tests.ledger.history import live_through


@pytest.fixture
def history(own_rules, app):  # noqa: F811 (pytest names fixtures so)
    with app.app_context():
        yield live_through()
