"""By what somebody proved who they are."""

from enum import StrEnum


class Proof(StrEnum):
    """How a browser was signed in; a badge and PIN are for routine steps alone."""

    PASSWORD = "password"  # noqa: S105 (a word, no secret)
    BADGE = "badge"
