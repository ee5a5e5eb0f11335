"""A file of a form, or the one that its page kept from before: a browser does not choose it again."""

import binascii
from base64 import b64decode, b64encode

from flask import Request

from biobank.core.errors import DomainError
from biobank.web.typed_fields import FieldRefused
from biobank.web.uploads import UPLOAD, file_sent

LARGEST_KEPT = 4 * 1024 * 1024
LONGEST_NAME = 80


def sent_or_kept(asked: Request, sentence: str) -> tuple[bytes, str]:
    """Raises `FieldRefused` with this sentence when there is neither."""
    if asked.files.get(UPLOAD) and asked.files[UPLOAD].filename:
        return file_sent(asked)
    try:
        content = b64decode(asked.form.get("content", ""), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise FieldRefused(sentence, field=UPLOAD) from problem
    if not content:
        raise FieldRefused(sentence, field=UPLOAD)
    return content, asked.form.get("file_name", "")


def kept_of(asked: Request, refusal: DomainError | None) -> dict[str, str] | None:
    """What the page of a refusal keeps; None where nothing was sent, or too much."""
    if refusal is None:
        return None
    try:
        content, name = sent_or_kept(asked, "")
    except FieldRefused:
        return None
    shown = "".join(sign for sign in name if sign.isprintable())[:LONGEST_NAME]
    return {"name": shown, "content": b64encode(content).decode()} if len(content) <= LARGEST_KEPT else None
