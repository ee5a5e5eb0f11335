"""By what somebody proved who they are, and what can happen to an account."""

from enum import StrEnum


class Proof(StrEnum):
    """How a browser was signed in, or a signature given; a badge and PIN are for routine steps alone."""

    PASSWORD = "password"  # noqa: S105 (a word, no secret)
    BADGE = "badge"
    PASSKEY = "passkey"
    ENROLLING = "enrolling"
    """By password, where a second proof is asked for that was never set up: good for setting it up alone."""


class Purpose(StrEnum):
    """What a passkey is asked for; an answer to one is none to another."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SIGN = "sign"


class Happened(StrEnum):
    """What happened to an account."""

    LINK_MADE = "link_made"
    LINK_REVOKED = "link_revoked"
    LINK_USED = "link_used"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (a word, no secret)
    TIME_CODES_SET_UP = "time_codes_set_up"
    TIME_CODES_ENDED = "time_codes_ended"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSKEY_REGISTERED = "passkey_registered"
    PASSKEY_REVOKED = "passkey_revoked"
    RESET = "reset"
    DISABLED = "disabled"
    SIGNING_FAILED = "signing_failed"
    SIGNING_ALARM = "signing_alarm"
    ALARM_SETTLED = "alarm_settled"
