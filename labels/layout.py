"""What is printed on a label: its template's parts in whole printer dots, or why it does not fit."""

from unicodedata import normalize

from labels.blanks import blank, layout_for
from labels.errors import LabelError
from labels.model import DOTS_PER_MODULE, Ink, Label, Stock, Symbol, Symbology, Template
from labels.spelling import SPELLINGS
from labels.templates import template_named


def refuse_unknown_resolution(dpi: int) -> None:
    if dpi not in DOTS_PER_MODULE:
        raise LabelError(f"{dpi} dpi is not a resolution of a label printer; choose 203, 300 or 600.")


def own_size(label: Label) -> tuple[float, float]:
    """Width and height in millimetres that the label's template was drawn for."""
    layout = template_named(label.template, label.version).layouts[0]
    return layout.width_mm, layout.height_mm


def ink(label: Label, width_mm: float, height_mm: float, dpi: int) -> list[Ink]:
    """Everything to print on a label of this size. Raises LabelError for what would not fit or not scan."""
    known = blank(label.template, label.version, width_mm, height_mm, dpi)
    texts = _texts(label, known.template)
    return [mark for place in known.places for mark in place.lay(*[texts[at] for at in place.takes])]


def texts_by_name(label: Label) -> dict[str, str]:
    """Every text that the label's template may print, by the name it has there."""
    template = template_named(label.template, label.version)
    identifier, *lines = _texts(label, template)
    spelled = {name: spell(identifier) for name, spell in SPELLINGS.items()}
    return spelled | dict(zip(template.lines, lines, strict=True))


def layouts_fit(template: str, stock: Stock) -> bool:
    """Whether labels of this template can be printed on this stock. Raises LabelError for an unknown one."""
    newest = template_named(template)
    try:
        layout, _ = layout_for(newest, stock.label_width_mm, stock.label_height_mm)
    except LabelError:
        return False
    return layout.round or not stock.round


def symbols_of(label: Label, stock: Stock, dpi: int) -> list[tuple[Symbology, str]]:
    """What a scanner must find on the label, as it was laid out. Raises LabelError as printing does."""
    marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
    return [(mark.symbology, mark.text) for mark in marks if isinstance(mark, Symbol)]


def _texts(label: Label, template: Template) -> list[str]:
    """The code, then each line of the template, empty where the label has none."""
    names, lines = template.lines, label.lines
    if len(lines) > len(names):
        raise LabelError(
            f"A {label.template} label has {len(names)} lines ({', '.join(names)}), not {len(lines)}."
        )
    blanks = [""] * (len(names) - len(lines))
    return [label.id, *[normalize("NFC", line) for line in lines], *blanks]
