"""The floor that these tests start from."""

from tests.leaving import leaving
from tests.outside import outside

__all__ = ["leaving", "outside"]
