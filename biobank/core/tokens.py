"""Secret texts that prove who holds them: 256 random bits, kept only as their SHA-256."""

import hashlib
import secrets

PREFIX = "biobank_"
"""Lets scanners for leaked secrets recognise one."""


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def sha256_of(text: str) -> str:
    """Hexadecimal. No salt: 256 random bits cannot be guessed, and the look-up is by this value."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
