"""What can be a name, a day or an address for the vault, what a look leaves in the ledger, and under which code."""

from datetime import date, timedelta

import pytest

from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.identity import checks
from biobank.identity.checks import field_can_be
from biobank.identity.choices import NEEDED, Reason
from biobank.identity.choices import SAID as SAID_FIELDS
from biobank.identity.choices import IdentityField as F
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.operations import (
    change_identity,
    check_identity,
    find_participant,
    read_identity,
    record_read,
)
from biobank.withdrawals import mistakes
from tests.identity.conftest import CALLS, CLINIC, OFFICER, SAID, VISIT, ledger_accesses, vault_accesses
from tests.programme import PARTICIPANT
from tests.withdrawals.test_later import change

TAKEN = [
    (F.GIVEN_NAME, "X"),
    (F.FAMILY_NAME, "Ñ" * 120),
    (F.BIRTH_DATE, "1880-01-01"),
    (F.EMAIL, "a@b.example"),
    (F.EMAIL, f"{'a' * 244}@b.example"),
    (F.PHONE, "+1 (555) 010-0417"),
    (F.POSTAL_ADDRESS, f"1 Lane\n{'x' * 393}"),
    (F.LANGUAGE, "es"),
    (F.PROGRAMME_PARTICIPANT, "P900"),
    (F.PROGRAMME_PARTICIPANT, "9" * 40),
]
REFUSED = [
    (F.GIVEN_NAME, ""),
    (F.GIVEN_NAME, "17"),
    (F.FAMILY_NAME, "Ñ" * 121),
    (F.FAMILY_NAME, "Invented\tName"),
    (F.BIRTH_DATE, "1879-12-31"),
    (F.BIRTH_DATE, "31.5.84"),
    (F.EMAIL, "nobody"),
    (F.EMAIL, f"{'a' * 245}@b.example"),
    (F.PHONE, "no number"),
    (F.PHONE, "0417"),
    (F.POSTAL_ADDRESS, "x" * 401),
    (F.LANGUAGE, "spanish"),
    (F.PROGRAMME_PARTICIPANT, "P90"),
    (F.PROGRAMME_PARTICIPANT, "9" * 41),
    (F.PROGRAMME_PARTICIPANT, "P 900"),
]


@pytest.mark.parametrize(("name", "text"), TAKEN)
def test_what_can_be_is_taken(name, text):
    field_can_be(name, text)


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_what_cannot_be_is_refused_without_saying_it_again(name, text):
    with pytest.raises(checks.IdentityRefused) as refused:
        field_can_be(name, text)
    assert refused.value.extra["field"] == name.value
    assert len(text) < 3 or text not in refused.value.detail


def test_somebody_may_be_born_today_and_nobody_tomorrow(monkeypatch):
    now = moments.now()
    monkeypatch.setattr(moments, "now", lambda: now)
    field_can_be(F.BIRTH_DATE, now.date().isoformat())
    with pytest.raises(checks.IdentityRefused):
        field_can_be(F.BIRTH_DATE, (now.date() + timedelta(days=1)).isoformat())


def test_what_says_who_somebody_is_cannot_be_taken_out():
    for name in NEEDED:
        with pytest.raises(checks.IdentityRefused, match="cannot be emptied") as refused:
            checks.can_be_emptied(frozenset({name, F.PHONE}))
        assert refused.value.extra["field"] == name.value
    checks.can_be_emptied(frozenset({F.PHONE, F.EMAIL}))


@pytest.mark.parametrize(
    "said",
    [
        Said(given_name="17", family_name="Invented", birth_date=date(1984, 5, 31)),
        Said(given_name="Testa", family_name="", birth_date=date(1984, 5, 31)),
        Said(given_name="Testa", family_name="Invented", birth_date=date(2999, 12, 31)),
    ],
)
def test_nobody_is_checked_or_looked_for_by_what_is_no_name(inside, said):
    for look in (
        lambda work: check_identity(work, CLINIC, PARTICIPANT, said, VISIT),
        lambda work: find_participant(work, OFFICER, CALLS, said=said),
    ):
        with pytest.raises(checks.IdentityRefused), writing() as work:
            look(work)
    with pytest.raises(checks.IdentityRefused), writing() as work:
        find_participant(work, OFFICER, CALLS, programme_participant="P 9")
    assert len(vault_accesses()) == 1  # of who was entered: what was refused was no look


def test_the_ledger_says_who_looked_in_which_role_at_what_when_and_why(inside):
    before = moments.now()
    with writing() as work:
        find_participant(work, OFFICER, CALLS, said=SAID)
        find_participant(work, OFFICER, CALLS, programme_participant="P900000417")
        check_identity(work, CLINIC, PARTICIPANT, SAID, VISIT)
    by_name, by_id, checked = ledger_accesses()[1:]
    assert by_name["fields"] == checked["fields"] == sorted(SAID_FIELDS)
    assert by_id["fields"] == ["programme_participant"]
    told = ("participant", "access_kind", "reason", "document", "roles", "recorded_by", "answer")
    assert [by_name[name] for name in told] == [
        PARTICIPANT, "find", "caller", "call 7", "identity_officer", "ident.here", "yes",
    ]  # fmt: skip
    assert (checked["roles"], checked["recorded_by"], checked["reason"]) == (
        "clinic_staff",
        "clinic.here",
        "visit",
    )
    assert before <= moments.read_moment(by_name["at"]).at <= moments.now()
    assert [row.at for row in vault_accesses()[1:]] == [
        moments.read_moment(event["at"]).at for event in (by_name, by_id, checked)
    ]


def test_of_two_codes_looks_stand_under_the_one_that_goes_on(inside):
    other = inside.add_participant("A100000002")
    inside.let_sign("comp.here", "lead.here")
    compliance = inside.actor("comp.here")
    with writing() as work:
        _, sha256 = mistakes.shown_for_same_person(work, compliance, other, PARTICIPANT)
        told = change(sha256, participant=other, other=PARTICIPANT, first="comp.here", second="lead.here")
        mistakes.merge_codes(work, told, by=compliance)
    with writing() as work:
        correction = Asked(reason=Reason.CORRECTION)
        access = change_identity(work, OFFICER, other, Identity(email="new@example.org"), correction)
    assert access.participant == PARTICIPANT
    with writing() as work:
        seen = record_read(work, OFFICER, other, CALLS)
    assert seen.participant == PARTICIPANT
    with reading() as work:
        assert read_identity(work, seen).email == "new@example.org"


def test_the_number_of_a_document_is_not_the_participants_name(inside):
    """The ledger keeps it for ever; a refusal that told something is written down."""
    for document in ("Testa", "form of testa", "PARTICIPANT-NANDU", "Maria 7"):
        asked = Asked(reason=Reason.CALLER, document=document)
        with pytest.raises(checks.AccessReasonNeeded, match="own name"), writing() as work:
            record_read(work, OFFICER, PARTICIPANT, asked)
        with pytest.raises(checks.AccessReasonNeeded, match="own name"), writing() as work:
            change_identity(
                work,
                OFFICER,
                PARTICIPANT,
                Identity(phone="+1 555 010 0418"),
                Asked(reason=Reason.CORRECTION, document=document),
            )
        with pytest.raises(checks.AccessReasonNeeded, match="own name"), writing() as work:
            check_identity(work, CLINIC, PARTICIPANT, SAID, Asked(reason=Reason.VISIT, document=document))
    kept = ledger_accesses()
    assert not any("document" in each for each in kept)
    assert [each["access_kind"] for each in kept].count("own_name") == 8
