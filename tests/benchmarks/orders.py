"""A destruction order of thousands: opening it against its rows alone, and what a scan of one of its pieces costs.

    .venv/bin/python tests/benchmarks/orders.py [--lines 4000] [--rounds 5] [--scans 50] [--database sqlite postgresql]

Opening is recording the decision with all that follows. Its floor is the driver inserting as many lines, and as many
holds with an entry each, whose values were made before. Both are taken back at the end of their transaction, so that
every round finds the same. A scan puts a piece in waste; its floor is the same of an order with as many lines as scans.
"""

import argparse
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

from sqlalchemy import bindparam, func, insert, select

sys.path.insert(0, str(Path(__file__).parent))
import ground

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import db, writing
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.births import Birth, register
from biobank.custody.many_holds import MOVE_ON
from biobank.custody.operations import record
from biobank.custody.statements import PLACE_HOLD
from biobank.custody.states import Action, HoldKind, Kind
from biobank.custody.steps import Source
from biobank.destruction.batches import open_waste_batch
from biobank.destruction.choices import Ceremony
from biobank.destruction.models import DestructionLine
from biobank.destruction.queries import current_order
from biobank.items.queries import items_of
from biobank.ledger.models import LedgerUnsealed
from biobank.ledger.operations import ADD_ENTRIES, entries
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.operations import register_participant
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw

OFFICE = Actor("bench.office", "Bench Office", frozenset({(Role.COMPLIANCE, None)}))
MADE_OF_ONE = 9
"""Aliquots of a tube."""
GOAL_SCAN = "1.2"

lines = table_of(DestructionLine)
TOLD = ("order_id", "item_id", "added_at", "late")
ADD_LINE = Statement(insert(lines).values({name: bindparam(name) for name in TOLD}).inline())


class TakenBack(Exception):
    """Ends a transaction of which nothing is kept."""


def a_participant(code, count):
    """Somebody with `count` specimens: tubes, and aliquots of each."""
    with writing() as work:
        pattern = work.settings.participant_code_pattern
        register_participant(work, ground.LEAD, code=code, pattern=pattern, site=ground.SITE)
        told = {"site": ground.SITE, "custodian": f"site:{ground.SITE}", "participant": code}
        tube = None
        for number in range(count):
            made = (
                {"kind": Kind.ALIQUOT, "parents": (tube,)}
                if number % (MADE_OF_ONE + 1)
                else {"kind": Kind.TUBE}
            )
            born = register(work, Birth(**made, **told), by=ground.LEAD, source=Source("command"))
            tube = born if born.kind is Kind.TUBE else tube


def leave(work, code):
    decision = Decision(
        participant=code,
        information=InformationAnswer.REMOVE,
        samples=SamplesAnswer.DESTROY,
        leaves=True,
        requested_by=code,
        capacity=Capacity.PARTICIPANT,
        channel=Channel.PAPER,
        ceremony=Ceremony.NOT_APPLICABLE,
        decided_at=moments.told(moments.now(), "America/Chicago"),
    )
    withdraw(work, decision, by=OFFICE)


def order_of(code):
    with writing() as work:
        return current_order(work, code).id


def opening(code):
    """Milliseconds that a decision takes with its order."""
    took = 0.0
    with suppress(TakenBack), writing() as work:
        begin = time.perf_counter()
        leave(work, code)
        work.flush()
        took = (time.perf_counter() - begin) * 1e3
        raise TakenBack
    return took


def rows_alone(code, order):
    """Milliseconds that its rows take the driver; any order stands for the one that is not there."""
    took = 0.0
    with suppress(TakenBack), writing() as work:
        newest = work.connection.scalar(select(func.max(entries.c.id)))
        new_lines, moved, written, holds = prepared(items_of(work, code), order)
        begin = time.perf_counter()
        work.run_many(ADD_LINE, new_lines)
        work.run_many(MOVE_ON, moved)
        work.run_many(ADD_ENTRIES, written)
        work.run_many(PLACE_HOLD, holds)
        unsealed = select(entries.c.id).where(entries.c.id > newest)
        work.connection.execute(insert(table_of(LedgerUnsealed)).from_select(["entry_id"], unsealed))
        took = (time.perf_counter() - begin) * 1e3
        raise TakenBack
    return took


def prepared(items, order):
    """Of each item its line, its new head, the entry and the hold, as the driver takes them."""
    now, body = moments.to_microseconds(moments.now()), b"x" * 420
    new_lines, moved, written, holds = [], [], [], []
    for item in items:
        head, after = uuid.uuid4().bytes * 2, item.sequence + 1
        new_lines.append({"order_id": order, "item_id": item.id, "added_at": now, "late": False})
        moved.append({"item_id": item.id, "sequence_read": item.sequence, "new_sequence": after})
        moved[-1] |= {"new_head": head, "new_recorded_at": now}
        written.append({"subject": item.identifier, "sequence": after, "kind": "hold", "recorded_at": now})
        written[-1] |= {"previous": item.head, "hash": head, "body": body}
        holds.append(
            {"item_id": item.id, "kind": HoldKind.WITHDRAWAL.value, "reason": "withdrawn", "sequence": after}
        )
    return new_lines, moved, written, holds


def to_waste(bag):
    def scan(identifier):
        with writing() as work:
            record(
                work, identifier, Action.PUT_IN_WASTE, by=ground.LEAD, source=Source("scan"), place=bag,
                at=moments.told(moments.now(), "America/Chicago"),
            )  # fmt: skip

    return scan


def scanned(codes, scans):
    """Microseconds a scan of aliquots of each code, in turns of ten."""
    with writing() as work:
        bag = open_waste_batch(work, ground.LEAD, site=ground.SITE)[1].identifier
        made = [
            [each.identifier for each in items_of(work, code) if each.kind == Kind.ALIQUOT] for code in codes
        ]
    scan, took = to_waste(bag), [[] for _ in codes]
    for first in range(0, scans, 10):
        for samples, theirs in zip(took, made, strict=True):
            samples.append(ground.per_item(scan, theirs[first : first + 10]))
    return took


def measure(kind, count, rounds, scans):
    with ground.installation(kind, hold_window_days=0) as (app, _, _), app.app_context():
        few, many = "A100000001", "A100000002"
        a_participant(few, scans * 2)
        a_participant(many, count)
        with writing() as work:
            leave(work, few)
        other = order_of(few)
        opening(many)  # warms up
        opened = [(rows_alone(many, other), opening(many)) for _ in range(rounds)]
        with writing() as work:
            leave(work, many)
        small, large = scanned((few, many), scans)
        db.engine.dispose()
    floor, ours = zip(*opened, strict=True)
    title = f"{kind}: {rounds} rounds, microseconds"
    in_one = [[each * 1e3 for each in samples] for samples in (floor, ours)]
    ground.report(
        title,
        [
            (f"an order of {count} lines opened", *in_one, "-"),
            (f"a piece of {count} put in waste, and of {scans * 2}", small, large, GOAL_SCAN),
        ],
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scans", type=int, default=50)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    for kind in asked.database:
        measure(kind, asked.lines, asked.rounds, asked.scans)


if __name__ == "__main__":
    main()
