"""The floor that these tests start from."""

from tests.floor import floor

__all__ = ["floor"]
