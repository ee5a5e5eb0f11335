"""What a statement may not tell yet: disclosures that a court, or a danger, forbids to tell of."""

from dataclasses import dataclass

from biobank.core.database import Work
from biobank.disclosures.choices import NotYetBecause
from biobank.disclosures.queries import disclosures_of, notes_on
from biobank.disclosures.records import DEMAND, DISCLOSURE
from biobank.identity.choices import Reason
from biobank.ledger.models import LedgerEntry
from biobank.statements.telling import Event

FORBIDDEN = frozenset({NotYetBecause.FORBIDDEN_BY_COURT, NotYetBecause.WOULD_ENDANGER})
LOOKED_FOR_IT = frozenset({Reason.DISCLOSURE, Reason.LEGAL_DEMAND})


@dataclass(frozen=True)
class PutOff:
    """Subjects that are left out without a trace, and with them the looks into the vault that were for them.

    A count of what is missing would tell that there is something; so the paper says in any case that such
    things are not in it.
    """

    subjects: frozenset[str]

    def is_left_out(self, row: LedgerEntry, event: Event) -> bool:
        if row.subject in self.subjects or row.kind == DEMAND:
            return True
        looked = row.kind == "identity_access" and event["reason"] in LOOKED_FOR_IT
        message = row.kind == "message" and str(event.get("about")) in self.subjects
        return bool(self.subjects) and (looked or message)


def put_off(work: Work, participant: str) -> PutOff:
    """As the newest note of each disclosure says."""
    found = set()
    for disclosure in disclosures_of(work, participant):
        notes = notes_on(work, disclosure)
        if notes and notes[-1].because in FORBIDDEN:
            found.add(f"{DISCLOSURE}:{disclosure.id}")
    return PutOff(frozenset(found))
