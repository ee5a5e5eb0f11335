"""Families: random trees with pools, to a depth of six; all descendants are found, by a count of another kind."""

import random
import time
from collections import defaultdict

import pytest
from sqlalchemy import select

from biobank.custody.births import Birth, register
from biobank.custody.models import Hold
from biobank.custody.queries import item_by_id
from biobank.custody.states import HoldKind, Kind
from biobank.custody.steps import Source
from biobank.destruction import queries
from biobank.destruction.records import order_record
from tests.floor import CODE

pytestmark = pytest.mark.campaign

SPECIMENS, DEEPEST, PEOPLE = 10_000, 6, 4
OTHERS = [f"A50000000{number}" for number in range(1, PEOPLE)]


class Family:
    """Specimens of several people: tubes, what was made of them, and pools of any of both."""

    def __init__(self, leaving, seed):
        self.leaving, self.random = leaving, random.Random(seed)
        self.parents, self.owner, self.depth = defaultdict(set), {}, {}
        self.may_have_children = []

    def grow(self, size):
        for code in (CODE, *OTHERS):
            for _ in range(size // 400):
                self._born(Kind.TUBE, code, ())
        while len(self.owner) < size:
            self._child()

    def _child(self):
        many = self.random.randint(2, 4) if self.random.random() < 0.15 else 1
        parents = self.random.sample(self.may_have_children, many)
        codes = {self.owner[parent] for parent in parents}
        kind = Kind.POOL if many > 1 else self.random.choice((Kind.ALIQUOT, Kind.DERIVATIVE))
        self._born(kind, codes.pop() if len(codes) == 1 else None, parents)

    def _born(self, kind, code, parents):
        work = self.leaving.work
        birth = Birth(
            kind=kind, site="biobank-1", custodian="site:biobank-1", participant=code,
            parents=tuple(item_by_id(work, parent) for parent in parents), volume_microlitres=100,
        )  # fmt: skip
        born = register(work, birth, by=self.leaving.technician, source=Source("system"))
        self.owner[born.id], self.parents[born.id] = code, set(parents)
        self.depth[born.id] = 1 + max((self.depth[parent] for parent in parents), default=-1)
        if self.depth[born.id] < DEEPEST:
            self.may_have_children.append(born.id)

    def counted(self, code):
        """By plain walking along the edges, from the youngest backwards: no database is asked."""
        found = set()
        for number in sorted(self.owner):
            if self.owner[number] == code or self.parents[number] & found:
                found.add(number)
        return found


@pytest.mark.parametrize("seed", [20261122, 7])
def test_all_descendants_are_found_and_an_order_of_thousands_is_opened_at_once(leaving, seed, capsys):
    for code in OTHERS:
        leaving.participant(code)
    family = Family(leaving, seed)
    family.grow(SPECIMENS)
    wanted = family.counted(CODE)
    begun = time.perf_counter()
    leaving.decide()
    opened = time.perf_counter() - begun
    order = leaving.order()
    lines = {line.item_id for line in queries.lines_of(leaving.work, order)}
    again = time.perf_counter()
    record, _ = order_record(leaving.work, order)
    shown = time.perf_counter() - again
    with capsys.disabled():
        print(
            f"\nseed {seed}, {leaving.work.connection.dialect.name}: {len(family.owner)} specimens, depth "
            f"{max(family.depth.values())}, {len(lines)} on the order; opened in {opened:.1f} s, its record in "
            f"{shown:.1f} s"
        )
    assert lines == wanted
    assert {item.id for item in queries.specimens_of_person(leaving.work, CODE)} == wanted
    held = select(Hold.item_id).where(Hold.kind == HoldKind.WITHDRAWAL.value)
    assert set(leaving.work.session.scalars(held)) == wanted
    for code in OTHERS:
        assert {item.id for item in queries.specimens_of_person(leaving.work, code)} == family.counted(code)
    assert len(record["lines"]) == len(wanted)
    assert opened < 60
