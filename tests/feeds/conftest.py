"""The floor that these tests start from."""

from tests.leaving import leaving

__all__ = ["leaving"]
