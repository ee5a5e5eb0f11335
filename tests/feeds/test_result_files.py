"""Destruction results as files: exported, sent back, and listed by a command until they are."""

import csv
import json

import pytest
from click.testing import CliRunner

from biobank.access.actors import SETTING_UP
from biobank.access.operations import create_token
from biobank.commands import main
from biobank.core.database import writing
from biobank.web.current import keep_settings
from biobank.wiring import install_rules
from tests.leaving import Leaving


@pytest.fixture
def certified(app):
    """A urine tube destroyed before witnesses, its order confirmed; the token of compliance."""
    install_rules()
    with app.app_context():
        with writing() as work:
            floor = Leaving(work)
            floor.window(0)
            tube = floor.tube()
            floor.decide()
            floor.destroy(tube)
            floor.confirm(floor.order())
            floor.tube_of_it = tube
            floor.token = create_token(work, SETTING_UP, username="comp.cleo", days=1)[1]
        yield floor


def run(app, floor, *arguments):
    told = [*map(str, arguments), "--as", "comp.cleo", "--json"]
    done = CliRunner().invoke(main, told, obj=lambda: app, env={"BIOBANK_TOKEN": floor.token})
    return done.exit_code, json.loads(done.stdout)


def test_the_file_goes_out_comes_back_and_nothing_waits_any_more(app, certified, tmp_path):
    first, rest = tmp_path / "results.csv", tmp_path / "later.csv"
    code, told = run(app, certified, "export", "destructions", first)
    assert (code, told["lines"]) == (0, 1)
    [row] = csv.DictReader(first.read_text().splitlines())
    assert (row["item"], row["outcome"], row["grade"]) == (certified.tube_of_it, "destroyed", "witnessed")
    assert run(app, certified, "export", "destructions", rest, "--after", told["position"])[1]["lines"] == 0
    assert [each["row"] for each in run(app, certified, "feeds", "status")[1]["unacknowledged"]] == [
        row["row"]
    ]
    assert run(app, certified, "import", "acknowledgements", first) == (
        0,
        {"acknowledged": 1, "known": 0, "not_ours": []},
    )
    assert run(app, certified, "feeds", "status") == (0, {"unacknowledged": []})
    first.write_text(first.read_text().replace(row["row"], "999999-1"))
    assert run(app, certified, "import", "acknowledgements", first)[0] == 1


def test_what_waits_too_long_ends_the_command_with_1(app, certified, settings):
    keep_settings(app, settings.with_changes(feed_acknowledgement_days=0))
    code, told = run(app, certified, "feeds", "status")
    assert (code, told["unacknowledged"][0]["overdue"]) == (1, True)
