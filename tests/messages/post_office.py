"""A real mail server on the loopback, which takes, defers, refuses and dawdles as a test tells it to."""

import asyncio
import ssl
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.campaigns.service import kept_port

SENDER = "Invented programme <no-reply@biobank.example>"
PHONE = "555 010 0100"


class PostOffice:
    """What arrived, and what is answered: the next of `answers` to a recipient, else yes."""

    def __init__(self):
        self.arrived, self.envelopes, self.answers, self.at_data, self.seconds = [], [], [], [], 0.0
        self.connections = 0
        self.once_taken = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer.format(address=address)

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.seconds)
        answer = self.at_data.pop(0) if self.at_data else "250 Taken"
        if answer.startswith("2"):
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self.arrived.append(message_from_bytes(envelope.content, policy=policy.default))
            if self.once_taken is not None:
                self.once_taken()
        return answer


def known(server, session, envelope, mechanism, login):
    right = login.login == b"biobank" and login.password == b"plainly invented"
    return AuthResult(success=right, handled=False)


@contextmanager
def open_post_office(office, *, port=None, tls=None, **more):
    """On `port` of the loopback until the block ends; gives the port."""
    signs = {"authenticator": known, "auth_require_tls": True, "require_starttls": True} if tls else {}
    with nullcontext(port) if port else kept_port() as there:
        controller = Controller(
            office, hostname="127.0.0.1", port=there, ready_timeout=30, tls_context=tls, **signs, **more
        )
        controller.start()
        try:
            yield there
        finally:
            with suppress(Exception):
                controller.stop()


def certificate(folder):
    """A server's key and certificate for localhost, as files; and the context that shows them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "mail.pem", folder / "mail.key"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def mail_settings(settings, port, **more):
    """For a server on this machine's loopback."""
    plain = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "smtp_timeout_seconds": 5,
        "mail_from": SENDER,
        "contact_phone": PHONE,
        "programme": "Invented programme",
    }
    return settings.with_changes(**(plain | more))
