"""Which items a job is of, which printer and paper it goes to, and which template each label has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import Conflict, DomainError, Invalid
from biobank.custody.checks import item_seen_by
from biobank.custody.states import Kind, State
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import is_a_kit
from biobank.kits.queries import specification_of_tube
from biobank.printing.choices import Medium, PrinterKind
from biobank.printing.inputs import NewPrint
from biobank.printing.printers import Paper, Printer, most_particular
from biobank.printing.queries import (
    LabelsRefused,
    own_printer,
    printer_named,
    printers,
    printers_of,
    stock_named,
)
from biobank.printing.wording import DRAWN, label_of
from labels import Label, Stock, layouts_fit

SHEET = "avery-5160"
"""Thirty labels a sheet: what every office printer can do, where no printer is named for files."""

SHEET_DPI = 300
FILE_DPI = 203
"""Of a ZPL file that is meant for no printer of ours."""


LINES_TOLD = 5
"""Wrong lines of a list that the sentence itself tells; the answer has them all."""


class VoidedCode(Conflict):
    """Nothing is printed for a code that was given up."""

    title = "Voided code"


class ListRefused(Invalid):
    """Lines of a list that cannot be printed; `lines` has the number and the sentence of each."""

    title = "List not printable"


class PrinterMissing(Invalid):
    """No rule says a printer, or several do."""

    title = "Choose a printer"


class TemplateRefused(Invalid):
    title = "Label template"


@dataclass(frozen=True)
class Target:
    """Where a job goes: a printer of ours or, without one, a file; and on what it is drawn."""

    printer: Printer | None
    paper: Paper


# Items.


def items_asked(work: Work, asked: NewPrint, by: Actor) -> list[Item]:
    """Each item once, in the order of printing; a kit stands for its box and its tubes in draw order.

    Raises `ListRefused` when more than one line was given and some are wrong, else what is wrong with the
    one; `NotAKit`, `LabelsRefused`.
    """
    found = [item for kit in asked.kits for item in kit_and_tubes(work, kit, by)]
    found += _listed(work, asked.items, by)
    _refuse_doubles(found)
    if not found:
        raise LabelsRefused("There is no label to print; choose at least one item.", field="items")
    return found


def _refuse_doubles(items: Sequence[Item]) -> None:
    seen: set[int] = set()
    for item in items:
        if item.id in seen:
            raise LabelsRefused(f"{printed(item.identifier)} is in this job already; name it once.")
        seen.add(item.id)


def kit_and_tubes(work: Work, kit: str, by: Actor) -> list[Item]:
    box = item_seen_by(work, by, kit)
    is_a_kit(box)
    tubes = [tube for tube in tubes_of_kit(work, box.id) if tube.state != State.VOIDED.value]
    return [printable(work, by, box.identifier), *tubes]


def _listed(work: Work, lines: Sequence[str], by: Actor) -> list[Item]:
    found: dict[int, tuple[int, Item]] = {}
    wrong: list[tuple[int, DomainError]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = printable(work, by, line.strip())
            _refuse_second_mention(item, found)
            found[item.id] = (number, item)
        except DomainError as refusal:
            wrong.append((number, refusal))
    if wrong:
        _refuse(wrong, listed=len(found) + len(wrong) > 1)
    return [item for _, item in found.values()]


def printable(work: Work, by: Actor, text: str) -> Item:
    """The item that bears `text`. Raises `VoidedCode`, `OtherSite` and what `item_now` raises."""
    item = work.session.get_one(Item, item_seen_by(work, by, text).id)
    none_voided([item])
    return item


def _refuse_second_mention(item: Item, found: dict[int, tuple[int, Item]]) -> None:
    if item.id in found:
        raise LabelsRefused(
            f"{printed(item.identifier)} is in line {found[item.id][0]} already; take one of them out."
        )


def _refuse(wrong: list[tuple[int, DomainError]], *, listed: bool) -> None:
    if not listed:
        raise wrong[0][1]
    told = " ".join(f"Line {number}: {refusal.detail}" for number, refusal in wrong[:LINES_TOLD])
    more = f" And {len(wrong) - LINES_TOLD} more." if len(wrong) > LINES_TOLD else ""
    raise ListRefused(
        f"Nothing was printed, since {counted(len(wrong), 'line')} of the list cannot be. {told}{more}",
        field="items",
        lines=[{"line": number, "problem": refusal.detail} for number, refusal in wrong],
    )


# Printer and paper.


def target_for(work: Work, asked: NewPrint, items: Sequence[Item], by: Actor) -> Target:
    """Raises `PrinterUnknown`, `PrinterMissing`, `StockUnknown`, `BadPrinters`."""
    printer = printer_for(work, asked, items, by)
    if asked.medium and printer and printer.medium is not asked.medium:
        if asked.printer:
            raise PrinterMissing(
                f"{printer.name} takes {printer.medium.upper()}, not {asked.medium.upper()}; "
                "choose another printer.",
                field="printer",
            )
        printer = None
    return _on_paper(work, asked, printer)


def printer_for(work: Work, asked: NewPrint, items: Sequence[Item], by: Actor) -> Printer | None:
    """The one that was asked for, else what the rules and the person's own choice give for the items.

    A rule for a kind or a specification comes before the person's own printer, one for a site or for
    everything after it. A kit's tubes go where its box goes.
    """
    if asked.printer:
        return printer_named(work, asked.printer, by)
    usable = {printer.name: printer for printer in printers_of(work, by)}
    own = own_printer(work, by)
    chosen = {_ruled(work, item, usable, own, by) for item in _leading(items)}
    if len(chosen) > 1:
        names = " and ".join(sorted(name or "no printer" for name in chosen))
        raise PrinterMissing(
            f"These labels go to different printers ({names}); choose one, or print them apart.",
            field="printer",
        )
    name = chosen.pop()
    return usable[name] if name else None


def _leading(items: Sequence[Item]) -> list[Item]:
    """Without the tubes whose kit is printed with them."""
    kits = {item.id for item in items if item.kind == Kind.KIT.value}
    return [item for item in items if item.kit_id not in kits]


def _ruled(work: Work, item: Item, usable: dict[str, Printer], own: Printer | None, by: Actor) -> str | None:
    rules = [rule for rule in printers(work).rules if rule.printer in usable]
    rule = most_particular(rules, **_conditions(item, by))
    if own and not (rule and (rule.kind or rule.specification)):
        return own.name
    return rule.printer if rule else None


def _conditions(item: Item, by: Actor) -> dict[str, str | None]:
    """What rules ask: the site is that of the bench, else the item's."""
    return {"site": by.bench_site or item.site, "kind": item.kind, "specification": item.specification}


def _on_paper(work: Work, asked: NewPrint, printer: Printer | None) -> Target:
    tray = stock_named(work, asked.stock) if asked.stock else None
    if printer is None:
        medium = asked.medium or Medium.PDF
        if medium is Medium.ZPL:
            return Target(None, Paper(medium, FILE_DPI, tray))
        sheet = tray or stock_named(work, SHEET)
        return Target(None, Paper(medium, SHEET_DPI, sheet, start=asked.start))
    if tray and tray != printer.stock and printer.kind is PrinterKind.NETWORK:
        raise LabelsRefused(
            f"{printer.name} holds {printer.stock.name}, not {tray.name}; choose another printer.",
            field="stock",
        )
    stock = tray or printer.stock
    return Target(printer, Paper(printer.medium, printer.dpi, stock, printer.correction, asked.start))


# Labels.


def labels_for(
    work: Work, items: Iterable[Item], by: Actor, *, stock: Stock | None, template: str | None = None
) -> list[tuple[Item, Label]]:
    """The labels of these items, as many of each as it gets, in this order. Raises `TemplateRefused`."""
    found = [
        (item, label_of(work, item, template_for(work, item, by, stock=stock, template=template)))
        for item in items
    ]
    return [pair for pair in found for _ in range(allotted(work, pair[0]))]


def not_too_many(labels: Sequence[tuple[Item, Label]], at_most: int) -> None:
    """Raises `LabelsRefused`."""
    if len(labels) > at_most:
        raise LabelsRefused(
            f"These are {len(labels)} labels; a job has at most {at_most}, so make several jobs.",
            field="items",
        )


def none_voided(items: Iterable[Item]) -> None:
    """Raises `VoidedCode` for the first that was given up."""
    for item in items:
        if item.state == State.VOIDED.value:
            raise VoidedCode(
                f"{printed(item.identifier)} is voided; nothing is printed for it. Take another code.",
                item=item.identifier,
            )


def allotted(work: Work, item: Item) -> int:
    """How many labels an item gets without a reason: a tube as many as its definition asks for."""
    tube = specification_of_tube(work, item) if item.kind == Kind.TUBE.value else None
    return tube.labels if tube else 1


def template_for(
    work: Work, item: Item, by: Actor, *, stock: Stock | None, template: str | None = None
) -> str:
    """The template that was asked for, else the rules', else the first of its kind that fits the stock."""
    drawn = DRAWN[Kind(item.kind)]
    rules = [rule for rule in printers(work).rules if rule.template in drawn]
    if template is None and (rule := most_particular(rules, **_conditions(item, by))):
        template = rule.template
    if template is None:
        return next((name for name in drawn if stock is None or layouts_fit(name, stock)), drawn[0])
    if template not in drawn:
        raise TemplateRefused(
            f"A {item.kind.replace('_', ' ')} has no {template} label; there are {', '.join(drawn)}.",
            field="template",
        )
    if stock is not None and not layouts_fit(template, stock):
        raise TemplateRefused(
            f"{template} labels do not fit {stock.name} ({stock.title}); choose another template or printer.",
            field="template",
        )
    return template
