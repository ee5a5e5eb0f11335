"""The folder of the keys that sign certificates: read, and refused with one sentence when it will not do."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import (
    Certificate,
    ExtensionNotFound,
    KeyUsage,
    NameOID,
    load_pem_x509_certificates,
)

from biobank.core.errors import Invalid
from biobank.core.secret_files import OTHERS_MAY
from biobank.settings import Settings

SIGNER, ROOT = "signer.key", "root.key"
"""Each a private key and its certificate in one file, as PEM; the signer's is followed by those between."""
TRUSTED, FORMER = "trusted", "former"
"""Folders of public certificates: roots that vouch, and signers that have been replaced."""
OTHERS_MAY_WRITE = 0o022
LARGEST = 100_000
LONGEST_CHAIN = 5


class SigningKeyRefused(Invalid):
    title = "Signing key refused"


@dataclass(frozen=True)
class Signer:
    """What signs certificates: the key, its certificate with those between, and the root above them."""

    key: EllipticCurvePrivateKey
    chain: tuple[Certificate, ...]
    root: Certificate

    @property
    def certificate(self) -> Certificate:
        return self.chain[0]

    @property
    def ends_at(self) -> datetime:
        return min(each.not_valid_after_utc for each in (*self.chain, self.root))


def certificate_folder(settings: Settings) -> Path:
    """Where the keys that sign certificates lie. Raises `SigningKeyRefused` when the setting is empty."""
    if not settings.certificate_keys_folder:
        raise SigningKeyRefused(
            "certificate_keys_folder is not set; name a folder outside the database, then run: biobank keys "
            "certificate"
        )
    return Path(settings.certificate_keys_folder)


def fingerprint(certificate: Certificate) -> str:
    """SHA-256 of a certificate, hexadecimal, as every tool shows it."""
    return certificate.fingerprint(SHA256()).hex()


def name_of(certificate: Certificate) -> str:
    """Whom a certificate names: the common name and the organisation."""
    subject = certificate.subject
    parts = [
        str(each.value)
        for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        for each in subject.get_attributes_for_oid(kind)
    ]
    return ", ".join(parts) or subject.rfc4514_string()


def load_signer(folder: Path, at: datetime) -> Signer:
    """The key that signs at a moment. Raises `SigningKeyRefused` when it is missing or will not do."""
    path = folder / SIGNER
    key, chain = read_key_and_chain(path)
    signer = Signer(key, chain, _root_above(chain, trusted_roots(folder), path))
    _is_in_date(signer, path, at)
    _may_sign(signer.certificate, path)
    return signer


def read_key_and_chain(path: Path) -> tuple[EllipticCurvePrivateKey, tuple[Certificate, ...]]:
    """A private key with its certificates, the key's own first. Raises `SigningKeyRefused`."""
    text = _private_text(path)
    try:
        key, chain = load_pem_private_key(text, None), tuple(load_pem_x509_certificates(text))
    except (ValueError, TypeError) as problem:
        raise SigningKeyRefused(
            f"The key file {path} does not hold a private key without passphrase and its certificate "
            "(PEM); restore it from a copy."
        ) from problem
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SigningKeyRefused(f"The key in {path} is not on the curve P-256; give one that is.")
    if key.public_key() != chain[0].public_key():
        raise SigningKeyRefused(
            f"The private key in {path} does not belong to the first certificate there; restore both "
            "from one copy."
        )
    return key, chain


def _private_text(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode  # of the opened file: the path could be another one by now
            text = file.read(LARGEST)
    except OSError as problem:
        raise SigningKeyRefused(
            f"The key file {path} cannot be read ({problem.strerror}); make one with `biobank keys "
            "certificate`, or restore it from a copy."
        ) from problem
    if mode & OTHERS_MAY:
        raise SigningKeyRefused(
            f"The key file {path} is open to others; run chmod 600 {path}, and renew the key if somebody may "
            "have read it."
        )
    return text


def trusted_roots(folder: Path) -> tuple[Certificate, ...]:
    """Every root that vouches for signers, those of before too. Raises `SigningKeyRefused`."""
    return tuple(root for path in sorted((folder / TRUSTED).glob("*.pem")) for root in read_public(path))


def read_public(path: Path) -> list[Certificate]:
    """The certificates of a file that all may read and only its owner may write."""
    try:
        if path.stat().st_mode & OTHERS_MAY_WRITE:
            raise SigningKeyRefused(f"Others may write {path}; run chmod 644 {path} and look who is in it.")
        return load_pem_x509_certificates(path.read_bytes())
    except OSError as problem:
        raise SigningKeyRefused(f"The certificate {path} cannot be read ({problem.strerror}).") from problem
    except ValueError as problem:
        raise SigningKeyRefused(f"{path} holds no certificate as PEM; restore it from a copy.") from problem


def _root_above(chain: Sequence[Certificate], roots: Sequence[Certificate], path: Path) -> Certificate:
    for below, above in pairwise(chain):
        if not is_issued_by(below, above):
            raise SigningKeyRefused(
                f"The certificates in {path} are no chain: {name_of(above)} did not issue {name_of(below)}."
            )
    for root in roots:
        if len(chain) <= LONGEST_CHAIN and is_issued_by(chain[-1], root):
            return root
    raise SigningKeyRefused(
        f"No certificate in {path.parent / TRUSTED} vouches for {name_of(chain[0])} in {path}; put the "
        "root's certificate there."
    )


def is_issued_by(below: Certificate, above: Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _is_in_date(signer: Signer, path: Path, at: datetime) -> None:
    for each in (*signer.chain, signer.root):
        if at < each.not_valid_before_utc:
            raise SigningKeyRefused(
                f"The certificate of {name_of(each)} for {path} begins on "
                f"{each.not_valid_before_utc:%Y-%m-%d}; look at this machine's clock."
            )
        if at > each.not_valid_after_utc:
            raise SigningKeyRefused(
                f"The certificate of {name_of(each)} for {path} ended on "
                f"{each.not_valid_after_utc:%Y-%m-%d}; run `biobank keys certificate --renew`."
            )


def _may_sign(certificate: Certificate, path: Path) -> None:
    """PAdES asks for a certificate whose owner cannot deny what it signed."""
    try:
        allowed = certificate.extensions.get_extension_for_class(KeyUsage).value.content_commitment
    except ExtensionNotFound:
        allowed = False
    if not allowed:
        raise SigningKeyRefused(
            f"The certificate in {path} is not for signing documents: it lacks the key usage nonRepudiation."
        )


def warnings(settings: Settings, at: datetime) -> list[str]:
    """What is to be done about the key that signs certificates, said before it is too late."""
    try:
        signer = load_signer(certificate_folder(settings), at)
    except SigningKeyRefused as refusal:
        return [f"No destruction order can be confirmed: {refusal.detail}"]
    if signer.ends_at - at > timedelta(days=settings.certificate_warning_days):
        return []
    name, end = name_of(signer.certificate), f"{signer.ends_at:%Y-%m-%d}"
    return [f"The certificate of {name} ends on {end}; run `biobank keys certificate --renew`."]
