"""Who is turned away at set-up, at a second proof and with a passkey, and why."""

from biobank.access.checks import CredentialsRefused, OwnRoles
from biobank.core.errors import Conflict, DomainError, Forbidden, Invalid


class SignInRefused(CredentialsRefused):
    """One sentence whatever was wrong: nobody learns who has a second proof, or that a name exists."""

    def __init__(self, subjects: tuple[str, ...]) -> None:
        DomainError.__init__(
            self,
            "This user name, password and code do not belong together; type all of them again. The code is "
            "for whoever set one up.",
        )
        self.subjects = subjects


class PasskeyRefused(CredentialsRefused):
    title = "Passkey not taken"

    def __init__(self, subjects: tuple[str, ...] = ()) -> None:
        DomainError.__init__(
            self,
            "This passkey was not taken: it is unknown or revoked, or it answered to something else; load "
            "the page again and use it once more, or use your password.",
        )
        self.subjects = subjects


class LinkRefused(CredentialsRefused):
    """Counts as a failure of the address it came from."""

    title = "Link not taken"

    def __init__(self, subjects: tuple[str, ...]) -> None:
        DomainError.__init__(
            self,
            "This link is unknown, or was used, taken back or is too old; ask an administrator for a new "
            "one.",
        )
        self.subjects = subjects


class CodeRefused(Invalid):
    title = "Code not taken"


class SetUpAlready(Conflict):
    title = "Set up already"


class NothingToSetUp(Conflict):
    title = "Nothing to set up"


class LastProof(Conflict):
    title = "Needed to sign in"


class PasswordOfOthers(Forbidden):
    title = "Not for somebody else"


class OwnAccount(OwnRoles):
    title = "Not for yourself"


class PasskeyUnknown(Conflict):
    title = "No such passkey"


class NoAlarm(Conflict):
    title = "No such alarm"
