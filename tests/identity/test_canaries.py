"""Invented names go through everything that people and programs do; on the samples' side nobody finds one."""

import io
import json
import logging
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from pypdf import PdfReader
from sqlalchemy import inspect, text

from biobank.core.database import db, writing
from biobank.exchange.operations import import_order
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.identity.inputs import Identity, Said
from biobank.identity.operations import check_identity, enter_identity, find_participant
from biobank.identity.service_questions import is_own_name
from biobank.ledger.exporting import export
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.sealing import seal_all
from tests.exchange.test_order_import import order
from tests.identity.addressing import address_for_message
from tests.identity.conftest import CALLS, CLINIC, ENROLLED, OFFICER, VISIT
from tests.identity.what_leaves import outputs
from tests.pages.conftest import Seat
from tests.withdrawals.test_api import decision

LETTERS = "bcdfghklmnprstvz"


def canary(number):
    """No two alike, and no word of any of them is found by chance."""
    mark = "".join(LETTERS[int(digit, 16)] for digit in f"{number:04x}")
    return Identity(
        programme_participant=f"P77{number:07d}",
        given_name=f"Testaq{mark}a",
        family_name=f"Inventedq{mark}o",
        birth_date=date(1931, 1, 1) + timedelta(days=number * 7),
        email=f"q{mark}@canary.example",
        phone=f"+1 555 77{number:05d}",
        postal_address=f"{number} Canaryq{mark} Lane",
        language="es",
    )


def told_of(identity):
    """What would give somebody away, as bytes in any case; the birth date as pages and files write it."""
    texts = [text for name, text in identity.texts().items() if name not in ("language", "birth_date")]
    born = identity.birth_date
    days = [born.isoformat(), f"{born:%m/%d/%Y}", f"{born:%d.%m.%Y}"]
    return [text.lower().encode() for text in (*texts, *days)]


def everything_stored():
    """Every table of the samples' side, row by row."""
    with db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                yield f"table {table}", b"\x1f".join(as_bytes(value) for value in row)


def as_bytes(value):
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def exported(app):
    with writing() as work:
        note = issue_checkpoint(work, load_key_file(Path(app.extensions["biobank.settings"].ledger_key_file)))
    file = io.BytesIO()
    with writing() as work:
        export(work, file, note, ())
    return file.getvalue()


def live(programme, number, identity):
    """One canary's day: registered, entered, asked for, ordered for, addressed."""
    code = programme.add_participant(f"A77{number:07d}")
    said = Said(
        given_name=identity.given_name, family_name=identity.family_name, birth_date=identity.birth_date
    )
    told = order(
        identifier=[{"system": "https://orders.example", "value": f"ORDER-{number}"}],
        subject=f"Patient/{identity.programme_participant}",
        notes={"collected": f"{identity.given_name} {identity.family_name} felt unwell"},
    )
    lead = programme.actor("lead.here")
    with writing() as work:
        enter_identity(work, OFFICER, code, identity, ENROLLED)
        assert check_identity(work, CLINIC, code, said, VISIT)
        assert find_participant(work, OFFICER, CALLS, said=said) == [code]
        assert is_own_name(work, CLINIC, code, f"called {identity.family_name}")
        keyed = Pseudonyms(b"k" * 32)
        import_order(work, f"{number}.json", json.dumps(told).encode(), by=lead, pseudonyms=keyed)
    assert address_for_message(OFFICER, code, number).email == identity.email


def misused(programme, number, identity):
    """What programs answer to names in every field that takes text."""
    code = f"A77{number:07d}"
    said = Said(
        given_name=identity.given_name, family_name=identity.family_name, birth_date=identity.birth_date
    )
    for path, sent in (
        (f"/identity/{code}/checks", {**_json(said), "reason": identity.given_name}),
        (f"/identity/{code}/checks", {**_json(said), "birth_date": identity.phone, "reason": "visit"}),
        (f"/identity/{identity.email}/reads", {"reason": "caller"}),
        ("/participants", {"code": identity.given_name, "site": "clinic-1"}),
        ("/visits", {"participant": identity.family_name, "site": "clinic-1"}),
    ):
        yield programme.post("identity_officer", path, sent).data


def _json(said):
    return {
        "given_name": said.given_name,
        "family_name": said.family_name,
        "birth_date": said.birth_date.isoformat(),
    }


def at_the_desk_and_in_the_chair(programme, number, identity, answers):
    clinic, officer, code = Seat(programme, "clinic.here"), Seat(programme, "ident.here"), f"A77{number:07d}"
    names = {
        "given_name": identity.given_name, "family_name": identity.family_name,
        "birth_date": identity.birth_date.isoformat(),
    }  # fmt: skip
    visit = clinic.post("/visits", code=code, code_again=code, site="clinic-1").leads_to
    answers.append(clinic.sent(f"{visit}/check", **names).text.encode())
    answers.append(clinic.post(f"{visit}/check", **{**names, "birth_date": "x"}).text.encode())
    answers.append(clinic.post(f"{visit}/cancel", reason="other", remark="a cancelled visit").text.encode())
    answers.append(officer.sent("/identity/find", **names, reason="caller").text.encode())
    answers.append(officer.post("/identity/find", **names).text.encode())
    assert (
        identity.given_name
        in officer.post(f"/identity/{code}/show", reason="caller", idempotency_key=f"show-{number}").text
    )
    answers.append(officer.get(f"/identity/{code}").text.encode())


def documents(programme):
    kit, tubes = programme.assigned_kit(participant="A770000000", definition="urine-1")
    pdf = programme.get("clinic_staff", f"/kits/{kit}/labels.pdf").data
    yield "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).encode()
    yield programme.get("clinic_staff", f"/kits/{kit}/labels.zpl").data
    yield programme.get("clinic_staff", f"/items/{tubes[0]}/events").data
    yield programme.post("compliance", "/withdrawals", decision(participant="A770000000")).data
    yield programme.get("compliance", "/participants/A770000000").data
    statement = "/participants/A770000000/statement"
    yield programme.get("compliance", statement).data
    pages = PdfReader(io.BytesIO(programme.get("compliance", f"{statement}.pdf?language=en").data)).pages
    yield "\n".join(page.extract_text() for page in pages).encode()
    pack = programme.get("auditor", "/participants/A770000000/audit-pack").data
    with ZipFile(io.BytesIO(pack)) as files:
        yield from (files.read(name) for name in files.namelist())


@pytest.fixture
def settings(settings, tmp_path):
    """Decisions go into a journal outside the database too."""
    return settings.with_changes(withdrawal_journal_file=str(tmp_path / "journal" / "withdrawals.jsonl"))


def hunt(programme, caplog, count, folder):
    caplog.set_level(logging.DEBUG)
    canaries, answers = [canary(number) for number in range(count)], []
    with programme.app.app_context():
        for number, identity in enumerate(canaries):
            live(programme, number, identity)
    for number in range(5):
        answers += misused(programme, number, canaries[number])
        at_the_desk_and_in_the_chair(programme, number, canaries[number], answers)
    answers += documents(programme)
    left = list(outputs(programme, canaries[0], folder))
    about_them = {name for name, content in left if b"A770000000" in content}
    assert about_them >= {"statement", "statement PDF", "journal", "/legal-demands", "/disclosures"}, (
        about_them
    )
    with programme.app.app_context():
        seal_all()
        places = [*everything_stored(), ("ledger export", exported(programme.app))]
    places += left
    places += [("log", caplog.text.encode())] + [("answer", answer) for answer in answers]
    everything = b"\n".join(content for _, content in places).lower()
    wanted = [each for identity in canaries for each in told_of(identity)]
    found = [each for each in wanted if each in everything]
    where = {each: {place for place, content in places if each in content.lower()} for each in found[:5]}
    assert found == [], where
    return len(places), len(wanted)


def test_p14_no_name_gets_out_of_the_vault(programme, vault_on_the_same_kind, caplog, tmp_path):
    """ "names, addresses, and other identifying information will be removed\""""
    with programme.app.app_context():
        hunt(programme, caplog, 50 if db.engine.dialect.name == "sqlite" else 10, tmp_path)


@pytest.mark.campaign
def test_p14_no_name_of_a_thousand_gets_out_of_the_vault(programme, vault_on_the_same_kind, caplog, tmp_path):
    """On PostgreSQL fewer: it keeps the same texts, and takes twice as long."""
    with programme.app.app_context():
        many = 1000 if db.engine.dialect.name == "sqlite" else 200
    places, wanted = hunt(programme, caplog, many, tmp_path)
    print(f"canaries: {many} identities, {wanted} texts looked for in {places} places: 0 hits")
