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
    select(nodes.c.position, nodes.c.hash).where(
        nodes.c.level == bindparam("level"),
        nodes.c.position >= bindparam("start", type_=BigInteger),
        nodes.c.position < bindparam("end", type_=BigInteger),
    ),
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
        rows = self.work.run(NODES_BETWEEN, level=level, start=start, end=end).fetchall()
        return {position: bytes(digest) for position, digest in rows}

    def grow(self, digests: Sequence[bytes]) -> list[int]:
        """Add leaf hashes; returns the leaves that the stored tree does not have so."""
        before = self.size
        made: dict[int, dict[int, bytes]] = {}
        for piece in self._pieces(digests):
            growth = tree.append(self.size, self.frontier, piece)
            self.size, self.frontier = growth.size, growth.frontier
            for level, position, digest in growth.nodes:
                made.setdefault(level, {})[position] = digest
            if self.size in self.wanted:
                self.roots[self.size] = self.root
        return self._compared(before, made)

    def _pieces(self, digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
        """Cut where a root is wanted."""
        start, end = self.size, self.size + len(digests)
        cuts = sorted(size - start for size in self.wanted if start < size < end)
        return (digests[begin:stop] for begin, stop in pairwise([0, *cuts, end - start]))

    def _compared(self, before: int, made: dict[int, dict[int, bytes]]) -> list[int]:
        differing: list[int] = []
        for level, expected in made.items():
            stored = self.stored(level, before >> level, self.size >> level)
            if stored == expected:
                continue
            wrong = [position for position, digest in expected.items() if stored.get(position) != digest]
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
