"""The two symbols that a scanner is tested with, as pictures for a screen and for paper."""

from collections.abc import Iterable

from ppf.datamatrix import DataMatrix

from biobank.items.scanner_setup import LINEAR, MATRIX
from labels import code128
from labels.symbols import runs

HEIGHT = 60
LINEAR_QUIET, MATRIX_QUIET = 12, 3
"""Blank modules around a symbol; ISO/IEC 15417 asks for 10, ISO/IEC 16022 for 1."""
Dark = Iterable[tuple[int, int, int, int]]
"""Left, top, width and height in modules."""


def linear_svg() -> bytes:
    """`LINEAR` as Code 128."""
    modules = code128.bits(LINEAR)
    dark = [(first, 0, wide, HEIGHT) for first, wide in runs(modules)]
    return _svg("Test code, Code 128", (len(modules), HEIGHT), LINEAR_QUIET, dark)


def matrix_svg() -> bytes:
    """`MATRIX` as Data Matrix, by the encoder itself: no label carries a group separator."""
    matrix = DataMatrix(MATRIX, codecs=["ascii"]).matrix
    rows = ["".join("1" if bit else "0" for bit in row) for row in matrix]
    dark = [(x, y, wide, 1) for y, row in enumerate(rows) for x, wide in runs(row)]
    return _svg("Test code, Data Matrix", (len(rows[0]), len(rows)), MATRIX_QUIET, dark)


TEST_CODES = {"code-128": linear_svg, "data-matrix": matrix_svg}
"""By the name in their address."""


def _svg(title: str, size: tuple[int, int], quiet: int, dark: Dark) -> bytes:
    paths = "".join(f"M{x + quiet} {y + quiet}h{wide}v{high}h-{wide}z" for x, y, wide, high in dark)
    width, height = (length + 2 * quiet for length in size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}">'
        f'<title>{title}</title><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<path shape-rendering="crispEdges" d="{paths}"/></svg>\n'
    ).encode()
