"""Every single wrong character and every swap of neighbours is refused: counted, not believed.

`read_identifier` itself judges a sample with every character that can be keyed; over all of the identifiers
the same sums are done by numpy, which has to agree with `read_identifier` on the sample.
"""

import random

import numpy as np
import pytest

from biobank.items.identifiers import Letter, UnreadableIdentifier, check_digits, read_identifier

SEED = 20261122
KEYS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OURS = "".join(Letter)


def identifiers(count: int, seed: int = SEED) -> list[str]:
    drawn = random.Random(seed)
    bodies = (f"{drawn.choice(OURS)}{drawn.randrange(10**10):010d}" for _ in range(count))
    return [body + check_digits(body) for body in bodies]


def wrong_characters(identifier: str):
    for place, right in enumerate(identifier):
        for other in KEYS:
            if other != right:
                yield identifier[:place] + other + identifier[place + 1 :]


def swaps(identifier: str):
    for place in range(12):
        first, second = identifier[place : place + 2]
        if first != second:
            yield identifier[:place] + second + first + identifier[place + 2 :]


def is_read(text: str) -> bool:
    try:
        return read_identifier(text) is not None
    except UnreadableIdentifier:
        return False


def tried_on_read_identifier(count: int) -> dict[str, tuple[int, int]]:
    """By kind of error: how many were tried, how many were read all the same."""
    table = {}
    for kind, errors in (("one character wrong", wrong_characters), ("two neighbours swapped", swaps)):
        tried = undetected = 0
        for identifier in identifiers(count):
            for text in errors(identifier):
                tried += 1
                undetected += is_read(text)
        table[kind] = (tried, undetected)
    return table


def test_every_wrong_character_and_every_swap_is_refused():
    table = tried_on_read_identifier(60)
    assert table["one character wrong"] == (60 * 13 * 35, 0)
    assert table["two neighbours swapped"][0] > 600
    assert table["two neighbours swapped"][1] == 0


# The same sums over all, as numpy does them: an identifier is its letter's number and twelve digits.


def numbers(texts: list[str]) -> np.ndarray:
    return np.array([[int(text[0], 36), *map(int, text[1:])] for text in texts], dtype=np.int64)


def fits(codes: np.ndarray) -> np.ndarray:
    """MOD 97-10: the letter, ten digits and the check digits leave 1; 00, 01 and 99 are never given out."""
    weights = np.array([pow(10, 12 - place, 97) for place in range(13)], dtype=np.int64)
    pair = codes[:, 11] * 10 + codes[:, 12]
    return ((codes * weights).sum(axis=1) % 97 == 1) & (pair >= 2) & (pair <= 98)


def test_numpy_and_read_identifier_agree():
    drawn = random.Random(SEED + 1)
    texts = identifiers(3000)
    texts += [text[:-2] + f"{drawn.randrange(100):02d}" for text in texts]
    texts += [drawn.choice(OURS) + text[1:] for text in texts[:3000]]
    assert list(fits(numbers(texts))) == [is_read(text) for text in texts]


def undetected_of_ours(codes: np.ndarray) -> dict[str, tuple[int, int]]:
    """Wrong characters that leave our shape (others are refused by it), and swaps of two digits."""
    letters = [int(letter, 36) for letter in OURS]
    singles = [0, 0]
    for place in range(13):
        for other in letters if place == 0 else range(10):
            changed = codes[codes[:, place] != other]
            changed[:, place] = other
            singles[0] += len(changed)
            singles[1] += int(fits(changed).sum())
    swapped = [0, 0]
    for place in range(1, 12):
        changed = codes[codes[:, place] != codes[:, place + 1]]
        changed[:, [place, place + 1]] = changed[:, [place + 1, place]]
        swapped[0] += len(changed)
        swapped[1] += int(fits(changed).sum())
    return {"one digit or letter of ours wrong": tuple(singles), "two digits swapped": tuple(swapped)}


@pytest.mark.campaign
def test_none_of_a_hundred_thousand_identifiers_has_an_error_that_passes():
    codes = numbers(identifiers(100_000))
    assert fits(codes).all()
    table = undetected_of_ours(codes)
    table |= {
        f"{kind}, through read_identifier": found for kind, found in tried_on_read_identifier(5000).items()
    }
    print(f"\nseed {SEED}\n{'kind of error':<58}{'tried':>12}{'undetected':>12}")
    for kind, (tried, undetected) in table.items():
        print(f"{kind:<58}{tried:>12,}{undetected:>12,}")
    assert table["one digit or letter of ours wrong"] == (100_000 * (10 + 12 * 9), 0)
    assert [undetected for _, undetected in table.values()] == [0] * 4
