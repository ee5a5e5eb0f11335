"""The feeds as the programme's system and a person at a terminal meet them."""

import json

import pytest
from click.testing import CliRunner

from biobank.commands import main
from tests.feeds.test_withdrawals_in import file, line
from tests.programme import PARTICIPANT

ROW = {
    "row": "17",
    "participant": PARTICIPANT,
    "withdrawal_time": "2026-03-01T09:30:00-06:00",
    "information": "undecided",
    "samples": "undecided",
    "ceremony": "unanswered",
}


def deliver(programme, *rows):
    return programme.post("compliance", "/feeds/withdrawals", {"rows": list(rows)})


def test_each_row_is_acknowledged_now_and_whenever_it_is_asked_for(programme):
    answer = deliver(programme, ROW, ROW | {"row": "18", "participant": "A700000007"})
    assert answer.status == 200, answer.json
    first, second = answer.json["acknowledgements"]
    assert (first["row"], first["outcome"], first["new_participant"]) == ("17", "recorded", False)
    assert (second["row"], second["outcome"], second["new_participant"]) == ("18", "recorded", True)
    assert first["decision"]
    assert first["entered_at"]
    page = programme.get("compliance", "/feeds/withdrawals/acknowledgements?limit=1").json
    assert page["acknowledgements"] == [first]
    rest = programme.get(
        "compliance", f"/feeds/withdrawals/acknowledgements?cursor={page['next_cursor']}"
    ).json
    assert rest == {"acknowledgements": [second], "next_cursor": None}
    again = deliver(programme, ROW, ROW | {"row": "18", "participant": "A700000007"}).json
    assert (again["already_known"], again["acknowledgements"]) == (True, [first, second])


def test_answers_that_come_later_are_taken_and_never_taken_back(programme):
    deliver(programme, ROW)
    told = ROW | {
        "withdrawal_time": "2026-03-02T09:30:00-06:00",
        "information": "remove",
        "samples": "destroy",
    }
    [answered] = deliver(programme, told).json["acknowledgements"]
    assert answered["outcome"] == "recorded"
    back = told | {"information": "keep", "samples": "keep"}
    [refused] = deliver(programme, back).json["acknowledgements"]
    assert (refused["outcome"], refused["decision"]) == ("compliance_decides", answered["decision"])
    known = programme.get("compliance", f"/participants/{PARTICIPANT}").json
    assert (known["standing"]["information"], known["standing"]["samples"]) == ("remove", "destroy")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"information": None}, "rows.0.information"),
        ({"participant": "P123456789"}, "rows.0.participant"),
        ({"withdrawal_time": "2026-03-01T09:30:00"}, "rows.0.withdrawal_time"),
        ({"is_native_american": "Y"}, "rows.0.is_native_american"),
        ({"row": "Testa Participant"}, "rows.0.row"),
    ],
)
def test_no_answer_is_guessed_and_nothing_more_is_taken(programme, changed, field):
    row = {name: value for name, value in (ROW | changed).items() if value is not None}
    answer = deliver(programme, row)
    assert (answer.status, answer.json["field"]) == (422, field)


def run(programme, *arguments, who="compliance", person="comp.here"):
    told = {"BIOBANK_TOKEN": programme.tokens[who]}
    return CliRunner().invoke(
        main, [*map(str, arguments), "--as", person], obj=lambda: programme.app, env=told
    )


def test_a_file_is_imported_by_command_and_its_acknowledgements_fetched(programme, tmp_path):
    path = tmp_path / "report_2026-2_withdrawals.csv"
    path.write_bytes(file(line(PARTICIPANT), line("A700000007", reason="=1+1")))
    done = run(programme, "import", "withdrawals", path, "--json")
    told = json.loads(done.output)
    assert (done.exit_code, told["recorded"], told["already_known"]) == (0, 2, False)
    assert json.loads(run(programme, "import", "withdrawals", path, "--json").output)["already_known"]
    out = tmp_path / "acknowledgements.csv"
    assert run(programme, "export", "acknowledgements", out).exit_code == 0
    header, *rows = out.read_text().splitlines()
    assert header.startswith("acknowledgement,delivery,line,row,participant")
    assert [row.split(",")[4] for row in rows] == [PARTICIPANT, "A700000007"]


def test_a_file_that_cannot_be_read_says_where(programme, tmp_path):
    path = tmp_path / "withdrawals.csv"
    path.write_bytes(file(line(PARTICIPANT), line("A700000007", at="yesterday")))
    done = run(programme, "import", "withdrawals", path)
    assert done.exit_code == 2
    assert "line 3, column withdrawal_time" in done.output
