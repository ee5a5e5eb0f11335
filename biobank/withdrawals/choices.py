"""What a decision can say, what each pair of answers does, and how a later one meets an earlier one."""

from enum import StrEnum

from biobank.participants.choices import InformationAnswer, SamplesAnswer


class Capacity(StrEnum):
    """In which capacity somebody asks."""

    PARTICIPANT = "participant"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    NEXT_OF_KIN = "next_of_kin"


class Channel(StrEnum):
    """How a decision reached us."""

    PHONE = "phone"
    PAPER = "paper"
    PORTAL = "portal"
    VISIT = "visit"
    LETTER = "letter"
    FEED = "feed"
    COMMAND = "command"
    OTHER = "other"


class RequestEnd(StrEnum):
    """What became of a request that waited."""

    COMPLETED = "completed"
    DECLINED = "declined"


class DeclinedBecause(StrEnum):
    """Why compliance declines a request; a code, since a sentence would be about a person."""

    NO_PAPERS = "no_papers"
    NOT_ENTITLED = "not_entitled"
    WITHDRAWN_BY_WHO_ASKED = "withdrawn_by_who_asked"
    ENTERED_BY_MISTAKE = "entered_by_mistake"


class SignedKind(StrEnum):
    """What two people sign."""

    REVERSAL = "reversal"
    MISTAKEN_DECISION = "mistaken_decision"
    MISTAKEN_DEATH = "mistaken_death"
    SAME_PERSON = "same_person"


MEANINGS = {
    SignedKind.REVERSAL: "The participant took this decision back, and nothing of it was carried out.",
    SignedKind.MISTAKEN_DECISION: "This decision was entered for the wrong participant.",
    SignedKind.MISTAKEN_DEATH: "This death was entered by mistake.",
    SignedKind.SAME_PERSON: "These two codes are one participant.",
}


def blocks_use(information: InformationAnswer, samples: SamplesAnswer) -> bool:
    """Use of what was collected goes on only where both answers are *keep*."""
    return not (information is InformationAnswer.KEEP and samples is SamplesAnswer.KEEP)


def is_undecided(information: str | None, samples: str | None) -> bool:
    return InformationAnswer.UNDECIDED in (information, samples)


def information_after(before: str | None, told: InformationAnswer) -> InformationAnswer:
    """No answer takes back that information is to be removed; only two people do."""
    return InformationAnswer.REMOVE if before == InformationAnswer.REMOVE else told


def samples_after(before: str | None, told: SamplesAnswer) -> SamplesAnswer:
    """No answer takes back that samples are to be destroyed; only two people do."""
    return SamplesAnswer.DESTROY if before == SamplesAnswer.DESTROY else told


def is_reversal(
    information_before: str | None,
    samples_before: str | None,
    information: InformationAnswer,
    samples: SamplesAnswer,
) -> bool:
    """Whether a *keep* would undo an earlier *remove* or *destroy*."""
    information_back = (
        information_before == InformationAnswer.REMOVE and information is InformationAnswer.KEEP
    )
    samples_back = samples_before == SamplesAnswer.DESTROY and samples is SamplesAnswer.KEEP
    return information_back or samples_back
