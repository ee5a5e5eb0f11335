"""Where each part of a template falls on a label, in whole printer dots, or why it does not fit."""

import re
import unicodedata
from collections.abc import Iterator

from labels import code128
from labels.errors import LabelError
from labels.model import (
    DOTS_PER_MODULE,
    Bars,
    Block,
    Ink,
    Label,
    Layout,
    Part,
    Row,
    Rule,
    Space,
    Stock,
    Symbol,
    Symbology,
    Template,
    Text,
)
from labels.rows import Box, Scale, dots, row_ink
from labels.templates import template_named

WIDEST_BAR = 2
"""Bars grow with the label up to this many times the nominal width: 0.5 mm, enough for a metre away."""

ROUNDING_MM = 0.05

FRAME_INSET_MM = 1.5


def refuse_unknown_resolution(dpi: int) -> None:
    if dpi not in DOTS_PER_MODULE:
        raise LabelError(f"{dpi} dpi is not a resolution of a label printer; choose 203, 300 or 600.")


def template_of(label: Label) -> Template:
    return template_named(label.template, label.version)


def own_size(label: Label) -> tuple[float, float]:
    """Width and height in millimetres that the label's template was drawn for."""
    layout = template_of(label).layouts[0]
    return layout.width_mm, layout.height_mm


def readable(identifier: str) -> str:
    """The code as a person keys it: a letter and twelve digits in groups, anything else as it is."""
    grouped = re.fullmatch(r"([A-Z])([0-9]{4})([0-9]{4})([0-9]{2})([0-9]{2})", identifier)
    return "{} {} {} {}-{}".format(*grouped.groups()) if grouped else identifier


def ink(label: Label, width_mm: float, height_mm: float, dpi: int) -> list[Ink]:
    """Everything to print on a label of this size. Raises LabelError for what would not fit or not scan."""
    layout = _layout_for(template_of(label), width_mm, height_mm)
    scale = min(width_mm / layout.width_mm, height_mm / layout.height_mm)
    face = _Face(label, layout, Scale(dpi, scale), dots(width_mm, dpi), dots(height_mm, dpi))
    return list(face.ink())


def layouts_fit(template: str, stock: Stock) -> bool:
    """Whether labels of this template can be printed on this stock. Raises LabelError for an unknown one."""
    try:
        _layout_for(template_named(template), stock.label_width_mm, stock.label_height_mm)
    except LabelError:
        return False
    return True


def symbols_of(label: Label, stock: Stock, dpi: int) -> list[tuple[Symbology, str]]:
    """What a scanner must find on the label, as it was laid out. Raises LabelError as printing does."""
    marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
    return [(mark.symbology, mark.text) for mark in marks if isinstance(mark, Symbol)]


def _layout_for(template: Template, width_mm: float, height_mm: float) -> Layout:
    for layout in template.layouts:
        if layout.width_mm <= width_mm + ROUNDING_MM and layout.height_mm <= height_mm + ROUNDING_MM:
            return layout
    smallest = template.layouts[-1]
    raise LabelError(
        f"A {template.name} label needs {smallest.width_mm:g} x {smallest.height_mm:g} mm, "
        f"and this stock has {width_mm:g} x {height_mm:g} mm; choose a larger stock."
    )


class _Face:
    """One label being laid out: walks down its parts, in whole dots."""

    def __init__(self, label: Label, layout: Layout, scale: Scale, width: int, height: int) -> None:
        self.label, self.layout, self.scale = label, layout, scale
        self.texts = _texts_by_name(label)
        self.width, self.height = width, height
        self.margin = scale.dots(layout.margin_mm)

    def ink(self) -> Iterator[Ink]:
        top = self.margin
        for part in self.layout.parts:
            height = self._height(part)
            yield from self._part(part, Box(self.margin, top, self.width - 2 * self.margin, height))
            top += height

    def _height(self, part: Part) -> int:
        if not isinstance(part, Bars):
            return self.scale.dots(part.height_mm)
        others = sum(self._height(other) for other in self.layout.parts if not isinstance(other, Bars))
        return self.height - 2 * self.margin - others

    def _part(self, part: Part, box: Box) -> Iterator[Ink]:
        match part:
            case Row():
                yield from row_ink(part, self.texts, box, self.scale)
            case Rule():
                yield Block(box.left, box.top + box.height // 2, box.width, self.scale.hairline)
            case Space():
                yield from self._frame(part, box)
            case _:
                yield self._symbol(part, box)

    def _symbol(self, bars: Bars, box: Box) -> Symbol:
        text = self.label.id
        modules = len(code128.bits(text))
        nominal = DOTS_PER_MODULE[self.scale.dpi]
        widen = min(self.width // ((modules + 2 * code128.QUIET_MODULES) * nominal), WIDEST_BAR)
        if not widen:
            raise LabelError(
                f"The bars of “{text}” are too long for the {self.layout.width_mm:g} mm of this "
                f"{self.label.template} label; choose a larger stock."
            )
        module = nominal * widen
        air = self.scale.dots(bars.air_mm)
        left = (self.width - modules * module) // 2
        high = box.height - 2 * air
        return Symbol(text, Symbology.CODE_128, left, box.top + air, modules * module, high, module)

    def _frame(self, space: Space, box: Box) -> Iterator[Ink]:
        line = self.scale.hairline
        yield Block(box.left, box.top, box.width, line)
        yield Block(box.left, box.top + box.height - line, box.width, line)
        yield Block(box.left, box.top, line, box.height)
        yield Block(box.left + box.width - line, box.top, line, box.height)
        inset = self.scale.dots(FRAME_INSET_MM)
        caption = Box(box.left + inset, box.top + inset, box.width - 2 * inset, self.scale.dots(3))
        yield from row_ink(Row(3, (Text(space.caption, points=7),)), self.texts, caption, self.scale)


def _texts_by_name(label: Label) -> dict[str, str]:
    names = template_of(label).lines
    if len(label.lines) > len(names):
        raise LabelError(
            f"A {label.template} label has {len(names)} lines ({', '.join(names)}), not {len(label.lines)}."
        )
    blanks = [""] * (len(names) - len(label.lines))
    lines = [unicodedata.normalize("NFC", line) for line in label.lines]
    return {"id": readable(label.id)} | dict(zip(names, lines + blanks, strict=True))
