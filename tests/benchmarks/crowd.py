"""A biobank that is full: specimens by the hundred thousand in boxes, racks, shelves and freezers, put there directly.

What is timed goes the product's own way; this only makes the others among which it has to be found. Every
participant has 35 aliquots; they lie in boxes of 9 x 9 as they came in, so that siblings lie together.
"""

import itertools

from ground import SITE
from sqlalchemy import func, insert, select, text

from biobank.core import moments
from biobank.core.check_digits import check_digits
from biobank.core.database import db, writing
from biobank.core.tables import table_of
from biobank.custody.states import Kind, State
from biobank.items.identifiers import Letter
from biobank.items.models import Item
from biobank.participants.models import Participant
from biobank.storage.choices import Grid
from biobank.storage.models import StorageUnit

EACH = 35
BOX = Grid(9, 9)
BOXES, RACKS, SHELVES = 24, 10, 4
"""Boxes of a rack, racks of a shelf, shelves of a freezer."""
AT_ONCE = 20_000
items, units = table_of(Item), table_of(StorageUnit)


def fill(specimens):
    """Until there are as many aliquots; returns the number of boxes."""
    with writing() as work:
        first = (work.session.scalar(select(func.max(Item.id))) or 0) + 1
        boxes = -(-specimens // BOX.size)
        rows = Rows(work, first)
        in_boxes = rows.places(boxes)
        rows.aliquots(specimens, in_boxes)
    settle()
    return boxes


def settle():
    """After rows with numbers of their own: the next number, and what the database knows of its tables."""
    if db.engine.dialect.name == "postgresql":
        with writing() as work:
            work.connection.execute(text("SELECT setval('items_id_seq', (SELECT max(id) FROM items))"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


class Rows:
    """Rows of items from a number on, inserted in chunks."""

    def __init__(self, work, first):
        self.work, self.numbers, self.now = work, itertools.count(first), moments.now()

    def row(self, letter, kind, state, **more):
        number = next(self.numbers)
        digits = f"{number:010d}"
        return {
            "id": number,
            "identifier": f"{letter}{digits}{check_digits(letter + digits)}",
            "kind": kind.value,
            "state": state.value,
            "sequence": 1,
            "head": bytes(32),
            "site": SITE,
            "custodian": f"site:{SITE}",
            "occurred_at": self.now,
            "recorded_at": self.now,
            "specification": None,
            "container_id": None,
            "position": None,
            "participant": None,
            "volume_microlitres": None,
            "collected_at": None,
            **more,
        }

    def places(self, boxes):
        """The numbers of the boxes, each in its rack, shelf and freezer."""
        racks = -(-boxes // BOXES)
        shelves = -(-racks // RACKS)
        freezers = self._units(
            Letter.PLACE, Kind.FREEZER, -(-shelves // SHELVES), Grid(SHELVES, 1), [None], 1
        )
        on = self._units(Letter.PLACE, Kind.SHELF, shelves, Grid(1, RACKS), freezers, SHELVES)
        at = self._units(Letter.PLACE, Kind.RACK, racks, Grid(6, 4), on, RACKS)
        return self._units(Letter.BOX, Kind.BOX, boxes, BOX, at, BOXES)

    def _units(self, letter, kind, count, grid, outside, room):
        spots = list(outer_grid(kind).positions()) if outer_grid(kind) else [None]
        made = [
            self.row(
                letter,
                kind,
                State.IN_SERVICE,
                specification=f"{kind.value} {number + 1}",
                container_id=outside[number // room] if outside[0] else None,
                position=spots[number % room] if outside[0] else None,
            )
            for number in range(count)
        ]
        self._insert(items, made)
        self._insert(
            units,
            [
                {
                    "item_id": row["id"],
                    "grid_rows": grid.rows,
                    "grid_columns": grid.columns,
                    "temperature_celsius": -80 if kind is Kind.FREEZER else None,
                    "allowed_kinds": "",
                }
                for row in made
            ],
        )
        return [row["id"] for row in made]

    def aliquots(self, specimens, boxes):
        spots = list(BOX.positions())
        people = -(-specimens // EACH)
        self._insert(
            table_of(Participant),
            [
                {"code": code_of(number), "site": SITE, "created_at": self.now, "created_by": "bench"}
                for number in range(people)
            ],
        )
        made = (
            self.row(
                Letter.ALIQUOT,
                Kind.ALIQUOT,
                State.STORED,
                specification="plasma",
                container_id=boxes[number // BOX.size],
                position=spots[number % BOX.size],
                participant=code_of(number // EACH),
                volume_microlitres=1000,
                collected_at=self.now,
            )
            for number in range(specimens)
        )
        for some in chunks(made):
            self._insert(items, some)

    def _insert(self, table, rows):
        if rows:
            self.work.connection.execute(insert(table), rows)


def chunks(rows):
    while some := list(itertools.islice(rows, AT_ONCE)):
        yield some


def code_of(number):
    return f"A{500_000_000 + number}"


def outer_grid(kind):
    return {Kind.SHELF: Grid(SHELVES, 1), Kind.RACK: Grid(1, RACKS), Kind.BOX: Grid(6, 4)}.get(kind)
