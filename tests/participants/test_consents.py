"""Consents: by scope and time, newest first, never erased."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from biobank.core.moments import NotAMoment, now
from biobank.ledger.models import LedgerEntry
from biobank.participants import checks, operations, queries

MARCH = datetime(2026, 3, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def consent(work, ana, participant):
    def consent(**changes):
        given = {"form_version": "3.1", "language": "es", "scopes": ["urine", "blood"], "source": "form 17"}
        return operations.record_consent(
            work, ana, participant=participant.code, **{**given, "effective_at": MARCH, **changes}
        )

    return consent


def covered(work, scope, at):
    return queries.consent_for(work, "A123456789", scope, at)


def test_it_covers_its_scopes_from_its_beginning_to_its_end(work, consent):
    consent(expires_at=MARCH + 10 * DAY)
    assert covered(work, "blood", MARCH)
    assert covered(work, "urine", MARCH + 9 * DAY)
    assert not covered(work, "blood", MARCH - timedelta(seconds=1))
    assert not covered(work, "blood", MARCH + 10 * DAY)
    assert not covered(work, "dna", MARCH)


def test_a_consent_taken_back_covers_what_was_before(work, consent):
    consent().withdrawn_at = MARCH + DAY
    work.flush()
    assert covered(work, "blood", MARCH)
    assert not covered(work, "blood", MARCH + DAY)


def test_the_newest_that_covers_the_scope_counts(work, consent):
    consent()
    consent(form_version="4", effective_at=MARCH + DAY, scopes=["dna"])
    consent(form_version="5", effective_at=MARCH + 2 * DAY, scopes=["blood"])
    assert covered(work, "blood", MARCH + 3 * DAY).form_version == "5"
    assert covered(work, "urine", MARCH + 3 * DAY).form_version == "3.1"
    assert [each.form_version for each in queries.consents_of(work, "A123456789")] == ["5", "4", "3.1"]


def test_without_a_consent_the_refusal_names_scope_and_participant(work, participant):
    with pytest.raises(checks.ConsentMissing, match="A123456789 has no valid consent for blood") as refusal:
        checks.consented(work, participant, "blood", MARCH)
    assert refusal.value.extra == {"participant": "A123456789", "scope": "blood"}


def test_with_one_it_is_returned(work, participant, consent):
    given = consent()
    assert checks.consented(work, participant, "blood", MARCH).id == given.id


@pytest.mark.parametrize("scopes", [[], ["bone"], ["blood", "bone"]])
def test_scopes_that_there_are_not_are_refused(consent, scopes):
    with pytest.raises(checks.ConsentRefused, match="covers some of"):
        consent(scopes=scopes)


def test_an_end_before_the_beginning_is_refused(consent):
    with pytest.raises(checks.ConsentRefused):
        consent(expires_at=MARCH)


@pytest.mark.parametrize("signed_at", [datetime(1989, 12, 31, 23, tzinfo=UTC), now() + DAY])
def test_a_form_that_nobody_can_have_signed_by_then_is_refused(consent, signed_at):
    with pytest.raises(checks.ConsentRefused, match="give the time at which the form was signed") as refusal:
        consent(effective_at=signed_at)
    assert refusal.value.extra["field"] == "effective_at"


def test_a_station_may_be_a_minute_ahead(consent):
    assert consent(effective_at=now() + timedelta(minutes=1)).id


@pytest.mark.parametrize("told", [{"signed_by": "guardian"}, {"signed_by": "participant", "assent": True}])
def test_nobody_signs_or_agrees_for_an_adult(participant, consent, told):
    assert consent(**told).id
    participant.minor = False
    with pytest.raises(checks.ConsentRefused, match="A123456789 is an adult"):
        consent(**told)
    assert consent(signed_by="representative").id


@pytest.mark.parametrize("field", ["effective_at", "expires_at"])
def test_a_time_without_its_offset_is_refused(consent, field):
    with pytest.raises(NotAMoment):
        consent(**{field: datetime(2026, 3, 1)})


def test_an_unknown_participant_consents_to_nothing(work, ana):
    with pytest.raises(queries.ParticipantUnknown):
        operations.record_consent(
            work,
            ana,
            participant="A000000000",
            form_version="1",
            language="en",
            scopes=["blood"],
            effective_at=MARCH,
            source="x",
        )


def test_the_ledger_holds_the_consent(work, consent):
    given = consent()
    entry = work.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "consent")).one()
    body = json.loads(entry.body)
    expected = operations.consent_content(given)
    assert {name: body[name] for name in expected} == expected
    assert body["scopes"] == ["blood", "urine"]
