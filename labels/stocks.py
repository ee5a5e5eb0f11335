"""Label stocks as data, read from TOML and checked, so that a wrong figure spoils no sheet."""

import math
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from labels.errors import LabelError
from labels.model import Stock

ROLL_KEYS = {"title", "label_width_mm", "label_height_mm"}
SHEET_KEYS = {field.name for field in fields(Stock)} - {"name", "round"}
COUNTS = {"columns", "rows"}
MARGINS = {"left_mm", "top_mm"}

TOLERANCE_MM = 0.05


def load_stocks(path: Path | str) -> dict[str, Stock]:
    """The tables under `[stocks]`, by name: a sheet states its grid, a roll only its label, all in mm.

    Either may be `round`. Raises LabelError for a file that cannot be read and for a figure that is wrong.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("stocks", {})
    except (OSError, ValueError) as problem:
        raise LabelError(f"The label stocks in {path} cannot be read: {problem}.") from problem
    return {name: _stock(name, table) for name, table in tables.items()}


def roll(name: str, title: str, width_mm: float, height_mm: float) -> Stock:
    """A roll: the page is the label."""
    return Stock(name, title, width_mm, height_mm, width_mm, height_mm)


def beyond_page(stock: Stock) -> bool:
    """Whether a label of the grid reaches over an edge of its page."""
    right = stock.left_mm + (stock.columns - 1) * stock.pitch_x_mm + stock.label_width_mm
    bottom = stock.top_mm + (stock.rows - 1) * stock.pitch_y_mm + stock.label_height_mm
    return (
        min(stock.left_mm, stock.top_mm) < -TOLERANCE_MM
        or right > stock.page_width_mm + TOLERANCE_MM
        or bottom > stock.page_height_mm + TOLERANCE_MM
    )


def overlapping(stock: Stock, by_mm: float = TOLERANCE_MM) -> bool:
    """Whether neighbours of the grid share more than `by_mm`."""
    return (stock.columns > 1 and stock.pitch_x_mm < stock.label_width_mm - by_mm) or (
        stock.rows > 1 and stock.pitch_y_mm < stock.label_height_mm - by_mm
    )


def _stock(name: str, table: dict[str, Any]) -> Stock:
    keys = set(table) - {"round"}
    if keys not in (ROLL_KEYS, SHEET_KEYS):
        wrong = ", ".join(sorted(keys ^ SHEET_KEYS))
        raise LabelError(f"Stock “{name}” has missing or unknown keys: {wrong}.")
    _refuse_wrong_values(name, table)
    if keys == ROLL_KEYS:
        page = {"page_width_mm": table["label_width_mm"], "page_height_mm": table["label_height_mm"]}
        return Stock(name, **table, **page)
    stock = Stock(name, **table)
    _refuse_grid_off_page(stock)
    return stock


def _refuse_wrong_values(name: str, table: dict[str, Any]) -> None:
    for key, value in table.items():
        if not _plausible(key, value):
            raise LabelError(f"Stock “{name}”: {key} = {value!r} cannot be right; correct the file.")
    if table.get("round") and table["label_width_mm"] != table["label_height_mm"]:
        raise LabelError(f"Stock “{name}” is round, but its labels are not as wide as they are high.")


def _plausible(key: str, value: object) -> bool:
    if key == "title":
        return isinstance(value, str)
    if key == "round" or isinstance(value, bool):
        return key == "round" and isinstance(value, bool)
    if not isinstance(value, int if key in COUNTS else int | float):
        return False
    return math.isfinite(value) and (value > 0 or (value == 0 and key in MARGINS))


def _refuse_grid_off_page(stock: Stock) -> None:
    if overlapping(stock):
        raise LabelError(f"Stock “{stock.name}”: its labels overlap; the pitch is smaller than the label.")
    if beyond_page(stock):
        raise LabelError(f"Stock “{stock.name}”: its labels reach beyond the page.")
