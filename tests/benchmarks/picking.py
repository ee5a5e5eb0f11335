"""A pick list of 1,000 beside a million specimens: made, walked, and what a scan of one of its pieces costs.

    .venv/bin/python tests/benchmarks/picking.py [--specimens 100000 1000000] [--pieces 1000] [--rounds 5]
        [--scans 50] [--database sqlite postgresql]

The list is a study's: every participant is asked for their standing and two consents, and none gives two pieces.
Its floor is the driver reading as many stored pieces by the index and inserting as many lines. The walk's floor is
reading its lines with their pieces; a pick's is checking out as many pieces that are on no list.
"""

import argparse
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import bindparam, insert, literal, select

sys.path.insert(0, str(Path(__file__).parent))
import crowd
import ground

from biobank.core import moments
from biobank.core.database import db, reading, writing
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import Source
from biobank.distribution.models import StudyPortion, StudyRequest
from biobank.items.identifiers import Letter
from biobank.items.models import Item, ItemParent
from biobank.participants.models import Consent
from biobank.retrieval.choices import PickPurpose
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.retrieval.models import PickLine
from biobank.retrieval.operations import make_list, pick
from biobank.retrieval.queries import list_numbered
from biobank.retrieval.walk import walk_of

items, lines = table_of(Item), table_of(PickLine)
SCAN = Source("scan")
ADD_LINE = Statement(
    insert(lines).values({name: bindparam(name) for name in ("list_id", "item_id", "state")}).inline()
)


class TakenBack(Exception):
    """Ends a transaction of which nothing is kept."""


def fill(specimens):
    """Aliquots of a tube of each participant, all of whom share."""
    crowd.fill(specimens)
    with writing() as work:
        newest = work.connection.scalar(select(items.c.id).order_by(items.c.id.desc()).limit(1))
        rows, people = crowd.Rows(work, newest + 1), -(-specimens // crowd.EACH)
        tubes = [
            rows.row(Letter.TUBE, Kind.TUBE, State.CONSUMED, specification="1ED04", participant=crowd.code_of(number))
            for number in range(people)
        ]  # fmt: skip
        for some in crowd.chunks(iter(tubes)):
            work.connection.execute(insert(items), some)
        ids = {tube["participant"]: tube["id"] for tube in tubes}
        made = work.connection.execute(
            select(items.c.id, items.c.participant).where(items.c.kind == "aliquot")
        ).all()
        pairs = ({"child_id": number, "parent_id": ids[code]} for number, code in made)
        for some in crowd.chunks(pairs):
            work.connection.execute(insert(table_of(ItemParent)), some)
        consent = {
            "form_version": "1", "language": "en", "scopes": "blood,urine,sharing", "source": "bench",
            "effective_at": moments.now() - timedelta(days=9), "recorded_at": moments.now(), "recorded_by": "bench",
        }  # fmt: skip
        for some in crowd.chunks(consent | {"participant": code} for code in ids):
            work.connection.execute(insert(table_of(Consent)), some)
        request(work)
    crowd.settle()


def request(work):
    """Approved already: its signature is not what is timed."""
    today = moments.now().date()
    work.session.add(
        StudyRequest(
            number="REQ-1", study="STUDY-1", receiver="UNI-1", agreement="MTA-1", purpose="Lipids", valid_from=today,
            valid_until=today + timedelta(days=9), registered_at=moments.now(), registered_by="bench",
            approved_at=moments.now(), approved_by="bench", record_sha256="0" * 64,
            portions=[StudyPortion(kind="aliquot", specification="plasma", most=1_000_000)],
        )
    )  # fmt: skip
    work.flush()


def wanted(count):
    return NewPickList(
        purpose=PickPurpose.STUDY, site=ground.SITE, request="REQ-1", one_each=True,
        wishes=(Wish(kind=Kind.ALIQUOT, specification="plasma", count=count),),
    )  # fmt: skip


def timed(job):
    begin = time.perf_counter()
    job()
    return (time.perf_counter() - begin) * 1e6


def making(count):
    took = 0.0
    with suppress(TakenBack), writing() as work:

        def make():
            make_list(work, wanted(count), by=ground.LEAD)
            work.flush()

        took = timed(make)
        raise TakenBack
    return took


def rows_alone(count, number):
    """Any list stands for the one that is not there."""
    took = 0.0
    with suppress(TakenBack), writing() as work:

        def read_and_add():
            stored = items.c.state == literal("stored", literal_execute=True)
            fitting = select(items.c.id).where(
                stored, items.c.custodian == f"site:{ground.SITE}", items.c.kind == "aliquot",
                items.c.specification == "plasma", items.c.id.not_in(select(lines.c.item_id)),
            )  # fmt: skip
            found = work.connection.execute(fitting.order_by(items.c.collected_at).limit(count)).scalars()
            work.run_many(
                ADD_LINE, [{"list_id": number, "item_id": each, "state": "to_pick"} for each in found]
            )

        took = timed(read_and_add)
        raise TakenBack
    return took


def walked(number):
    """The floor and the walk."""
    with reading() as work:
        rows = (
            select(lines, items).join(items, items.c.id == lines.c.item_id).where(lines.c.list_id == number)
        )
        floor = timed(lambda: work.connection.execute(rows).all())
        return floor, timed(lambda: walk_of(work, list_numbered(work, number)))


def checked_out(identifier):
    with writing() as work:
        at = moments.told(moments.now())
        record(work, identifier, Action.CHECK_OUT, by=ground.LEAD, source=SCAN, at=at)


def picked(number):
    def scan(identifier):
        with writing() as work:
            pick(work, number, identifier, by=ground.LEAD, source=SCAN, at=moments.told(moments.now()))

    return scan


def measure(kind, specimens, asked):
    with ground.installation(kind) as (app, _, _), app.app_context():
        fill(specimens)
        with writing() as work:
            number = make_list(work, wanted(asked.pieces), by=ground.LEAD).id
        made = [(rows_alone(asked.pieces, number), making(asked.pieces)) for _ in range(asked.rounds)]
        walks = [walked(number) for _ in range(asked.rounds)]
        with reading() as work:
            listed = select(items.c.identifier).join(lines, lines.c.item_id == items.c.id)
            on_it = work.connection.execute(listed.where(lines.c.list_id == number)).scalars().all()
            free = select(items.c.identifier).where(items.c.kind == "aliquot").order_by(items.c.id.desc())
            others = work.connection.execute(free.limit(asked.scans)).scalars().all()
        scans = [
            (
                ground.per_item(checked_out, others[first : first + 10]),
                ground.per_item(picked(number), on_it[first : first + 10]),
            )
            for first in range(0, asked.scans, 10)
        ]
        db.engine.dispose()
    rows = [
        (f"a list of {asked.pieces} made", made), (f"a walk of {asked.pieces}", walks), ("a piece picked", scans)
    ]  # fmt: skip
    ground.report(
        f"{kind}, {specimens} specimens",
        [(name, *map(list, zip(*samples, strict=True)), "-") for name, samples in rows],
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--specimens", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--pieces", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scans", type=int, default=50)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    for kind in asked.database:
        for specimens in asked.specimens:
            measure(kind, specimens, asked)


if __name__ == "__main__":
    main()
