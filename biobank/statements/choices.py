"""Why a statement or an audit pack is made, and what becomes of an entry in a pack."""

from enum import StrEnum


class Purpose(StrEnum):
    """Why somebody asks; written into the log with each statement and each pack."""

    REQUEST = "request"
    """The participant asked what is kept of them."""
    REPRESENTATIVE = "representative"
    """Somebody asked who may act for them."""
    COMPLAINT = "complaint"
    AUDIT = "audit"
    INSPECTION = "inspection"
    INCIDENT = "incident"


FOR_STATEMENTS = (Purpose.REQUEST, Purpose.REPRESENTATIVE, Purpose.COMPLAINT)
FOR_PACKS = (Purpose.AUDIT, Purpose.INSPECTION, Purpose.COMPLAINT, Purpose.INCIDENT)
"""Whoever demands by law is no auditor: what goes out then is a disclosure, and decided as one."""

LANGUAGES = ("en", "es")

NAMES_ANOTHER = "names what is another participant's"
