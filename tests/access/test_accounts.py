"""Passwords: argon2id, throttled by account and by address, equal for unknown accounts."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from biobank.access import accounts, checks, operations
from biobank.access.actors import SETTING_UP
from biobank.access.models import SignInFailure

PASSWORD = "plainly invented words"


def fail(work, username="clinic.ana", address=None, times=1):
    for _ in range(times):
        with pytest.raises(checks.CredentialsRefused) as refusal:
            accounts.verified(work, username, "something else", address)
        accounts.record_failure(work, refusal.value.subjects)
        work.expire()
    return refusal.value


def pass_time(work, **of):
    """Let failures lie back by so much."""
    for failure in work.session.scalars(select(SignInFailure)):
        failure.last_failed_at -= timedelta(**of)
    work.flush()


def test_the_password_is_kept_as_argon2id(add):
    assert add("clinic.ana", password=PASSWORD).password_hash.startswith("$argon2id$")


def test_the_service_hashes_as_costly_as_the_standard_asks():
    """RFC 9106, second recommended option; the tests themselves hash with less."""
    hashing = "from biobank.access.accounts import hashed; print(hashed('a password'))"
    said = subprocess.run([sys.executable, "-c", hashing], capture_output=True, text=True, check=True).stdout
    assert said.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_right_password_is_the_person_however_the_name_is_typed(work, add):
    add("clinic.ana", password=PASSWORD)
    assert accounts.verified(work, " Clinic.Ana ", PASSWORD).username == "clinic.ana"


def test_wrong_password_unknown_account_no_password_and_disabled_are_answered_alike(work, add):
    add("clinic.ana", password=PASSWORD)
    add("clinic.bob")
    add("clinic.cho", password=PASSWORD)
    operations.disable(work, SETTING_UP, "clinic.cho")
    answers = {fail(work, name).detail for name in ("clinic.ana", "clinic.bob", "nobody", "\x00", "x" * 500)}
    with pytest.raises(checks.CredentialsRefused) as refusal:
        accounts.verified(work, "clinic.cho", PASSWORD)
    assert answers | {refusal.value.detail} == {
        "This user name and password do not belong together; type both again."
    }


def test_an_unknown_account_costs_one_hash_like_a_known_one(work, add, monkeypatch):
    add("clinic.ana", password=PASSWORD)
    counted = []
    real = accounts.belongs
    monkeypatch.setattr(accounts, "belongs", lambda *both: counted.append(both[0]) or real(*both))
    for name in ("clinic.ana", "nobody"):
        with pytest.raises(checks.CredentialsRefused):
            accounts.verified(work, name, "something else")
    known, unknown = counted
    assert known.rsplit("$", 2)[0] == unknown.rsplit("$", 2)[0]


def test_after_five_failures_the_account_waits_and_longer_each_time(work, add):
    add("clinic.ana", password=PASSWORD)
    fail(work, times=5)
    waits = []
    for _ in range(4):
        with pytest.raises(checks.TooManyAttempts) as refusal:
            accounts.verified(work, "clinic.ana", PASSWORD)
        waits.append(refusal.value.extra["retry_after_seconds"])
        pass_time(work, seconds=waits[-1])
        fail(work)
    assert waits == [1, 2, 4, 8]


def test_no_wait_is_longer_than_ten_minutes_and_none_is_for_good(work, add):
    add("clinic.ana", password=PASSWORD)
    fail(work)
    work.session.execute(text("UPDATE sign_in_failures SET failures = 100000"))
    work.expire()
    with pytest.raises(checks.TooManyAttempts) as refusal:
        accounts.verified(work, "clinic.ana", PASSWORD)
    assert refusal.value.extra["retry_after_seconds"] <= 600
    pass_time(work, minutes=10)
    assert accounts.verified(work, "clinic.ana", PASSWORD)


def test_one_account_that_waits_is_not_the_other(work, add):
    add("clinic.ana", password=PASSWORD)
    add("clinic.bob", password=PASSWORD)
    fail(work, times=5)
    assert accounts.verified(work, "clinic.bob", PASSWORD, "10.0.0.1")


def test_one_address_that_tries_many_accounts_waits(work, add):
    add("clinic.ana", password=PASSWORD)
    for number in range(20):
        fail(work, f"guess-{number}", "10.0.0.1")
    with pytest.raises(checks.TooManyAttempts):
        accounts.verified(work, "clinic.ana", PASSWORD, "10.0.0.1")
    assert accounts.verified(work, "clinic.ana", PASSWORD, "10.0.0.2")


def test_failures_of_long_ago_are_forgotten(work, add):
    add("clinic.ana", password=PASSWORD)
    fail(work, times=5)
    pass_time(work, hours=2)
    fail(work)
    assert accounts.verified(work, "clinic.ana", PASSWORD)


def test_signing_in_forgets_the_account_and_not_the_address(work, add):
    person = add("clinic.ana", password=PASSWORD)
    fail(work, address="10.0.0.1", times=4)
    operations.open_session(work, person, lasting=timedelta(hours=1))
    assert [failure.failures for failure in work.session.scalars(select(SignInFailure))] == [4]
