"""The floor that these tests start from, and the outbox."""

from tests.identity.conftest import settled
from tests.leaving import leaving
from tests.messages.outbox import office, outbox

__all__ = ["leaving", "office", "outbox", "settled"]
