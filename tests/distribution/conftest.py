"""The floor that these tests start from."""

import pytest

from tests.leaving import leaving as leaving_floor
from tests.studies import committee, shares

leaving = leaving_floor


@pytest.fixture
def sharing(leaving):
    """A floor whose participant lets studies have what they gave, and with an access committee."""
    shares(leaving)
    committee(leaving)
    return leaving
