"""An authenticator in some lines: makes passkeys and answers questions as WebAuthn has it, right or wrong."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    host: str = "localhost"
    origin: str = "http://localhost:8000"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def made(self, challenge: bytes) -> dict:
        """The answer of `navigator.credentials.create`, as JSON has it."""
        at = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32), -3: at.y.to_bytes(32)})
        attested = b"\0" * 16 + struct.pack(">H", len(self.identifier)) + self.identifier + public
        said = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", challenge), attestationObject=cbor2.dumps(said)
        )

    def answers(self, challenge: bytes) -> dict:
        """The answer of `navigator.credentials.get`."""
        self.count += 1
        data, client = self._data(), self._client("webauthn.get", challenge)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(authenticatorData=data, clientDataJSON=client, signature=signature)

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", self.flags | more, self.count)

    def _client(self, kind: str, challenge: bytes) -> bytes:
        told = {"type": kind, "challenge": bytes_to_base64url(challenge), "origin": self.origin}
        return json.dumps(told).encode()

    def _answer(self, **response: bytes) -> dict:
        identifier = bytes_to_base64url(self.identifier)
        said = {name: bytes_to_base64url(value) for name, value in response.items()}
        return {"id": identifier, "rawId": identifier, "type": "public-key", "response": said}
