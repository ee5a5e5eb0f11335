"""Pictures of the labels for the documentation: `python -m tests.labels.pictures` makes them anew.

Each template in the size it was drawn for and in its smaller ones, as the roll's PDF comes out of a printer of
300 dpi, in a grey that shows where the paper ends; and the requisition, smaller.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from labels import TEMPLATES, requisition_pdf, roll_pdf
from tests.labels.examples import REQUISITION, longest, own_roll

FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "labels"
DPI, DPI_OF_PAPER = 300, 100
EDGE, GROUND = 12, 200

LAYOUTS: Mapping[str, tuple[str, int]] = {
    f"{name}-{layout.width_mm:g}x{layout.height_mm:g}": (name, number)
    for name, template in TEMPLATES.items()
    for number, layout in enumerate(template.layouts)
}
"""File name by file name, a template and which of its layouts."""

PAPER = ("requisition",)


def picture(name: str) -> Image.Image:
    if name in LAYOUTS:
        template, layout = LAYOUTS[name]
        return _seen(roll_pdf(longest(template), dpi=DPI, stock=own_roll(template, layout)), DPI)
    return _seen(requisition_pdf(REQUISITION, dpi=DPI), DPI_OF_PAPER)


def _seen(pdf: bytes, dpi: int) -> Image.Image:
    paper = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72, grayscale=True).to_numpy()
    return Image.fromarray(np.pad(paper, EDGE, constant_values=GROUND))


def take(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.png"):
        path.unlink()
    for name in (*LAYOUTS, *PAPER):
        picture(name).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
