"""In which order what is destroyed together is locked: whose it is, the pieces, then the bag or the word."""

from collections.abc import Iterable

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.participants.operations import lock
from biobank.processing.pools import whose


def lock_pieces(work: Work, pieces: Iterable[ItemNow]) -> None:
    """Everybody whose material it is, then the pieces, in the order in which each step locks them."""
    pieces = list(pieces)
    for code in sorted({code for piece in pieces for code in whose(work, piece)}):
        lock(work, code)
    numbers = sorted(piece.id for piece in pieces)
    work.session.execute(select(Item.id).where(Item.id.in_(numbers)).order_by(Item.id).with_for_update())
