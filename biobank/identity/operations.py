"""What is done with identities: entered and changed, read, checked and found; each written down first."""

import hmac
import re
from collections.abc import Mapping, Sequence

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.identity import checks, grounds
from biobank.identity.accesses import Access, is_in_the_ledger, record_access
from biobank.identity.blind_index import name_index, programme_index
from biobank.identity.choices import ALL_FIELDS, NAMES, SAID, AccessKind, IdentityField
from biobank.identity.inputs import FOR_TEXTS, Asked, Identity, Said
from biobank.identity.models import StoredIdentity
from biobank.identity.queries import opened, own_codes, row_needed, row_of, row_of_programme, rows_called
from biobank.identity.sealed_fields import seal
from biobank.identity.vault import Vault, vault_reading
from biobank.participants.queries import ParticipantUnknown, may_be_seen_by, participant_named

F = IdentityField
Texts = Mapping[IdentityField, str]


def enter_identity(work: Work, by: Actor, participant: str, identity: Identity, asked: Asked) -> Access:
    """Who a code is, for the first time. Raises `IdentityKnown`, `IdentityRefused`, `AccessReasonNeeded`."""
    texts = {F.LANGUAGE: "en", **_trimmed(identity.texts())}
    checks.whole(texts)
    checks.fields_can_be(texts)
    checks.document_is_no_name(asked, _names_in(texts))
    codes = own_codes(work, participant)

    def enter(vault: Vault) -> None:
        if row_of(vault, codes) is not None:
            raise checks.IdentityKnown(
                f"The vault knows who {codes[0]} is; change what is wrong instead.", participant=codes[0]
            )
        row = StoredIdentity(participant=codes[0], entered_at=moments.now(), entered_by=by.person)
        _put_in(vault, row, texts, by)
        vault.session.add(row)
        vault.work.flush()

    return record_access(
        work, by, AccessKind.ENTER, codes[0], frozenset(texts), asked, along=enter
    )  # fmt: skip


def change_identity(
    work: Work, by: Actor, participant: str, changes: Identity, asked: Asked,
    *, emptied: frozenset[IdentityField] = frozenset(),
) -> Access:  # fmt: skip
    """What is given takes the place of what was kept, `emptied` is taken out, all else stays.

    Raises `IdentityNotKnown`, `IdentityRefused`, `IdentityKnown`, `AccessReasonNeeded`.
    """
    texts = _trimmed(changes.texts())
    checks.fields_can_be(texts)
    checks.can_be_emptied(emptied)
    checks.document_is_no_name(asked, _names_in(texts))
    codes = own_codes(work, participant)
    _document_is_not_theirs(work, by, AccessKind.CHANGE, codes, asked)
    changed = frozenset(texts) | emptied
    if not changed:
        raise checks.IdentityRefused("Say what changes; nothing was typed.", field=F.GIVEN_NAME.value)

    def change(vault: Vault) -> None:
        row = row_needed(vault, codes)
        vault.session.refresh(row, with_for_update=True)
        kept = opened(vault, row, ALL_FIELDS - changed)
        _put_in(vault, row, {**kept, **texts}, by)
        vault.work.flush()

    return record_access(work, by, AccessKind.CHANGE, codes[0], changed, asked, along=change)


def _names_in(texts: Texts) -> list[str]:
    return [texts[name] for name in sorted(NAMES & texts.keys())]


WORD = re.compile(r"[^\W\d_]{2}")


def _document_is_not_theirs(
    work: Work, by: Actor, kind: AccessKind, codes: Sequence[str], asked: Asked
) -> None:
    """Compared with the name that the vault has; what is refused told something, and is written down too.

    What is not refused is followed by the record of the look itself. Raises `AccessReasonNeeded`.
    """
    if not WORD.search(checks.reason_given(kind, asked).document or ""):
        return
    with vault_reading() as vault:
        row = row_of(vault, codes)
        names = _names_in(opened(vault, row, NAMES)) if row else []
    try:
        checks.document_is_no_name(asked, names)
    except checks.AccessReasonNeeded:
        record_access(work, by, AccessKind.OWN_NAME, codes[0], NAMES, FOR_TEXTS, answer=True)
        raise


def _trimmed(texts: Texts) -> dict[IdentityField, str]:
    return {name: text.strip() for name, text in texts.items() if text.strip()}


def _put_in(vault: Vault, row: StoredIdentity, texts: Texts, by: Actor) -> None:
    """All fields anew under the newest key, with their indexes. Raises `IdentityKnown`."""
    _programme_id_is_free(vault, row.participant, texts.get(F.PROGRAMME_PARTICIPANT))
    reseal(vault, row, texts, by.person)
    row.changed_at, row.changed_by = moments.now(), by.person


def reseal(vault: Vault, row: StoredIdentity, texts: Texts, by: str) -> None:
    """Seal every field with the newest key and make its indexes from it."""
    key = vault.sealing_key(by)
    row.key_number = key.number
    for name in F:
        text = texts.get(name)
        setattr(row, name.value, None if text is None else seal(text, name, row.participant, key))
    row.name_index = name_index(Said.of(texts), key)
    told = texts.get(F.PROGRAMME_PARTICIPANT)
    row.programme_index = programme_index(told, key) if told else None


def _programme_id_is_free(vault: Vault, participant: str, told: str | None) -> None:
    known = row_of_programme(vault, told) if told else None
    if known is not None and known.participant != participant:
        raise checks.IdentityKnown(
            f"That id of the programme belongs to {known.participant} already; compare the two.",
            field=F.PROGRAMME_PARTICIPANT.value,
        )


# Reading takes two steps: written down in the caller's transaction, opened once that is kept.


def record_read(
    work: Work, by: Actor, participant: str, asked: Asked,
    fields: frozenset[IdentityField] = ALL_FIELDS,
) -> Access:  # fmt: skip
    """That `by` is going to read; `read_identity` opens it after the transaction was kept.

    Raises `IdentityClosed`, `GroundMissing`, `IdentityNotKnown`, `AccessReasonNeeded`, `AccessNotRecorded`.
    """
    whose = participant_named(work, participant)
    checks.may_read(by, whose)
    grounds.stands(work, whose.code, fields, asked)
    _document_is_not_theirs(work, by, AccessKind.READ, own_codes(work, participant), asked)
    return _recorded(work, by, AccessKind.READ, participant, fields, asked)


def _recorded(
    work: Work, by: Actor, kind: AccessKind, participant: str, fields: frozenset[IdentityField], asked: Asked
) -> Access:
    codes = own_codes(work, participant)
    with vault_reading() as vault:
        row_needed(vault, codes)
    return record_access(work, by, kind, codes[0], fields, asked)


def read_identity(work: Work, access: Access) -> Identity:
    """What was asked for. `work` is a later transaction than the one in which it was recorded.

    Raises `AccessNotRecorded` unless vault and ledger both keep the record, `FieldDamaged`.
    """
    if access.participant is None or not is_in_the_ledger(access):
        raise checks.AccessNotRecorded
    with vault_reading() as vault:
        row = row_needed(vault, own_codes(work, access.participant))
        return Identity.of(opened(vault, row, access.fields))


def check_identity(work: Work, by: Actor, participant: str, said: Said, asked: Asked) -> bool:
    """Whether name and birth date are this participant's; the answer is given once the transaction is kept.

    Raises `IdentityNotKnown`, `IdentityRefused`, `AccessReasonNeeded`, `AccessNotRecorded`.
    """
    checks.said_can_be(said)
    checks.document_is_no_name(asked, (said.given_name, said.family_name))
    codes = own_codes(work, participant)
    with vault_reading() as vault:
        row = row_needed(vault, codes)
        matches = hmac.compare_digest(row.name_index, name_index(said, vault.data_key(row.key_number)))
    record_access(work, by, AccessKind.CHECK, codes[0], SAID, asked, answer=matches)
    return matches


def find_participant(
    work: Work, by: Actor, asked: Asked, *, programme_participant: str | None = None, said: Said | None = None
) -> list[str]:
    """Codes of whoever has this id of the programme, or this name and birth date, at sites of `by`.

    Raises `IdentityRefused`, `AccessReasonNeeded`, `AccessNotRecorded`.
    """
    checks.reason_given(AccessKind.FIND, asked)
    told = (programme_participant or "").strip()
    if said is not None:
        checks.said_can_be(said)
        checks.document_is_no_name(asked, (said.given_name, said.family_name))
    elif told:
        checks.field_can_be(F.PROGRAMME_PARTICIPANT, told)
    else:
        raise checks.IdentityRefused(
            "Give the id of the programme, or name and birth date.", field="given_name"
        )
    with vault_reading() as vault:
        row = row_of_programme(vault, told) if said is None else None
        rows = rows_called(vault, said) if said is not None else [row] if row else []
        found = [row.participant for row in rows]
    codes = sorted({code for each in found if (code := _code_seen_by(work, by, each))})
    fields = SAID if said is not None else frozenset({F.PROGRAMME_PARTICIPANT})
    looked_at: list[str | None] = [*codes] or [None]
    for code in looked_at:
        record_access(work, by, AccessKind.FIND, code, fields, asked, answer=code is not None)
    return codes


def _code_seen_by(work: Work, by: Actor, stored: str) -> str | None:
    try:
        code = participant_named(work, stored).code
    except ParticipantUnknown:
        return None
    return code if may_be_seen_by(work, by, code) else None
