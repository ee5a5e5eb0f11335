"""The symbols that other encoders make of a text, and the fewest code words that can carry it."""

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import zxingcpp
from reportlab.graphics.barcode.code128 import Code128Auto

from labels.model import Symbology

Rows = tuple[str, ...]
"""A symbol line by line, `1` dark; a Code 128 is one line."""

ZINT = {Symbology.CODE_128: ["-b", "20"], Symbology.DATA_MATRIX: ["-b", "71", "--square"]}
ZXING = {
    Symbology.CODE_128: zxingcpp.BarcodeFormat.Code128,
    Symbology.DATA_MATRIX: zxingcpp.BarcodeFormat.DataMatrix,
}


def by_zint(texts: Sequence[str], symbology: Symbology) -> list[Rows]:
    """All texts must make symbols of the same size: the dump has no mark between two of them."""
    command = ["zint", *ZINT[symbology], "--batch", "--dump", "-i", "/dev/stdin"]
    dump = subprocess.run(command, input="\n".join(texts) + "\n", text=True, capture_output=True, check=True)
    lines = [
        "".join(f"{int(nibble, 16):04b}" for nibble in line if nibble != " ")
        for line in dump.stdout.split("\n")
        if line
    ]
    height = len(lines) // len(texts)
    # A line is filled up to a whole nibble: a stop's last bar is two modules wide, a matrix square.
    wide = height if height > 1 else len(lines[0].rstrip("0"))
    return [tuple(line[:wide] for line in lines[at : at + height]) for at in range(0, len(lines), height)]


def by_zxing(texts: Sequence[str], symbology: Symbology) -> list[Rows]:
    """Since its version 3 a later libzint at heart: not independent of `by_zint`, but another release of it."""
    return [_of_picture(_written_by_zxing(text, symbology), symbology) for text in texts]


def by_reportlab(texts: Sequence[str]) -> list[Rows]:
    """Code 128 alone: reportlab's Data Matrix has one size, 44 x 44."""
    return [(_of_widths(text),) for text in texts]


def by_libdmtx(texts: Sequence[str]) -> list[Rows]:
    """Data Matrix in the ASCII scheme, one process a text."""
    with ThreadPoolExecutor(2) as writers:
        return list(writers.map(_written_by_dmtxwrite, texts))


def _written_by_zxing(text: str, symbology: Symbology) -> np.ndarray:
    symbol = zxingcpp.create_barcode(text, ZXING[symbology])
    return np.asarray(symbol.to_image(scale=1, add_quiet_zones=False))


def _written_by_dmtxwrite(text: str) -> Rows:
    command = ["dmtxwrite", "-e", "a", "-s", "s", "-d", "1", "-m", "1", "-f", "PGM"]
    header, pixels = subprocess.run(
        command, input=text.encode(), capture_output=True, check=True
    ).stdout.split(b"\n255\n", 1)
    side = int(header.split()[1])
    return _of_picture(np.frombuffer(pixels, np.uint8).reshape(side, side)[1:-1, 1:-1], Symbology.DATA_MATRIX)


def _of_picture(picture: np.ndarray, symbology: Symbology) -> Rows:
    rows = picture[:1] if symbology is Symbology.CODE_128 else picture
    return tuple("".join("1" if pixel < 128 else "0" for pixel in row) for row in rows)


def _of_widths(text: str) -> str:
    """reportlab tells bars as capitals and spaces as small letters, `a` one module wide."""
    symbol = Code128Auto(text)
    symbol.validate()
    symbol.encode()
    return "".join(
        ("1" if letter.isupper() else "0") * (ord(letter.lower()) - ord("a") + 1)
        for letter in symbol.decompose()
    )


def fewest_code_words(text: str) -> int:
    """Of a Code 128 symbol, from the start to the last character: sets A, B and C, latches and shifts."""

    @cache
    def left(at: int, code_set: str) -> int:
        if at == len(text):
            return 0
        ways = [1 + _carried(text, at, code_set, left)]
        ways += [2 + _carried(text, at, other, left) for other in "ABC" if other != code_set]
        if code_set != "C":  # one character of the other set, and back
            other = "B" if code_set == "A" else "A"
            ways.append(2 + left(at + 1, code_set) if _holds(text[at], other) else NEVER)
        return min(ways)

    return 1 + min(left(0, code_set) for code_set in "ABC")


NEVER = 10**6


def _carried(text, at, code_set, left):
    """Code words after the one that carries what stands at `at` in this set."""
    if code_set == "C":
        pair = text[at : at + 2]
        return left(at + 2, "C") if len(pair) == 2 and pair.isdigit() else NEVER
    return left(at + 1, code_set) if _holds(text[at], code_set) else NEVER


def _holds(character: str, code_set: str) -> bool:
    return ord(character) < 96 if code_set == "A" else 32 <= ord(character) < 128


def data_matrix_code_words(text: str) -> int:
    """In the ASCII scheme, which packs two digits into one: the fewest for a letter and digits in pairs."""
    words = at = 0
    while at < len(text):
        at += 2 if text[at : at + 2].isdigit() and at + 1 < len(text) else 1
        words += 1
    return words


SMALLEST_SQUARE = ((3, 10), (5, 12), (8, 14), (12, 16), (18, 18), (22, 20), (30, 22), (36, 24), (44, 26))
"""Data code words that fit, and modules a side (ISO/IEC 16022, table 7)."""


def smallest_side(text: str) -> int:
    return next(side for room, side in SMALLEST_SQUARE if data_matrix_code_words(text) <= room)
