"""Which entries of the log the journal holds: whatever changes where a participant stands."""

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
CITED = frozenset({"signature", "consent"})
"""Held where another entry rests on them: who signed a change, the form that begins a period."""
MARK = "journal"
"""The key of an entry that was applied from the journal; its value is the line's number."""
EXACTLY = ("v", "kind", "subject", "sequence", "previous", "recorded_at")
"""Keys that every entry of the log has; what else stands in it is what it tells."""
