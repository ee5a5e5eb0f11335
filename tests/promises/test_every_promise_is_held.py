"""No promise without a test that says it: the programme's words, and the tests whose first sentence they are."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PROMISES = {
    1: ["Participants may withdraw at any time"],
    2: ["You will have two choices"],
    3: ["You can also decide whether we keep or destroy any samples you may have given"],
    4: ["Researchers can still use the information you have already contributed"],
    5: ["Your information will not be used for new studies"],
    6: ["We will destroy your samples"],
    7: ["We will remove your information the next time we update the database"],
    8: ["If researchers already have your information, we cannot get it back"],
    9: ["We will let researchers check the results of past studies"],
    10: ["In both cases, we will keep your name and contact information"],
    11: ["You will receive a message that confirms your decision"],
    12: ["Keeps track of who can see it"],
    13: ["Replace them with a code", "very few people have access"],
    14: ["names, addresses, and other identifying information will be removed"],
    15: ["We encrypt participant data", "Everything will be stored securely"],
    17: ["If we have to give out your information we will give out as little as possible"],
    18: ["help us fight legal demands"],
    19: ["If a breach is a risk to your privacy, we will tell you what was exposed"],
    20: ["how their data are used, accessed and shared"],
    21: ["Participants can choose how much information to share"],
    22: ["Only researchers approved by the program will be allowed to see data from individual participants"],
    23: ["Experts continue to test the security of our databases"],
}
"""By number. The sixteenth is about the public's page of figures, which is no part of this product."""


def told():
    """What the tests of each promise say of it."""
    found = {}
    for path in TESTS.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            named = isinstance(node, ast.FunctionDef) and re.match(r"test_p(\d\d)_", node.name)
            if named:
                found.setdefault(int(named[1]), []).append(plain(ast.get_docstring(node) or ""))
    return found


def plain(text):
    return " ".join(re.sub(r"[^\w ]", " ", text.casefold()).split())


TOLD = told()


@pytest.mark.parametrize("number", sorted(PROMISES))
def test_a_test_says_the_promise_and_holds_it(number):
    said = " ".join(TOLD.get(number, []))
    assert [words for words in PROMISES[number] if plain(words) not in said] == []


def test_no_test_holds_a_promise_that_nobody_made():
    assert TOLD.keys() <= PROMISES.keys()
