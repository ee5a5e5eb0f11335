"""Which units cool no more: asked of the feature that knows, without looking upwards to it."""

from collections.abc import Callable

from biobank.core.database import Work

Failing = Callable[[Work], frozenset[int]]
"""Item numbers of the units that are out of service."""


def _nothing(_: Work) -> frozenset[int]:
    return frozenset()


_asked: list[Failing] = [_nothing]


def install(failing: Failing) -> None:
    """Wired once for the service."""
    _asked[0] = failing


def units_failing(work: Work) -> frozenset[int]:
    return _asked[0](work)
