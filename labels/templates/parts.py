"""Sizes and rows that several templates share. Released versions use them: they stay as they are."""

from labels.fonts import BOLD, MONO_BOLD
from labels.model import Align, Layout, Part, Row, Text


def large(*parts: Part) -> Layout:
    """Four inches by two."""
    return Layout(101.6, 50.8, parts, margin_mm=2.5)


def small(*parts: Part) -> Layout:
    """Two inches by one: a roll label, or a cell of a sheet of thirty."""
    return Layout(50.8, 25.4, parts, margin_mm=1.5)


def code(height_mm: float, points: float) -> Row:
    return Row(height_mm, (Text("{id}", points, font=MONO_BOLD, align=Align.CENTRE),))


def pair(height_mm: float, points: float, left: str, right: str) -> Row:
    return Row(height_mm, (Text(left, points), Text(right, points, align=Align.RIGHT)))


def name(height_mm: float, points: float, floor: float, words: str = "{name}") -> Row:
    """As large as its space allows, in one line or two; a capital is 0.26 mm a point.

    At two metres a capital of 2.9 mm (11.3 points) is what an eye with full sight just resolves.
    """
    return Row(height_mm, (Text(words, points, floor=floor, font=BOLD),), folds=True)
