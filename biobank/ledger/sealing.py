"""Sealing: giving entries their place in the tree, in batches, apart from the scans that made them."""

from collections.abc import Callable

from sqlalchemy import bindparam, delete, exists, insert, literal, select
from sqlalchemy import func as sql

from biobank.core.database import Work, reading, writing
from biobank.core.statements import Statement
from biobank.ledger import tree
from biobank.ledger.queries import entries, frontier_hashes, leaves, nodes, tree_size, unsealed, waiting

BATCH = 10_000
"""Entries in one transaction; on SQLite scans wait for it, about a tenth of a second."""

ONE_SEALER = Statement(select(sql.pg_advisory_xact_lock(literal(6962))))
has_leaf = exists().where(leaves.c.entry_id == unsealed.c.entry_id)
NEXT_UNSEALED = Statement(
    select(unsealed.c.entry_id, entries.c.hash)
    .join(entries, entries.c.id == unsealed.c.entry_id)
    .where(~has_leaf)  # somebody may have queued it again: nothing is sealed twice
    .order_by(unsealed.c.entry_id)
    .limit(bindparam("limit")),
)
ADD_LEAF = Statement(
    insert(leaves).values(leaf_index=bindparam("leaf_index"), entry_id=bindparam("entry_id")),
)
ADD_NODE = Statement(
    insert(nodes).values(level=bindparam("level"), position=bindparam("position"), hash=bindparam("hash")),
)
TAKE_OUT = Statement(delete(unsealed).where(has_leaf))


def seal(work: Work, limit: int = BATCH) -> int:
    """Give the oldest unsealed entries their leaves; returns how many. The caller's transaction keeps it.

    Entries of one subject always come in their order: the number of an entry is drawn after the one before
    it is visible. Raises `TreeDamaged` where the tree cannot grow.
    """
    work.flush()
    if not work.is_sqlite:  # there writers queue anyway
        work.run(ONE_SEALER)
    taken = work.run(NEXT_UNSEALED, limit=limit).fetchall()
    if not taken:
        return 0
    size = tree_size(work)
    growth = tree.append(size, frontier_hashes(work, size), (bytes(digest) for _, digest in taken))
    _store(work, ADD_NODE, [node._asdict() for node in growth.nodes])
    _store(
        work,
        ADD_LEAF,
        [{"leaf_index": index, "entry_id": entry_id} for index, (entry_id, _) in enumerate(taken, size)],
    )
    work.run(TAKE_OUT)
    return len(taken)


def seal_whole(work: Work) -> int:
    """Seal all that waits now, in the caller's transaction."""
    return _until_short(lambda: seal(work))


def seal_all() -> int:
    """Seal all that waits now, each batch in a transaction of its own; returns how many entries."""
    return _until_short(_seal_apart) if _something_waits() else 0


def _until_short(seal_once: Callable[[], int]) -> int:
    """Under steady load something waits always, so it ends with the first batch that is not full."""
    sealed = taken = seal_once()
    while taken == BATCH:
        taken = seal_once()
        sealed += taken
    return sealed


def _seal_apart() -> int:
    with writing(restoring=True) as work:  # a place in the tree adds nothing to what is told
        return seal(work)


def _something_waits() -> bool:
    with reading() as work:
        return waiting(work).count > 0


def _store(work: Work, statement: Statement, rows: list[dict[str, object]]) -> None:
    work.cursor.executemany(statement.text[work.dialect], rows)
