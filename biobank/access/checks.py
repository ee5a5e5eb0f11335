"""What must hold before a person, a role, a token or a signature is taken, and who is turned away."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.choices import Proof
from biobank.access.models import Person
from biobank.access.permission_words import TO_DO, who_may
from biobank.access.permissions import MAY_HOLD_ALL_SITES, Permission, Role
from biobank.core.database import Work
from biobank.core.errors import Conflict, DomainError, Forbidden, Invalid

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LONGEST_NAME = 120
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
ANSWERED = "passkey:"
"""How what a passkey answered begins, where a password could stand as well."""
SHORTEST_PIN = 6
LONGEST_PIN = 12


@dataclass(frozen=True)
class FailedSigning:
    """A signature for which the credentials were refused."""

    claimed: str
    by: Actor
    meaning: str
    proved_by: Proof
    address: str | None


class SignInNeeded(DomainError):
    """Nobody, or nobody any more: who asks has to say who they are."""

    title = "Sign in"


class TokenRefused(SignInNeeded):
    title = "Token refused"

    def __init__(self) -> None:
        super().__init__("This token is unknown, expired or revoked; ask an administrator for a new one.")


class SessionEnded(SignInNeeded):
    def __init__(self) -> None:
        super().__init__("You are not signed in, or were not seen for a while; sign in again.")


class StationLocked(SessionEnded):
    """The session goes on, by its person's badge or password."""

    def __init__(self) -> None:
        DomainError.__init__(
            self, "This station locked itself while nobody used it; scan your badge to go on where you were."
        )


class PasswordNeeded(Forbidden):
    """A badge is not enough for this."""

    title = "Password needed"

    def __init__(self) -> None:
        super().__init__("Sign in with your password for this; a badge and PIN are for routine steps.")


class SecondProofNeeded(Forbidden):
    """The password was right, and there is no second proof yet: it is set up before anything else."""

    title = "Second proof needed"

    def __init__(self) -> None:
        super().__init__("Set up your second proof first, under Your account; then all you may do is open.")


class BadgeRefused(Conflict):
    title = "Badge not taken"


class PinRefused(Invalid):
    title = "PIN refused"


class CredentialsRefused(Forbidden):
    """Name and password do not belong together; `subjects` says whose failures this adds to."""

    title = "Not recognised"
    signing: "FailedSigning | None" = None
    """What was to be signed, where it was a signature that was refused."""

    def __init__(self, subjects: tuple[str, ...]) -> None:
        super().__init__("This user name and password do not belong together; type both again.")
        self.subjects = subjects


class BadgeUnknown(CredentialsRefused):
    """Counts as a failure of the address it came from."""

    title = "Badge not known"

    def __init__(self, subjects: tuple[str, ...]) -> None:
        DomainError.__init__(self, "This badge is not known, or was taken back; sign in with your password.")
        self.subjects = subjects


class PinWrong(CredentialsRefused):
    title = "PIN wrong"

    def __init__(self, subjects: tuple[str, ...]) -> None:
        DomainError.__init__(self, "This is not the PIN of this badge; type it again.")
        self.subjects = subjects


class TooManyAttempts(Forbidden):
    title = "Too many attempts"


class PersonExists(Conflict):
    title = "Person exists"


class PersonRefused(Invalid):
    title = "Person refused"


class PasswordRefused(Invalid):
    title = "Password refused"


class NotTheSame(Invalid):
    title = "Not the same"


class RoleRefused(Invalid):
    title = "Role refused"


class OwnRoles(Forbidden):
    title = "Not for yourself"


class TokenLimitsRefused(Invalid):
    title = "Token refused"


class PermissionMissing(Forbidden):
    title = "Not permitted"


class SiteNotYours(Forbidden):
    title = "Not your site"


class AllSitesNeeded(Forbidden):
    title = "All sites"


class RecordChanged(Conflict):
    """It is not what the signer was shown any more."""

    title = "Changed meanwhile"


class NothingToSign(Invalid):
    title = "Nothing to sign"


def something_is_signed(records: Collection[object], meaning: str) -> None:
    """Raises `NothingToSign`."""
    if not records or not meaning.strip():
        raise NothingToSign("A signature needs at least one record and says what it means.")


def shown_is_current(shown: str, current: str) -> None:
    """Both are SHA-256 of a record that is signed. Raises `RecordChanged`."""
    if shown != current:
        raise RecordChanged(
            "This is no longer what was shown to you; look at it again and sign what you see.", sha256=current
        )


def permitted(by: Actor, permission: Permission) -> None:
    """Raises `PermissionMissing`, or what is needed first: `PasswordNeeded`, `SecondProofNeeded`."""
    if not by.may(permission):
        if by.enrolling and permission in by.held:
            raise SecondProofNeeded
        if by.by_badge and permission in by.held:
            raise PasswordNeeded
        raise PermissionMissing(_may_not(by, permission), permission=permission.value)


def more_than_a_badge(by: Actor) -> None:
    """Where the permission alone does not say it: a signature is given in no session of a badge.

    Raises `PasswordNeeded`.
    """
    if by.by_badge:
        raise PasswordNeeded


def _may_not(by: Actor, permission: Permission) -> str:
    """Who, what, and whom to ask; the code of the permission stands beside it for machines."""
    what = TO_DO[permission]
    if by.token_scopes is not None and permission in by.held:
        return f"This token of {by.person} may not {what}; ask an administrator for one that may."
    return f"{by.person} may not {what}; ask somebody who may: {who_may(permission)}."


def at_own_site(by: Actor, site: str) -> None:
    """Raises `SiteNotYours`."""
    if not by.works_at(site):
        raise SiteNotYours(f"You do not work at {site}; do this for a site of your own.", site=site)


def at_all_sites(by: Actor, otherwise: str) -> None:
    """For what is of every site at once. Raises `AllSitesNeeded`, which says `otherwise`."""
    if by.sites is not None:
        raise AllSitesNeeded(otherwise)


def person_well_formed(username: str, printed_name: str) -> None:
    if not USERNAME.fullmatch(username):
        raise PersonRefused(
            f"{username!r} cannot be a user name; use 2 to 40 small letters, digits, dots, dashes or "
            "underscores, for example clinic.ana.",
            field="username",
        )
    if not printed_name.strip() or len(printed_name) > LONGEST_NAME:
        raise PersonRefused(
            f"{username} needs a printed name of at most {LONGEST_NAME} characters.", field="printed_name"
        )


def person_not_there_yet(work: Work, username: str) -> None:
    if work.session.scalar(select(Person.id).where(Person.username == username)) is not None:
        raise PersonExists(f"There is a person {username} already; a user name is never used again.")


def password_strong_enough(username: str, password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise PasswordRefused(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; choose another.",
            field="password",
        )
    if password.startswith(ANSWERED):
        raise PasswordRefused(
            f"A password cannot begin with {ANSWERED} so; choose another.", field="password"
        )
    if username in password.lower():
        raise PasswordRefused("A password cannot contain the user name; choose another.", field="password")


def typed_alike(password: str, again: str, field: str) -> None:
    """`field` is where it was typed again. Raises `NotTheSame`."""
    if password != again:
        raise NotTheSame("The two passwords are not the same; type both again.", field=field)


def pin_hard_to_guess(pin: str) -> None:
    """Six digits or more, neither all alike nor counted up or down. Raises `PinRefused`."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise PinRefused(f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits; choose another.", field="pin")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise PinRefused(
            "Digits that are all alike or in a row are guessed first; choose another PIN.", field="pin"
        )


def role_known(role: str) -> Role:
    if role not in set(Role):
        raise RoleRefused(f"{role!r} is no role; use one of {', '.join(sorted(Role))}.", field="role")
    return Role(role)


def role_has_its_site(role: Role, site: str | None) -> None:
    if site is None and role not in MAY_HOLD_ALL_SITES:
        raise RoleRefused(
            f"The role {role} is held at a site; name it, for example {role}@clinic-1.", field="site"
        )


def not_for_oneself(by: Actor, username: str) -> None:
    if by.person == username:
        raise OwnRoles("Nobody disables themselves or changes their own roles; ask another administrator.")


def scopes_known(scopes: frozenset[str]) -> None:
    unknown = sorted(scopes - set(Permission))
    if unknown or not scopes:
        raise TokenLimitsRefused(
            f"A token's scopes are permissions; {', '.join(unknown) or 'an empty list'} is none. "
            f"There are: {', '.join(sorted(Permission))}.",
            field="scopes",
        )
