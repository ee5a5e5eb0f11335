"""Which tubes wait for another judgement of their temperature: asked of whoever knows that, from above."""

from collections.abc import Callable, Sequence

from biobank.core.database import Work

Waiting = Callable[[Work, Sequence[int]], frozenset[int]]
"""Of some items those of which something else than a logger's file is not decided yet."""


def _nothing(_work: Work, _numbers: Sequence[int]) -> frozenset[int]:
    return frozenset()


_asked: list[Waiting] = [_nothing]


def install(waiting: Waiting) -> None:
    """Wired once for the service."""
    _asked[0] = waiting


def wait_elsewhere(work: Work, numbers: Sequence[int]) -> frozenset[int]:
    return _asked[0](work, numbers)
