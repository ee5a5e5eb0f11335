"""The floor that these tests start from, and the outbox."""

from tests.floor import floor
from tests.identity.conftest import settled
from tests.messages.outbox import office, outbox

__all__ = ["floor", "office", "outbox", "settled"]
