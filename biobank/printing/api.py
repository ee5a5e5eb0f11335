"""Labels over HTTP; each document that is made is logged as a print."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.printing.choices import CopyReason, Medium
from biobank.printing.operations import Document
from biobank.printing.schemas import KitLabelsQuery
from biobank.printing.whole_kits import labels_of_kit
from biobank.web.openapi import Blueprint
from biobank.web.permission import writes

kits = Blueprint("kit_labels", __name__, url_prefix="/kits", description="Labels of whole kits.")


@kits.route("/<identifier>/labels.pdf")
@writes(Permission.PRINT_LABELS)
@kits.arguments(KitLabelsQuery, location="query")
@kits.sends("application/pdf", "Sheets for an office printer.")
def kit_labels_pdf(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit's labels, the box and every tube in draw order, on sheets.

    Asked again it is the same document; it is a new job once something on the labels has changed, or with a
    reason.
    """
    return sent(labels_of_kit(work, identifier, Medium.PDF, by=by, reason=_reason(asked)))


@kits.route("/<identifier>/labels.zpl")
@writes(Permission.PRINT_LABELS)
@kits.arguments(KitLabelsQuery, location="query")
@kits.sends("text/plain", "For a label printer.")
def kit_labels_zpl(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit's labels for a label printer; asked again as the PDF."""
    return sent(labels_of_kit(work, identifier, Medium.ZPL, by=by, reason=_reason(asked)))


def _reason(asked: Mapping[str, Any]) -> CopyReason | None:
    return CopyReason(asked["reason"]) if asked["reason"] else None


def sent(document: Document) -> Response:
    response = Response(document.content, content_type=document.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{document.name}"'
    return response
