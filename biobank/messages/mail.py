"""Handing one mail to the mail server of the settings; of what it answers only a number and a class are kept.

What a server says of a refusal often holds the address, so its words are read by nobody and written nowhere.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from pathlib import Path
from threading import Timer
from typing import Any

from biobank.core.hosts import is_loopback
from biobank.core.secret_files import SecretRefused, read_private_file
from biobank.messages.choices import Trouble
from biobank.settings import SettingRefused, Settings

ACCEPTED = 250
ANSWERS = range(200, 600)
LONGEST = 8
"""Times the seconds for one answer that a whole conversation may take: less than a message is claimed for."""
FOR_GOOD = 500
"""From here on a server says that it will never take this."""
SECURITIES = ("starttls", "tls", "none")


class NotSent(Exception):
    """Why nothing was sent, without a word of what the server said."""

    def __init__(self, trouble: Trouble, code: int | None = None, *, for_good: bool = False) -> None:
        super().__init__(trouble.value)
        self.trouble, self.for_good = trouble, for_good
        self.code = code if code in ANSWERS else None  # who answers with junk gave none


@dataclass(frozen=True)
class Mail:
    """One mail; `message_id` is the same however often it is sent."""

    to: str
    subject: str
    body: str
    language: str
    message_id: str
    at: datetime


def message_id(settings: Settings, number: int) -> str:
    """Of a message for ever, from its number and the name of this log: a second copy is recognised by it."""
    host = settings.ledger_origin.partition("/")[0]
    known = host if host.replace(".", "").replace("-", "").isalnum() and host.isascii() else "biobank.invalid"
    return f"<{sha256(f'{settings.ledger_origin} message {number}'.encode()).hexdigest()[:40]}@{known}>"


def sends(settings: Settings) -> bool:
    return bool(settings.smtp_host.strip())


def check_mail_settings(settings: Settings) -> None:
    """At the start. Raises `SettingRefused`, and `SecretRefused` for the file with the password."""
    if not sends(settings):
        return
    if settings.smtp_security not in SECURITIES:
        raise SettingRefused(
            f"smtp_security is {settings.smtp_security!r}; it is one of {', '.join(SECURITIES)}."
        )
    if settings.smtp_security == "none" and not is_loopback(settings.smtp_host):
        raise SettingRefused(
            f"smtp_security is none, and {settings.smtp_host} is not this machine; set it to starttls or tls."
        )
    if "@" not in parseaddr(settings.mail_from)[1]:
        raise SettingRefused("smtp_host is set, and mail_from is no address; say from whom mail comes.")
    if not (settings.contact_phone.strip() or settings.contact_email.strip()):
        raise SettingRefused(
            "smtp_host is set, and neither contact_phone nor contact_email; say whom people ask who get a "
            "message."
        )
    if not settings.smtp_timeout_seconds:
        raise SettingRefused("smtp_timeout_seconds is 0; a mail server needs at least one second to answer.")
    _password(settings)


def _password(settings: Settings) -> str:
    if not settings.smtp_user:
        return ""
    path = Path(settings.smtp_password_file)
    text = read_private_file(path, "smtp_password_file").decode()
    if not text:
        raise SecretRefused(f"The file {path} that smtp_password_file names is empty.")
    return text


class _Watched(smtplib.SMTP):
    """Hangs up on who says a little now and then for ever: each answer alone would be in time."""

    _watch: Timer | None = None

    def connect(self, *where: Any, **more: Any) -> tuple[int, bytes]:
        self._watch = Timer(LONGEST * self.timeout, self._hang_up)
        self._watch.daemon = True
        self._watch.start()
        return super().connect(*where, **more)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().close()

    def _hang_up(self) -> None:
        with suppress(OSError):  # there is no line any more
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


class _WatchedFromTheStart(_Watched, smtplib.SMTP_SSL):
    """Encrypted before the first word."""


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A mail server that is ready, encrypted and signed in to, before anybody's address is read.

    Raises `NotSent`.
    """
    server = _reached(settings)
    try:
        with _plainly():
            _encrypt(server, settings)
            _sign_in(server, settings)
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def _reached(settings: Settings) -> smtplib.SMTP:
    host, port, seconds = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_seconds
    try:
        if settings.smtp_security == "tls":
            return _WatchedFromTheStart(host, port, timeout=seconds, context=_trusted(settings))
        return _Watched(host, port, timeout=seconds)
    except ssl.SSLCertVerificationError:
        raise NotSent(Trouble.CERTIFICATE) from None
    except smtplib.SMTPResponseException as problem:
        raise NotSent(Trouble.BUSY, problem.smtp_code) from None
    except (smtplib.SMTPException, OSError) as problem:
        raise NotSent(_timed_out(problem) or Trouble.UNREACHABLE) from None


def _trusted(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.smtp_ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _encrypt(server: smtplib.SMTP, settings: Settings) -> None:
    if settings.smtp_security != "starttls":
        if settings.smtp_security == "none" and not is_loopback(settings.smtp_host):
            raise NotSent(Trouble.NO_TLS)
        return
    server.ehlo()
    if not server.has_extn("starttls"):
        raise NotSent(Trouble.NO_TLS)
    try:
        code, _ = server.starttls(context=_trusted(settings))
    except ssl.SSLCertVerificationError:
        raise NotSent(Trouble.CERTIFICATE) from None
    except (smtplib.SMTPResponseException, ssl.SSLError):
        raise NotSent(Trouble.NO_TLS) from None
    server.ehlo()
    if code >= FOR_GOOD:
        raise NotSent(Trouble.NO_TLS, code)


def _sign_in(server: smtplib.SMTP, settings: Settings) -> None:
    if not settings.smtp_user:
        return
    try:
        server.login(settings.smtp_user, _password(settings))
    except smtplib.SMTPAuthenticationError as problem:
        raise NotSent(Trouble.SIGN_IN, problem.smtp_code) from None
    except (smtplib.SMTPNotSupportedError, SecretRefused):
        raise NotSent(Trouble.SIGN_IN) from None


def hand_to(server: smtplib.SMTP, mail: Mail, settings: Settings) -> None:
    """Returns once the server said that it has the mail. Raises `NotSent`."""
    try:
        letter = _written(mail, settings)
    except (ValueError, IndexError, LookupError):
        raise NotSent(Trouble.ADDRESS, for_good=True) from None
    with _plainly():
        _handed(server, letter, mail.to, parseaddr(settings.mail_from)[1])


def _handed(server: smtplib.SMTP, letter: EmailMessage, to: str, sender: str) -> None:
    try:
        server.send_message(letter, from_addr=sender, to_addrs=[to])
    except smtplib.SMTPRecipientsRefused as problem:
        code = next(iter(problem.recipients.values()))[0]
        raise NotSent(Trouble.RECIPIENT, code, for_good=code >= FOR_GOOD) from None
    except smtplib.SMTPSenderRefused as problem:  # the fault of our settings, not of this message
        raise NotSent(Trouble.SENDER, problem.smtp_code) from None
    except smtplib.SMTPDataError as problem:
        code = problem.smtp_code
        raise NotSent(Trouble.CONTENT, code, for_good=code >= FOR_GOOD) from None
    except (smtplib.SMTPNotSupportedError, UnicodeError):  # letters that this server cannot take
        raise NotSent(Trouble.ADDRESS, for_good=True) from None


@contextmanager
def _plainly() -> Iterator[None]:
    """What breaks on the line, as `NotSent`."""
    try:
        yield
    except smtplib.SMTPResponseException as problem:
        raise NotSent(Trouble.BUSY, problem.smtp_code) from None
    except (smtplib.SMTPException, OSError) as problem:
        raise NotSent(_timed_out(problem) or Trouble.BROKEN_OFF) from None


def _timed_out(problem: Exception) -> Trouble | None:
    """A server that does not answer in time is called one that hung up."""
    late = isinstance(problem, TimeoutError) or isinstance(problem.__context__, TimeoutError)
    return Trouble.TIMED_OUT if late else None


def _written(mail: Mail, settings: Settings) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    name, address = parseaddr(settings.mail_from)
    letter["From"] = Address(name or settings.programme, addr_spec=address)
    letter["To"] = Address(addr_spec=mail.to)
    if settings.mail_reply_to:
        letter["Reply-To"] = settings.mail_reply_to
    letter["Subject"] = mail.subject
    letter["Date"] = format_datetime(mail.at)
    letter["Message-ID"] = mail.message_id
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(mail.body, cte="quoted-printable")
    letter["Content-Language"] = mail.language
    return letter
