"""Everything that leaves the samples' side of a programme with canaries in its vault, as bytes with their names."""

import io
import logging
import zipfile
from datetime import timedelta
from pathlib import Path

from pypdf import PdfReader
from sqlalchemy import make_url

from biobank.access.actors import SERVICE
from biobank.core import moments
from biobank.messages import sending
from biobank.service.backups import back_up
from tests.messages.post_office import PostOffice, mail_settings, open_post_office
from tests.pages.conftest import Seat
from tests.programme import PASSWORD

CODE, OTHER = "A770000000", "A770000001"


def outputs(programme, canary, folder):
    """`canary` is the identity of the participant whom all of it is about."""
    names = {
        "whole": f"{canary.given_name} {canary.family_name}",
        "mail": canary.email,
        "phone": canary.phone,
    }
    yield "mail", mailed(programme, canary)
    yield from feeds(programme, names)
    yield from statements(programme)
    yield from demands(programme, names)
    yield from studies(programme, names)
    yield from files(programme, folder)


def mailed(programme, canary):
    """What a mail server gets holds the address in its envelope, and in nothing else a name or an address."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # of the test's mail server, which is not ours
    office, settings = PostOffice(), programme.app.extensions["biobank.settings"]
    with open_post_office(office) as port, programme.app.app_context():
        results = sending.send_due(mail_settings(settings, port), SERVICE)
    assert canary.email in {mail["To"] for mail in office.arrived}, [result.outcome for result in results]
    return b"\n".join(
        f"{mail['Subject']}\n{mail['From']}\n{mail['Message-ID']}\n{mail.get_content()}".encode()
        for mail in office.arrived
    )


def feeds(programme, names):
    row = {
        "row": "17", "participant": OTHER, "withdrawal_time": "2026-03-01T09:30:00-06:00",
        "information": "undecided", "samples": "undecided", "ceremony": "unanswered",
    }  # fmt: skip
    for wrong in ({}, {"row": names["whole"]}, {"participant": names["phone"]}, {"note": names["mail"]}):
        yield "feed", programme.post("compliance", "/feeds/withdrawals", {"rows": [row | wrong]}).data
    yield "acknowledgements", programme.get("compliance", "/feeds/withdrawals/acknowledgements").data
    for page in ("/feeds", "/feeds/destructions.csv"):
        yield page, Seat(programme, "comp.here").client.get(page).data


def statements(programme):
    path = f"/participants/{CODE}"
    yield "statement", programme.get("compliance", f"{path}/statement?language=es").data
    yield "statement PDF", text_of(programme.get("compliance", f"{path}/statement.pdf?language=es").data)
    pack = programme.get("auditor", f"{path}/audit-pack?purpose=inspection").data
    with zipfile.ZipFile(io.BytesIO(pack)) as packed:
        for name in packed.namelist():
            content = packed.read(name)
            yield f"pack {name}", text_of(content) if name.endswith(".pdf") else content


def demands(programme, names):
    """A legal demand, a disclosure, and a report of a breach; each also with a name where a text may stand."""
    today = moments.now().date().isoformat()
    demand = {
        "reference": "CASE-12", "kind": "subpoena", "demanded_by": "COURT-1", "received_on": today,
        "participants": [CODE], "asks_for": ["given_name", "phone"],
    }  # fmt: skip
    opened = {
        "participant": CODE, "basis": "report_required", "gives_out": ["phone"], "receiver": "HEALTH-DEPT",
        "purpose": "Report of a finding",
    }  # fmt: skip
    now = moments.now()
    breach = {
        "about": "account", "named": "ident.here", "from_at": (now - timedelta(hours=1)).isoformat(),
        "until_at": now.isoformat(), "what_happened": "A screen was left open",
    }  # fmt: skip
    for path, told, field in (
        ("/legal-demands", demand, "reference"),
        ("/disclosures", opened, "purpose"),
        ("/breaches", breach, "what_happened"),
    ):
        for wrong in ({}, {field: f"as {names['whole']} said"}, {field: names["mail"]}):
            yield path, programme.post("compliance", path, told | wrong).data
        yield path, programme.get("compliance", path).data
        yield path, Seat(programme, "comp.here").client.get(path).data


def studies(programme, names):
    """A study, whose purpose names nobody, and its file."""
    today = moments.now().date()
    study = {
        "number": "REQ-7", "study": "STUDY-A", "receiver": "UNI-1", "agreement": "MTA-1", "purpose": "Sleep",
        "valid_from": today.isoformat(), "valid_until": (today + timedelta(days=9)).isoformat(),
        "portions": [{"kind": "tube", "most": 5}],
    }  # fmt: skip
    for wrong in ({}, {"purpose": names["whole"]}, {"receiver": names["mail"]}):
        yield "study", programme.post("biobank_lead", "/study-requests", study | wrong).data
    shown = programme.get("compliance", "/study-requests/REQ-7").json
    approval = {"username": "comp.here", "password": PASSWORD, "sha256": shown.get("sha256")}
    programme.let_sign("comp.here")
    yield "approval", programme.post("compliance", "/study-requests/REQ-7/approval", approval).data
    yield "study file", programme.post("biobank_lead", "/study-requests/REQ-7/file.csv", {}).data


def files(programme, folder):
    """The journal of decisions, and a backup as an administrator makes it."""
    settings = programme.app.extensions["biobank.settings"]
    if settings.withdrawal_journal_file:
        yield "journal", Path(settings.withdrawal_journal_file).read_bytes()
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        back_up(Path(url.database), folder / "backup.db")
        yield "backup", (folder / "backup.db").read_bytes()


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).encode()
