"""Identifiers: python-stdnum is the second opinion, and no text whatever brings another error than ours."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from biobank.items.identifiers import (
    MEANINGS,
    CheckDigitsWrong,
    Letter,
    LetterNotOurs,
    NotDigits,
    NothingScanned,
    UnreadableIdentifier,
    WrongLength,
    check_digits,
    looks_like_ours,
    new_identifier,
    normalise,
    printed,
    read_identifier,
)

KNOWN = "T483134562451"
identifiers = st.builds(
    lambda letter, number: f"{letter}{number:010d}" + check_digits(f"{letter}{number:010d}"),
    st.sampled_from(Letter),
    st.integers(0, 10**10 - 1),
)


def sample(count):
    drawn = random.Random(20260301)
    for _ in range(count):
        body = f"{drawn.choice(list(Letter))}{drawn.randrange(10**10):010d}"
        yield body + check_digits(body)


def refused(text):
    with pytest.raises(UnreadableIdentifier) as caught:
        read_identifier(text)
    return caught.type


def test_the_letters_are_those_of_the_labels():
    assert "".join(sorted(Letter)) == "BCDFHKNRSTX"
    assert set(MEANINGS) == set(Letter)


def test_the_known_identifier_is_read_and_printed():
    assert read_identifier(KNOWN) == KNOWN
    assert printed(KNOWN) == "T 4831 3456 24-51"
    assert read_identifier(printed(KNOWN)) == KNOWN


@pytest.mark.parametrize("letter", list(Letter))
def test_a_new_identifier_has_the_shape_and_is_read(letter):
    made = {new_identifier(letter) for _ in range(200)}
    assert len(made) == 200
    for identifier in made:
        assert re.fullmatch(r"[BCDFHKNRSTX]\d{10}\d{2}", identifier)
        assert identifier[0] == letter
        assert read_identifier(identifier) == identifier


def test_stdnum_finds_the_same_check_digits():
    for identifier in sample(5000):
        assert mod_97_10.calc_check_digits(identifier[:-2]) == identifier[-2:]
        assert mod_97_10.is_valid(identifier)


@given(st.from_regex(r"\A[BCDFHKNRSTX][0-9]{12}\Z"))
def test_what_we_read_stdnum_calls_valid_and_the_other_way_round(text):
    # stdnum also takes 00, 01 and 99, which MOD 97-10 never gives out: one body, one pair of digits.
    ours = mod_97_10.is_valid(text) and text[-2:] not in {"00", "01", "99"}
    if ours:
        assert read_identifier(text) == text
    else:
        assert refused(text) is CheckDigitsWrong


def test_every_single_error_is_refused():
    wrong = 0
    for identifier in sample(300):
        for place, right in enumerate(identifier):
            for other in "".join(Letter) if place == 0 else "0123456789":
                if other != right:
                    assert refused(identifier[:place] + other + identifier[place + 1 :]) is CheckDigitsWrong
                    wrong += 1
    assert wrong == 300 * (10 + 12 * 9)


def test_every_adjacent_swap_is_refused():
    swapped = 0
    for identifier in sample(2000):
        for place in range(12):
            first, second = identifier[place], identifier[place + 1]
            if first != second:
                refused(identifier[:place] + second + first + identifier[place + 2 :])
                swapped += 1
    assert swapped > 20_000


def test_every_jump_swap_and_twin_error_is_refused():
    for identifier in sample(500):
        for place in range(1, 11):
            first, middle, last = identifier[place : place + 3]
            if first != last:
                refused(identifier[:place] + last + middle + first + identifier[place + 3 :])
            if first == middle:
                for other in set("0123456789") - {first}:
                    refused(identifier[:place] + other + other + identifier[place + 2 :])


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("", NothingScanned, "Nothing was scanned"),
        (" \t\r\n", NothingScanned, "Nothing was scanned"),
        ("]C0", NothingScanned, "Nothing was scanned"),
        ("T48313456245", WrongLength, "12 characters"),
        ("T4831345624510", WrongLength, "14 characters"),
        ("A123456789", WrongLength, "10 characters"),
        ("A483134562451", LetterNotOurs, "begin with 'A'"),
        ("4831345624510", LetterNotOurs, "begin with '4'"),
        ("T48313456245I", NotDigits, "digits only"),
        ("T48313456245²", NotDigits, "digits only"),
        ("T４８３１３４５６２４５１", NotDigits, "digits only"),
        ("T483134562450", CheckDigitsWrong, "one character is wrong or two are swapped"),
        ("T843134562451", CheckDigitsWrong, "scan again or key it from the label"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text, kind, says):
    with pytest.raises(kind) as caught:
        read_identifier(text)
    assert caught.type is kind
    assert says in caught.value.detail
    assert caught.value.detail.endswith(".")
    assert caught.value.detail.count(". ") == 0


@pytest.mark.parametrize(
    "text",
    [
        "t483134562451",
        "]C0T483134562451",
        "]c0t483134562451\r\n",
        "]d1T483134562451\x1d",
        "\x1d]d2T483134562451",
        "]C0 ]C0T483134562451",
        "  T 4831 3456 24-51\t",
        "T 4831\u00a03456 24\u201151",
        "\ufeffT483134562451",
        "\x02T4831\x1d34562451\x03",
    ],
)
def test_a_scanner_may_add_what_scanners_add(text):
    assert read_identifier(text) == KNOWN
    assert normalise(text) == KNOWN
    assert looks_like_ours(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KIT-12345678", "KIT-12345678"),
        ("kit-12345678\r", "KIT-12345678"),
        ("]C0KIT-12345678\x1d", "KIT-12345678"),
        (" 0123 4567 ", "0123 4567"),
        ("A123456789", "A123456789"),
        ("", ""),
    ],
)
def test_an_alias_keeps_its_own_hyphens(text, found):
    assert normalise(text) == found
    assert not looks_like_ours(text)


def test_a_mistyped_code_still_looks_like_ours():
    assert looks_like_ours("T483134562450")


def test_a_refusal_never_repeats_the_text():
    with pytest.raises(UnreadableIdentifier) as caught:
        read_identifier("Testa Participant")
    assert "TESTA" not in caught.value.detail.upper()


@given(st.text() | st.from_regex(r"[BCDFHKNRSTXA][0-9 ٣-]{12}"))
def test_arbitrary_text_is_read_or_refused_and_nothing_else(text):
    try:
        identifier = read_identifier(text)
    except UnreadableIdentifier:
        return
    assert mod_97_10.is_valid(identifier)
    assert looks_like_ours(text)
    assert normalise(text) == identifier


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(identifiers, st.sampled_from(["", "]C0", "]d1", "]Q1", "\x1d"]), st.booleans(), st.booleans())
def test_every_way_of_writing_an_identifier_is_read(identifier, before, lower, spaced):
    text = printed(identifier) if spaced else identifier
    assert read_identifier(before + (text.lower() if lower else text)) == identifier
