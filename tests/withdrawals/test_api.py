"""Withdrawals over HTTP: every answer is asked for, and what follows is told at once."""

import pytest

from tests.programme import just_now


def decision(**changed):
    return {
        "participant": "A100000001", "leaves": True, "information": "remove", "samples": "destroy",
        "requested_by": "participant", "capacity": "participant", "ceremony": "not_applicable",
        "channel": "phone", "decided_at": just_now(), **changed,
    }  # fmt: skip


def test_a_decision_holds_every_tube_and_opens_the_order(programme):
    _, tubes = programme.collected_kit(definition="urine-1")
    answer = programme.post("compliance", "/withdrawals", decision())
    assert answer.status == 201, answer.json
    assert (answer.json["information"], answer.json["samples"], answer.json["leaves"]) == (
        "remove",
        "destroy",
        True,
    )
    assert answer.json["specimens"] == len(tubes)
    order = programme.get("compliance", f"/destruction-orders/{answer.json['order']}").json
    assert (order["stage"], order["lines"]) == ("waiting", {"open": len(tubes)})
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["holds"] == ["withdrawal"]
    shown = programme.get("clinic_staff", "/participants/A100000001").json["standing"]
    assert (shown["left"], shown["samples"], shown["collection_stopped"]) == (True, "destroy", True)


@pytest.mark.parametrize("samples", ["keep", "undecided"])
def test_without_the_answer_destroy_no_order_is_opened(programme, samples):
    programme.collected_kit(definition="urine-1")
    answer = programme.post("compliance", "/withdrawals", decision(samples=samples, information="keep"))
    assert (answer.status, answer.json["order"], answer.json["specimens"]) == (201, None, 0)


def test_no_answer_has_a_default_and_none_is_guessed(programme):
    for name in (
        "leaves",
        "information",
        "samples",
        "ceremony",
        "capacity",
        "requested_by",
        "channel",
        "decided_at",
    ):
        said = {key: value for key, value in decision().items() if key != name}
        answer = programme.post("compliance", "/withdrawals", said)
        assert (answer.status, answer.json["field"]) == (422, name)
    for changed, field in (
        ({"leaves": "yes"}, "leaves"),
        ({"samples": "maybe"}, "samples"),
        ({"samples": None}, "samples"),
        ({"decided_at": "2026-03-01"}, "decided_at"),
        ({"decided_at": None}, "decided_at"),
    ):
        answer = programme.post("compliance", "/withdrawals", decision(**changed))
        assert (answer.status, answer.json["field"]) == (422, field), answer.json
    assert programme.get("compliance", "/participants/A100000001").json["standing"]["left"] is False


def test_another_sites_participant_is_unknown_here_too(programme):
    answer = programme.post("clinic_staff elsewhere", "/withdrawals", decision())
    assert (answer.status, answer.json["error"]) == (404, "ParticipantUnknown")
