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


def blocks_use(information: InformationAnswer, samples: SamplesAnswer) -> bool:
    """Use of what was collected goes on only where both answers are *keep*."""
    return not (information is InformationAnswer.KEEP and samples is SamplesAnswer.KEEP)


def is_undecided(information: str | None, samples: str | None) -> bool:
    return InformationAnswer.UNDECIDED in (information, samples)


def information_after(before: str | None, told: InformationAnswer) -> InformationAnswer:
    """An open answer does not take back that information is to be removed."""
    stays = told is InformationAnswer.UNDECIDED and before == InformationAnswer.REMOVE
    return InformationAnswer.REMOVE if stays else told


def samples_after(before: str | None, told: SamplesAnswer) -> SamplesAnswer:
    """An open answer does not take back that samples are to be destroyed."""
    stays = told is SamplesAnswer.UNDECIDED and before == SamplesAnswer.DESTROY
    return SamplesAnswer.DESTROY if stays else told


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
