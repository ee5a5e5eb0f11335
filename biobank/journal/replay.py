"""What the log says of lines that were applied from the journal, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.journal.choices import CITED, DECISIVE, MARK, ORDER, TO_ENTER
from biobank.journal.models import JournalApplication
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import events_of_kind, wrong

ENTERED = (DECISIVE | CITED | {ORDER, TO_ENTER}) - {"relink_participant"}
"""Of a link the operation's own entry tells; it bears no mark."""


def journal_findings(work: Work) -> Iterator[Finding]:
    """Each line that is said to be applied and is not in the log so, and the other way round."""
    told = {
        (event[MARK], kind)
        for kind in sorted(ENTERED)
        for _, event in events_of_kind(work, kind)
        if MARK in event
    }
    question = select(JournalApplication.line, JournalApplication.kind)
    stored = {(line, kind) for line, kind in work.session.execute(question) if kind in ENTERED}
    for line, kind in sorted(stored - told):
        yield wrong(f"line {line} of the journal", f"is stored as applied ({kind}) and not in the log")
    for line, kind in sorted(told - stored):
        yield wrong(f"line {line} of the journal", f"is in the log as applied ({kind}) and not stored")
