"""Pictures of the labels for the documentation: `python -m tests.labels.pictures` makes them anew.

Each template in the size it was drawn for and in its smaller ones, as the roll's PDF comes out of a printer of
300 dpi, in the grey that shows where the paper ends.
"""

import sys
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image

from labels import TEMPLATES, Label, roll_pdf
from tests.labels.examples import longest, own_roll

FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "labels"
DPI = 300
EDGE = 12
GROUND = 200


def shown() -> dict[str, tuple[Label, int]]:
    """File name by file name, the label and which of its template's layouts."""
    return {
        f"{name}-{layout.width_mm:g}x{layout.height_mm:g}": (longest(name)[0], number)
        for name, template in TEMPLATES.items()
        for number, layout in enumerate(template.layouts)
    }


def picture(label: Label, layout: int) -> Image.Image:
    pdf = roll_pdf([label], dpi=DPI, stock=own_roll(label.template, layout))
    paper = pypdfium2.PdfDocument(pdf)[0].render(scale=DPI / 72, grayscale=True).to_numpy()
    return Image.fromarray(np.pad(paper, EDGE, constant_values=GROUND))


def take(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (label, layout) in shown().items():
        picture(label, layout).save(folder / f"{name}.png", optimize=True)
    for path in folder.glob("*.png"):
        if path.stem not in shown():
            path.unlink()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
