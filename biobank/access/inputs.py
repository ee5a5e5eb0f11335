"""What somebody says who signs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Signing:
    """Who signs, typed in again, and the SHA-256 of the record as it was shown."""

    username: str
    password: str
    sha256: str
