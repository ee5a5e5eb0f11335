"""Grows the tree anew from the leaves and compares every stored node with it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from sqlalchemy import BigInteger, bindparam, func, select

from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.ledger import tree
from biobank.ledger.findings import Finding, Wrong
from biobank.ledger.queries import nodes

NODES_BETWEEN = Statement(
    select(nodes.c.hash, nodes.c.position)
    .where(
        nodes.c.level == bindparam("level"),
        nodes.c.position >= bindparam("start", type_=BigInteger),
        nodes.c.position < bindparam("end", type_=BigInteger),
    )
    .order_by(nodes.c.position),
)
NODES_BEYOND = Statement(
    select(func.count())
    .select_from(nodes)
    .where(nodes.c.position >= bindparam("size", type_=BigInteger).op(">>")(nodes.c.level)),
)


class GrownTree:
    """The tree that the leaves give; `roots` holds those of the sizes asked for."""

    def __init__(self, work: Work, wanted_sizes: Iterable[int]) -> None:
        self.work = work
        self.size = 0
        self.frontier: tuple[bytes, ...] = ()
        self.wanted = set(wanted_sizes)
        self.roots = {0: tree.EMPTY_ROOT}
        self.differing_nodes = 0

    @property
    def root(self) -> bytes:
        return tree.root_of_frontier(self.frontier)

    def stored(self, level: int, start: int, end: int) -> dict[int, bytes]:
        """The stored nodes of a level from one position up to another."""
        return {position: digest for digest, position in self._rows(level, start, end)}

    def _rows(self, level: int, start: int, end: int) -> list[tuple[bytes, int]]:
        return list(self.work.run(NODES_BETWEEN, level=level, start=start, end=end).fetchall())

    def grow(self, digests: Sequence[bytes]) -> list[int]:
        """Add leaf hashes; returns the leaves that the stored tree does not have so."""
        before = self.size
        made: dict[int, list[bytes]] = {}
        for piece in self._pieces(digests):
            growth = tree.append(self.size, self.frontier, piece)
            self.size, self.frontier = growth.size, growth.frontier
            for level, hashes in enumerate(growth.levels):
                made.setdefault(level, []).extend(hashes)
            if self.size in self.wanted:
                self.roots[self.size] = self.root
        return self._compared(before, made)

    def _pieces(self, digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
        """Cut where a root is wanted."""
        start, end = self.size, self.size + len(digests)
        cuts = sorted(size - start for size in self.wanted if start < size < end)
        return (digests[begin:stop] for begin, stop in pairwise([0, *cuts, end - start]))

    def _compared(self, before: int, made: dict[int, list[bytes]]) -> list[int]:
        differing: list[int] = []
        for level, hashes in made.items():
            start = before >> level
            rows = self._rows(level, start, self.size >> level)
            if [digest for digest, _ in rows] == hashes and len(rows) == rows[-1][1] - start + 1:
                continue
            stored = {position: digest for digest, position in rows}
            wrong = [at for at, digest in enumerate(hashes, start) if stored.get(at) != digest]
            if level == 0:
                differing = wrong
            else:
                self.differing_nodes += len(wrong)
        return differing

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the nodes above the leaves, in one sentence a kind."""
        if self.differing_nodes:
            yield Finding(
                Wrong.CHANGED,
                None,
                None,
                f"{self.differing_nodes} stored nodes of the tree are not what its leaves give.",
            )
        row = self.work.run(NODES_BEYOND, size=self.size).fetchone()
        if row and row[0]:
            yield Finding(
                Wrong.REMOVED,
                None,
                None,
                f"{row[0]} stored nodes cover more than the {self.size} leaves that are there: "
                "leaves were removed, or nodes inserted.",
            )
