"""Storing beside a million specimens: the proposal, the map of a box, a rack of 96 from its scanner's file.

    .venv/bin/python tests/benchmarks/storing.py [--specimens 100000 1000000] [--rounds 7] [--database sqlite postgresql]

The floor of the proposal is one look at a position by its index; of the map, the rows of one box; of the
rack, recording 96 steps one by one without its file being read.
"""

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parent))
import crowd
import ground

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import db, reading, writing
from biobank.custody.births import Birth, register
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.storage.choices import Grid
from biobank.storage.consolidation import mergers
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit, store_rack
from biobank.storage.proposals import propose_position
from biobank.storage.queries import map_of
from biobank.storage.rack_files import read_rack_file
from biobank.storage.room import Wish, find_room

TECHNICIAN = Actor("bench.tech", "Bench Technician", frozenset({(Role.TECHNICIAN, ground.SITE)}))
GRID = Grid(8, 12)
SITE, CUSTODIAN = ground.SITE, f"site:{ground.SITE}"
SOURCE = Source("command")


class TakenBack(Exception):
    """Ends a transaction of which nothing is kept."""


def pieces(count):
    with writing() as work:
        return [
            register(
                work,
                Birth(kind=Kind.ALIQUOT, specification="Plasma", site=SITE, custodian=CUSTODIAN, participant="A999999999"),
                by=ground.LEAD, source=SOURCE,
            ).identifier
            for _ in range(count)
        ]  # fmt: skip


def timed(job):
    begin = time.perf_counter()
    job()
    return (time.perf_counter() - begin) * 1e6


def look_at(work, item, box):
    work.session.execute(select(Item.id).where(Item.identifier == item)).one()
    work.session.execute(select(Item.id).where(Item.container_id == box, Item.position == "A1")).first()


def rows_of(work, box):
    return work.session.execute(select(Item.identifier, Item.position).where(Item.container_id == box)).all()


def one_by_one(box, codes):
    with suppress(TakenBack), writing() as work:
        for code, spot in zip(codes, GRID.positions(), strict=True):
            record(
                work,
                code,
                Action.STORE,
                by=TECHNICIAN,
                source=SOURCE,
                at=moments.told(moments.now()),
                place=box,
                position=spot,
            )
        raise TakenBack


def whole_rack(box, codes):
    lines = [f"{spot},{code}" for code, spot in zip(codes, GRID.positions(), strict=True)]
    with suppress(TakenBack), writing() as work:
        scan = read_rack_file("\n".join(lines).encode(), "rack.csv", grid=GRID)
        store_rack(work, item_now(work, box), scan, by=TECHNICIAN, at=moments.told(moments.now()))
        raise TakenBack


def measured(count, rounds):
    crowd.fill(count)
    codes = pieces(96)
    with writing() as work:
        told = {"kind": Kind.BOX, "site": SITE, "rows": 8, "columns": 12}
        empty = add_unit(work, NewUnit(name="Empty", **told), by=ground.LEAD, source=SOURCE).identifier
        box = work.session.scalar(
            select(Item.identifier).where(Item.kind == "box").order_by(Item.id).limit(1)
        )
    found = {
        name: ([], [])
        for name in ("proposal", "map of a full box", "room for 96 at -80", "mergers", "rack of 96")
    }
    for _ in range(rounds):
        with reading() as work:
            item, number = item_now(work, codes[0]), item_now(work, box).id
            floor = timed(lambda: look_at(work, codes[0], number))
            for name, job in (
                ("proposal", lambda: propose_position(work, item, TECHNICIAN)),
                ("room for 96 at -80", lambda: find_room(work, Wish(96, warmest_celsius=-80), TECHNICIAN)),
                ("mergers", lambda: mergers(work, TECHNICIAN)),
            ):
                found[name][0].append(floor)
                found[name][1].append(timed(job))
            found["map of a full box"][0].append(timed(lambda: rows_of(work, number)))
            found["map of a full box"][1].append(timed(lambda: map_of(work, box)))
        found["rack of 96"][0].append(timed(lambda: one_by_one(empty, codes)))
        found["rack of 96"][1].append(timed(lambda: whole_rack(empty, codes)))
    return [(name, *samples, "") for name, samples in found.items()]


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--specimens", type=int, nargs="+", default=[100_000, 1_000_000])
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    options = asked.parse_args()
    for kind in options.database:
        for specimens in options.specimens:
            with ground.installation(kind) as (app, _, _), app.app_context():
                ground.report(f"{kind}, {specimens} specimens", measured(specimens, options.rounds))
                db.engine.dispose()


if __name__ == "__main__":
    main()
