"""Canonical bytes against the standard library's JSON, and what is refused."""

import datetime as dt
import enum
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as some

from biobank.ledger.canonical import NotCanonical, canonical_bytes

TEXT = some.text()
SCALARS = some.none() | some.booleans() | some.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = some.recursive(
    SCALARS, lambda inner: some.lists(inner) | some.dictionaries(TEXT, inner), max_leaves=30
)


class Word(enum.StrEnum):
    STORED = "stored"


@given(VALUES)
def test_the_same_bytes_as_the_standard_library(value):
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical_bytes(value) == expected.encode()


def test_keys_are_sorted_by_character_not_by_utf16():
    assert canonical_bytes({"\U00010000": 1, "\uffff": 2, "b": {"z": [], "a": None}}) == (
        '{"b":{"a":null,"z":[]},"\uffff":2,"\U00010000":1}'.encode()
    )


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), (1, 2), {1, 2}, b"bytes", uuid.UUID(int=1), Word.STORED, dt.date(2026, 11, 21)],
    ids=repr,
)
def test_foreign_types_are_refused_at_any_depth(value):
    for nested in (value, [value], {"a": [{"b": value}]}):
        with pytest.raises(NotCanonical, match=f"not {type(value).__name__}: write it as text"):
            canonical_bytes(nested)


@pytest.mark.parametrize("key", [1, None, True, Word.STORED], ids=repr)
def test_keys_are_text(key):
    with pytest.raises(NotCanonical, match="A key in the ledger is text"):
        canonical_bytes([{key: 1}])


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**30, "\ud800", {"\udfff": 1}], ids=ascii)
def test_what_other_readers_would_read_differently_is_refused(value):
    with pytest.raises(NotCanonical, match="cannot be written to the ledger"):
        canonical_bytes(value)


def test_deep_nesting_is_refused_in_one_sentence():
    value: list = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical, match="little nesting"):
        canonical_bytes(value)
