"""Commands act as somebody, answer people or programs, and refuse in one sentence."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from biobank.access.identifiers import is_badge
from biobank.access.permissions import Permission
from biobank.commands import main
from biobank.core.errors import Conflict
from biobank.web.terminal import (
    Commands,
    UndeclaredCommand,
    acting,
    answer_no,
    assert_every_command_declares,
    table,
    unattended,
)


@pytest.fixture
def run(app, monkeypatch):
    monkeypatch.delenv("BIOBANK_TOKEN", raising=False)
    monkeypatch.delenv("BIOBANK_PASSWORD", raising=False)

    def run(*arguments, command=main, **environment):
        return CliRunner().invoke(command, arguments, obj=lambda: app, env=environment)

    return run


def token_of(run, username):
    return json.loads(run("tokens", "create", username, "--json").stdout)["token"]


def test_set_up_needs_nobody_until_the_first_token(run):
    assert run("sites", "add", "new", "--name", "N", "--kind", "clinic", "--zone", "UTC").exit_code == 0
    added = run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    assert (added.exit_code, added.stdout.splitlines()[0]) == (0, "Added admin.kim: administrator.")
    assert "http://localhost:8000/set-up#" in added.stdout
    assert token_of(run, "admin.kim")
    refused = run("users", "add", "admin.lee", "--printed-name", "Lee")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "add --as PERSON" in refused.stderr


def test_a_badge_is_given_and_taken_by_an_administrator(run):
    run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    acting = {"BIOBANK_TOKEN": token_of(run, "admin.kim")}
    given = run("users", "badge", "give", "admin.kim", "--json", "--as", "admin.kim", **acting)
    assert is_badge(json.loads(given.stdout)["badge"])
    taken = run("users", "badge", "take", "admin.kim", "--as", "admin.kim", **acting)
    assert (taken.exit_code, taken.stdout) == (0, "The badge of admin.kim opens nothing any more.\n")
    again = run("users", "badge", "take", "admin.kim", "--as", "admin.kim", **acting)
    assert (again.exit_code, "has no badge" in again.stderr) == (2, True)


def test_a_command_acts_as_the_person_of_the_token(run):
    run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    kim = token_of(run, "admin.kim")
    run("users", "add", "clinic.bo", "--printed-name", "Bo", "--as", "admin.kim", BIOBANK_TOKEN=kim)
    granted = run(
        "users", "grant", "clinic.bo", "clinic_staff@clinic-1", "--as", "admin.kim", BIOBANK_TOKEN=kim
    )
    assert granted.stdout == "clinic.bo is clinic_staff@clinic-1 now.\n"
    made = run("tokens", "create", "clinic.bo", "--json", "--as", "admin.kim", BIOBANK_TOKEN=kim)
    bo = json.loads(made.stdout)["token"]
    refused = run("users", "add", "x1", "--printed-name", "X", "--as", "clinic.bo", BIOBANK_TOKEN=bo)
    assert refused.exit_code == 2
    assert (
        "clinic.bo may not add people and change their roles; ask somebody who may: administrator."
        in refused.stderr
    )
    swapped = run("sites", "list", "--as", "admin.kim", BIOBANK_TOKEN=bo)
    assert "is not admin.kim's" in swapped.stderr
    assert run("sites", "list", "--as", "clinic.bo", "--json", BIOBANK_TOKEN=bo).exit_code == 0


def test_nobody_grants_themselves_by_command_either(run):
    run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    kim = token_of(run, "admin.kim")
    refused = run("users", "grant", "admin.kim", "compliance", "--as", "admin.kim", BIOBANK_TOKEN=kim)
    assert (refused.exit_code, refused.stderr) == (
        2,
        "Error: Nobody disables themselves or changes their own roles; ask another administrator.\n",
    )


def test_a_role_is_taken_back_a_token_revoked_an_account_ended(run):
    run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    run("users", "add", "audit.lou", "--printed-name", "Lou", "--role", "auditor")
    kim = token_of(run, "admin.kim")
    acting_as = {"BIOBANK_TOKEN": kim}
    made = run("tokens", "create", "audit.lou", "--json", "--as", "admin.kim", **acting_as)
    lou = json.loads(made.stdout)
    assert run("sites", "list", "--as", "audit.lou", BIOBANK_TOKEN=lou["token"]).exit_code == 0
    for done in (
        ("users", "withdraw-role", "audit.lou", "auditor"),
        ("tokens", "revoke", str(lou["number"])),
        ("users", "disable", "audit.lou"),
    ):
        assert run(*done, "--as", "admin.kim", **acting_as).exit_code == 0
    refused = run("sites", "list", "--as", "audit.lou", BIOBANK_TOKEN=lou["token"])
    assert "unknown, expired or revoked" in refused.stderr


def test_a_person_added_with_a_password_signs_in(run, client):
    run("users", "add", "clinic.bo", "--printed-name", "Bo", BIOBANK_PASSWORD="plainly invented words")
    answer = client.post("/sign-in", data={"name": "clinic.bo", "password": "plainly invented words"})
    assert answer.status_code == 303


def test_nobody_chooses_a_password_for_somebody_else_once_it_is_set_up(run):
    run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    acting = {"BIOBANK_TOKEN": token_of(run, "admin.kim")}
    told = ("users", "add", "clinic.bo", "--printed-name", "Bo", "--json", "--as", "admin.kim")
    refused = run(*told, BIOBANK_PASSWORD="plainly invented words", **acting)
    assert (refused.exit_code, "somebody else's password" in refused.stderr) == (2, True)
    link = json.loads(run(*told, **acting).stdout)["setup_link"]
    again = json.loads(run("users", "link", "clinic.bo", "--json", "--as", "admin.kim", **acting).stdout)
    assert again["setup_link"] != link
    assert run("users", "revoke-link", "clinic.bo", "--as", "admin.kim", **acting).exit_code == 0
    assert run("users", "reset", "clinic.bo", "--as", "admin.kim", **acting).exit_code == 0
    alarms = run("users", "alarms", "--as", "admin.kim", **acting)
    assert (alarms.exit_code, alarms.stdout) == (0, "No alarm.\n")


def test_half_of_a_refused_command_is_kept_by_nobody(run):
    refused = run("users", "add", "clinic.bo", "--printed-name", "Bo", "--role", "clinic_staff@nowhere")
    assert refused.exit_code == 2
    assert run("users", "add", "clinic.bo", "--printed-name", "Bo").exit_code == 0


def test_a_station_is_registered_by_command(run, client):
    run("users", "add", "admin.kim", "--printed-name", "Kim", "--role", "administrator")
    kim = token_of(run, "admin.kim")
    made = run("sites", "station", "clinic-1", "bench-2", "--json", "--as", "admin.kim", BIOBANK_TOKEN=kim)
    assert json.loads(made.stdout)["station"] == "clinic-1/bench-2"
    assert client.post("/station", data={"token": json.loads(made.stdout)["token"]}).status_code == 303


def test_every_command_of_the_product_declares():
    assert_every_command_declares(main)


def test_a_command_without_a_permission_stops_all():
    group = click.Group("g", commands=[click.Command("open-door", callback=lambda: None)])
    outer = click.Group("main", commands=[group])
    with pytest.raises(UndeclaredCommand, match="g open-door"):
        assert_every_command_declares(outer)


@click.group(cls=Commands)
def trial(): ...


@trial.command("no")
@unattended("a trial")
def says_no():
    click.echo("overdue")
    answer_no()


@trial.command("write")
@click.argument("file", type=click.Path(path_type=Path))
@unattended("a trial")
def writes(file):
    file.write_bytes(b"")


@trial.command("refuse")
@unattended("a trial")
def refuses():
    raise Conflict("This order is closed; open a new one.")


@trial.command("sign")
@acting(Permission.SEE_SITES, sets_up=True)
def signs(*, by):
    from biobank.access.accounts import verified
    from biobank.core.database import reading

    with reading() as work:
        verified(work, "clinic.ana", "something else")


def test_exit_codes_say_done_no_and_wrong(run):
    said_no = run("no", command=trial)
    assert (said_no.exit_code, said_no.stdout) == (1, "overdue\n")
    refused = run("refuse", command=trial)
    assert (refused.exit_code, refused.stderr) == (2, "Error: This order is closed; open a new one.\n")
    assert run("unknown", command=trial).exit_code == 2


@pytest.mark.parametrize("where", [".", "no-such-folder/orders.ndjson"])
def test_a_file_that_cannot_be_written_is_one_sentence(run, tmp_path, monkeypatch, where):
    monkeypatch.chdir(tmp_path)
    refused = run("write", where, command=trial)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"Error: {where} cannot be used (")
    assert refused.stderr.count("\n") == 1


def test_failed_credentials_of_a_command_count(run):
    for _ in range(5):
        assert "do not belong together" in run("sign", command=trial).stderr
    assert "Too many failed attempts" in run("sign", command=trial).stderr


def test_a_table_is_aligned_and_unknown_is_a_dash():
    rows = [{"code": "clinic-1", "volume": 4}, {"code": "b", "volume": None}]
    assert table(rows, ("code", "volume")) == ["code      volume", "clinic-1  4", "b         -"]
    assert table([], ("code",)) == ["code"]
