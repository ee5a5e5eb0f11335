"""The core alone: codes of an app, and what passkeys answer, right and wrong in every way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from biobank.access.choices import Purpose
from biobank.access.verifying import (
    NotRight,
    Party,
    Question,
    covers,
    judged,
    matching_step,
    registered,
    step_at,
)
from tests.access.authenticator import PRESENT, Authenticator

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""Of the test vectors of RFC 6238, appendix B."""
AT = datetime(2026, 7, 1, 12, 0, 10, tzinfo=UTC)
HERE = Party("localhost", "http://localhost:8000")
QUESTION = Question(Purpose.SIGN, "a nonce", "I saw it.", ("ab" * 32, "cd" * 32))


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert matching_step(SECRET, code, at, 0) == seconds // 30 == step_at(at)
    assert matching_step(SECRET, f" {code[:3]} {code[3:]} ", at, 0) == seconds // 30


def test_a_clock_may_be_off_by_one_step_and_no_more():
    right = {
        shift: matching_step(SECRET, pyotp.TOTP(SECRET).at(AT + timedelta(seconds=30 * shift)), AT, 0)
        for shift in (-2, -1, 0, 1, 2)
    }
    here = step_at(AT)
    assert right == {-2: None, -1: here - 1, 0: here, 1: here + 1, 2: None}


def test_no_code_counts_twice_nor_one_before_it():
    code, here = pyotp.TOTP(SECRET).at(AT), step_at(AT)
    assert matching_step(SECRET, code, AT, here - 1) == here
    assert matching_step(SECRET, code, AT, here) is None
    assert matching_step(SECRET, code, AT, here + 1) is None


@pytest.mark.parametrize("typed", ["", "000000", "28708", "2870822", "x", "ü", "\udcff", "\x00"])
def test_what_is_no_code_is_none(typed):
    assert matching_step(SECRET, typed, datetime.fromtimestamp(59, UTC), 0) is None


def test_a_challenge_is_of_one_purpose_nonce_meaning_and_set_of_records():
    others = [
        replace(QUESTION, purpose=Purpose.SIGN_IN),
        replace(QUESTION, nonce="another"),
        replace(QUESTION, meaning="I did it."),
        replace(QUESTION, shown=("ab" * 32,)),
        replace(QUESTION, shown=()),
    ]
    assert len({each.challenge for each in [QUESTION, *others]}) == 6
    assert len(QUESTION.challenge) == 32
    assert replace(QUESTION, shown=("cd" * 32, "ab" * 32, "ab" * 32)).challenge == QUESTION.challenge


def test_a_signature_reaches_what_was_shown_and_no_further():
    assert covers(["a", "b"], ["a"])
    assert covers(["a", "b"], ["b", "a"])
    assert not covers(["a", "b"], ["a", "c"])
    assert not covers([], ["a"])


@pytest.fixture
def made():
    """An authenticator, and the public key that it told when its passkey was made."""
    device = Authenticator()
    asked = Question(Purpose.REGISTER, "first")
    identifier, public_key, count = registered(device.made(asked.challenge), asked, HERE)
    assert (identifier, count) == (device.made(b"")["id"], 0)
    return device, public_key


def test_the_right_answer_gives_the_new_count(made):
    device, key = made
    assert judged(device.answers(QUESTION.challenge), QUESTION, HERE, public_key=key, sign_count=0) == 1
    assert judged(device.answers(QUESTION.challenge), QUESTION, HERE, public_key=key, sign_count=1) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "https://localhost:8000"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
        {"key": Authenticator().key},
    ],
)
def test_another_origin_host_or_key_or_nobody_verified_is_refused(made, wrong):
    device, key = made
    answer = replace(device, **wrong).answers(QUESTION.challenge)
    with pytest.raises(NotRight):
        judged(answer, QUESTION, HERE, public_key=key, sign_count=0)


def test_an_answer_to_another_question_is_refused(made):
    device, key = made
    answer = device.answers(QUESTION.challenge)
    for asked in (replace(QUESTION, shown=("ef" * 32,)), replace(QUESTION, nonce="next")):
        with pytest.raises(NotRight):
            judged(answer, asked, HERE, public_key=key, sign_count=0)


def test_a_count_that_does_not_go_on_is_a_copy(made):
    device, key = made
    answer = device.answers(QUESTION.challenge)
    with pytest.raises(NotRight):
        judged(answer, QUESTION, HERE, public_key=key, sign_count=1)


@pytest.mark.parametrize(
    "said", [{}, {"id": 7}, {"id": "x", "rawId": "x", "type": "public-key", "response": {}}]
)
def test_what_is_no_answer_is_refused_and_never_breaks(said):
    with pytest.raises(NotRight):
        judged(said, QUESTION, HERE, public_key=b"", sign_count=0)
    with pytest.raises(NotRight):
        registered(said, QUESTION, HERE)


@pytest.mark.parametrize(
    "wrong", [{"origin": "http://evil.example"}, {"host": "evil.example"}, {"flags": PRESENT}]
)
def test_a_passkey_is_made_here_by_somebody_verified(wrong):
    asked = Question(Purpose.REGISTER, "first")
    with pytest.raises(NotRight):
        registered(Authenticator(**wrong).made(asked.challenge), asked, HERE)
    with pytest.raises(NotRight):
        registered(Authenticator().made(b"another question"), asked, HERE)
