"""What somebody says who registers a custodian outside or changes what is known of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from biobank.custodians.choices import CustodianKind, SignerRole


@dataclass(frozen=True, kw_only=True)
class NewCustodian:
    """An organisation as its agreement names it; nobody who works there."""

    code: str
    kind: CustodianKind
    organisation: str
    agreement: str


@dataclass(frozen=True, kw_only=True)
class CustodianChange:
    """What is not told stays as it was."""

    organisation: str | None = None
    agreement: str | None = None
    in_use: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """A signed document: by which number it is kept, the SHA-256 of its bytes, and who signed it."""

    number: str
    sha256: str
    signer_role: SignerRole


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """How one specimen, or all of a document, was destroyed outside."""

    on: date
    method: str
    reference: str
    """The custodian's number of the run."""


@dataclass(frozen=True, kw_only=True)
class NewAttestation:
    """A custodian says in a signed document that it destroyed these specimens, by their codes."""

    custodian: str
    document: Document
    destroyed: Destroyed
    items: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class NewReport:
    """A file in which a custodian reports, a row a specimen, what it destroyed."""

    custodian: str
    number: str
    """By which the file is kept."""
    content: bytes
