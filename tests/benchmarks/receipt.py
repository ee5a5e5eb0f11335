"""Receiving a parcel of 200 tubes: as one receipt, and scan by scan with the page that answers each scan.

    .venv/bin/python tests/benchmarks/receipt.py [--tubes 200] [--rounds 5] [--specimens 100000 1000000] [--database sqlite postgresql]

A receipt of all tubes is timed against the same tubes received one after the other outside of any parcel, which is the
least that can be written of them. A scan with its page is timed in a parcel of so many tubes against one of ten. Both lie
among `--specimens` others. Every round is of another parcel.
"""

import argparse
import re
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import crowd
import ground

from biobank.access.operations import open_session
from biobank.access.queries import person_named
from biobank.core import moments
from biobank.core.database import db, writing
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.participants.operations import register_participant
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.operations import receive_parcel, start_shipment
from biobank.web.sessions import COOKIE

FEW = 10
SCANS = 5
"""Of each round and parcel."""
GOAL_RECEIPT, GOAL_SCAN = "2", "3"
SCAN = Source("scan")


def a_participant():
    with writing() as work:
        pattern = work.settings.participant_code_pattern
        register_participant(work, ground.LEAD, code="A100000001", pattern=pattern, site=ground.SITE)


def at():
    return moments.told(moments.now(), "America/Chicago")


def step(work, item, action, **told):
    record(work, item, action, by=ground.LEAD, source=Source("paper", "bench"), at=at(), **told)


def by_hand(count):
    """Tubes that were dispatched without a parcel."""
    tubes = ground.tubes(count)
    with writing() as work:
        for tube in tubes:
            step(work, tube, Action.DISPATCH)
    return tubes


def a_parcel(count):
    """Its code, and its tubes, on their way."""
    tubes = ground.tubes(count)
    with writing() as work:
        new = NewShipment(origin=ground.SITE, destination=ground.SITE)
        parcel = start_shipment(work, new, by=ground.LEAD, source=SCAN).identifier
        for tube in tubes:
            step(work, tube, Action.PACK, place=parcel)
        step(work, parcel, Action.DISPATCH, details={"carrier": "courier"})
    return parcel, tubes


def one_after_the_other(count):
    tubes = by_hand(count)
    begin = time.perf_counter()
    with writing() as work:
        for tube in tubes:
            record(work, tube, Action.RECEIVE, by=ground.LEAD, source=SCAN, at=at())
    return (time.perf_counter() - begin) / count * 1e6


def as_one_receipt(count):
    parcel, tubes = a_parcel(count)
    lines = [ReceiptLine(item=tube) for tube in tubes]
    begin = time.perf_counter()
    with writing() as work:
        receive_parcel(work, parcel, lines, by=ground.LEAD, source=SCAN, at=at())
    return (time.perf_counter() - begin) / count * 1e6


class Dock:
    """Somebody signed in at the page of a parcel."""

    def __init__(self, app):
        self.client = app.test_client()
        with writing() as work:
            person = person_named(work, ground.LEAD.person)
            self.client.set_cookie(COOKIE, open_session(work, person, lasting=timedelta(hours=1)))
        found = re.search(r'name="csrf_token" value="(\w+)"', self.client.get("/").text)
        self.token = found[1]

    def scanned(self, parcel, tube):
        """Microseconds until the page that answers the scan is there."""
        begin = time.perf_counter()
        told = {"csrf_token": self.token, "text": tube}
        answer = self.client.post(f"/shipments/{parcel}/scan", data=told, follow_redirects=True)
        took = (time.perf_counter() - begin) * 1e6
        assert answer.status_code == 200, answer.text
        return took


def scans(dock, count):
    parcel, tubes = a_parcel(count)
    dock.scanned(parcel, tubes[0])
    return [dock.scanned(parcel, tube) for tube in tubes[1 : SCANS + 1]]


def measure(kind, count, rounds, specimens):
    with ground.installation(kind) as (app, _, _), app.app_context():
        a_participant()
        crowd.fill(specimens)
        one_after_the_other(FEW), as_one_receipt(FEW)  # warms up
        dock = Dock(app)
        scans(dock, FEW)
        whole = [(one_after_the_other(count), as_one_receipt(count)) for _ in range(rounds)]
        single = [(scans(dock, FEW), scans(dock, count)) for _ in range(rounds)]
        db.engine.dispose()
    floor, ours = zip(*whole, strict=True)
    few, many = ([each for round_ in side for each in round_] for side in zip(*single, strict=True))
    ground.report(
        f"{kind}: {rounds} rounds among {specimens} specimens, microseconds a tube",
        [
            (f"a parcel of {count} received as one", list(floor), list(ours), GOAL_RECEIPT),
            (f"a scan with its page, in one of {count} and of {FEW}", few, many, GOAL_SCAN),
        ],
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tubes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--specimens", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    for kind in asked.database:
        for specimens in asked.specimens:
            measure(kind, asked.tubes, asked.rounds, specimens)


if __name__ == "__main__":
    main()
