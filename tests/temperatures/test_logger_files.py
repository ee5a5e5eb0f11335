"""Logger files as their programs write them, read whole or refused with line and column."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from biobank.temperatures.choices import Side
from biobank.temperatures.excursions import beyond, mean_kinetic_hundredths, stretches
from biobank.temperatures.limits import BadLimit, Limit, limits_of
from biobank.temperatures.logger_files import LoggerFileRefused, Reading, read_logger_file

GOLDEN = Path(__file__).parents[1] / "golden" / "loggers"
CHICAGO = ZoneInfo("America/Chicago")
LIMITS = Path(__file__).parents[2] / "config" / "limits.toml"


def at(hour, minute=0):
    return datetime(2026, 11, 3, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "logger", "first", "hundredths"),
    [
        ("hoboware.csv", "10360568", at(7, 30), [400, 500, 2046, 430]),
        ("one_wire.csv", "8400000036BF0121", at(8, 30), [400, 550, -50, 425]),
        ("temptale.csv", "T4-55012345", at(7, 30), [400, 500, 828, 428]),
        ("elpro.csv", "C1B2004711", at(7, 30), [450, 460, 920, -40]),
        ("elitech.txt", "EF2390F1A", at(7, 30), [460, 470, 860, 510]),
        ("plain.csv", "TL-7", at(7, 30), [400, 500, 2050, 430]),
    ],
)
def test_each_layout_gives_its_logger_and_its_readings_in_celsius_and_utc(name, logger, first, hundredths):
    read = read_logger_file((GOLDEN / name).read_bytes(), CHICAGO)
    assert (read.layout, read.logger) == (name.partition(".")[0], logger)
    assert [each.hundredths for each in read.readings] == hundredths
    assert [each.at for each in read.readings] == [first + timedelta(minutes=30 * n) for n in range(4)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("41.000", "--", "Line 4, column “Temp, °F"),
        ("41.000", "999999", "no parcel is that cold or warm"),
        ("41.000", "NaN", "Line 4"),
        ("41.000", "1e9999999", "no parcel is that cold or warm"),
        ("41.000", "-9e999999", "no parcel is that cold or warm"),
        ("11/03/26 03:00:00 AM", "yesterday", "Line 4, column “Date Time, GMT-05:00”"),
        ("11/03/26 03:00:00 AM", "11/03/26 01:00:00 AM", "Line 4 lies before"),
        ("2,11/03/26 03:00:00 AM,41.000,,,,", "2,x", "Line 4 has 2 columns"),
        ("GMT-05:00", "GMT-25:00", "time zone"),
        ("41.000", "1" * 140_000, "Line 4 is no line"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_column(old, new, sentence):
    text = (GOLDEN / "hoboware.csv").read_text().replace(old, new)
    with pytest.raises(LoggerFileRefused, match=sentence):
        read_logger_file(text.encode(), CHICAGO)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 \0", "no table of text"),
        (b"a,b\n1,2\n", "layout of this file is not known"),
        (b"serial,TL-7\ntime,celsius\n", "no reading"),
    ],
)
def test_what_is_no_loggers_file_is_refused(content, sentence):
    with pytest.raises(LoggerFileRefused, match=sentence):
        read_logger_file(content, CHICAGO)


def readings(*hundredths, minutes=30):
    return [Reading(at(8) + timedelta(minutes=minutes * n), value) for n, value in enumerate(hundredths)]


def limit(side=Side.ABOVE, celsius=8, minutes=60):
    return Limit(side, celsius, minutes, "", "")


def test_minutes_beyond_a_limit_add_up_and_only_the_journey_counts():
    seen = readings(400, 900, 400, 1200, 850, 400)
    whole = stretches(seen, None, None)
    assert beyond(limit(), whole).minutes == 90
    assert beyond(limit(), whole).peak_hundredths == 1200
    assert beyond(limit(minutes=90), whole) is None
    assert beyond(limit(minutes=0), stretches(seen, at(8), at(8, 30))) is None
    on_the_way = stretches(seen, at(9, 45), at(10, 10))
    assert beyond(limit(minutes=0), on_the_way).minutes == 25
    cold = stretches(readings(400, -10), None, None)
    assert beyond(limit(Side.BELOW, 0, 0), cold).peak_hundredths == -10
    assert beyond(limit(Side.BELOW, 0, 0), whole) is None


def test_a_reading_at_the_limit_itself_is_not_beyond_it():
    assert beyond(limit(minutes=0), stretches(readings(800, 800, 800), None, None)) is None
    assert beyond(limit(Side.BELOW, 0, 0), stretches(readings(0, 0, 0), None, None)) is None
    assert beyond(limit(minutes=0), stretches(readings(800, 801, 800), None, None)).peak_at == at(8, 30)


def test_the_reading_farthest_beyond_a_limit_of_cold_is_the_coldest():
    told = beyond(limit(Side.BELOW, 0, 0), stretches(readings(-10, -300, -20), None, None))
    assert (told.peak_hundredths, told.peak_at, told.minutes) == (-300, at(8, 30), 90)


def test_a_part_of_a_minute_beyond_a_limit_counts_as_a_minute():
    seen = [Reading(at(8), 900), Reading(at(8, 59) + timedelta(seconds=59), 400)]
    assert beyond(limit(minutes=60), stretches(seen, None, None)) is None
    seen[1] = Reading(at(9) + timedelta(seconds=1), 400)
    assert beyond(limit(minutes=60), stretches(seen, None, None)).minutes == 61


def test_a_reading_counts_for_the_part_of_it_that_lies_in_the_journey():
    seen = readings(400, 900, 400)
    spans = [(each.reading.at, each.until) for each in stretches(seen, at(8, 10), at(9, 5))]
    assert spans == [(at(8, 10), at(8, 30)), (at(8, 30), at(9)), (at(9), at(9, 5))]
    assert stretches(seen, at(10), at(11)) == [], "the last one counts for half an hour, as the one before it"
    assert stretches(seen, at(6), at(8)) == [], "the first one was made as the parcel came"
    alone = stretches([Reading(at(8), 900)], at(7), at(9))
    assert [(each.reading.at, each.until) for each in alone] == [(at(8), at(8))]
    assert beyond(limit(minutes=0), alone).peak_hundredths == 900


def test_what_a_logger_saw_until_the_very_moment_its_parcel_left_is_no_part_of_the_journey():
    """It lay in a freezer, and was packed as it made a reading: no tube of the parcel was frozen."""
    seen = readings(-2000, 400, 400)
    assert [each.reading.hundredths for each in stretches(seen, at(8, 30), at(9, 30))] == [400, 400]
    assert beyond(limit(Side.BELOW, 0, 0), stretches(seen, at(8, 30), at(9, 30))) is None


def test_the_mean_kinetic_temperature_weighs_warmth_more():
    assert mean_kinetic_hundredths(stretches(readings(500, 500, 500), None, None)) == 500
    mixed = mean_kinetic_hundredths(stretches(readings(0, 2000), None, None))
    assert mixed == 1482, "14.82 °C: by the formula of USP <1079.2> with 83.144 kJ/mol"
    assert mean_kinetic_hundredths(stretches(readings(900), None, None)) == 900, "one reading has no length"
    warm_for_longer = [*readings(0, 2000), Reading(at(10), 0)]
    assert mixed < mean_kinetic_hundredths(stretches(warm_for_longer, None, at(10))) < 2000


def test_every_tube_of_the_programme_has_limits_and_mistakes_are_named(tmp_path):
    known = limits_of(str(LIMITS))
    assert {each.name for each in known["1UR10"]} == {"above 8", "below 0"}
    assert {"1SS08", "1PS08", "1HEP4", "1ED02", "1ED04", "1ED10", "1CFD9", "1PXR2", "1UR90"} <= set(known)
    for text, sentence in (
        ('[[limit]]\ncodes=["1X"]\nminutes=1\nmeaning="a"\nsource="b"', "either above or below"),
        ('[[limit]]\ncodes=1\nabove=8\nminutes=1\nmeaning="a"\nsource="b"', "list of codes"),
        (
            '[[limit]]\ncodes=["1X","1X"]\nabove=8\nminutes=1\nmeaning="a"\nsource="b"',
            "has this limit already",
        ),
        ("[[limit]]\nwarm=8", "not known"),
        ("[[limits]]\nabove=8", "not known"),
        ('[[limit]]\ncodes=[]\nabove=8\nminutes=1\nmeaning="a"\nsource="b"', "list of codes"),
        ('[[limit]]\ncodes=[1]\nabove=8\nminutes=1\nmeaning="a"\nsource="b"', "list of codes"),
        ('[[limit]]\ncodes=["1X"]\nabove=8\nbelow=0\nmeaning="a"\nsource="b"', "either above or below"),
        ('[[limit]]\ncodes=["1X"]\nbelow=-201\nminutes=1\nmeaning="a"\nsource="b"', "-200 or more"),
        ('[[limit]]\ncodes=["1X"]\nabove=8\nminutes=-1\nmeaning="a"\nsource="b"', "0 or more"),
    ):
        (tmp_path / "limits.toml").write_text(text)
        with pytest.raises(BadLimit, match=sentence):
            limits_of(str(tmp_path / "limits.toml"))
    with pytest.raises(BadLimit):
        limits_of(str(tmp_path / "none.toml"))


def test_a_limit_may_be_as_cold_as_liquid_nitrogen_and_allow_no_minute(tmp_path):
    file = tmp_path / "limits.toml"
    file.write_text('[[limit]]\ncodes=["1X","1Y"]\nbelow=-200\nminutes=0\nmeaning="a"\nsource="b"')
    known = limits_of(str(file))
    assert {code: [each.name for each in some] for code, some in known.items()} == {
        "1X": ["below -200"],
        "1Y": ["below -200"],
    }
