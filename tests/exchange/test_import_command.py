"""`import orders` from a terminal: what it says to people and to programs, and how it ends."""

import json
from pathlib import Path

import pytest

from biobank.commands import main
from biobank.core.database import reading
from biobank.custody.queries import holds_on, item_now
from biobank.custody.replay import state_findings
from biobank.custody.states import HoldKind
from biobank.exchange.replay import order_version_findings
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from tests.exchange.test_orders_api import CANCEL, INFO, RESTORE, order

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
    assert json.loads(first.output) == {
        "orders": 2,
        "samples": 32,
        "changed": 0,
        "unchanged": 0,
        "errors": [],
    }
    second = run(*REAL)
    assert second.output == "0 orders with 0 samples imported, 0 changed, 2 were here already, 0 refused.\n"
    with programme.app.app_context(), reading() as work:
        assert work.session.query(Item).filter_by(kind="kit", specification="as-ordered").count() == 2
        assert list(state_findings(work)) == []


def test_a_refused_file_is_named_with_its_place_and_ends_with_1(run, tmp_path):
    half = tmp_path / "half.json"
    half.write_bytes(Path(REAL[0]).read_bytes()[:500])
    answer = run(REAL[1], str(half), str(tmp_path / "none.json"))
    assert answer.exit_code == 1
    lines = answer.output.splitlines()
    assert lines[0] == "1 orders with 16 samples imported, 0 changed, 0 were here already, 2 refused."
    assert lines[1].startswith("half.json, line ")
    assert lines[2] == "none.json, $: it cannot be opened (No such file or directory)"


def test_who_may_not_import_is_told_so(run, programme):
    answer = run(REAL[0], who="clinic_staff", person="clinic.here")
    assert answer.exit_code == 2
    assert "may not read files in; ask somebody who may: biobank lead" in answer.output
    with programme.app.app_context(), reading() as work:
        assert work.session.query(Item).filter_by(specification="as-ordered").count() == 0


def test_a_file_that_says_so_amends_cancels_and_restores_the_order_that_is_here(run, programme, tmp_path):
    """What its author says is the same as over HTTP: a new version each, and the log replays to what is stored."""
    extra = {"system": "https://orders.example", "value": "WEB1TESTA777"}

    def told(name, **values):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(order(**values)))
        return str(path)

    amended = {"status": "AMENDED", "amendedInfo": INFO, "identifier": [*order()["identifier"], extra]}
    files = [
        told("first"),
        told("amended", **amended, samples=[*order()["samples"], {"test": "1HEP4"}]),
        told("cancelled", **CANCEL),
        told("restored", **RESTORE),
    ]
    silent = run(files[0], told("silent", samples=order()["samples"][:1]))
    assert "with the status amended" in silent.output
    answer = run(*files, "--json")
    assert json.loads(answer.output) == {
        "orders": 0, "samples": 0, "changed": 3, "unchanged": 1, "errors": [],
    }  # fmt: skip
    assert json.loads(run(*files, "--json").output)["unchanged"] == 4
    kit = programme.get("biobank_lead", "/orders/WEB1TESTA777").json
    assert (kit["version"], kit["status"]) == (4, "restored")
    with programme.app.app_context(), reading() as work:
        found = item_now(work, "web1testa777")
        assert found.identifier == kit["id"]
        assert {tube.specification for tube in tubes_of_kit(work, found.id)} >= {"1HEP4"}
        assert [*state_findings(work), *order_version_findings(work)] == []
        assert HoldKind.CANCELLED not in holds_on(work, found.id)
