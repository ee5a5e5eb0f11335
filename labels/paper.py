"""Pages of a document: texts, lines, boxes and symbols at millimetres, in the ink that labels are made of."""

from collections.abc import Sequence

from labels import code128
from labels.document import Document
from labels.errors import LabelError
from labels.layout import refuse_unknown_resolution
from labels.model import DOTS_PER_MODULE, Block, Ink, Row, Symbol, Symbology, Text
from labels.rows import Box, Scale, row_ink

SIZES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height in millimetres, by name."""

Place = tuple[float, float, float, float]
"""Left, top, width and height in millimetres, from the page's top left corner."""


def size_of(paper: str) -> tuple[float, float]:
    """Raises LabelError for paper that is neither A4 nor Letter."""
    if paper not in SIZES:
        raise LabelError(f"There is no paper “{paper}” here; choose one of {', '.join(SIZES)}.")
    return SIZES[paper]


class Page:
    """One page being filled."""

    def __init__(self, width_mm: float, height_mm: float, dpi: int) -> None:
        """Raises LabelError for a resolution that no label printer has."""
        refuse_unknown_resolution(dpi)
        self.width_mm, self.height_mm = width_mm, height_mm
        self.scale = Scale(dpi)
        self.marks: list[Ink] = []

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in dots."""
        return self.scale.dots(self.width_mm), self.scale.dots(self.height_mm)

    def write(self, place: Place, *cells: Text, **texts: str) -> None:
        """Texts in one row. Raises LabelError for what would not fit."""
        self.marks.extend(row_ink(Row(place[3], cells), texts, self.box(place), self.scale))

    def across(self, left: float, top: float, length: float) -> None:
        box = self.box((left, top, length, 0))
        self.marks.append(Block(box.left, box.top, box.width, self.scale.hairline))

    def down(self, left: float, top: float, length: float) -> None:
        box = self.box((left, top, 0, length))
        self.marks.append(Block(box.left, box.top, self.scale.hairline, box.height))

    def frame(self, box: Box) -> None:
        self.marks += box.frame(self.scale.hairline)

    def bars(self, place: Place, text: str) -> None:
        """The Code 128 of a text in the middle of its place. Raises LabelError where it is too long."""
        box, module = self.box(place), DOTS_PER_MODULE[self.scale.dpi]
        modules = len(code128.bits(text))
        if (modules + 2 * code128.QUIET_MODULES) * module > box.width:
            raise LabelError(
                f"The bars of “{text}” are too long for the {place[2]:g} mm that a page has for them; "
                "give the item a shorter code."
            )
        width = modules * module
        left = box.left + (box.width - width) // 2
        self.marks.append(Symbol(text, Symbology.CODE_128, left, box.top, width, box.height, module))

    def box(self, place: Place) -> Box:
        left, top, width, height = place
        dots = self.scale.dots
        return Box(dots(left), dots(top), dots(width), dots(height))


def pages_pdf(pages: Sequence[Page], title: str) -> bytes:
    """The same pages give the same bytes."""
    document = Document(title, pages[0].scale.dpi)
    for page in pages:
        width, height = page.size
        document.add_page(width, height, document.operators(page.marks, 0, height))
    return document.finish()
