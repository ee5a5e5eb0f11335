"""Badges and PINs: what a badge opens, what it never does, and what is not kept of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from biobank.access import operations
from biobank.access.accounts import accept_proof, record_failure, verified
from biobank.access.actors import SETTING_UP
from biobank.access.badges import (
    give_badge,
    has_badge,
    person_of_badge,
    set_pin,
    take_badge,
    verified_pin,
)
from biobank.access.checks import (
    BadgeRefused,
    BadgeUnknown,
    PasswordNeeded,
    PermissionMissing,
    PinRefused,
    PinWrong,
    SessionEnded,
    StationLocked,
    TooManyAttempts,
    permitted,
)
from biobank.access.choices import Proof
from biobank.access.identifiers import holds_badge, is_badge, new_badge, printed_badge
from biobank.access.models import Badge, BrowserSession, SignInFailure
from biobank.access.permissions import BY_BADGE, Permission
from biobank.access.queries import actor_of_session
from biobank.access.station_sessions import left_open, lock_session, standing_session, unlock_session
from biobank.core.database import reading, writing
from biobank.core.errors import DomainError
from biobank.core.moments import now
from biobank.core.tokens import sha256_of
from biobank.web.permission import failures_recorded

BENCH = "clinic-1/bench"
IDLE = timedelta(minutes=15)
STATION_IDLE = timedelta(minutes=2)


@pytest.fixture
def ana(add):
    return add("clinic.ana", "clinic_staff@clinic-1")


def at_the_bench(work, person, **more):
    return operations.open_session(work, person, lasting=timedelta(hours=12), station=BENCH, **more)


def signed_in(work, text):
    return actor_of_session(work, text, IDLE, station_idle=STATION_IDLE)


def row(work):
    return work.session.query(BrowserSession).order_by(BrowserSession.id.desc()).first()


def test_a_slip_of_one_character_is_no_badge():
    code = new_badge()
    assert is_badge(code)
    for at in range(1, len(code)):
        wrong = code[:at] + str((int(code[at]) + 1) % 10) + code[at + 1 :]
        assert not is_badge(wrong)


@pytest.mark.parametrize("around", ["{}", "]C0{}", "T483134562451{}", "{}T483134562451", "({})\n"])
def test_a_text_that_holds_a_badge_is_recognised_however_it_came(around):
    code = new_badge()
    for text in (code, code.lower(), printed_badge(code), code[:-3]):
        assert holds_badge(around.format(text))
    assert not holds_badge(around.format("K123456789012"))


def test_a_badge_opens_for_its_person_until_it_is_taken_or_another_is_given(work, ana):
    first = give_badge(work, SETTING_UP, "clinic.ana")
    assert person_of_badge(work, first, address=None) is ana
    second = give_badge(work, SETTING_UP, "clinic.ana")
    with pytest.raises(BadgeUnknown):
        person_of_badge(work, first, address=None)
    assert person_of_badge(work, second, address=None) is ana
    take_badge(work, SETTING_UP, "clinic.ana")
    with pytest.raises(BadgeUnknown) as refusal:
        person_of_badge(work, second, address="192.0.2.7")
    assert refusal.value.subjects == ("address:192.0.2.7",)
    assert not has_badge(work, "clinic.ana")
    with pytest.raises(BadgeRefused):
        take_badge(work, SETTING_UP, "clinic.ana")
    assert [badge.taken_by for badge in work.session.query(Badge)] == ["setup", "setup"]


def test_of_a_badge_only_its_sha256_is_kept(work, ana):
    code = give_badge(work, SETTING_UP, "clinic.ana")
    badge = work.session.query(Badge).one()
    assert badge.sha256 == sha256_of(code)
    assert code not in str(vars(badge))


def test_somebody_disabled_gets_no_badge_and_theirs_opens_nothing(work, ana):
    code = give_badge(work, SETTING_UP, "clinic.ana")
    operations.disable(work, SETTING_UP, "clinic.ana")
    with pytest.raises(BadgeUnknown):
        person_of_badge(work, code, address=None)
    with pytest.raises(BadgeRefused):
        give_badge(work, SETTING_UP, "clinic.ana")


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "12345a", "٣٤٥٦٧٨", "777777", "123456", "987654", ""]
)
def test_a_pin_that_is_soon_guessed_is_refused(work, ana, pin):
    with pytest.raises(PinRefused):
        set_pin(work, ana, pin)


def test_a_pin_is_its_persons_and_waits_are_longer_with_each_failure(work, ana):
    with pytest.raises(BadgeRefused):
        verified_pin(work, "clinic.ana", "482913", address=None)
    set_pin(work, ana, "482913")
    assert verified_pin(work, "clinic.ana", "482913", address=None) is ana
    for _ in range(3):
        with pytest.raises(PinWrong) as refusal:
            verified_pin(work, "clinic.ana", "482914", address=None)
        record_failure(work, refusal.value.subjects)
    with pytest.raises(TooManyAttempts):
        verified_pin(work, "clinic.ana", "482913", address=None)
    at_the_bench(work, ana, by=Proof.BADGE)
    with pytest.raises(TooManyAttempts):
        verified_pin(work, "clinic.ana", "482913", address=None)
    with pytest.raises(TooManyAttempts):
        accept_proof(work, "clinic.ana", "pin")
    work.session.query(SignInFailure).update({SignInFailure.last_failed_at: now() - timedelta(seconds=5)})
    accept_proof(work, "clinic.ana", "pin")
    assert work.session.query(SignInFailure).all() == []
    assert verified_pin(work, "clinic.ana", "482913", address=None) is ana


def test_a_badge_does_routine_steps_and_nothing_that_needs_a_password(work, add):
    lead = add("bank.lee", "biobank_lead@clinic-1")
    by_badge = signed_in(work, at_the_bench(work, lead, by=Proof.BADGE)).actor
    by_password = signed_in(work, at_the_bench(work, lead)).actor
    for permission in by_password.permissions:
        permitted(by_password, permission)
        if permission in BY_BADGE:
            permitted(by_badge, permission)
        else:
            with pytest.raises(PasswordNeeded):
                permitted(by_badge, permission)
    assert Permission.SIGN_DESTRUCTION in by_password.permissions - by_badge.permissions
    with pytest.raises(PermissionMissing):
        permitted(by_badge, Permission.ADD_PEOPLE)


def test_a_station_locks_itself_and_its_person_opens_it_again(work, ana):
    text = at_the_bench(work, ana)
    row(work).last_seen_at = now() - STATION_IDLE
    work.flush()
    with pytest.raises(StationLocked):
        signed_in(work, text)
    unlock_session(work, standing_session(work, text))
    assert signed_in(work, text).actor.station == BENCH
    lock_session(work, sha256_of(text), "/kits/K1")
    with pytest.raises(StationLocked):
        signed_in(work, text)
    lock_session(work, sha256_of(text), "/")
    work.session.expire_all()
    assert left_open(work, "clinic.ana", BENCH, IDLE).page == "/kits/K1"


def test_away_from_a_station_nothing_locks_before_the_idle_end(work, ana):
    text = operations.open_session(work, ana, lasting=timedelta(hours=12))
    row(work).last_seen_at = now() - STATION_IDLE
    work.flush()
    assert signed_in(work, text)


def test_after_the_idle_end_the_badge_alone_opens_nothing(work, ana):
    text = at_the_bench(work, ana)
    assert left_open(work, "clinic.ana", BENCH, IDLE)
    assert left_open(work, "clinic.ana", "clinic-1/other", IDLE) is None
    row(work).last_seen_at = now() - IDLE
    work.flush()
    assert left_open(work, "clinic.ana", BENCH, IDLE) is None
    with pytest.raises(SessionEnded) as refusal:
        signed_in(work, text)
    assert not isinstance(refusal.value, StationLocked)


GUESSES = 8


@pytest.mark.parametrize(("kind", "answered"), [("pin", 3), ("account", 5)])
def test_of_guesses_at_the_same_moment_no_more_are_answered_than_of_guesses_one_by_one(app, kind, answered):
    """The right one is the last of them: it opens nothing, and is told from a wrong one by nobody."""
    right = {"pin": "482913", "account": "plainly invented words"}[kind]
    with app.app_context(), writing() as work:
        person = operations.add_person(work, SETTING_UP, username="clinic.ana", printed_name="Testa Ana")
        set_pin(work, person, "482913")
        operations.set_password(person, "plainly invented words")
    looked_at = Barrier(GUESSES)

    def guess(number):
        with app.app_context():
            try:
                with failures_recorded(), reading() as work:
                    try:
                        tell(work, right if number == GUESSES - 1 else "something else")
                    finally:
                        looked_at.wait(timeout=30)
                        if number == GUESSES - 1:
                            counted.wait(timeout=30)
                with writing() as work:
                    accept_proof(work, "clinic.ana", kind)
            except DomainError as refusal:
                return type(refusal)
            finally:
                if number < GUESSES - 1:
                    counted.wait(timeout=30)
        return None

    def tell(work, text):
        if kind == "pin":
            return verified_pin(work, "clinic.ana", text, address="192.0.2.7")
        return verified(work, "clinic.ana", text, "192.0.2.7")

    counted = Barrier(GUESSES)
    with ThreadPoolExecutor(GUESSES) as people:
        answers = list(people.map(guess, range(GUESSES)))
    assert answers.count(TooManyAttempts) == GUESSES - answered
    assert answers[-1] is TooManyAttempts
    with app.app_context(), reading() as work:
        counts = {failure.failures for failure in work.session.query(SignInFailure)}
    assert counts == {answered}
