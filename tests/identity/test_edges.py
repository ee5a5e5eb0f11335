"""The vault as people, programs and commands meet it: shown once, remembered nowhere, by nobody else."""

import json
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from biobank.commands import main
from biobank.core.database import db
from tests.identity.conftest import IDENTITY, PLAIN, ledger_accesses
from tests.pages.conftest import Seat
from tests.programme import PARTICIPANT
from tests.withdrawals.test_api import decision

NAMES = {"given_name": "Testa María", "family_name": "Participant-Ñandú", "birth_date": "1984-05-31"}
WRONG = {**NAMES, "birth_date": "1984-05-30"}
READ = {"reason": "caller", "document": "call 7"}


def holds_nothing(content):
    return [plain for plain in PLAIN if plain in content] == []


def test_over_http_an_identity_is_entered_checked_changed_and_read_once(programme):
    path = f"/identity/{PARTICIPANT}"
    assert programme.post("identity_officer", f"{path}/reads", READ).status == 404
    texts = {name.value: words for name, words in IDENTITY.texts().items()}
    entered = programme.ask("identity_officer", "PUT", path, {**texts, "reason": "enrolment"})
    assert entered.json == {"participant": PARTICIPANT, "fields": sorted(texts)}
    for said, right in ((NAMES, True), (WRONG, False)):
        answer = programme.post("clinic_staff", f"{path}/checks", {**said, "reason": "visit"})
        assert answer.json == {"participant": PARTICIPANT, "matches": right}
    first = programme.post("identity_officer", f"{path}/reads", READ, Idempotency_Key="once")
    assert first.json == {"participant": PARTICIPANT, **texts}
    assert first.headers["Cache-Control"] == "no-store"
    again = programme.post("identity_officer", f"{path}/reads", READ, Idempotency_Key="once")
    assert again.json == {"participant": PARTICIPANT}
    part = programme.post("identity_officer", f"{path}/reads", {**READ, "fields": ["phone"]})
    assert part.json == {"participant": PARTICIPANT, "phone": IDENTITY.phone}
    changed = programme.ask("identity_officer", "PUT", path, {"phone": None, "reason": "correction"})
    assert changed.json["fields"] == ["phone"]
    assert "phone" not in programme.post("identity_officer", f"{path}/reads", READ).json
    for refused in (
        {**NAMES, "reason": "contact"},
        {**NAMES, "birth_date": "31.5.84", "reason": "visit"},
        {"reason": 7},
    ):
        answer = programme.post("clinic_staff", f"{path}/checks", refused)
        assert (answer.status, holds_nothing(answer.data)) == (422, True)
    with programme.app.app_context():
        kinds = [event["access_kind"] for event in ledger_accesses()]
    assert kinds == ["enter", "check", "check", "read", "read", "change", "read"]


def test_after_a_withdrawal_compliance_alone_reads(settled):
    path = f"/identity/{PARTICIPANT}/reads"
    assert settled.post("compliance", path, {"reason": "decision"}).status == 403
    assert settled.post("compliance", "/withdrawals", decision()).status == 201
    assert settled.post("identity_officer", path, READ).status == 403
    assert settled.post("compliance", path, {"reason": "decision"}).json["email"] == IDENTITY.email
    assert settled.post("compliance elsewhere", path, {"reason": "decision"}).status == 404


def test_the_desk_finds_shows_once_and_says_who_looked(settled):
    officer = Seat(settled, "ident.here")
    page = officer.post("/identity/find", **NAMES)
    assert (page.status, holds_nothing(page.text.encode())) == (422, True)
    page = officer.sent("/identity/find", **NAMES, reason="caller")
    assert page.answer == ("Found", f"This is {PARTICIPANT}.")
    assert holds_nothing(page.text.encode())
    shown = officer.post(f"/identity/{PARTICIPANT}/show", **READ, idempotency_key="once")
    assert shown.status == 200
    assert "Testa María" in shown.text
    assert "417 Invented Lane" in shown.text
    again = officer.post(f"/identity/{PARTICIPANT}/show", **READ, idempotency_key="once")
    assert (again.status, again.leads_to) == (303, f"/identity/{PARTICIPANT}")
    page = officer.get(f"/identity/{PARTICIPANT}")
    assert holds_nothing(page.text.encode())
    assert [kind for kind in ("Read", "Find: yes", "Enter") if kind in re.sub(r"<[^>]+>", "", page.text)]
    assert "call 7" in page.text
    nobody = officer.sent("/identity/find", **WRONG, reason="caller")
    assert nobody.answer[0] == "Nobody found"
    assert "ident.here" in officer.get("/identity/holders").text
    auditor = Seat(settled, "audit.here")
    assert "show-form" not in auditor.get(f"/identity/{PARTICIPANT}").text


def test_the_desk_enters_and_changes(settled):
    settled.add_participant("A100000002")
    officer = Seat(settled, "ident.here")
    assert officer.get("/identity?code=A100000002").leads_to == "/identity/A100000002"
    assert "Enter who it is" in officer.get("/identity/A100000002").text
    told = {"given_name": "Testa", "family_name": "Second", "birth_date": "1990-01-01", "language": "en"}
    page = officer.post("/identity/A100000002/keep", **told, email="nobody", reason="enrolment")
    assert "one @" in page.problems
    page = officer.sent("/identity/A100000002/keep", **told, email="second@example.org", reason="enrolment")
    assert page.answer[0] == "Entered"
    page = officer.sent(
        "/identity/A100000002/keep", family_name="Second-Married", emptied="email", reason="correction"
    )
    assert page.answer[0] == "Changed"
    shown = officer.post("/identity/A100000002/show", reason="request")
    assert "Second-Married" in shown.text
    assert "second@example.org" not in shown.text


def test_the_clinic_asks_whether_it_is_the_person_in_the_chair(settled):
    clinic = Seat(settled, "clinic.here")
    clinic.sent("/visits", code=PARTICIPANT, code_again=PARTICIPANT, site="clinic-1")
    page = clinic.get("/visits/1")
    assert 'id="check"' in page.text
    assert 'name="identifiers"' not in page.text
    page = clinic.post("/visits/1/identity", identifiers="full_name")
    assert "name is known" in page.answer[1]
    page = clinic.sent("/visits/1/check", **WRONG)
    assert page.answer[0] == "Does not match"
    page = clinic.post("/visits/1/check", **{**NAMES, "birth_date": ""})
    assert (page.status, holds_nothing(page.text.encode())) == (422, True)
    page = clinic.sent("/visits/1/check", **NAMES)
    assert page.answer[0] == "Matches"
    assert 'data-step="identity" data-done="yes"' in page.text
    assert holds_nothing(page.text.encode())
    page = clinic.post("/visits/1/cancel", reason="other", remark="maría felt unwell")
    assert "own name; write it" in page.text
    assert (
        clinic.sent("/visits/1/cancel", reason="other", remark="felt unwell").answer[0] == "Visit cancelled"
    )
    with settled.app.app_context():
        told = [(event["access_kind"], event["answer"]) for event in ledger_accesses()[1:]]
    assert told == [("check", "no"), ("check", "yes"), ("own_name", "yes"), ("own_name", "no")]


def test_a_reason_beside_a_scan_holds_no_name(settled):
    _, tubes = settled.collected_kit(definition="urine-1")
    told = {"hold": "discrepancy", "reason": "Participant-Nandu called"}
    answer = settled.scan("clinic_staff", tubes[0], "quarantine", details=told)
    assert (answer.status, answer.json["error"], answer.json["field"]) == (
        422,
        "OwnNameWritten",
        "details.reason",
    )
    settled.taken("clinic_staff", tubes[0], "quarantine", details={**told, "reason": "the lid is cracked"})


def test_the_paper_of_a_legal_hold_is_named_without_the_participants_name(settled):
    settled.post("compliance", "/withdrawals", decision(samples="destroy"))
    [order] = settled.get("compliance", "/destruction-orders").json["orders"]
    path = f"/destruction-orders/{order['identifier']}/legal-holds"
    told = {"because": "court_order", "reference": "docket 4, maria"}
    answer = settled.post("compliance", path, told)
    assert (answer.status, answer.json["error"], answer.json["field"]) == (422, "OwnNameWritten", "reference")
    assert settled.post("compliance", path, {**told, "reference": "docket 4"}).status == 201


def run(programme, who, *told):
    programme.app.extensions["biobank.settings"]
    environment = {"BIOBANK_TOKEN": programme.tokens[who]}
    short = {"identity_officer": "ident.here", "auditor": "audit.here", "administrator": "admin.here"}[who]
    return CliRunner(env=environment).invoke(main, [*told, "--as", short], obj=lambda: programme.app)


def test_commands_enter_rotate_and_verify(settled, tmp_path):
    settled.add_participant("A100000002")
    lines = [
        {
            "participant": "A100000002",
            "given_name": "Testa",
            "family_name": "Second",
            "birth_date": "1990-01-01",
        },
        {"participant": "A100000002", "phone": "+1 555 010 0002"},
        {"participant": "A100000002", "nickname": "Testy McNever"},
    ]
    (tmp_path / "new.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = run(settled, "identity_officer", "vault", "enter", str(tmp_path / "new.jsonl"), "--json")
    assert done.stdout, (done.output, done.exception)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["kept"], [each["line"] for each in told["errors"]]) == (1, 2, [3])
    assert "McNever" not in done.output
    assert run(settled, "auditor", "vault", "rotate").exit_code == 2
    assert "2 identities were sealed anew" in run(settled, "administrator", "vault", "rotate").output
    assert run(settled, "administrator", "vault", "rotate", "--key-file").exit_code == 0
    verified = run(settled, "auditor", "vault", "verify", "--json")
    document = json.loads(verified.stdout)
    assert (verified.exit_code, document["identities"], document["findings"]) == (0, 2, [])
    with settled.app.app_context(), db.engines["identity"].begin() as connection:
        connection.execute(
            text("UPDATE identities SET given_name = family_name WHERE participant = :code"),
            {"code": PARTICIPANT},
        )
    damaged = run(settled, "auditor", "vault", "verify")
    assert damaged.exit_code == 1
    assert f"{PARTICIPANT} cannot be opened" in damaged.output


def test_a_read_that_cannot_be_written_down_shows_nothing_over_http(settled):
    from tests.identity.test_vault import SABOTAGE, refuse_inserts

    with settled.app.app_context():
        refuse_inserts(*SABOTAGE["vault"])
    answer = settled.post("identity_officer", f"/identity/{PARTICIPANT}/reads", READ)
    assert (answer.status, holds_nothing(answer.data)) == (503, True)
    assert "nothing is shown" in answer.json["detail"]
    page = Seat(settled, "clinic.here").post(
        "/visits", code=PARTICIPANT, code_again=PARTICIPANT, site="clinic-1"
    )
    assert page.status == 303
    page = Seat(settled, "clinic.here").post("/visits/1/check", **NAMES)
    assert (page.status, holds_nothing(page.text.encode())) == (503, True)


@pytest.mark.parametrize("name", ["given_name", "birth_date", "email"])
def test_what_was_typed_of_a_person_is_not_kept_over_a_sign_in(name):
    from biobank.web.kept_forms import SECRET

    assert SECRET.search(name)
