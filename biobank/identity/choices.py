"""What the vault holds, how it is looked into, and for which reasons: plain lists."""

from enum import StrEnum


class IdentityField(StrEnum):
    """What is kept of a person; also the names of the vault's columns."""

    PROGRAMME_PARTICIPANT = "programme_participant"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTH_DATE = "birth_date"
    EMAIL = "email"
    PHONE = "phone"
    POSTAL_ADDRESS = "postal_address"
    LANGUAGE = "language"


F = IdentityField
ALL_FIELDS = frozenset(F)
NEEDED = frozenset({F.GIVEN_NAME, F.FAMILY_NAME, F.BIRTH_DATE, F.LANGUAGE})
"""Without these nobody is entered, and none of them can be emptied."""
TO_REACH = frozenset({F.GIVEN_NAME, F.FAMILY_NAME, F.EMAIL, F.PHONE, F.POSTAL_ADDRESS, F.LANGUAGE})
"""What a message needs."""
NAMES = frozenset({F.GIVEN_NAME, F.FAMILY_NAME})
SAID = frozenset({F.GIVEN_NAME, F.FAMILY_NAME, F.BIRTH_DATE})
"""What a person is asked for."""


class AccessKind(StrEnum):
    """How somebody looked into the vault."""

    READ = "read"
    """Shown to a person."""
    CHECK = "check"
    """Whether a name and a birth date are a participant's: yes or no."""
    FIND = "find"
    """Whose a name and birth date, or a programme's id, are: a code, or nobody's."""
    ADDRESS = "address"
    """Where a message goes."""
    OWN_NAME = "own_name"
    """Whether a free text holds the participant's own name: yes or no."""
    LANGUAGE = "language"
    """In which language somebody is written to."""
    ENTER = "enter"
    CHANGE = "change"


class Reason(StrEnum):
    """Why; people choose from those of their kind of access, the last four are the service's own."""

    CONTACT = "contact"
    """Somebody has to be called or written to."""
    CALLER = "caller"
    """Somebody calls, and has to be recognised."""
    VISIT = "visit"
    """The person sits in the chair."""
    DECISION = "decision"
    """A decision has to be confirmed or asked for."""
    SAFETY = "safety"
    """Something was found that the person has to know."""
    REQUEST = "request"
    """The person asks what is kept of them."""
    CORRECTION = "correction"
    """What is kept is wrong."""
    ENROLMENT = "enrolment"
    """Somebody new."""
    DISCLOSURE = "disclosure"
    """It has to be given out, on a legal basis that was recorded."""
    LEGAL_DEMAND = "legal_demand"
    BREACH = "breach"
    """Somebody has to be told of a breach."""
    MESSAGE = "message"
    FREE_TEXT = "free_text"
    ORDER_FILE = "order_file"
    STATEMENT = "statement"


R = Reason
FOR_READS = (R.CONTACT, R.CALLER, R.DECISION, R.SAFETY, R.REQUEST, R.CORRECTION, R.DISCLOSURE,
             R.LEGAL_DEMAND, R.BREACH)  # fmt: skip
FOR_FINDING = (R.CALLER, R.DECISION, R.REQUEST, R.CORRECTION, R.ENROLMENT, R.DISCLOSURE, R.LEGAL_DEMAND,
               R.BREACH)  # fmt: skip
FOR_CHECKS = (R.VISIT, R.CALLER, R.DECISION)
FOR_KEEPING = (R.ENROLMENT, R.CORRECTION, R.REQUEST)
REASONS: dict[AccessKind, tuple[Reason, ...]] = {
    AccessKind.READ: FOR_READS,
    AccessKind.CHECK: FOR_CHECKS,
    AccessKind.FIND: (*FOR_FINDING, R.ORDER_FILE),
    AccessKind.ADDRESS: (R.MESSAGE,),
    AccessKind.OWN_NAME: (R.FREE_TEXT,),
    AccessKind.LANGUAGE: (R.MESSAGE, R.STATEMENT),
    AccessKind.ENTER: FOR_KEEPING,
    AccessKind.CHANGE: FOR_KEEPING,
}
"""By kind of access, in the order in which they are offered."""
