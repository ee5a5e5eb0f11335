"""Registering by code, who sees a code, and what a participant's standing allows."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.moments import now
from biobank.ledger.models import LedgerEntry
from biobank.participants import checks, operations, queries
from biobank.sites.queries import SiteUnknown

PATTERN = "[A-Z][0-9]{9}"
BOB = Actor("clinic.bob", "Bob", frozenset({(Role.CLINIC, "clinic-2")}))
COMPLIANCE = Actor("compliance.eve", "Eve", frozenset({(Role.COMPLIANCE, None)}))


def entries(work, code):
    found = (
        select(LedgerEntry)
        .where(LedgerEntry.subject == queries.subject_of(code))
        .order_by(LedgerEntry.sequence)
    )
    return [json.loads(entry.body) for entry in work.session.scalars(found)]


def test_a_participant_is_registered_with_an_entry(work, participant):
    assert queries.participant_named(work, " a123456789 ").code == "A123456789"
    (entry,) = entries(work, "A123456789")
    assert (entry["kind"], entry["participant"], entry["recorded_by"]) == (
        "register_participant",
        "A123456789",
        "clinic.ana",
    )


@pytest.mark.parametrize("code", ["", "123456789", "A12345678", "A1234567890", "A12345678X", "Á123456789"])
def test_what_is_no_code_is_refused(work, ana, code):
    with pytest.raises(checks.CodeRefused, match="it is a letter and nine digits"):
        operations.register_participant(work, ana, code=code, pattern=PATTERN)


def test_what_was_typed_instead_of_a_code_is_not_repeated(work, ana):
    with pytest.raises(checks.CodeRefused) as refusal:
        operations.register_participant(work, ana, code="Testa Participant", pattern="A[0-9]{9}")
    assert refusal.value.detail == (
        "That is not a participant code: it does not look like one of this programme."
    )


def test_a_code_is_registered_once(work, ana, participant):
    with pytest.raises(checks.ParticipantExists):
        operations.register_participant(work, ana, code="A123456789", pattern=PATTERN)


def test_an_unknown_site_registers_nobody(work, ana):
    with pytest.raises(SiteUnknown):
        operations.register_participant(work, ana, code="A123456789", pattern=PATTERN, site="clinic-9")
    with pytest.raises(queries.ParticipantUnknown):
        queries.participant_named(work, "A123456789")


def test_another_sites_participant_is_as_if_not_there(work, ana, participant):
    assert queries.participant_seen_by(work, ana, "A123456789")
    assert queries.participant_seen_by(work, COMPLIANCE, "A123456789")
    with pytest.raises(queries.ParticipantUnknown) as elsewhere:
        queries.participant_seen_by(work, BOB, "A123456789")
    with pytest.raises(queries.ParticipantUnknown) as nowhere:
        queries.participant_seen_by(work, BOB, "A000000000")
    assert elsewhere.value.detail == nowhere.value.detail.replace("A000000000", "A123456789")


def test_a_visit_lets_the_site_see_the_code(work, participant):
    operations.note_visit(work, "A123456789", "clinic-2")
    operations.note_visit(work, "A123456789", "clinic-2")
    assert queries.participant_seen_by(work, BOB, "A123456789")
    assert queries.sites_visited(work, "A123456789") == {"clinic-1", "clinic-2"}


def test_collection_follows_the_standing(work, participant):
    checks.collection_open(participant)
    participant.left, participant.information, participant.samples = True, "remove", "destroy"
    with pytest.raises(checks.CollectionStopped, match="withdrew"):
        checks.collection_open(participant)


def test_a_death_stops_collection(participant):
    participant.deceased_on = date(2026, 3, 1)
    with pytest.raises(checks.CollectionStopped, match="deceased"):
        checks.collection_open(participant)


@pytest.mark.parametrize(
    ("minor", "pediatric", "fits"),
    [(True, False, False), (True, True, True), (False, False, True), (None, False, True)],
)
def test_an_adult_kit_never_meets_a_known_minor(participant, minor, pediatric, fits):
    participant.minor = minor
    if fits:
        checks.kit_fits_age(participant, pediatric=pediatric)
    else:
        with pytest.raises(checks.AgeMismatch):
            checks.kit_fits_age(participant, pediatric=pediatric)


def test_a_provisional_code_is_minted_and_found_by_its_hash(work, ana):
    minted = operations.mint_provisional(work, ana, programme_hash="ab" * 32, site="clinic-1")
    assert checks.PROVISIONAL.fullmatch(minted.code)
    assert queries.participant_of_programme(work, "ab" * 32).code == minted.code
    assert queries.participant_of_programme(work, "cd" * 32) is None


def relinked(work, ana, provisional, code="A123456789"):
    return operations.relink(work, ana, provisional=provisional.code, code=code, pattern=PATTERN)


def test_a_provisional_code_becomes_the_biobank_id(work, ana):
    minted = operations.mint_provisional(work, ana, programme_hash="ab" * 32, site="clinic-1")
    consent(work, ana, minted.code)
    target = relinked(work, ana, minted)
    assert target.code == "A123456789"
    assert queries.participant_named(work, minted.code).code == "A123456789"
    assert queries.participant_of_programme(work, "ab" * 32).code == "A123456789"
    assert queries.consent_for(work, "A123456789", "blood", now())
    assert queries.sites_visited(work, "A123456789") == {"clinic-1"}
    assert [entry["kind"] for entry in entries(work, minted.code)][-1] == "relink_participant"
    assert [entry["kind"] for entry in entries(work, "A123456789")] == [
        "register_participant",
        "relink_participant",
    ]


def consent(work, ana, code):
    operations.record_consent(
        work,
        ana,
        participant=code,
        form_version="3",
        language="en",
        scopes=["blood"],
        effective_at=now(),
        source="form 1",
    )


def test_a_decision_of_the_provisional_code_goes_over(work, ana, participant):
    minted = operations.mint_provisional(work, ana, programme_hash="ab" * 32)
    minted.left, minted.information, minted.samples, minted.decided_at = True, "remove", "destroy", now()
    work.flush()
    target = relinked(work, ana, minted)
    assert queries.standing(target).use_blocked


def test_two_decisions_that_differ_are_not_linked(work, ana, participant):
    minted = operations.mint_provisional(work, ana, programme_hash="ab" * 32)
    minted.left, minted.information, minted.samples, minted.decided_at = True, "remove", "destroy", now()
    participant.left, participant.information, participant.samples = True, "keep", "keep"
    participant.decided_at = now()
    work.flush()
    with pytest.raises(checks.DecisionsDiffer):
        relinked(work, ana, minted)


def test_only_a_provisional_code_is_linked_and_once(work, ana, participant):
    with pytest.raises(checks.NotProvisional):
        relinked(work, ana, participant, "A999999999")
    minted = operations.mint_provisional(work, ana, programme_hash="ab" * 32)
    relinked(work, ana, minted)
    with pytest.raises(checks.NotProvisional):
        relinked(work, ana, minted)


def test_locking_follows_the_link(work, ana):
    minted = operations.mint_provisional(work, ana, programme_hash="ab" * 32)
    relinked(work, ana, minted)
    assert operations.lock(work, minted.code).code == "A123456789"
