"""SVG: a label's ink on a screen, in whole dots; no script, no link, no typeface of its own."""

from collections.abc import Iterable, Iterator
from html import escape

from labels.fonts import BOLD, MONO, MONO_BOLD
from labels.layout import ink, own_size, refuse_unknown_resolution
from labels.model import Block, Ink, Label, Stock, Symbol, Words
from labels.rows import dots
from labels.spelling import readable
from labels.symbols import dark


def svg(label: Label, *, stock: Stock | None = None, dpi: int = 300) -> bytes:
    """The label on `stock`, or in the size its template was drawn for. Raises LabelError as printing does.

    Texts are set in whatever the screen has, and stretched to the width that the printed ones take.
    """
    refuse_unknown_resolution(dpi)
    size = (stock.label_width_mm, stock.label_height_mm) if stock else own_size(label)
    marks = ink(label, *size, dpi)
    title = escape(f"{label.template.replace('_', ' ').capitalize()} {readable(label.id)}")
    width, height = (dots(length, dpi) for length in size)
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img"',
        f' width="{size[0]:g}mm" height="{size[1]:g}mm" viewBox="0 0 {width} {height}">',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<path shape-rendering="crispEdges" d="{"".join(_rectangles(marks))}"/>',
        *(_text(mark) for mark in marks if isinstance(mark, Words)),
        "</svg>\n",
    ]
    return "\n".join(lines).encode()


def _rectangles(marks: Iterable[Ink]) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, Block):
            yield f"M{mark.x} {mark.y}h{mark.width}v{mark.height}h-{mark.width}z"
        elif isinstance(mark, Symbol):
            for x, y, width, height in dark(mark):
                yield f"M{mark.x + x} {mark.y + y}h{width}v{height}h-{width}z"


def _text(words: Words) -> str:
    family = "monospace" if words.font in {MONO, MONO_BOLD} else "sans-serif"
    weight = ' font-weight="bold"' if words.font in {BOLD, MONO_BOLD} else ""
    fill = ' fill="#fff"' if words.white else ""
    turn = f' transform="rotate(90 {words.x} {words.baseline})"' if words.turned else ""
    return (
        f'<text x="{words.x}" y="{words.baseline}" font-family="{family}" font-size="{words.size:.2f}"'
        f' textLength="{words.width}" lengthAdjust="spacingAndGlyphs"{weight}{fill}{turn}'
        f' xml:space="preserve">{escape(words.text)}</text>'
    )
