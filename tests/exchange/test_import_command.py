"""`import orders` from a terminal: what it says to people and to programs, and how it ends."""

import json
from pathlib import Path

import pytest

from biobank.commands import main
from biobank.core.database import reading
from biobank.custody.replay import state_findings
from biobank.items.models import Item

ORDERS = Path(__file__).parent / "orders"
REAL = [str(ORDERS / "biobank_order_1.json"), str(ORDERS / "biobank_order_2.json")]


@pytest.fixture
def run(programme):
    def run(*words, who="biobank_lead", person="lead.here"):
        token = {"BIOBANK_TOKEN": programme.tokens[who]}
        words = ["import", "orders", *words, "--as", person]
        return programme.app.test_cli_runner().invoke(main, words, env=token, obj=lambda: programme.app)

    return run


def test_orders_are_imported_once_and_the_stored_states_are_the_log_replayed(run, programme):
    first = run(*REAL, "--json")
    assert first.exit_code == 0, first.output
    assert json.loads(first.output) == {"orders": 2, "samples": 32, "unchanged": 0, "errors": []}
    second = run(*REAL)
    assert second.output == "0 orders with 0 samples imported, 2 were here already, 0 refused.\n"
    with programme.app.app_context(), reading() as work:
        assert work.session.query(Item).filter_by(kind="kit", specification="as-ordered").count() == 2
        assert list(state_findings(work)) == []


def test_a_refused_file_is_named_with_its_place_and_ends_with_1(run, tmp_path):
    half = tmp_path / "half.json"
    half.write_bytes(Path(REAL[0]).read_bytes()[:500])
    answer = run(REAL[1], str(half), str(tmp_path / "none.json"))
    assert answer.exit_code == 1
    lines = answer.output.splitlines()
    assert lines[0] == "1 orders with 16 samples imported, 0 were here already, 2 refused."
    assert lines[1].startswith("half.json, line ")
    assert lines[2] == "none.json, $: it cannot be opened (No such file or directory)"


def test_who_may_not_import_is_told_so(run, programme):
    answer = run(REAL[0], who="clinic_staff", person="clinic.here")
    assert answer.exit_code == 2
    assert "files.import" in answer.output
    with programme.app.app_context(), reading() as work:
        assert work.session.query(Item).filter_by(specification="as-ordered").count() == 0
