"""Two scanners that know nothing of each other, and the rasteriser of a printer's driver.

poppler draws a PDF dot by dot; zxing-cpp reads everything on a picture; zbar reads Code 128 and libdmtx Data
Matrix. The product's own proof uses pdfium and zxing-cpp.
"""

import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import zxingcpp

from labels import Symbology

TOOLS = ("pdftoppm", "zbarimg", "dmtxread")

SYMBOLOGIES = {
    zxingcpp.BarcodeFormat.Code128: Symbology.CODE_128,
    zxingcpp.BarcodeFormat.DataMatrix: Symbology.DATA_MATRIX,
}

Seen = Counter[tuple[Symbology, str]]
"""What a scanner told, and how many times it stood there."""


def needs(*tools: str) -> pytest.MarkDecorator:
    """Leave a test out, with the reason, where one of these programs is not installed."""
    absent = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(absent), reason=f"not found: {', '.join(absent)}")


def rasterised(pdf: bytes, dpi: float) -> list[np.ndarray]:
    """Every page as poppler draws it, in grey."""
    command = ["pdftoppm", "-gray", "-r", str(dpi), "-"]
    rest = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    pages = []
    while rest:
        _, size, _, rest = rest.split(b"\n", 3)
        width, height = map(int, size.split())
        pages.append(np.frombuffer(rest[: width * height], np.uint8).reshape(height, width))
        rest = rest[width * height :]
    return pages


def seen_by_zxing(picture: np.ndarray) -> Seen:
    """Everything on the picture, whatever its symbology."""
    return Counter(
        (SYMBOLOGIES.get(code.format, str(code.format)), code.text)
        for code in zxingcpp.read_barcodes(picture)
    )


def seen_by_others(pictures: Sequence[np.ndarray], expected: Sequence[Seen]) -> list[Seen]:
    """zbar's Code 128 and libdmtx's Data Matrix of each picture.

    libdmtx is told how many symbols to look for, for it takes its time to be sure that there is no more.
    """
    counts = [sum(n for (kind, _), n in one.items() if kind is Symbology.DATA_MATRIX) for one in expected]
    with _files(pictures) as paths:
        bars = _zbar([path for path, one in zip(paths, expected, strict=True) if _has_bars(one)])
        with ThreadPoolExecutor(2) as readers:
            squares = list(readers.map(_libdmtx, paths, counts))
    return [bars.get(path, Counter()) + found for path, found in zip(paths, squares, strict=True)]


def _has_bars(seen: Seen) -> bool:
    return any(kind is Symbology.CODE_128 for kind, _ in seen)


@contextmanager
def _files(pictures: Sequence[np.ndarray]) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.pgm" for number in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            height, width = picture.shape
            path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + picture.tobytes())
        yield paths


def _zbar(paths: Sequence[Path]) -> dict[Path, Seen]:
    if not paths:
        return {}
    command = ["zbarimg", "--xml", "--nodbus", "-q", "-Sdisable", "-Scode128.enable", *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # 4: nothing in one of them
    found: dict[Path, Seen] = {}
    for source in ET.fromstring(answer.stdout).iterfind("{*}source"):
        texts = [data.text or "" for data in source.iterfind(".//{*}data")]
        found[Path(source.attrib["href"])] = Counter((Symbology.CODE_128, text) for text in texts)
    return found


def _libdmtx(path: Path, symbols: int) -> Seen:
    if not symbols:
        return Counter()
    command = ["dmtxread", "-n", f"-N{symbols}", "-m", "3000", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    return Counter((Symbology.DATA_MATRIX, line) for line in lines if line)
