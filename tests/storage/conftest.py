"""The floor that these tests start from, and one where a participant may leave."""

from tests.floor import floor
from tests.leaving import cheap_passwords, leaving

__all__ = ["cheap_passwords", "floor", "leaving"]
