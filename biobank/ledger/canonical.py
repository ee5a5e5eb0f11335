"""The one way an entry's body is written as bytes: sorted keys, no spaces, UTF-8, integers only."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from biobank.core.errors import Invalid

SCALARS = frozenset({str, int, bool, type(None)})


class NotCanonical(Invalid):
    title = "Not fit for the ledger"


def canonical_bytes(value: Any) -> bytes:
    """The bytes of `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.

    Raises NotCanonical for what other readers could read in another way: fractions, integers beyond 53
    bits, keys that are not text, half surrogates, and every type that JSON does not know (of an enum pass its
    value).
    """
    _refuse_foreign_types(value)
    try:
        # Integers beyond 53 bits are refused: readers that keep numbers as doubles would see another one.
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError as error:
        raise NotCanonical(
            f"The entry cannot be written to the ledger ({error}): use valid text, integers of "
            "at most 53 bits and little nesting."
        ) from error


def sha256_of(record: Mapping[str, Any]) -> str:
    """Hexadecimal, over the canonical bytes: what is signed, and what names a record in the ledger."""
    return hashlib.sha256(canonical_bytes(dict(record))).hexdigest()


def _refuse_foreign_types(value: Any) -> None:
    pending = [value]
    while pending:
        found = pending.pop()
        kind = type(found)
        if kind is dict:
            _refuse_foreign_keys(found)
            pending.extend(found.values())
        elif kind is list:
            pending.extend(found)
        elif kind not in SCALARS:
            raise NotCanonical(
                f"The ledger holds text, integers, true, false and null, not {kind.__name__}: "
                "write it as text."
            )


def _refuse_foreign_keys(found: dict[Any, Any]) -> None:
    for key in found:
        if type(key) is not str:
            raise NotCanonical(f"A key in the ledger is text, not {type(key).__name__}: write it as text.")
