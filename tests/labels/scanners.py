"""Two scanners that know nothing of each other, and the rasteriser of a printer's driver.

poppler draws a PDF dot by dot; zxing-cpp reads everything on a picture; zbar reads Code 128, libdmtx Data Matrix.
The product's own proof uses pdfium and zxing-cpp.
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


def phantoms(seen: Seen) -> Seen:
    """Codes of a symbology that we print nowhere: what a scanner that takes everything makes of our bars."""
    return Counter({code: times for code, times in seen.items() if not isinstance(code[0], Symbology)})


def seen_by_zbar(pictures: Sequence[np.ndarray]) -> list[Seen]:
    """The Code 128 symbols of each picture."""
    command = ["zbarimg", "--xml", "--nodbus", "-q", "-Sdisable", "-Scode128.enable"]
    with _files(pictures) as paths:
        # It exits with 4 where a picture has none.
        answer = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=False)
        found = {
            source.attrib["href"]: [data.text or "" for data in source.iterfind(".//{*}data")]
            for source in ET.fromstring(answer.stdout).iterfind("{*}source")
        }
        return [Counter((Symbology.CODE_128, text) for text in found.get(str(path), [])) for path in paths]


def seen_by_libdmtx(pictures: Sequence[np.ndarray]) -> list[Seen]:
    """The first Data Matrix of each picture; cut it out roughly, for libdmtx tries every edge of every letter."""
    with _files(pictures) as paths, ThreadPoolExecutor(2) as readers:
        return list(readers.map(_dmtxread, paths))


@contextmanager
def _files(pictures: Sequence[np.ndarray]) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.pgm" for number in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            height, width = picture.shape
            path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) + picture.tobytes())
        yield paths


def _dmtxread(path: Path) -> Seen:
    command = ["dmtxread", "-n", "-N1", "-m", "20000", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    return Counter((Symbology.DATA_MATRIX, line) for line in lines if line)
