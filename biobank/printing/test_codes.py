"""The two symbols that a scanner is tested with, as pictures for a screen and for paper."""

from collections.abc import Iterator

from ppf.datamatrix import DataMatrix

from biobank.items.scanner_setup import LINEAR, MATRIX
from labels import code128
from labels.symbols import runs

HEIGHT = 60
QUIET = 12
"""Blank modules around a symbol; both symbologies ask for fewer."""


def linear_svg() -> bytes:
    """`LINEAR` as Code 128."""
    modules = code128.bits(LINEAR)
    dark = ((first, 0, wide, HEIGHT) for first, wide in runs(modules))
    return _svg("Test code, Code 128", len(modules), HEIGHT, dark)


def matrix_svg() -> bytes:
    """`MATRIX` as Data Matrix, by the encoder itself: no label carries a group separator."""
    rows = [
        "".join("1" if bit else "0" for bit in row) for row in DataMatrix(MATRIX, codecs=["ascii"]).matrix
    ]
    dark = ((x, y, wide, 1) for y, row in enumerate(rows) for x, wide in runs(row))
    return _svg("Test code, Data Matrix", len(rows[0]), len(rows), dark)


TEST_CODES = {"code-128": linear_svg, "data-matrix": matrix_svg}
"""By the name in their address."""


def _svg(title: str, width: int, height: int, dark: Iterator[tuple[int, int, int, int]]) -> bytes:
    paths = "".join(f"M{x + QUIET} {y + QUIET}h{wide}v{high}h-{wide}z" for x, y, wide, high in dark)
    whole = f"{width + 2 * QUIET} {height + 2 * QUIET}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {whole}"><title>{title}</title>'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<path shape-rendering="crispEdges" d="{paths}"/></svg>\n'
    ).encode()
