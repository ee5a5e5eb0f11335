"""Coded answers about downtime forms: what became of a tube, why a form is given up, which forms to list."""

from enum import StrEnum


class TubeOutcome(StrEnum):
    """What is ticked for a tube; nothing ticked is no answer."""

    FULL = "full"
    SHORT = "short"
    NOT_DRAWN = "not_drawn"


class FormVoidReason(StrEnum):
    """Why a form will not be entered."""

    SPOILED = "spoiled"
    LOST = "lost"
    NOT_NEEDED = "not_needed"


class FormStanding(StrEnum):
    """Where a form stands: with the people at the chair, entered, or given up."""

    OUT = "out"
    ENTERED = "entered"
    VOIDED = "voided"
