"""Two people at one parcel: what the first one does the second one sees."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from biobank.core.database import writing
from biobank.custody.states import Action
from biobank.shipments.inputs import ReceiptLine
from biobank.shipments.operations import receive_parcel
from biobank.shipments.receiving import take_in
from biobank.wiring import install_rules
from tests.floor import SCAN, Floor
from tests.races import afterwards, in_turn

PARCELS = 4


def sent(floor):
    tubes = floor.collected()
    packed = [tubes[code] for code in ("1SS08", "1ED04")]
    parcel = floor.parcel()
    for tube in packed:
        floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    details = {"carrier": "fedex", "tracking_number": "794612345678"}
    floor.step(parcel, Action.DISPATCH, floor.clinic, details=details, confirmation="late")
    return parcel, packed


def scanned(mine, parcel, tube):
    take_in(mine.work, parcel, tube, by=mine.technician, source=SCAN, at=mine.told())


def told_by_a_program(mine, parcel, tube):
    lines = [ReceiptLine(item=tube)]
    receive_parcel(mine.work, parcel, lines, by=mine.technician, source=SCAN, at=mine.told(), closes=False)


def test_two_who_begin_one_receipt_at_once_open_the_parcel_once(app):
    with app.app_context(), writing() as work:
        install_rules()
        floor = Floor(work)
        parcels = [sent(floor) for _ in range(PARCELS)]
    floor.work = None
    start = Barrier(2, timeout=30)

    def receive(step, mine):
        answers = []
        for parcel, tubes in parcels:
            start.wait()
            answers.append(in_turn(app, floor, step, parcel, tubes[mine]))
        return answers

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(receive, scanned, 0), pool.submit(receive, told_by_a_program, 1)]
        assert [job.result() for job in jobs] == [[None] * PARCELS] * 2
    with afterwards(app, floor) as mine:
        for parcel, tubes in parcels:
            assert mine.cases(parcel) == []
            assert [mine.now(tube).state for tube in tubes] == ["received"] * 2
