"""Visits over HTTP, and what another site gets of them."""

import pytest

from tests.programme import PARTICIPANT

TWO = {"identifiers": ["full_name", "birth_date"]}


@pytest.fixture
def kit(programme):
    return programme.issued_kit()[0]


def test_the_api_tells_of_a_visit_and_never_of_an_answer(programme, kit):
    at = {"occurred_at": None}
    asked = {"participant": PARTICIPANT, "site": "clinic-1", **at}
    opened = programme.post("clinic_staff", "/visits", asked)
    assert opened.status == 201
    assert programme.post("clinic_staff elsewhere", "/visits/1/identity", {**TWO, **at}).status == 404
    assert programme.post("clinic_staff", "/visits/1/identity", {**TWO, **at}).status == 200
    questions = programme.get("clinic_staff", "/visits/1/questions").json
    answers = dict.fromkeys((each["code"] for each in questions["questions"]), "no")
    safety = {"question_set": questions["question_set"], "answers": answers, **at}
    cleared = programme.post("clinic_staff", "/visits/1/safety", safety)
    assert (cleared.json["clearance"], "answers" in cleared.json) == ("full", False)
    assigned = programme.post("clinic_staff", "/visits/1/kits", {"kit": kit, **at})
    assert assigned.status == 200, assigned.json
    assert [each["identifier"] for each in programme.get("clinic_staff", "/visits/1").json["kits"]] == [kit]
    assert [each["number"] for each in programme.get("clinic_staff", "/visits").json["visits"]] == [1]
    erased = programme.ask("clinic_staff", "DELETE", f"/visits/answers/{PARTICIPANT}")
    assert erased.json == {"visits": 1}
