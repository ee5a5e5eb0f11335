"""Which entries of the log the journal holds: what changes where a participant stands, and what of orders."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

DECISIVE = frozenset(
    {
        "decision",
        "death",
        "waiting_request",
        "request_ended",
        "signed_change",
        "period",
        "scopes_ended",
        "relink_participant",
    }
)
ORDER, CERTIFICATE = "order", "certificate"
PLACED, LIFTED = "legal_hold_placed", "legal_hold_lifted"
"""Changes of an order that are made again."""
CEREMONY_SETTLED = "ceremony_settled"
"""A change that is entered again by hand, as certificates are issued again: who restores is told of them."""
TO_ENTER = "to_enter_again"
"""The kind of entry that says so, of a line that is taken over without being made again."""
CITED = frozenset({"signature", "consent"})
"""Held where another entry rests on them: who signed a change, the form that begins a period."""
MARK = "journal"
"""The key of an entry that was applied from the journal; its value is the line's number."""
EXACTLY = ("v", "kind", "subject", "sequence", "previous", "recorded_at")
"""Keys that every entry of the log has; what else stands in it is what it tells."""


def is_of_an_order(kind: str, event: Mapping[str, Any]) -> bool:
    """Whether the journal holds this entry of an order or of its certificate."""
    return kind == CERTIFICATE or (kind == ORDER and event["change"] in (PLACED, LIFTED, CEREMONY_SETTLED))


def belongs(kind: str, event: Mapping[str, Any]) -> bool:
    """Whether the journal holds an entry; what was applied from it is in it already."""
    return MARK not in event and (kind in DECISIVE or is_of_an_order(kind, event))


class Cause(StrEnum):
    """Why nothing may be written; what is to be done differs."""

    OLDER_THAN_JOURNAL = "older_than_journal"
    JOURNAL_UNREADABLE = "journal_unreadable"
    OLDER_THAN_CHECKPOINT = "older_than_checkpoint"
