"""Signings that fail: kept, counted by account and by address, and an alarm until somebody else settled it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from biobank.access import checks
from biobank.access.account_events import details_of, events_of
from biobank.access.accounts import record_failure
from biobank.access.choices import Happened
from biobank.access.failed_signings import (
    note_failed_signing,
    open_alarms,
    settle_alarm,
)
from biobank.access.models import AccountEvent
from biobank.access.proof_checks import NoAlarm, OwnAccount
from biobank.access.queries import actor_named
from biobank.access.signatures import sign
from tests.access.test_setup_links import KIM

PASSWORD = "plainly invented words"
BATCH = ("waste_batch", "W1", "ab" * 32)


@pytest.fixture
def bo(work, add):
    for username in ("tech.bo", "tech.cy", "tech.di", "tech.ed"):
        add(username, "biobank_technician@clinic-1", password=PASSWORD)
    add("comp.here", "compliance")
    return replace(actor_named(work, "tech.bo"), address="192.0.2.7")


def fail(work, by, signer="tech.cy", times=1):
    """As the edge does it."""
    for _ in range(times):
        with pytest.raises(checks.CredentialsRefused) as refusal:
            sign(work, by, signer, "something else", "witnessed", [BATCH])
        note_failed_signing(work, refusal.value.signing)
        record_failure(work, refusal.value.subjects)
        work.expire()
    return refusal.value


def alarms(work):
    return [(alarm.person, details_of(alarm)) for alarm in open_alarms(work)]


def test_a_failed_signing_is_kept_with_whose_session_it_was(work, bo):
    refusal = fail(work, bo)
    assert refusal.subjects == ("account:tech.cy", "address:192.0.2.7")
    kept = events_of(work, "tech.cy", 10, [Happened.SIGNING_FAILED])[0]
    assert (kept.person, kept.by) == ("tech.cy", "tech.bo")
    assert details_of(kept) == {"meaning": "witnessed", "proved_by": "password", "named_somebody": True}


def test_signing_waits_like_signing_in(work, bo):
    fail(work, bo, times=5)
    with pytest.raises(checks.TooManyAttempts):
        sign(work, bo, "tech.cy", PASSWORD, "witnessed", [BATCH])


def test_a_signature_that_was_right_forgets_the_failures_before_it(work, bo):
    bench = replace(bo, address=None)  # of an address they go on counting
    for _ in range(2):
        fail(work, bench, times=4)
        sign(work, bench, "tech.cy", PASSWORD, "witnessed", [BATCH])


def test_three_within_the_hour_are_one_alarm(work, bo):
    fail(work, bo, times=2)
    assert alarms(work) == []
    fail(work, bo, times=2)
    assert alarms(work) == [("tech.cy", {"failures": 3, "of": "account"})]


def test_three_accounts_from_one_address_are_an_alarm_too(work, bo):
    for signer in ("tech.cy", "tech.di", "tech.ed"):
        fail(work, bo, signer)
    assert alarms(work) == [("tech.ed", {"failures": 3, "of": "address"})]


def test_what_was_typed_as_a_name_is_not_kept(work, bo):
    for typed in ("my secret password", "nobody.here", "\udcff", "x" * 500):
        fail(work, bo, typed)
    kept = events_of(work, "tech.bo", 10, [Happened.SIGNING_FAILED])
    assert len(kept) == 4
    assert not any(details_of(each)["named_somebody"] for each in kept)
    for table in ("account_events", "ledger_entries"):
        assert "secret" not in str(work.session.execute(text(f"SELECT * FROM {table}")).all())


def test_those_of_long_ago_do_not_count(work, bo, monkeypatch):
    fail(work, bo, times=2)
    from biobank.access import failed_signings

    monkeypatch.setattr(failed_signings, "WITHIN", timedelta())
    fail(work, bo)
    assert alarms(work) == []


def test_an_alarm_is_settled_by_somebody_else_and_begins_anew(work, bo):
    fail(work, bo, times=3)
    comp = actor_named(work, "comp.here")
    with pytest.raises(OwnAccount):
        settle_alarm(work, actor_named(work, "tech.cy"), "tech.cy", "mistyped")
    with pytest.raises(NoAlarm):
        settle_alarm(work, comp, "tech.cy", "")
    settle_alarm(work, comp, "tech.cy", "mistyped")
    assert alarms(work) == []
    with pytest.raises(NoAlarm):
        settle_alarm(work, KIM, "tech.cy", "mistyped")
    work.session.execute(text("DELETE FROM sign_in_failures"))
    fail(work, bo, times=2)
    assert alarms(work) == []
    fail(work, bo)
    assert [person for person, _ in alarms(work)] == ["tech.cy"]


def test_nobody_known_at_all_leaves_nothing(work, bo):
    stranger = replace(bo, person="service")
    fail(work, stranger, "nobody.here")
    assert work.session.query(AccountEvent).count() == 0
