"""What somebody who prints may choose from: templates that fit, and the printer that is proposed."""

from collections.abc import Sequence

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.states import Kind
from biobank.items.models import Item
from biobank.printing.choosing import PrinterMissing, printer_for
from biobank.printing.inputs import NewPrint
from biobank.printing.printers import Printer, Rule, most_particular
from biobank.printing.queries import own_printer, printers_of, rules_of
from biobank.printing.wording import DRAWN
from labels import TEMPLATES, Stock, layouts_fit


def templates_offered(items: Sequence[Item], stock: Stock | None) -> list[str]:
    """Those that each of the items may have and that fit the stock; without items, of any kind."""
    of_kinds = [DRAWN[kind] for kind in dict.fromkeys(Kind(item.kind) for item in items) or DRAWN]
    known = dict.fromkeys(name for drawn in of_kinds for name in drawn if name in TEMPLATES)
    return [
        name
        for name in known
        if (not items or all(name in drawn for drawn in of_kinds))
        and (stock is None or layouts_fit(name, stock))
    ]


def depends_on_the_item(work: Work, by: Actor) -> bool:
    """Whether a rule sends some kinds of items to a printer of their own."""
    return any(rule.kind or rule.specification for rule in _printer_rules(work, by))


def _printer_rules(work: Work, by: Actor) -> list[Rule]:
    return [rule for rule in rules_of(work, by) if rule.printer]


def printer_proposed(work: Work, items: Sequence[Item], by: Actor) -> Printer | None:
    """What `prepare` would take for these items; without items the person's own, else that of the bench."""
    if items:
        try:
            return printer_for(work, NewPrint(), items, by)
        except PrinterMissing:
            return None
    usable = {printer.name: printer for printer in printers_of(work, by)}
    rule = most_particular(_printer_rules(work, by), site=by.bench_site, kind="", specification=None)
    ruled = usable[rule.printer] if rule and rule.printer else None
    alone = next(iter(usable.values())) if len(usable) == 1 else None
    return own_printer(work, by) or ruled or alone
