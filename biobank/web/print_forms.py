"""The print form: what it offers with what was chosen so far, and what was typed as `prepare` takes it."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_if_known
from biobank.custody.states import Kind
from biobank.items.models import Item
from biobank.printing.choices import CopyReason, PrinterKind
from biobank.printing.choosing import items_asked
from biobank.printing.inputs import MOST_COPIES, MOST_LABELS, NewPrint
from biobank.printing.offers import depends_on_the_item, printer_proposed, templates_offered
from biobank.printing.printers import Printer
from biobank.printing.queries import printers_of, stocks
from biobank.web.typed_fields import FieldRefused, Form
from biobank.web.words import spoken

Shown = dict[str, Any]
Coded = TypeVar("Coded", bound=StrEnum)
BY_RULE = "by-rule"
MOST_CODES_LOOKED_AT = 200
"""Of a long list the form proposes printer and templates by its beginning."""

REASONS: Mapping[CopyReason, str] = {
    CopyReason.SPOILED: "The label was spoiled",
    CopyReason.LOST: "The label was lost",
    CopyReason.UNREADABLE: "The label does not scan",
    CopyReason.SECOND_LABEL: "A second label is wanted",
    CopyReason.WRONG_STOCK: "It was printed on the wrong labels",
    CopyReason.OTHER_PRINTER: "It has to come from another printer",
    CopyReason.CHANGED: "What stands on it has changed",
}


def reason_options() -> list[Shown]:
    return [{"value": reason.value, "label": label, "note": None} for reason, label in REASONS.items()]


# What was typed.


def read_print(work: Work, form: Form) -> NewPrint:
    """Raises `FieldRefused`."""
    lines = form.get("lines", "").splitlines()
    if len(lines) > MOST_LABELS:
        raise FieldRefused(
            f"These are {len(lines)} lines; a job has at most {MOST_LABELS} labels, so make several jobs.",
            field="lines",
        )
    kits = _kits_in(work, lines) if form.get("whole_kits") else {}
    printer = _chosen(form, "printer")
    return NewPrint(
        items=_others(lines, kits),
        kits=tuple(dict.fromkeys(kits.values())),
        printer=printer,
        template=_chosen(form, "template"),
        stock=_stock_told(form, printer),
        start=_start_told(form, printer),
        copies=_copies_told(form),
        reason=one_of(CopyReason, form.get("reason", ""), "reason"),
        remark=form.get("remark", "").strip(),
    )


def _kits_in(work: Work, lines: Sequence[str]) -> dict[int, str]:
    """Which lines name a kit's box, with its identifier."""
    found = {number: item_if_known(work, line) for number, line in enumerate(lines) if line.strip()}
    return {number: item.identifier for number, item in found.items() if item and item.kind is Kind.KIT}


def _others(lines: Sequence[str], kits: Mapping[int, str]) -> tuple[str, ...]:
    """What is no whole kit, each under the number of its line; nothing when there is no more than kits."""
    others = tuple("" if number in kits else line for number, line in enumerate(lines))
    return others if any(line.strip() for line in others) else ()


def _chosen(form: Form, name: str) -> str | None:
    told = form.get(name, "").strip()
    return None if told in ("", BY_RULE) else told


def one_of(known: type[Coded], told: str, field: str) -> Coded | None:
    """None when nothing was chosen. Raises `FieldRefused` for what no form offers."""
    if not told:
        return None
    if told not in list(known):
        raise FieldRefused("Choose one of the answers.", field=field)
    return known(told)


def _stock_told(form: Form, printer: str | None) -> str | None:
    return _chosen(form, f"stock-{printer}") if printer else None


def _start_told(form: Form, printer: str | None) -> int:
    """Raises `FieldRefused` when the position was picked on the picture of another sheet."""
    told = form.get(f"start-{printer}", "1") if printer else "1"
    start = int(told) if told.isdecimal() and len(told) <= len("1000") else 0
    if not start:
        raise FieldRefused("Pick the first label on the picture of the sheet.", field=f"start-{printer}")
    tray = _stock_told(form, printer)
    if start > 1 and tray and tray != form.get(f"pictured-{printer}", tray):
        raise FieldRefused(
            "Other sheets are in the tray now; pick the first label on their picture.",
            field=f"start-{printer}",
        )
    return start


def _copies_told(form: Form) -> int:
    told = form.get("copies", "1").strip() or "1"
    if not told.isdecimal() or not 0 < int(told[:6]) <= MOST_COPIES:
        raise FieldRefused(f"Type a whole number from 1 to {MOST_COPIES}.", field="copies")
    return int(told)


# What is offered.


def items_typed(work: Work, form: Form, by: Actor) -> list[Item]:
    """The items of the form as far as all of them are known; none while something is wrong with them."""
    lines = form.get("lines", "").splitlines()[:MOST_CODES_LOOKED_AT]
    if not any(line.strip() for line in lines):
        return []
    kits = _kits_in(work, lines) if form.get("whole_kits") else {}
    asked = NewPrint(items=_others(lines, kits), kits=tuple(dict.fromkeys(kits.values())))
    try:
        return items_asked(work, asked, by)
    except DomainError:
        return []


def offered(work: Work, form: Form, by: Actor) -> Shown:
    """What `printing/print.html` takes as printers and templates, with what is chosen or proposed."""
    items, usable = items_typed(work, form, by), printers_of(work, by)
    proposed = printer_proposed(work, items, by)
    by_rule = depends_on_the_item(work, by)
    chosen = form.get("printer") or (proposed.name if proposed and (items or not by_rule) else BY_RULE)
    now = next((printer for printer in usable if printer.name == chosen), proposed)
    tray = stocks(work).get(form.get(f"stock-{now.name}", ""), now.stock) if now else None
    return {
        "printers": [_tile(work, printer, form, chosen) for printer in usable],
        "by_rule": {"value": BY_RULE, "checked": chosen == BY_RULE} if by_rule else None,
        "templates": _templates(items, tray, form),
    }


def _tile(work: Work, printer: Printer, form: Form, chosen: str) -> Shown:
    office = printer.kind is PrinterKind.OFFICE
    known = stocks(work)
    tray = known.get(form.get(f"stock-{printer.name}", ""), printer.stock) if office else printer.stock
    start = form.get(f"start-{printer.name}", "1")
    return {
        "name": printer.name,
        "title": printer.title,
        "loaded": printer.stock.title,
        "office": office,
        "checked": printer.name == chosen,
        "stock": tray.name,
        "tray_open": tray != printer.stock or start != "1",
        "stocks": [{"value": each.name, "label": each.title} for each in known.values()] if office else [],
        "sheet": sheet_picture(tray.columns, tray.rows, start) if tray.labels_a_page > 1 else [],
    }


def sheet_picture(columns: int, rows: int, start: str) -> list[list[Shown]]:
    """The labels of a sheet row by row; the one that printing starts on is checked."""
    first = int(start) if start.isdecimal() and 0 < int(start[:4]) <= columns * rows else 1
    return [
        [
            {
                "number": row * columns + column + 1,
                "row": row + 1,
                "column": column + 1,
                "checked": row * columns + column + 1 == first,
            }
            for column in range(columns)
        ]
        for row in range(rows)
    ]


def _templates(items: Sequence[Item], tray: Any, form: Form) -> list[Shown]:
    names: Iterable[str] = templates_offered(items, tray if items else None)
    told = form.get("template", "")
    return [
        {"value": name, "label": spoken(name).capitalize(), "chosen": name == told}
        for name in dict.fromkeys([*names, *([told] if told else [])])
    ]
