"""Signatures: credentials again, what was shown, in the ledger, and not to be moved."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from biobank.access import checks
from biobank.access.actors import Actor
from biobank.access.models import Signature
from biobank.access.permissions import Role
from biobank.access.queries import actor_named
from biobank.access.signatures import content_of, sign
from biobank.core.moments import read_moment
from biobank.ledger.models import LedgerEntry

PASSWORD = "plainly invented words"
RECORDS = [("destruction_order", "DO-1", "ab" * 32), ("destruction_order", "DO-2", "cd" * 32)]


@pytest.fixture
def performer(work, add):
    add("tech.bo", "biobank_technician@clinic-1", password=PASSWORD)
    add("tech.cy", "biobank_technician@clinic-1", "auditor", password=PASSWORD)
    bo = actor_named(work, "tech.bo")
    return Actor(bo.person, bo.printed_name, bo.grants, station="clinic-1/bench")


def test_a_witness_signs_in_the_performers_session(work, performer):
    signature = sign(work, performer, "tech.cy", PASSWORD, "witnessed", RECORDS)
    assert (signature.signer, signature.requested_by) == ("tech.cy", "tech.bo")
    assert (signature.printed_name, signature.role) == ("Testa tech.cy", "auditor, biobank_technician")
    assert (signature.meaning, signature.station) == ("witnessed", "clinic-1/bench")
    assert [(row.kind, row.identifier, row.sha256) for row in signature.records] == RECORDS


def test_nothing_is_signed_in_a_session_that_a_badge_opened(work, performer):
    with pytest.raises(checks.PasswordNeeded):
        sign(work, replace(performer, by_badge=True), "tech.cy", PASSWORD, "witnessed", RECORDS)
    assert work.session.scalars(select(LedgerEntry)).all() == []


def test_the_ledger_holds_the_same_and_names_each_record(work, performer):
    signature = sign(work, performer, "tech.cy", PASSWORD, "witnessed", RECORDS)
    entry = work.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "signature")).one()
    body = json.loads(entry.body)
    assert entry.subject == f"signature:{signature.id}"
    assert {name: body[name] for name in content_of(signature)} == content_of(signature)
    assert body["records"] == [
        {"kind": kind, "identifier": identifier, "sha256": sha256} for kind, identifier, sha256 in RECORDS
    ]
    told = ("signer", "printed_name", "role", "meaning", "station", "requested_by")
    assert [body[name] for name in told] == [
        "tech.cy", "Testa tech.cy", "auditor, biobank_technician", "witnessed", "clinic-1/bench", "tech.bo",
    ]  # fmt: skip
    assert read_moment(body["signed_at"]).at == signature.signed_at
    assert work.session.scalars(select(Signature.id)).all() == [signature.id]


def test_wrong_credentials_sign_nothing(work, performer):
    with pytest.raises(checks.CredentialsRefused):
        sign(work, performer, "tech.cy", "something else", "witnessed", RECORDS)
    assert work.session.scalars(select(LedgerEntry)).all() == []


@pytest.mark.parametrize(("meaning", "records"), [("witnessed", []), ("  ", RECORDS)])
def test_a_signature_without_record_or_meaning_is_none(work, performer, meaning, records):
    with pytest.raises(checks.NothingToSign):
        sign(work, performer, "tech.cy", PASSWORD, meaning, records)


def test_the_role_is_the_one_of_the_day(work, performer):
    assert Role.AUDITOR in actor_named(work, "tech.cy").roles
    signature = sign(work, performer, "tech.bo", PASSWORD, "performed", RECORDS[:1])
    assert signature.role == "biobank_technician"
