"""The dark rectangles of a symbol, whatever its symbology and whichever way it is turned."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from labels import code128, data_matrix
from labels.model import Symbol, Symbology

Dark = tuple[int, int, int, int]
"""Left, top, width and height in dots, from the symbol's top left corner."""


def dark(symbol: Symbol) -> tuple[Dark, ...]:
    """A symbol's ink. Those of a Data Matrix overlap: runs along rows and along columns leave no seam."""
    text, module, turned = symbol.text, symbol.module, symbol.turned
    if symbol.symbology is Symbology.DATA_MATRIX:
        return _squares(text, module, turned=turned)
    return _bars(text, module, symbol.width if turned else symbol.height, turned=turned)


@lru_cache(maxsize=4096)
def _bars(text: str, module: int, length: int, *, turned: bool) -> tuple[Dark, ...]:
    bars = ((first * module, wide * module) for first, wide in runs(code128.bits(text)))
    return tuple((0, at, length, wide) if turned else (at, 0, wide, length) for at, wide in bars)


@lru_cache(maxsize=4096)
def _squares(text: str, module: int, *, turned: bool) -> tuple[Dark, ...]:
    both = data_matrix.lines(text)
    rows, columns = both[: len(both) // 2], both[len(both) // 2 :]
    if turned:
        rows, columns = tuple(column[::-1] for column in columns), rows[::-1]
    along = ((x, y, wide, 1) for y, row in enumerate(rows) for x, wide in runs(row))
    down = ((x, y, 1, high) for x, column in enumerate(columns) for y, high in runs(column) if high > 1)
    return tuple((x * module, y * module, w * module, h * module) for x, y, w, h in (*along, *down))


def runs(line: str) -> Iterator[tuple[int, int]]:
    """Where each dark run of a line of modules begins, and how many modules it has."""
    position = 0
    for bit, group in groupby(line):
        length = len(list(group))
        if bit == "1":
            yield position, length
        position += length
