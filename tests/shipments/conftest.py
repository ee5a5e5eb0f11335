"""The floor that these tests start from; after each of them the log tells what is stored of every parcel."""

import pytest

from biobank.shipments.replay import parcel_findings
from tests.floor import floor

__all__ = ["floor"]


@pytest.fixture(autouse=True)
def parcels_are_as_the_log_tells(request):
    floor = request.getfixturevalue("floor") if "floor" in request.fixturenames else None
    yield
    assert floor is None or list(parcel_findings(floor.work)) == []
