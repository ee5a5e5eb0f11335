"""New keys for the signing of certificates: a root of one's own, signers under it, and their renewal."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate, NameOID

from biobank.core.errors import Conflict
from biobank.destruction.signer_files import (
    FORMER,
    ROOT,
    SIGNER,
    TRUSTED,
    SigningKeyRefused,
    fingerprint,
    load_signer,
    read_key_and_chain,
)

ROOT_YEARS, SIGNER_YEARS = 20, 2
DAYS_OF_A_YEAR = 365
CLOCKS_DIFFER = timedelta(minutes=5)
"""A certificate begins that much earlier, so that a clock that is a little behind finds it valid."""
LONGEST_NAME = 64
"""Characters of a part of a name in X.509."""
NO_USE = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


class SignerExists(Conflict):
    title = "Signing key exists"


def create_signer(folder: Path, programme: str, at: datetime) -> Certificate:
    """A root and a signer under it, in a folder that has none yet. Raises `SignerExists`."""
    if (folder / SIGNER).exists() or (folder / ROOT).exists():
        raise SignerExists(
            f"There are keys in {folder} already, and certificates signed with them; add --renew to make "
            "the next signer."
        )
    _new_root(folder, programme, at)
    return _new_signer(folder, programme, at)


def renew_signer(folder: Path, programme: str, at: datetime, *, new_root: bool = False) -> Certificate:
    """The next signer; what was signed before stays valid. Raises `SigningKeyRefused`.

    The old root goes on vouching for what was signed under it, also when there is a new one; the old signer's
    private key is written over.
    """
    former = folder / SIGNER
    if former.exists():
        chain = read_key_and_chain(former)[1]
        _write(folder / FORMER / f"signer-{fingerprint(chain[0])[:16]}.pem", _pem(*chain), 0o644)
    if new_root:
        _new_root(folder, programme, at)
    return _new_signer(folder, programme, at)


def _new_root(folder: Path, programme: str, at: datetime) -> None:
    key = generate_private_key(SECP256R1())
    name = _name("Root of certificates of destruction", programme)
    root = (
        _begun(name, name, key, at, ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**NO_USE | {"key_cert_sign": True, "crl_sign": True}), critical=True)
        .sign(key, SHA256())
    )
    _write(folder / TRUSTED / f"root-{fingerprint(root)[:16]}.pem", _pem(root), 0o644)
    _write(folder / ROOT, _private_pem(key) + _pem(root), 0o600)


def _new_signer(folder: Path, programme: str, at: datetime) -> Certificate:
    root_key, (root, *_) = _root_of(folder, at)
    key = generate_private_key(SECP256R1())
    usage = x509.KeyUsage(**NO_USE | {"digital_signature": True, "content_commitment": True})
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    signer = (
        _begun(_name("Signer of certificates of destruction", programme), root.subject, key, at, SIGNER_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(issuer, critical=False)
        .sign(root_key, SHA256())
    )
    _write(folder / SIGNER, _private_pem(key) + _pem(signer), 0o600)
    load_signer(folder, at)
    return signer


def _root_of(folder: Path, at: datetime) -> tuple[EllipticCurvePrivateKey, tuple[Certificate, ...]]:
    """The root's key, as long as it outlives a signer made now."""
    path = folder / ROOT
    if not path.exists():
        raise SigningKeyRefused(
            f"There is no root's key at {path}; bring it back for the renewal, or make a new root with "
            "--renew --new-root."
        )
    key, chain = read_key_and_chain(path)
    ends_at = chain[0].not_valid_after_utc
    if ends_at < at + timedelta(days=SIGNER_YEARS * DAYS_OF_A_YEAR):
        raise SigningKeyRefused(
            f"The root in {path} ends on {ends_at:%Y-%m-%d}, before the next signer would; make a new root "
            "with --renew --new-root."
        )
    return key, chain


def _name(called: str, programme: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, programme[:LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, called),
        ]
    )


def _begun(
    name: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, at: datetime, years: int
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCKS_DIFFER)
        .not_valid_after(at + timedelta(days=years * DAYS_OF_A_YEAR))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _private_pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _pem(*certificates: Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


def _write(path: Path, content: bytes, mode: int) -> None:
    """All of it or nothing under its name, never for a moment open to others. Raises `SigningKeyRefused`."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except OSError as problem:
        raise SigningKeyRefused(f"No key can be written at {path}: {problem.strerror}.") from problem
