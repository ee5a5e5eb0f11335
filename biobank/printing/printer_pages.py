"""The printers of somebody's site: what is loaded, how they are, which one is taken, the rules."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.printing.choices import PrinterKind
from biobank.printing.operations import choose_printer
from biobank.printing.previews import calibration_page
from biobank.printing.printers import Printer, Rule
from biobank.printing.queries import own_printer, printer_named, printers_of, rules_of
from biobank.printing.sending import problem_of
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.downloads import download
from biobank.web.feedback import tell
from biobank.web.permission import once_kept, reads, writes
from biobank.web.words import spoken

blueprint = Blueprint("printer_pages", __name__)
Shown = dict[str, Any]
PAGE = "/printing/printers"


@blueprint.get("/printing/printers")
@reads(Permission.PRINT_LABELS)
def shown_printers(*, work: Work, by: Actor) -> str:
    own, usable = own_printer(work, by), printers_of(work, by)
    names = {site.code: site.name for site in sites(work)}
    return render_template(
        "printing/printers.html",
        printers=[_printer(printer, own, names) for printer in usable],
        own=own is not None,
        rules=_rules(work, by, names),
    )


def _printer(printer: Printer, own: Printer | None, names: dict[str, str]) -> Shown:
    return {
        "name": printer.name,
        "title": printer.title,
        "office": printer.kind is PrinterKind.OFFICE,
        "loaded": printer.stock.title,
        "dpi": printer.dpi,
        "site": names.get(printer.site, printer.site) if printer.site else "everywhere",
        "own": printer == own,
        "url": f"{PAGE}/{printer.name}",
    }


def _rules(work: Work, by: Actor, names: dict[str, str]) -> list[Shown]:
    """Those that can hold for this person, the most particular first, which is the one that wins."""
    titles = {printer.name: printer.title for printer in printers_of(work, by)}
    rules = sorted(rules_of(work, by), key=lambda rule: rule.particular, reverse=True)
    return [_rule(rule, names, titles) for rule in rules]


def _rule(rule: Rule, names: dict[str, str], titles: dict[str, str]) -> Shown:
    return {
        "what": rule.specification or spoken(rule.kind or "everything").capitalize(),
        "site": names.get(rule.site, rule.site) if rule.site else "every site",
        "printer": titles[rule.printer] if rule.printer else None,
        "template": spoken(rule.template).capitalize() if rule.template else None,
    }


def _back() -> Response:
    return sent_to(PAGE)


@blueprint.post("/printing/printers/choice")
@writes(Permission.PRINT_LABELS)
def choose(*, work: Work, by: Actor) -> Response:
    name = request.form.get("printer", "") or None
    choose_printer(work, name, by=by)
    if name is None:
        tell("No printer of your own", "The rules below say which printer is taken.")
    else:
        tell("Your printer", f"{printer_named(work, name, by).title} is chosen for you from now on.")
    return _back()


@blueprint.post("/printing/printers/<name>/status")
@reads(Permission.PRINT_LABELS)
def ask_printer(name: str, *, work: Work, by: Actor) -> Response:
    """Ask a label printer how it is, once no transaction is open any more."""
    printer = printer_named(work, name, by)
    if printer.kind is PrinterKind.NETWORK:
        once_kept(lambda: _asked(printer))
    else:
        tell("Not to be asked", f"{printer.title} prints what somebody opens; look at it.", tone="ask")
    return _back()


def _asked(printer: Printer) -> Response:
    problem = problem_of(printer)
    if problem is None:
        tell("Ready", f"{printer.title} is ready to print.")
    else:
        tell("Not ready", f"{printer.title}: {problem}.", tone="wrong")
    return _back()


@blueprint.get("/printing/printers/<name>/calibration.pdf")
@reads(Permission.PRINT_LABELS)
def calibration(name: str, *, work: Work, by: Actor) -> Response:
    """A page to measure how far the printer is off."""
    page = calibration_page(work, name, by=by)
    return download(page.content, page.content_type, f"calibration-{name}.pdf")
