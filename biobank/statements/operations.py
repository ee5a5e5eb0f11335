"""Recording that everything about one participant is handed out: who, why, and what exactly it was."""

from pathlib import Path

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.identity.choices import Reason
from biobank.identity.service_questions import language_of
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import append_to, issue_checkpoint
from biobank.participants.operations import lock
from biobank.participants.queries import subject_of
from biobank.statements.checks import language_known
from biobank.statements.choices import LANGUAGES, Purpose
from biobank.statements.packs import Made, Prepared

PACK, STATEMENT = "audit_pack", "statement"
"""Kinds of the ledger's entries, each under the participant."""


def record_pack(work: Work, by: Actor, prepared: Prepared, purpose: Purpose) -> Made:
    """The entry about a pack, with SHA-256 of each of its files, under a checkpoint that is signed now.

    What is in the pack was read before: whatever happened since is not in it. Raises `KeyRefused`.
    """
    key = load_key_file(Path(work.settings.ledger_key_file))
    theirs = prepared.theirs
    lock(work, theirs.participant)
    entry = append_to(
        work,
        subject=subject_of(theirs.participant),
        kind=PACK,
        content={
            "purpose": purpose.value,
            "subjects": len(theirs.subjects),
            "files": prepared.sums,
            "roles": ",".join(sorted(by.roles)),
            "recorded_by": by.person,
        },
    )
    note = issue_checkpoint(work, key)
    return Made(subject_of(theirs.participant), entry.sequence, note, key.public)


def record_statement(work: Work, by: Actor, participant: str, purpose: Purpose, language: str | None) -> str:
    """Write down that a statement is made, before it is; gives the language that it is written in.

    Without a language it is the participant's own, as the vault has it. Raises `LanguageUnknown`,
    `AccessNotRecorded`.
    """
    code = lock(work, participant).code
    if language is None:
        own = language_of(work, by, code, Reason.STATEMENT)
        language = own if own in LANGUAGES else LANGUAGES[0]
    append_to(
        work,
        subject=subject_of(code),
        kind=STATEMENT,
        content={
            "purpose": purpose.value,
            "language": language_known(language),
            "roles": ",".join(sorted(by.roles)),
            "recorded_by": by.person,
        },
    )
    return language
