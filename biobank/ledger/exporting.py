"""The log as a file for the offline verifier: its leaves under a checkpoint, and the states they give."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO

import orjson
from sqlalchemy import bindparam, select

from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.ledger import checkpoints
from biobank.ledger.notes import to_base64
from biobank.ledger.queries import entries, leaves, streamed

LEAVES = Statement(
    select(leaves.c.leaf_index, entries.c.hash, entries.c.body)
    .join(entries, entries.c.id == leaves.c.entry_id)
    .where(leaves.c.leaf_index < bindparam("size"))
    .order_by(leaves.c.leaf_index)
)


def export(work: Work, stream: BinaryIO, note: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Write the first leaves, as many as the checkpoint `note` covers, and `records` about them.

    `records` are those of `states_for_export` and of certificates, as of the checkpoint. Returns the leaves.
    """
    checkpoint = checkpoints.read(note)
    head = {"kind": "export", "v": 1, "origin": checkpoint.origin, "size": checkpoint.size}
    _write(stream, {**head, "root": to_base64(checkpoint.root), "checkpoint": note})
    for record in chain(_leaves(work, checkpoint.size), records):
        _write(stream, record)
    return checkpoint.size


def _leaves(work: Work, size: int) -> Iterator[dict[str, Any]]:
    for index, digest, body in streamed(work, LEAVES, size=size):
        yield {"kind": "leaf", "index": index, "hash": bytes(digest).hex(), "body": bytes(body).decode()}


def _write(stream: BinaryIO, record: Mapping[str, Any]) -> None:
    stream.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
