"""Scanning from a terminal as one person, and reading what became of an item."""

import json

import pytest

from biobank.commands import main
from biobank.core.database import reading
from biobank.items.identifiers import printed
from tests.programme import just_now


@pytest.fixture
def run(programme):
    def run(*words, who="clinic_staff", person="clinic.here"):
        token = {"BIOBANK_TOKEN": programme.tokens[who]}
        return programme.app.test_cli_runner().invoke(
            main, [*words, "--as", person], env=token, obj=lambda: programme.app
        )

    return run


@pytest.fixture
def tubes(programme):
    return programme.assigned_kit()[1]


def test_a_scan_says_what_became_of_it_and_whether_it_was_so_already(run, tubes):
    first = run("scan", "collect", tubes[0], "--at", just_now(), "--details", '{"fill": "full"}')
    assert (first.exit_code, first.output) == (0, f"{tubes[0]}  collect  now collected\n")
    again = run("scan", "collect", tubes[0], "--at", just_now())
    assert again.output == f"{tubes[0]}  collect  now collected (already recorded)\n"


def test_several_items_are_one_scan_or_none(run, tubes, programme):
    failed = run("scan", "collect", tubes[0], "T483134562451", "--unknown-time")
    assert failed.exit_code == 2
    assert "is not a code of ours" in failed.output
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["state"] == "expected"
    with programme.app.app_context(), reading() as work:
        from biobank.items.models import LoggedScan

        kept = work.session.query(LoggedScan).filter_by(action="collect").order_by(LoggedScan.id)
        assert [(scan.text_seen, scan.outcome) for scan in kept] == [
            (tubes[0], "refused"),
            ("T483134562451", "refused"),
        ]
    both = json.loads(run("scan", "collect", *tubes[:2], "--unknown-time", "--json").output)["results"]
    assert [(one["item"], one["state"], one["event"]["occurred_at"]) for one in both] == [
        (tubes[0], "collected", None),
        (tubes[1], "collected", None),
    ]


def test_a_surprise_is_asked_back_and_its_alerts_are_said(run, tubes):
    asked = run("scan", "freeze", tubes[0])
    assert asked.exit_code == 2
    assert "If it really is so, confirm it with a reason." in asked.output
    taken = run("scan", "freeze", tubes[0], "--confirm", "it was so", "--by", "clinic.eva")
    assert taken.exit_code == 0
    assert f"  ! {printed(tubes[0])} is expected since" in taken.output


@pytest.mark.parametrize("details", ["{", "[]", "3", '{"g": 1.5}'])
def test_details_that_are_no_details_are_one_sentence(run, tubes, details):
    refused = run("scan", "collect", tubes[0], "--details", details)
    assert refused.exit_code == 2, refused.output
    assert "Traceback" not in refused.output
    assert refused.output.strip().endswith(".")


def test_an_item_shows_its_life_on_a_screen_and_as_json(run, tubes, programme):
    programme.taken("clinic_staff", tubes[0], "collect")
    programme.taken("clinic_staff", tubes[0], "quarantine", details={"hold": "temperature"})
    shown = run("custody", "show", tubes[0]).output.splitlines()
    assert shown[0] == f"{tubes[0]}  tube 1SS08  collected"
    assert shown[1].startswith("place: -   custody: site:clinic-1")
    assert shown[2] == "holds: temperature"
    assert [line.split()[3] for line in shown[3:]] == [
        "register", "issue", "assign", "collect", "quarantine", "temperature",
    ]  # fmt: skip
    told = json.loads(run("custody", "show", tubes[0], "--json").output)
    assert (told["id"], told["state"], told["holds"], len(told["events"])) == (
        tubes[0], "collected", ["temperature"], 6,
    )  # fmt: skip


def test_an_item_without_a_hold_says_nothing_of_holds(run, tubes):
    shown = run("custody", "show", tubes[0]).output
    assert "holds" not in shown
    assert shown.count("assign") == 1


def test_another_site_learns_whose_it_is_and_no_more(run, tubes):
    refused = run("custody", "show", tubes[0], who="clinic_staff elsewhere", person="clinic.elsewhere")
    assert refused.exit_code == 2
    assert "is of clinic-1" in refused.output
    assert "A100000001" not in refused.output
