"""The floor that these tests start from."""

from tests.leaving import leaving as leaving_floor

floor = leaving_floor
