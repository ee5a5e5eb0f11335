"""The versions of an order: each is kept for good, its free text apart, and proved by the ledger."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.exchange.choices import OrderStatus
from biobank.exchange.documents import Document
from biobank.exchange.models import ImportedOrder, ImportedOrderNote, OrderVersion
from biobank.exchange.queries import notes_until
from biobank.items.models import Item
from biobank.ledger.operations import append_to

SALT_BYTES = 32
ENTRY = "order_version"


@dataclass(frozen=True)
class SaltedNote:
    """Free text of an order as the ledger knows it: what it is about, and SHA-256 of salt and text."""

    about: str
    sha256: str


def salted(note: ImportedOrderNote) -> SaltedNote:
    return SaltedNote(note.about, hashlib.sha256(note.salt + note.text.encode()).hexdigest())


def note(about: str, text: str) -> ImportedOrderNote:
    """With a salt of its own, so that nobody guesses the text from its hash."""
    return ImportedOrderNote(about=about, text=text, salt=secrets.token_bytes(SALT_BYTES))


def add_version(
    work: Work,
    order: ImportedOrder,
    number: int,
    status: OrderStatus,
    document: Document,
    notes: Sequence[ImportedOrderNote],
    *,
    content_hash: str,
    by: Actor,
) -> OrderVersion:
    """Keep what an order says now; the free text goes where it can be erased."""
    version = OrderVersion(
        order_id=order.id,
        version=number,
        status=status.value,
        content_hash=content_hash,
        document=orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode(),
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(version)
    for each in notes:
        each.order_id, each.version = order.id, number
        work.session.add(each)
    work.flush()
    hashes = [{"about": each.about, "sha256": each.sha256} for each in map(salted, notes)]
    content = {**version_content(version), "notes": hashes}
    append_to(work, subject=f"order:{order.id}", kind=ENTRY, content=content, recorded_at=version.recorded_at)
    return version


def version_content(version: OrderVersion) -> dict[str, Any]:
    """What the ledger says of a version, its notes apart."""
    document = (version.document or "").encode()
    return {
        "order": version.order_id,
        "version": version.version,
        "status": version.status,
        "content_hash": version.content_hash,
        "document_sha256": hashlib.sha256(document).hexdigest(),
        "recorded_by": version.recorded_by,
    }


def document_of(version: OrderVersion) -> Document:
    """Empty for an order that was imported before versions were kept."""
    document: Document = orjson.loads(version.document) if version.document else {}
    return document


def etag(version: OrderVersion) -> str:
    return f'W/"{version.version}"'


def order_told(work: Work, version: OrderVersion, kit: Item) -> Mapping[str, Any]:
    """A version as it is given back: who the participant is now, and the free text that is still there."""
    document = document_of(version)
    texts = notes_until(work, version.order_id, version.version)
    told = {
        **document,
        "id": kit.identifier,
        "subject": f"Participant/{kit.participant}",
        "notes": {about: texts[about] for about in document.get("notes", ()) if about in texts},
        "status": version.status,
        "version": version.version,
        "meta": {"versionId": etag(version)},
    }
    if "amended" in texts:
        told["amendedReason"] = texts["amended"]
    return told
