"""Moments: UTC inside, the zone of the telling beside it, naive times refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.core import moments
from biobank.core.moments import NotAMoment


def test_a_time_without_an_offset_is_refused():
    with pytest.raises(NotAMoment, match="offset"):
        moments.read_moment("2026-03-01T09:30:00")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-03-01T25:00:00Z"])
def test_what_is_no_time_is_refused_in_one_sentence(text):
    with pytest.raises(NotAMoment, match="not a time|offset"):
        moments.read_moment(text)


def test_what_is_no_time_is_not_said_again_whole():
    with pytest.raises(NotAMoment) as refusal:
        moments.read_moment("x" * 100_000)
    assert len(refusal.value.detail) < 120


def test_the_hour_that_comes_twice_shows_two_offsets_and_stays_two_moments():
    first = moments.read_moment("2026-11-01T01:30:00-05:00", "America/Chicago")
    second = moments.read_moment("2026-11-01T01:30:00-06:00", "America/Chicago")
    assert (first.offset_minutes, second.offset_minutes) == (-300, -360)
    assert (second.at - first.at).total_seconds() == 3600


def test_an_unknown_zone_is_named():
    with pytest.raises(NotAMoment, match="Mars/Olympus"):
        moments.told(moments.now(), "Mars/Olympus")


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)))
def test_what_is_stored_is_what_was_told(moment):
    assert moments.from_microseconds(moments.to_microseconds(moment)) == moment
    assert moments.read_moment(moments.to_text(moment)).at == moment


def test_the_ledgers_text_always_has_six_decimals():
    assert moments.to_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"
