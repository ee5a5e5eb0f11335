"""The floor that these tests start from."""

from tests.leaving import cheap_passwords, leaving

__all__ = ["cheap_passwords", "leaving"]
