"""Withdrawals over HTTP: every answer is asked for, and what follows is told at once."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from biobank.access.actors import SETTING_UP
from biobank.access.operations import create_token
from biobank.commands import main
from biobank.core import moments
from biobank.core.database import writing
from tests.programme import PASSWORD, just_now


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


def signed(programme, shown, **more):
    """What two people send in one request."""
    programme.let_sign("comp.here", "lead.here")
    people = {
        name: {"username": who, "password": PASSWORD}
        for name, who in (("first", "comp.here"), ("second", "lead.here"))
    }
    asked = {"requested_by": "participant", "capacity": "participant", "channel": "phone"}
    return {**asked, "decided_at": just_now(), **people, "sha256": shown.json["sha256"], **more}


def test_a_reversal_is_one_request_with_both_credentials(programme):
    _, tubes = programme.collected_kit(definition="urine-1")
    order = programme.post("compliance", "/withdrawals", decision()).json["order"]
    shown = programme.get("compliance", "/participants/A100000001/reversal")
    assert shown.json["record"]["orders"][0]["order"] == order
    said = signed(programme, shown)
    wrong = {**said, "second": {"username": "lead.here", "password": "a guess that is wrong"}}
    refused = programme.post("compliance", "/participants/A100000001/reversal", wrong)
    assert (refused.status, refused.json["error"]) == (403, "CredentialsRefused")
    answer = programme.post("compliance", "/participants/A100000001/reversal", said)
    assert (answer.status, answer.json["order"], len(answer.json["signatures"])) == (201, order, 2)
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["holds"] == []
    assert programme.get("compliance", f"/destruction-orders/{order}").json["stage"] == "cancelled"
    gone = programme.get("compliance", "/participants/A100000001/reversal")
    assert (gone.status, gone.json["error"]) == (409, "NotForThem")


def test_a_request_without_papers_waits(programme):
    programme.collected_kit(definition="urine-1")
    kin = decision(capacity="next_of_kin", requested_by="kin-1")
    answer = programme.post("compliance", "/withdrawals", kin)
    assert (answer.status, answer.json["request"], answer.json["specimens"]) == (201, 1, 0)
    [waiting] = programme.get("compliance", "/withdrawals/waiting").json["requests"]
    assert (waiting["participant"], waiting["capacity"]) == ("A100000001", "next_of_kin")
    done = programme.post(
        "compliance",
        "/withdrawals/requests/1/completion",
        {"evidence": "letter 7", "accepted_at": just_now()},
    )
    assert (done.status, done.json["proved"], done.json["specimens"]) == (201, True, 1)
    again = programme.post("compliance", "/withdrawals/requests/1/decline", {"because": "no_papers"})
    assert (again.status, again.json["error"]) == (409, "NotWaiting")


def test_deaths_periods_refusals_and_two_codes(programme):
    programme.add_participant("A200000002")
    asked = {"requested_by": "kin-1", "capacity": "next_of_kin", "channel": "phone", "decided_at": just_now()}
    url = "/participants/A100000001"
    themself = {**asked, "capacity": "participant"}
    refused = programme.post("clinic_staff", f"{url}/refused-scopes", {**themself, "scopes": ["blood"]})
    assert (refused.status, refused.json["scopes"]) == (201, ["blood"])
    programme.post("compliance", "/withdrawals", decision(samples="keep", information="keep"))
    consent = {"form_version": "2", "scopes": ["urine"], "effective_at": just_now(), "source": "form F2"}
    assert programme.post("clinic_staff", f"{url}/periods", consent).status == 201
    told = programme.post("clinic_staff", f"{url}/deaths", {**asked, "died_on": None})
    assert (told.status, told.json["died_on"]) == (201, None)
    assert programme.get("compliance", url).json["standing"]["deceased"] is True
    mistake = f"/participants/deaths/{told.json['death']}/mistake"
    said = signed(programme, programme.get("compliance", mistake))
    assert programme.post("compliance", mistake, said).status == 201
    assert programme.get("compliance", url).json["standing"]["deceased"] is False
    shown = programme.get("compliance", f"{url}/same-person?other=A200000002")
    said = signed(programme, shown, other="A200000002")
    assert programme.post("compliance", f"{url}/same-person", said).status == 201
    assert programme.get("compliance", url).json["code"] == "A200000002"


def test_a_decision_of_somebody_else_is_corrected(programme):
    programme.add_participant("A200000002")
    number = programme.post("compliance", "/withdrawals", decision()).json["decision"]
    url = f"/participants/decisions/{number}/mistake"
    said = signed(programme, programme.get("compliance", f"{url}?other=A200000002"), other="A200000002")
    assert programme.post("compliance", url, said).status == 201
    left = [
        programme.get("compliance", f"/participants/{code}").json["standing"]["left"]
        for code in ("A100000001", "A200000002")
    ]
    assert left == [False, True]


def test_what_is_open_ends_the_command_with_1_when_it_is_overdue(programme, monkeypatch):
    programme.post("compliance", "/withdrawals", decision(samples="undecided", information="undecided"))
    monkeypatch.setenv("BIOBANK_TOKEN", programme.tokens["compliance"])
    asked = ["decisions", "open", "--as", "comp.here", "--json"]
    soon = CliRunner().invoke(main, asked, obj=lambda: programme.app)
    assert (soon.exit_code, json.loads(soon.output)["open"][0]["overdue"]) == (0, False)
    later = moments.now() + timedelta(days=20)
    with programme.app.app_context():
        monkeypatch.setattr(moments, "now", lambda: later)
        with writing() as work:
            token = create_token(work, SETTING_UP, username="comp.here", days=1)[1]
    monkeypatch.setenv("BIOBANK_TOKEN", token)
    late = CliRunner().invoke(main, asked, obj=lambda: programme.app)
    assert (late.exit_code, json.loads(late.output)["open"][0]["overdue"]) == (1, True)
