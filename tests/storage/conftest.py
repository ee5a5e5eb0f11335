"""The floor that these tests start from, and one where a participant may leave."""

from tests.floor import floor
from tests.leaving import leaving

__all__ = ["floor", "leaving"]
