"""Scanner test as a page: two codes to scan, a field for what arrives, and what is to be set."""

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.items.scanned_text import shown
from biobank.items.scanner_setup import LONGEST, judged
from biobank.printing.scanner_codes import TEST_CODES
from biobank.web.permission import reads

blueprint = Blueprint("scanner_pages", __name__)
PICTURES = {"linear": "/scanner/code-128.svg", "matrix": "/scanner/data-matrix.svg"}
UNCHANGING = "private, max-age=86400"


class NoSuchTestCode(NotFound):
    """There are two test codes, by their symbology."""

    title = "No test code of that name"


@blueprint.get("/scanner")
@reads(Permission.SEE_WORK)
def scanner(*, work: Work, by: Actor) -> str:  # noqa: ARG001 (the shape of every view)
    return render_template("scans/scanner.html", judgement=None, typed="", pictures=PICTURES)


@blueprint.post("/scanner")
@reads(Permission.SEE_WORK)
def judge(*, work: Work, by: Actor) -> str:  # noqa: ARG001 (the shape of every view)
    """What arrived, judged; nothing of it is kept."""
    typed = request.form.get("typed", "")[:LONGEST]
    return render_template(
        "scans/scanner.html", judgement=judged(typed), typed=shown(typed), pictures=PICTURES
    )


@blueprint.get("/scanner/<name>.svg")
@reads(Permission.SEE_WORK)
def test_code(name: str, *, work: Work, by: Actor) -> Response:  # noqa: ARG001 (the shape of every view)
    if name not in TEST_CODES:
        raise NoSuchTestCode(f"The test codes are {' and '.join(TEST_CODES)}; open Scanner test.")
    return Response(TEST_CODES[name](), mimetype="image/svg+xml", headers={"Cache-Control": UNCHANGING})
