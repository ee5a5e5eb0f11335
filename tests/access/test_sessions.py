"""Browser sessions: idle end, absolute end, signed out, rotated."""

from datetime import timedelta

import pytest

from biobank.access import operations
from biobank.access.actors import SETTING_UP
from biobank.access.checks import SessionEnded
from biobank.access.models import BrowserSession
from biobank.access.permissions import Role
from biobank.access.queries import actor_of_session
from biobank.core.moments import now

IDLE = timedelta(minutes=15)


@pytest.fixture
def ana(add):
    return add("clinic.ana", "clinic_staff@clinic-1")


def opened(work, ana, **more):
    return operations.open_session(work, ana, lasting=timedelta(hours=12), **more)


def session_row(work):
    return work.session.query(BrowserSession).one()


def test_a_session_is_its_person_at_a_station(work, ana):
    signed_in = actor_of_session(work, opened(work, ana, station="clinic-1/bench"), IDLE)
    assert signed_in.actor.person == "clinic.ana"
    assert signed_in.actor.grants == {(Role.CLINIC, "clinic-1")}
    assert signed_in.actor.station == "clinic-1/bench"


def ends(work, text):
    work.flush()
    with pytest.raises(SessionEnded):
        actor_of_session(work, text, IDLE)
    return True


def test_it_ends_after_being_idle(work, ana):
    text = opened(work, ana)
    session_row(work).last_seen_at = now() - IDLE + timedelta(seconds=5)
    work.flush()
    assert actor_of_session(work, text, IDLE)
    session_row(work).last_seen_at = now() - IDLE
    assert ends(work, text)


def test_being_seen_keeps_it_alive(work, ana):
    text = opened(work, ana)
    session_row(work).last_seen_at = now() - IDLE
    work.flush()
    operations.seen(work, session_row(work).sha256)
    assert actor_of_session(work, text, IDLE)


def test_it_ends_at_its_absolute_end_however_busy(work, ana):
    text = opened(work, ana)
    session_row(work).expires_at = now()
    assert ends(work, text)


def test_it_ends_when_signed_out_and_signing_out_twice_is_once(work, ana):
    text = opened(work, ana)
    operations.close_session(work, text)
    operations.close_session(work, text)
    operations.close_session(work, "unknown")
    assert ends(work, text)


def test_a_cookie_that_nobody_gave_is_nobody(work, ana):
    assert ends(work, "biobank_invented")


def test_it_ends_when_the_person_is_disabled(work, ana):
    text = opened(work, ana)
    operations.disable(work, SETTING_UP, "clinic.ana")
    assert ends(work, text)


def test_signing_in_again_ends_the_session_before(work, ana):
    before = opened(work, ana)
    after = opened(work, ana, replacing=before)
    assert ends(work, before)
    assert actor_of_session(work, after, IDLE)
