"""Where a message stands between being queued and having reached its addressee."""

from enum import StrEnum


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    HANDED_OVER = "handed_over"
    """Given on paper, from hand to hand."""


WAITING = frozenset({MessageState.QUEUED, MessageState.FAILED})
"""Somebody still has to do something."""
