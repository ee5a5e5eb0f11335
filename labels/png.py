"""A label on a screen as PNG: the dots of its PDF, one pixel each."""

import struct
import zlib

from labels.model import Label, Stock
from labels.pdf import roll_pdf
from labels.raster import Pages, Raster

INCHES_A_METRE = 1000 / 25.4


def png(label: Label, *, stock: Stock | None = None, dpi: int = 300) -> bytes:
    """The label alone, in shades of grey. Raises LabelError for what cannot print."""
    with Pages(roll_pdf([label], dpi=dpi, stock=stock), dpi) as pages:
        return _encoded(pages.raster(0), dpi)


def _encoded(raster: Raster, dpi: int) -> bytes:
    # Each row begins with its filter: 0 is none.
    rows = b"".join(
        b"\0" + raster.dots[row * raster.width : (row + 1) * raster.width] for row in range(raster.height)
    )
    dots_a_metre = round(dpi * INCHES_A_METRE)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", raster.width, raster.height, 8, 0, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", dots_a_metre, dots_a_metre, 1)),
            _chunk(b"IDAT", zlib.compress(rows)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
