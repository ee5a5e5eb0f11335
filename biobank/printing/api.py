"""Labels over HTTP; each document that is made is logged as a print."""

from typing import Literal

from flask import Response

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import seen_by
from biobank.custody.queries import item_now
from biobank.printing.documents import SHEET, sheet_pdf, zpl
from biobank.printing.files import PRINTER_DPI, SHEET_DPI
from biobank.printing.operations import note_print
from biobank.printing.queries import kit_labels
from biobank.web.openapi import Blueprint
from biobank.web.permission import writes
from labels import Label

blueprint = Blueprint("printing", __name__, url_prefix="/kits", description="Labels.")


@blueprint.route("/<identifier>/labels.pdf")
@writes(Permission.PRINT_LABELS)
@blueprint.sends("application/pdf", "Sheets for an office printer.")
def kit_labels_pdf(identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit's labels, the box and every tube in draw order, on sheets."""
    labels = _labels(work, by, identifier)
    document = sheet_pdf(work, labels, SHEET, dpi=SHEET_DPI)
    return _sent(work, by, labels, document, "pdf", "application/pdf")


@blueprint.route("/<identifier>/labels.zpl")
@writes(Permission.PRINT_LABELS)
@blueprint.sends("text/plain", "For a label printer of 203 dpi.")
def kit_labels_zpl(identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit's labels for a label printer."""
    labels = _labels(work, by, identifier)
    return _sent(work, by, labels, zpl(work, labels, dpi=PRINTER_DPI), "zpl", "text/plain; charset=utf-8")


def _labels(work: Work, by: Actor, identifier: str) -> list[Label]:
    seen_by(by, item_now(work, identifier))
    return kit_labels(work, identifier)


def _sent(
    work: Work, by: Actor, labels: list[Label], document: bytes, medium: Literal["pdf", "zpl"], kind: str
) -> Response:
    dpi, stock = (SHEET_DPI, SHEET) if medium == "pdf" else (PRINTER_DPI, None)
    note_print(work, labels, document, medium=medium, by=by, dpi=dpi, stock=stock)
    response = Response(document, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="labels.{medium}"'
    return response
