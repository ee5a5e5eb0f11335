"""Checks one certificate of destruction without the biobank's software: copy this file anywhere and run it.

    python offline_certificate.py certificate.pdf --root root.pem [--export ledger.jsonl]

It needs Python 3.11 and the package `cryptography`, 42 or newer. It checks that the file bears exactly one
signature (ECDSA P-256 with SHA-256, as the biobank makes it), that this covers every byte of the file and is
true, that it forbids every change, that a root you trust stands above the signer and all were in force when
it says it was signed; and with an export of the log that the log tells of this file and of the record in it,
and whether the certificate was replaced or its order is open again. Whether the log itself is whole:
offline_verifier.py.

It does not ask for revoked certificates, and takes the time from the file: the log fixes when it was issued.
Exit 0: nothing wrong; 1: findings; 2: wrong use.
"""

# Written without a PDF library or the software that signs, on purpose: no error of theirs is repeated here.

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import __version__ as version_of_cryptography
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

NOTHING_FOUND, FOUND, UNUSABLE = 0, 1, 2
LONGEST_CHAIN = 5
OLDEST_CRYPTOGRAPHY = 42
"""Which first tells the times of a certificate in UTC."""

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
NO_CHANGES = re.compile(rb"/TransformMethod\s*/DocMDP\s*/TransformParams\s*<<[^<>]*/P\s+1\b[^<>]*>>")
SIGNED_AT = re.compile(rb"/M\s*\(D\\?:?(?:\\072)?(\d{14})Z")
RECORD = re.compile(rb"/Length\s+(\d{1,9})[^<>]*/Type\s*/EmbeddedFile\s*>>\s*stream\r?\n")

SEQUENCE, SET, OBJECT, OCTETS, CONTEXT_0 = 0x30, 0x31, 0x06, 0x04, 0xA0
VERSION_1 = bytes.fromhex("020101")
SHA_256 = bytes.fromhex("300d06096086480165030402010500")
ECDSA_WITH_SHA_256 = bytes.fromhex("300a06082a8648ce3d040302")
CONTENT_IS_OUTSIDE = bytes.fromhex("300b06092a864886f70d010701")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910022f")


class Unusable(Exception):
    """What was given cannot be checked at all."""


class Wrong(Exception):
    """One finding after which nothing more can be asked of the signature."""


@dataclass(frozen=True)
class Value:
    """One value of DER: its tag, what it holds, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> list["Value"]:
        found, rest = [], self.content
        while rest:
            value = read_der(rest)
            found.append(value)
            rest = rest[len(value.whole) :]
        return found


def read_der(data: bytes) -> Value:
    """The first value of `data`. Raises ValueError or IndexError where there is none."""
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:start])
    if start > 6 or len(data) < start + length:  # noqa: PLR2004 (lengths of more than four bytes are nobody's)
        raise ValueError("a value is longer than what holds it")
    return Value(tag, data[start : start + length], data[: start + length])


def der(tag: int, *parts: bytes) -> bytes:
    """A value of these parts, in the one way in which DER writes it."""
    content = b"".join(parts)
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    short = len(content) < 0x80  # noqa: PLR2004 (of DER: a shorter length is one byte)
    return bytes([tag]) + (bytes([len(content)]) if short else bytes([0x80 | len(length)]) + length) + content


@dataclass(frozen=True)
class Signature:
    """The parts of a CMS signature that are checked."""

    certificates: list[x509.Certificate]
    issuer_and_serial: bytes
    attributes: Value
    made: bytes

    @property
    def signer(self) -> x509.Certificate:
        for certificate in self.certificates:
            serial = certificate.serial_number
            number = serial.to_bytes(serial.bit_length() // 8 + 1)
            named = certificate.issuer.public_bytes() + bytes([2, len(number)]) + number
            if named == self.issuer_and_serial:
                return certificate
        raise Wrong("signature: the certificate of the signer is not in the file")

    def attribute(self, kind: bytes) -> bytes:
        """What the signer stated under an object identifier."""
        for attribute in self.attributes.parts():
            name, values = attribute.parts()
            if name.content == kind:
                return values.parts()[0].content
        raise Wrong("signature: it lacks a statement that every signature of a PDF makes")


def read_signature(container: bytes) -> Signature:
    """A CMS SignedData with one signer (RFC 5652), hexadecimal in angle brackets, padded with zeros."""
    text = container.removeprefix(b"<").removesuffix(b">")
    data = bytes.fromhex(text.decode("ascii"))
    outer = read_der(data)
    if any(data[len(outer.whole) :]) or container != b"<" + data.hex().upper().encode() + b">":
        raise Wrong("changed: something was written into the place of the signature")
    _, explicit = outer.parts()
    _, _, _, certificates, signers = explicit.parts()[0].parts()
    [signer] = signers.parts()
    _, issuer, _, attributes, _, made, *_ = signer.parts()
    if outer.whole != written(certificates.content, issuer.content, attributes.content, made.content):
        raise Wrong("signature: it is not written as that of a certificate is")
    found = [x509.load_der_x509_certificate(each.whole) for each in certificates.parts()]
    return Signature(found, issuer.content, attributes, made.content)


def written(certificates: bytes, issuer: bytes, attributes: bytes, made: bytes) -> bytes:
    """The one way to write these four, so that whatever they do not answer for cannot differ either."""
    signer = der(
        SEQUENCE,
        *(VERSION_1, der(SEQUENCE, issuer), SHA_256),
        *(der(CONTEXT_0, attributes), ECDSA_WITH_SHA_256, der(OCTETS, made)),
    )
    signed = der(
        SEQUENCE,
        *(VERSION_1, der(SET, SHA_256), CONTENT_IS_OUTSIDE, der(CONTEXT_0, certificates), der(SET, signer)),
    )
    return der(SEQUENCE, der(OBJECT, SIGNED_DATA), der(CONTEXT_0, signed))


def signature_findings(content: bytes, roots: list[x509.Certificate]) -> Iterator[str]:
    ranges = BYTE_RANGE.findall(content)
    if len(ranges) != 1:
        yield f"signature: the file bears {len(ranges)} signatures, a certificate exactly one"
        return
    start, length, second, rest = map(int, ranges[0])
    covered = content[:length] + content[second : second + rest]
    if start != 0 or length > second or second + rest != len(content):
        yield "changed: the signature does not cover the whole file; something was added to it or cut off"
    if not NO_CHANGES.search(covered):
        yield "signature: it does not forbid every change, as that of a certificate does"
    try:
        signature = read_signature(content[length:second])
        yield from truth_findings(signature, covered)
        yield from trust_findings(signature, roots, signed_at(covered))
    except Wrong as wrong:
        yield str(wrong)
    except Exception:  # noqa: BLE001 (a file from outside may break a parser anywhere; all of it is one answer)
        yield "signature: it cannot be read; it was damaged or is of another kind"


def truth_findings(signature: Signature, covered: bytes) -> Iterator[str]:
    if signature.attribute(MESSAGE_DIGEST) != sha256(covered).digest():
        yield "changed: the file is not what was signed"
    signer = signature.signer
    if sha256(signer.public_bytes(Encoding.DER)).digest() not in signature.attribute(SIGNING_CERTIFICATE):
        yield "signature: it was made for another certificate than the one in the file"
    key, attributes = signer.public_key(), bytes([SET]) + signature.attributes.whole[1:]
    if not isinstance(key, EllipticCurvePublicKey):
        raise Wrong("signature: its key is not on an elliptic curve, as that of every certificate is")
    try:
        key.verify(signature.made, attributes, ECDSA(SHA256()))
    except InvalidSignature:
        yield "signature: it was not made by the key that it names"


def signed_at(covered: bytes) -> datetime:
    found = SIGNED_AT.findall(covered)
    if len(found) != 1:
        raise Wrong("signature: it does not say when it was made")
    return datetime.strptime(found[0].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def trust_findings(signature: Signature, roots: list[x509.Certificate], at: datetime) -> Iterator[str]:
    path = [signature.signer]
    while path[-1] not in roots:
        above = [each for each in [*roots, *signature.certificates] if stands_above(each, path[-1])]
        if not above or len(path) > LONGEST_CHAIN:
            yield f"trust: no --root stands above {path[-1].subject.rfc4514_string()}, who signed"
            return
        path.append(above[0])
    if any(each not in path for each in signature.certificates):
        yield "signature: it carries a certificate that nothing asks for"
    for each in path:
        if not each.not_valid_before_utc <= at <= each.not_valid_after_utc:
            name = each.subject.rfc4514_string()
            yield f"trust: {name} was not in force at {at:%Y-%m-%d %H:%M}, when it says that it was signed"


def stands_above(above: x509.Certificate, below: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
        return above.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def record_in(content: bytes) -> bytes:
    """The JSON that the file carries, byte for byte. Raises `Wrong`."""
    found = list(RECORD.finditer(content))
    if len(found) != 1:
        raise Wrong(f"record: the file carries {len(found)} records, a certificate exactly one")
    return content[found[0].end() :][: int(found[0][1])]


def log_findings(export: Path, content: bytes) -> Iterator[str]:
    record = record_in(content)
    number, own, orders, newer = parsed(record).get("certificate"), {}, {}, ""
    with export.open(encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            entry = parsed(parsed(line).get("body", ""))
            if entry.get("kind") == "certificate" and entry.get("subject") == number:
                own = entry
            elif entry.get("kind") == "certificate" and number and entry.get("replaces") == number:
                newer = entry["subject"]
            elif entry.get("kind") == "order":
                orders[entry.get("subject")] = entry
    if not own:
        yield "log: the export does not tell of this certificate; it is older, or of another log"
        return
    if own.get("record_sha256") != sha256(record).hexdigest():
        yield f"log: the record in the file is not the one that the log tells of {number}"
    if own.get("sha256") != sha256(content).hexdigest():
        yield f"log: the file is not the one that was issued as {number}"
    if newer:
        yield f"replaced: {number} was replaced by {newer}; ask for that one"
    elif orders.get(own.get("order"), {}).get("state") == "reopened":
        yield f"in question: the order of {number} is open again, since something turned up"


def parsed(text: str | bytes) -> dict[str, Any]:
    """The JSON object, or an empty one where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def verify(given: argparse.Namespace) -> Iterator[str]:
    if int(version_of_cryptography.split(".")[0]) < OLDEST_CRYPTOGRAPHY:
        raise Unusable(
            f"the package cryptography is {version_of_cryptography} here, and {OLDEST_CRYPTOGRAPHY} or newer "
            "is needed; python -m venv check && check/bin/pip install cryptography, then use check/bin/python"
        )
    content = given.certificate.read_bytes()
    try:
        roots = [root for file in given.root for root in x509.load_pem_x509_certificates(file.read_bytes())]
    except ValueError as problem:
        raise Unusable(f"a --root holds no certificate as PEM ({problem})") from problem
    yield from signature_findings(content, roots)
    try:
        record_in(content)
        if given.export:
            yield from log_findings(given.export, content)
    except Wrong as wrong:
        yield str(wrong)


def main() -> int:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # typeshed knows it as TextIO
    parser = argparse.ArgumentParser(description="Checks one certificate of destruction.")
    parser.add_argument("certificate", type=Path, help="the PDF as it was received")
    parser.add_argument(
        "--root", type=Path, action="append", required=True, help="a root's certificate (PEM)"
    )
    parser.add_argument("--export", type=Path, help="the exported ledger (JSON Lines)")
    given = parser.parse_args()
    try:
        findings = list(verify(given))
    except (Unusable, OSError) as error:
        print(f"cannot be checked: {error}")
        return UNUSABLE
    print(*findings, sep="\n", end="\n" if findings else "")
    if not given.export:
        print("no --export was given: whether the log tells of it, and whether it was replaced, is not known")
    print(f"findings: {len(findings)}" if findings else "nothing was found to be wrong")
    return FOUND if findings else NOTHING_FOUND


if __name__ == "__main__":
    sys.exit(main())
