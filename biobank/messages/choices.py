"""What can come of an attempt to send, why a message goes by post, how long it waits: plain lists."""

from datetime import timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """What came of one attempt."""

    SENT = "sent"
    """The mail server took it."""
    AGAIN = "again"
    """Not now; it is tried again."""
    FAILED = "failed"
    """Refused for good, or tried too often."""
    BY_POST = "by_post"
    """There is nowhere to send it to."""


class Trouble(StrEnum):
    """Why an attempt came to nothing: all that is kept of a server's words, which may hold an address."""

    UNREACHABLE = "unreachable"
    NO_TLS = "no_tls"
    CERTIFICATE = "certificate"
    SIGN_IN = "sign_in"
    BUSY = "busy"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"
    TIMED_OUT = "timed_out"
    BROKEN_OFF = "broken_off"
    ADDRESS = "address"
    WORDS = "words"
    VAULT = "vault"
    OURS = "ours"


T = Trouble
SENTENCES = {
    T.UNREACHABLE: "The mail server could not be reached.",
    T.NO_TLS: "The mail server offers no encryption, so nothing was sent.",
    T.CERTIFICATE: "The mail server's certificate is not one that we trust, so nothing was sent.",
    T.SIGN_IN: "The mail server did not accept our sign-in.",
    T.BUSY: "The mail server asked us to come again later.",
    T.SENDER: "The mail server does not take mail from our address.",
    T.RECIPIENT: "The mail server refused the participant's address.",
    T.CONTENT: "The mail server refused the message.",
    T.TIMED_OUT: "The mail server took too long to answer.",
    T.BROKEN_OFF: "The line broke before the mail server had answered.",
    T.ADDRESS: "The address in the vault cannot be written to.",
    T.WORDS: "There are no words for this message.",
    T.VAULT: "The identity vault could not be read.",
    T.OURS: "Something went wrong in the service; the log names what.",
}
OF_THE_SERVER = frozenset({T.UNREACHABLE, T.NO_TLS, T.CERTIFICATE, T.SIGN_IN, T.SENDER, T.BUSY, T.VAULT})
"""The next message would meet the same: a round ends with it."""


class ByPost(StrEnum):
    """Why a message is handed over on paper."""

    NO_EMAIL = "no_email"
    NOT_IN_VAULT = "not_in_vault"
    ANOTHER = "another"
    DIED = "died"


POST_SENTENCES = {
    ByPost.NO_EMAIL: "The vault knows no e-mail address.",
    ByPost.NOT_IN_VAULT: "The vault does not know who this is.",
    ByPost.ANOTHER: "It goes to who asked, whose address the vault does not keep.",
    ByPost.DIED: "The participant died: nothing is sent to their address.",
}


class HandedOver(StrEnum):
    """How a paper reached its addressee."""

    POST = "post"
    IN_PERSON = "in_person"


FIRST_WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 360, 720))
LATER_WAIT = timedelta(days=1)


def wait_after(tries: int) -> timedelta:
    """How long a message waits after so many attempts in vain: minutes at first, then a day each time."""
    return FIRST_WAITS[tries - 1] if tries <= len(FIRST_WAITS) else LATER_WAIT
