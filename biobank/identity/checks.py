"""What must hold before somebody looks into the vault or changes it: who, why, and what can be a name."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.errors import Conflict, DatabaseUnavailable, Forbidden, Invalid, NotFound
from biobank.core.personal_shapes import personal_shape
from biobank.identity.blind_index import folded
from biobank.identity.choices import NEEDED, REASONS, AccessKind, IdentityField, Reason
from biobank.identity.inputs import Asked, Said
from biobank.identity.own_words import holds_a_name
from biobank.participants.models import Participant
from biobank.participants.queries import standing

DOCUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./:#-]{0,39}")
LANGUAGE = re.compile(r"[a-z]{2}")
PHONE = re.compile(r"\+?[0-9][0-9 ().-]{4,30}")
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PROGRAMME_PARTICIPANT = re.compile(r"[A-Za-z0-9-]{4,40}")
LONGEST = {IdentityField.POSTAL_ADDRESS: 400, IdentityField.EMAIL: 254}
LONGEST_NAME = 120
FIRST_BIRTH = date(1880, 1, 1)


class IdentityNotKnown(NotFound):
    """The vault knows nobody of that code."""

    title = "Not in the vault"

    def __init__(self, participant: str) -> None:
        super().__init__(
            f"The identity vault knows nobody of the code {participant}; an identity officer enters them.",
            participant=participant,
        )


class IdentityKnown(Conflict):
    title = "In the vault already"


class IdentityClosed(Forbidden):
    """Of this participant another role reads."""

    title = "Not yours to read"


class IdentityRefused(Invalid):
    title = "Identity refused"


class AccessReasonNeeded(Invalid):
    title = "Say why"


class AccessNotRecorded(DatabaseUnavailable):
    """The vault or the ledger did not take the record of a look into the vault, so there is no answer."""

    title = "Nothing is shown"

    def __init__(self) -> None:
        super().__init__(
            "That somebody looks at this identity could not be written down, so nothing is shown; try again, "
            "and call the administrator if it stays so."
        )


class KeptAllTheSame(DatabaseUnavailable):
    """The vault took what was entered or changed, and the samples' side not the end of the request."""

    title = "Kept all the same"

    def __init__(self) -> None:
        super().__init__(
            "The vault keeps what was entered, and the log has it or gets it by itself; only the end of this "
            "request was lost (the database was full, locked or away). Nothing has to be entered again."
        )


def may_read(by: Actor, participant: Participant) -> None:
    """Identity officers, and once the participant withdrew compliance alone. Raises `IdentityClosed`."""
    left = standing(participant).left
    if by.has(Role.COMPLIANCE if left else Role.IDENTITY):
        return
    raise IdentityClosed(
        f"{participant.code} withdrew: compliance alone may read who they are, with a reason."
        if left
        else f"{participant.code} takes part: identity officers alone may read who they are, with a reason.",
        participant=participant.code,
    )


def reason_given(kind: AccessKind, asked: Asked) -> Asked:
    """The reason from the list of its kind of access, the document's number as it can be kept.

    Raises `AccessReasonNeeded`.
    """
    allowed = REASONS[kind]
    if asked.reason not in allowed:
        raise AccessReasonNeeded(f"Say why: one of {', '.join(allowed)}.", field="reason")
    document = (asked.document or "").strip() or None
    if document and (not DOCUMENT.fullmatch(document) or personal_shape(document)):
        raise AccessReasonNeeded(
            "The number of a document has up to 40 letters, digits and signs, and nothing about a person.",
            field="document",
        )
    return Asked(reason=Reason(asked.reason), document=document)


def document_is_no_name(asked: Asked, names: Iterable[str]) -> None:
    """The ledger keeps the document's number for ever. Raises `AccessReasonNeeded`, which repeats nothing."""
    if asked.document and holds_a_name(names, asked.document):
        raise AccessReasonNeeded(
            "The number of a document holds a word of the participant's own name; give its number alone.",
            field="document",
        )


def said_can_be(said: Said) -> Said:
    """Raises `IdentityRefused`, which never repeats what was typed."""
    texts = {
        IdentityField.GIVEN_NAME: said.given_name,
        IdentityField.FAMILY_NAME: said.family_name,
        IdentityField.BIRTH_DATE: said.birth_date.isoformat(),
    }
    for name, text in texts.items():
        field_can_be(name, text)
    return said


def fields_can_be(texts: Mapping[IdentityField, str]) -> None:
    for name, text in texts.items():
        field_can_be(name, text)


def field_can_be(name: IdentityField, text: str) -> None:
    """Raises `IdentityRefused` with the field and what it takes; the text itself is never said again."""
    longest = LONGEST.get(name, LONGEST_NAME)
    wanted = WANTED[name]
    if (
        len(text) > longest
        or not text.replace("\n", " ").replace("\r", " ").isprintable()
        or not _fits(name, text)
    ):
        raise IdentityRefused(f"{wanted} (up to {longest} characters).", field=name.value)


WANTED = {
    IdentityField.PROGRAMME_PARTICIPANT: "The programme's participant id has 4 to 40 letters and digits",
    IdentityField.GIVEN_NAME: "A given name has at least one letter",
    IdentityField.FAMILY_NAME: "A family name has at least one letter",
    IdentityField.BIRTH_DATE: "A birth date lies between 1880 and today, such as 1984-05-31",
    IdentityField.EMAIL: "An e-mail address has one @ and a dot after it",
    IdentityField.PHONE: "A phone number has 5 or more digits, with blanks, dots, dashes or brackets between",
    IdentityField.POSTAL_ADDRESS: "A postal address has street and place",
    IdentityField.LANGUAGE: "A language is two small letters, such as en or es",
}


def _fits(name: IdentityField, text: str) -> bool:
    if name in SHAPES:
        return SHAPES[name].fullmatch(text) is not None
    if name is IdentityField.BIRTH_DATE:
        return _is_birth_date(text)
    return any(letter.isalpha() for letter in folded(text))


SHAPES = {
    IdentityField.PROGRAMME_PARTICIPANT: PROGRAMME_PARTICIPANT,
    IdentityField.EMAIL: ADDRESS,
    IdentityField.PHONE: PHONE,
    IdentityField.LANGUAGE: LANGUAGE,
}


def _is_birth_date(text: str) -> bool:
    try:
        return FIRST_BIRTH <= date.fromisoformat(text) <= moments.now().date()
    except ValueError:
        return False


def whole(texts: Mapping[IdentityField, str]) -> None:
    """What is entered for the first time. Raises `IdentityRefused`."""
    for name in sorted(NEEDED - texts.keys()):
        raise IdentityRefused(f"{WANTED[name]}; it is needed.", field=name.value)


def can_be_emptied(names: frozenset[IdentityField]) -> None:
    for name in sorted(names & NEEDED):
        raise IdentityRefused(f"{WANTED[name]}; it cannot be emptied.", field=name.value)
