"""The four kinds of refusal that a person can do something about, and the one that is ours."""


class DomainError(Exception):
    """A refusal in one sentence: what, where, what to do.

    `extra` travels with the answer (for example `field` or `allowed_actions`) and holds codes only.
    """

    title = "Refused"

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class NotFound(DomainError):
    """Nothing of that name is known, or it may not be known to the one who asks."""

    title = "Not found"


class Forbidden(DomainError):
    """It exists, and this person may not do this to it."""

    title = "Not permitted"


class Conflict(DomainError):
    """It is understood, and cannot be so in the present state."""

    title = "Not now"


class Invalid(DomainError):
    """What came in is not what it should be."""

    title = "Not understood"


class Malformed(Invalid):
    """It does not keep to the format that its sender agreed to: their program has to send it otherwise."""

    title = "Not as agreed"


class Outdated(Conflict):
    """It was asked of a version that is not the newest any more: look again, then decide."""

    title = "Changed since"


class DatabaseUnavailable(Exception):
    """The database did not take the work: full, locked or away. Nothing of it was kept."""
