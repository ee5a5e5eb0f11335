"""Calendars and centrifuge programmes by command: set from the example files, shown, and refused with a sentence."""

from pathlib import Path

import pytest

from biobank.commands import main

EXAMPLES = Path(__file__).parents[2] / "config" / "calendars"


@pytest.fixture
def run(programme):
    def run(*words, who="administrator", person="admin.here"):
        token = {"BIOBANK_TOKEN": programme.tokens[who]}
        return programme.app.test_cli_runner().invoke(
            main, [*map(str, words), "--as", person], env=token, obj=lambda: programme.app
        )

    return run


def test_the_examples_are_calendars(run, tmp_path):
    for site, example in (("clinic-1", "clinic"), ("biobank-1", "biobank")):
        done = run("sites", "calendar", site, EXAMPLES / f"{example}.example.toml")
        assert done.exit_code == 0, done.output
    shown = run("sites", "show-calendar", "clinic-1", who="clinic_staff", person="clinic.here").output
    assert len(shown.splitlines()) == 14
    assert "Saturday" in shown
    assert "open" in shown
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[carriers.pigeon]\nmonday = "16:30"\n')
    refused = run("sites", "calendar", "clinic-1", wrong)
    assert (refused.exit_code, "'pigeon' is no carrier" in refused.output) == (2, True)
    wrong.write_text("carriers = [")
    assert "cannot be read as TOML" in run("sites", "calendar", "clinic-1", wrong).output


def test_a_programme_of_the_centrifuge_is_added_listed_and_retired(run):
    added = run("centrifuge", "add", "clinic-1", "Gel tubes", "--g", 1300, "--minutes", 15, "--celsius", 20)
    assert (added.exit_code, added.output) == (0, "Added Gel tubes of clinic-1.\n")
    assert "Gel tubes" in run("centrifuge", "list", "clinic-1").output
    assert "0 cannot be g" in run("centrifuge", "add", "clinic-1", "Slow", "--g", 0, "--minutes", 15).output
    run("centrifuge", "retire", "clinic-1", "Gel tubes")
    assert "Gel tubes" not in run("centrifuge", "list").output
    by_staff = run("centrifuge", "retire", "clinic-1", "Gel tubes", who="clinic_staff", person="clinic.here")
    assert by_staff.exit_code != 0
