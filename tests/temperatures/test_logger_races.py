"""One logger's file that two people hand in at once is read once, and each hears what they would hear in turn."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from biobank.core.database import writing
from biobank.temperatures.checks import AnotherParcel
from biobank.temperatures.inputs import SentFile
from biobank.temperatures.models import TakenLoggerFile
from biobank.temperatures.operations import take_logger_file
from biobank.wiring import install_rules
from tests.floor import Floor
from tests.races import afterwards, in_turn
from tests.temperatures.test_temperatures import Journey

JOURNEYS = 4
WARM = [40, *[200] * 9, 40]


def handed_in_twice(app, parcels):
    """What each of two people heard, file by file; `parcels` gives for a pair of journeys the parcel each meant."""
    with app.app_context(), writing() as work:
        install_rules()
        floor = Floor(work)
        pairs = [(Journey(floor), Journey(floor, logger=None)) for _ in range(JOURNEYS)]
        files = [first.file([*WARM, at]) for at, (first, _) in enumerate(pairs)]
        meant = [parcels(first, second) for first, second in pairs]
    floor.work = None
    start = Barrier(2, timeout=30)

    def hand_in(mine):
        answers = []
        for content, both in zip(files, meant, strict=True):
            start.wait()
            answers.append(in_turn(app, floor, taken, content, both[mine]))
        return answers

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(hand_in, mine) for mine in (0, 1)]
        heard = [job.result() for job in jobs]
    return floor, meant, list(zip(*heard, strict=True))


def taken(mine, content, parcel):
    sent = SentFile(parcel=parcel, content=content, zone="UTC", confirmation="It lay in this parcel.")
    take_logger_file(mine.work, sent, by=mine.technician)


def test_the_same_file_for_one_parcel_is_read_once_and_both_are_content(app):
    floor, meant, heard = handed_in_twice(app, lambda first, _: (first.parcel, first.parcel))
    assert heard == [(None, None)] * JOURNEYS
    with afterwards(app, floor) as mine:
        assert [mine.cases(parcel) for parcel, _ in meant] == [["temperature_excursion"]] * JOURNEYS
        assert mine.work.session.query(TakenLoggerFile).count() == JOURNEYS


def test_the_same_file_for_two_parcels_is_of_one_and_who_meant_the_other_is_told_so(app):
    floor, meant, heard = handed_in_twice(app, lambda first, second: (first.parcel, second.parcel))
    for (first, second), answers in zip(meant, heard, strict=True):
        [refused] = [answer for answer in answers if answer is not None]
        assert isinstance(refused, AnotherParcel)
        assert "This very file was read for" in refused.detail
        with afterwards(app, floor) as mine:
            assert sorted(map(mine.cases, (first, second))) == [[], ["temperature_excursion"]]
