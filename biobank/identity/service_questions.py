"""What the service itself asks the vault, and writes down too: addresses, languages, orders, own names."""

from collections.abc import Sequence

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.identity.accesses import Access, record_access
from biobank.identity.choices import NAMES, TO_REACH, AccessKind, IdentityField, Reason
from biobank.identity.inputs import FOR_TEXTS, Asked
from biobank.identity.own_words import beside_each_other, holds_a_name, is_whole_name_in
from biobank.identity.queries import opened, own_codes, row_of, row_of_programme, rows_of_many, vault_knows
from biobank.identity.vault import vault_reading
from biobank.participants.queries import ParticipantUnknown, codes_of_many, participant_named

F = IdentityField
ENGLISH = "en"
FOR_ORDERS = Asked(reason=Reason.ORDER_FILE)


def record_address(work: Work, by: Actor, participant: str, message: int) -> Access | None:
    """That a message is going to be addressed; `read_identity` gives the address once this is kept.

    None when the vault knows nobody of that code.
    """
    if not vault_knows(work, participant):
        return None
    asked = Asked(reason=Reason.MESSAGE, document=f"message:{message}")
    code = participant_named(work, participant).code
    return record_access(work, by, AccessKind.ADDRESS, code, TO_REACH, asked)


def language_of(work: Work, by: Actor, participant: str, reason: Reason = Reason.MESSAGE) -> str:
    """In which language somebody is written to: two letters; English for whom the vault does not know."""
    codes = own_codes(work, participant)
    with vault_reading() as vault:
        row = row_of(vault, codes)
        if row is None:
            return ENGLISH
        language = opened(vault, row, (F.LANGUAGE,))[F.LANGUAGE]
    record_access(work, by, AccessKind.LANGUAGE, codes[0], frozenset({F.LANGUAGE}), Asked(reason=reason))
    return language


def participant_of_order(work: Work, by: Actor, programme_participant: str) -> str | None:
    """Whose an incoming order is, by the programme's own id; None where the vault does not know it."""
    with vault_reading() as vault:
        row = row_of_programme(vault, programme_participant)
        stored = row.participant if row else None
    try:
        code = participant_named(work, stored).code if stored else None
    except ParticipantUnknown:
        return None
    if code is not None:
        fields = frozenset({F.PROGRAMME_PARTICIPANT})
        record_access(work, by, AccessKind.FIND, code, fields, FOR_ORDERS, answer=True)
    return code


def is_own_name(work: Work, by: Actor, participant: str, text: str) -> bool:
    """Whether a free text holds the participant's own name, whole or a word of it of four letters or more.

    A name of three letters or fewer counts where it is written with a capital. Nothing is asked, and nothing
    is written down, where the vault knows nobody of that code.
    """
    codes = own_codes(work, participant)
    with vault_reading() as vault:
        row = row_of(vault, codes)
        if row is None:
            return False
        names = list(opened(vault, row, NAMES).values())
    found = holds_a_name(names, text)
    record_access(work, by, AccessKind.OWN_NAME, codes[0], NAMES, FOR_TEXTS, answer=found)
    return found


def is_name_of_one_of(work: Work, by: Actor, participants: Sequence[str], text: str) -> bool:
    """Whether a free text holds the given and the family name of one of many people beside each other.

    One question whatever their number: some 50 µs of work each. It is written down for whom it was found,
    else for nobody, and not where the vault knows none of them; a text without two words asks nothing.
    """
    pairs = beside_each_other(text)
    with vault_reading() as vault:
        known = {
            row.participant: is_whole_name_in(opened(vault, row, NAMES), pairs)
            for row in rows_of_many(vault, codes_of_many(work, participants) if pairs else [])
        }
    found = {participant_named(work, code).code for code, said in known.items() if said}
    looked_at: list[str | None] = [*sorted(found)] or [None] * bool(known)
    for code in looked_at:
        record_access(work, by, AccessKind.OWN_NAME, code, NAMES, FOR_TEXTS, answer=code is not None)
    return bool(found)
