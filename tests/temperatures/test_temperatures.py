"""A parcel's logger file: what was beyond its own limit is held, one case a parcel, released in bulk by a lead."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.replay import state_findings
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack
from biobank.participants import own_names
from biobank.participants.own_names import OwnNameWritten
from biobank.shipments.models import Shipment
from biobank.temperatures import operations
from biobank.temperatures.checks import AnotherParcel, ReleaseRefused
from biobank.temperatures.excursions import beyond
from biobank.temperatures.inputs import Releasing, SentFile
from biobank.temperatures.logger_files import LoggerFileRefused
from biobank.temperatures.models import Excursion
from biobank.temperatures.operations import release_tubes, take_logger_file
from biobank.temperatures.queries import NoSuchLoggerFile, counted, excursions_of, file_seen_by, readings_of
from biobank.temperatures.replay import temperature_findings
from tests.floor import CODE

CODES = ("1SS08", "1ED04", "1UR10", "1CFD9")
HOURLY = [40] * 10


class Journey:
    """A parcel of four tubes that travelled ten hours with logger TL-7."""

    def __init__(self, floor, logger="TL-7", hours=10):
        self.floor = floor
        floor.collected_at = floor.collected_at.replace(microsecond=0)  # a logger tells whole seconds
        collected = floor.collected()
        self.tubes = {code: collected[code] for code in CODES}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moments, "now", lambda: floor.collected_at)
            self.parcel = floor.parcel(logger=logger)
        for tube in self.tubes.values():
            floor.step(tube, Action.PACK, floor.clinic, place=self.parcel, minutes=30)
        details = {"carrier": "courier"} | ({"logger": logger} if logger else {})
        floor.step(self.parcel, Action.DISPATCH, floor.clinic, minutes=60, details=details)
        floor.step(self.parcel, Action.ARRIVE, minutes=60 + 60 * hours)
        self.sent = floor.work.session.get_one(Shipment, floor.now(self.parcel).id).dispatched_at

    def file(self, tenths, *, logger="TL-7", hours_off=0):
        """A reading an hour, from when the parcel left."""
        begins = self.sent + timedelta(hours=hours_off)
        lines = [f"{begins + timedelta(hours=n):%Y-%m-%d %H:%M:%S},{t / 10}" for n, t in enumerate(tenths)]
        return "\n".join([f"serial,{logger}", "time zone,UTC", "time,celsius", *lines]).encode()

    def take(self, tenths=HOURLY, *, by=None, confirmation=None, parcel=None, **told):
        content = self.file(tenths, **told)
        sent = SentFile(
            parcel=parcel or self.parcel, content=content, zone="America/Chicago", confirmation=confirmation
        )
        return take_logger_file(self.floor.work, sent, by=by or self.floor.technician)

    def beyond(self, file):
        return [
            (
                item.specification,
                excursion.side,
                excursion.limit_celsius,
                excursion.peak_hundredths,
                excursion.minutes,
            )
            for excursion, item in excursions_of(self.floor.work, file)
        ]


@pytest.fixture
def journey(floor):
    return Journey(floor)


def is_whole(floor):
    assert list(temperature_findings(floor.work)) == []
    assert list(state_findings(floor.work)) == []


def test_each_tube_is_compared_with_its_own_limits(floor, journey):
    """Nine hours at 20 °C: too long for urine and serum, nothing for blood and cell-free DNA."""
    file = journey.take([40, *[200] * 9, 40])
    assert journey.beyond(file) == [("1SS08", "above", 8, 2000, 540), ("1UR10", "above", 8, 2000, 540)]
    assert floor.holds(journey.tubes["1SS08"]) == {"temperature"}
    assert floor.holds(journey.tubes["1ED04"]) == set()
    assert floor.cases(journey.parcel).count("temperature_excursion") == 1
    assert (file.lowest_hundredths, file.highest_hundredths) == (400, 2000)
    assert 1500 < file.mean_kinetic_hundredths < 2000
    assert [each.hundredths for each in readings_of(file)][:2] == [400, 2000]
    again = journey.take([40, *[200] * 9, 40])
    assert again.id == file.id
    assert floor.cases(journey.parcel).count("temperature_excursion") == 1
    is_whole(floor)
    file.readings += b"more"
    assert "readings_sha256" in next(iter(temperature_findings(floor.work))).sentence
    floor.work.session.query(Excursion).first().minutes = 5
    assert any("540" in each.sentence for each in temperature_findings(floor.work))


def test_frozen_blood_is_held_however_shortly(floor, journey):
    file = journey.take([40, 40, -10, *[40] * 8])
    assert {each[:3] for each in journey.beyond(file)} == {(code, "below", 0) for code in CODES}
    assert journey.beyond(file)[0][3:] == (-100, 60)


def test_a_journey_is_compared_with_each_limit_once_however_many_tubes_have_it(journey, monkeypatch):
    """Of a hundred thousand readings and two hundred tubes that is the difference between seconds and minutes."""
    asked = []
    monkeypatch.setattr(operations, "beyond", lambda limit, told: asked.append(limit) or beyond(limit, told))
    file = journey.take([40, 40, -10, *[40] * 8])
    assert len(journey.beyond(file)) == len(CODES)
    assert len(asked) == len(set(asked))


def test_a_reading_that_was_not_made_yet_is_refused_with_its_line_and_time(floor, journey):
    """By a clock that is ahead of ours, or a time zone that is none of the file's."""
    ahead = int((moments.now() - journey.sent) / timedelta(hours=1)) - len(HOURLY) + 2
    line, at = len(HOURLY) + 3, journey.sent + timedelta(hours=ahead + len(HOURLY) - 1)
    with pytest.raises(
        LoggerFileRefused, match=rf"^Line {line} is of {at:%Y-%m-%d %H:%M} UTC, which has not"
    ):
        journey.take(hours_off=ahead, confirmation="It is so.")
    assert floor.work.session.query(Excursion).count() == 0
    assert journey.take().count == len(HOURLY)


def test_a_cold_journey_holds_nothing_and_opens_no_case(floor, journey):
    file = journey.take()
    assert (counted(floor.work, file).beyond, floor.cases(journey.parcel)) == (0, [])
    is_whole(floor)


def test_a_file_of_another_logger_or_time_is_refused(floor, journey):
    for told, sentence in (
        ({"logger": "TL-8"}, "packed with TL-7"),
        ({"hours_off": -30}, "choose the file of this journey"),
        ({"hours_off": 30}, "choose the file of this journey"),
    ):
        with pytest.raises(LoggerFileRefused, match=sentence):
            journey.take(**told)
    with pytest.raises(AskedBack, match="first reading"):
        journey.take(hours_off=4)
    file = journey.take(hours_off=4, confirmation="The logger was started late.")
    assert file.confirmation == "The logger was started late."
    with pytest.raises(NamesSomebody):
        journey.take([41], confirmation="ask ana@example.org")
    other = Journey(floor)
    with pytest.raises(AnotherParcel, match="already"):
        take_logger_file(
            floor.work,
            SentFile(parcel=other.parcel, content=journey.file(HOURLY, hours_off=4), zone="UTC"),
            by=floor.technician,
        )
    waiting = floor.parcel(logger="TL-7")
    with pytest.raises(LoggerFileRefused, match="not dispatched"):
        journey.take([42], parcel=waiting)
    assert floor.cases(journey.parcel) == []
    is_whole(floor)


def test_two_hours_of_a_journey_may_be_unseen_at_either_end(floor, journey):
    """The parcel travelled ten hours; what lies two hours off is taken, more is asked back about."""
    assert journey.take([40] * 9).count == 9
    assert journey.take(hours_off=2).count == len(HOURLY)
    for told, code in (({"tenths": [40] * 8}, "ends_early"), ({"hours_off": 3}, "begins_late")):
        with pytest.raises(AskedBack) as asked:
            journey.take(**told)
        assert (asked.value.extra["reason_code"], asked.value.extra["item"]) == (code, journey.parcel)


def test_a_file_that_begins_as_the_parcel_comes_is_of_another_journey(floor, journey):
    with pytest.raises(LoggerFileRefused, match="choose the file of this journey"):
        journey.take(hours_off=10)
    assert journey.take([40], hours_off=9, confirmation="Started as it came.").count == 1


def test_a_file_that_ends_as_the_parcel_leaves_is_of_its_journey(floor, journey):
    assert journey.take([40, 40], hours_off=-1, confirmation="It broke on the way.").count == 2


def test_of_a_parcel_that_came_the_moment_it_left_no_reading_can_tell(floor):
    journey = Journey(floor, hours=0)
    with pytest.raises(LoggerFileRefused, match=r"^No reading was made on the way"):
        journey.take(hours_off=-1)


def test_the_number_of_a_logger_is_the_same_however_it_is_written(floor, journey):
    assert journey.take(logger="tl7").logger == "tl7"
    with pytest.raises(AskedBack) as asked:
        journey.take(logger="")
    assert asked.value.extra["reason_code"] == "no_logger_in_file"


def test_reasons_have_a_longest_length(floor, journey):
    with pytest.raises(LoggerFileRefused, match="at most 200 characters"):
        journey.take(confirmation="a" * 201)
    file = journey.take([40, *[200] * 9, 40], confirmation="a" * 200)
    with pytest.raises(ReleaseRefused, match="at most 500 characters"):
        release_tubes(floor.work, file.id, Releasing(items=(), reason="a" * 501), by=floor.lead)
    assert release_tubes(floor.work, file.id, Releasing(items=(), reason="a" * 500), by=floor.lead) == 2


def test_without_a_number_on_the_parcel_it_is_asked_back_once(floor):
    journey = Journey(floor, logger=None)
    with pytest.raises(AskedBack, match="Nobody told"):
        journey.take()
    assert journey.take(confirmation="It lay in this parcel.").logger == "TL-7"


def test_a_lead_releases_in_bulk_what_the_logger_alone_holds(floor, journey):
    tubes = journey.tubes
    floor.step(tubes["1UR10"], Action.QUARANTINE, details={"hold": "temperature", "reason": "felt warm"})
    file = journey.take([40, *[200] * 9, 40])
    for releasing, refusal in (
        (Releasing(items=(), reason=""), ReleaseRefused),
        (Releasing(items=(tubes["1ED04"],), reason="Fine."), ReleaseRefused),
        (Releasing(items=(), reason="call 555-123-4567"), NamesSomebody),
    ):
        with pytest.raises(refusal):
            release_tubes(floor.work, file.id, releasing, by=floor.lead)
    releasing = Releasing(items=(), reason="Serum of this study may be warm.")
    assert release_tubes(floor.work, file.id, releasing, by=floor.lead) == 1
    assert floor.holds(tubes["1SS08"]) == set()
    assert floor.holds(tubes["1UR10"]) == {"temperature"}, "what somebody felt is theirs to release"
    assert counted(floor.work, file_seen_by(floor.work, floor.lead, file.id)).open == 0
    with pytest.raises(ReleaseRefused):
        release_tubes(floor.work, file.id, releasing, by=floor.lead)
    with pytest.raises(NoSuchLoggerFile):
        file_seen_by(floor.work, floor.lead, 99)
    is_whole(floor)
    released = next(each for each, _ in excursions_of(floor.work, file) if each.released_by)
    released.released_by = "bio.theo"
    assert "bio.theo" in next(iter(temperature_findings(floor.work))).sentence


def test_when_a_file_was_read_and_its_tubes_released_stands_in_the_log(floor, journey):
    file = journey.take([40, *[200] * 9, 40])
    release_tubes(floor.work, file.id, Releasing(items=(), reason="For one study."), by=floor.lead)
    is_whole(floor)
    file.taken_at -= timedelta(hours=1)
    assert "taken_at" in next(iter(temperature_findings(floor.work))).sentence
    file.taken_at += timedelta(hours=1)
    is_whole(floor)
    released = next(each for each, _ in excursions_of(floor.work, file))
    released.released_at -= timedelta(hours=1)
    assert "released_at" in next(iter(temperature_findings(floor.work))).sentence


def test_a_logger_speaks_of_the_parcels_in_its_parcel_too(floor):
    journey = Journey(floor)
    tube = floor.collected(participant=floor.participant("A100000009"))["1UR10"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "now", lambda: floor.collected_at)
        inner, outer = floor.parcel(), floor.parcel(logger="TL-9")
    floor.step(tube, Action.PACK, floor.clinic, place=inner, minutes=30)
    floor.step(inner, Action.PACK, floor.clinic, place=outer, minutes=40)
    floor.step(
        outer, Action.DISPATCH, floor.clinic, minutes=60, details={"carrier": "courier", "logger": "TL-9"}
    )
    file = journey.take([40, *[200] * 9, 40], logger="TL-9", parcel=outer)
    assert [each[0] for each in journey.beyond(file)] == ["1UR10"]
    assert floor.holds(tube) == {"temperature"}


def test_ended_tubes_are_noted_and_not_held(floor, journey):
    floor.step(journey.tubes["1UR10"], Action.BREAK, details={"reason": "it broke"}, minutes=700)
    journey.take([40, *[200] * 9, 40])
    assert floor.holds(journey.tubes["1UR10"]) == set()
    is_whole(floor)


def test_why_it_is_the_right_file_names_nobody_whose_tubes_travelled(floor, monkeypatch):
    journey = Journey(floor, logger=None)
    monkeypatch.setattr(
        own_names, "_installed", [lambda _work, _by, code, text: (code, text) == (CODE, "Testa")]
    )
    with pytest.raises(OwnNameWritten, match="^confirmation holds a word"):
        journey.take(confirmation="Testa")
    assert journey.take(confirmation="It was taped to the lid").confirmation == "It was taped to the lid"
