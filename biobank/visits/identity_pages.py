"""Who sits in the chair: what the person says is compared in the vault, and the answer is yes or no."""

from datetime import date

from flask import Blueprint, Response, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked, Said
from biobank.identity.operations import check_identity
from biobank.visits import operations
from biobank.visits.checks import is_open
from biobank.visits.choices import Identifier
from biobank.visits.pages import checklist, telling, to_visit
from biobank.visits.queries import visit_seen_by
from biobank.web.feedback import tell
from biobank.web.permission import writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import FieldRefused

blueprint = Blueprint("visit_identity_pages", __name__, url_prefix="/visits")
ASKED_FOR = (Identifier.FULL_NAME, Identifier.BIRTH_DATE)


@blueprint.post("/<int:number>/check")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.CHECK_IDENTITY)
def check(number: int, *, work: Work, by: Actor) -> Response:
    """Nothing of what was typed is kept or shown again; that it was asked is."""
    visit = visit_seen_by(work, by, number)
    is_open(visit)
    asked = Asked(reason=Reason.VISIT, document=f"visit:{visit.id}")
    if not check_identity(work, by, visit.participant, _said(), asked):
        tell(
            "Does not match",
            "Ask once more and type it again. If it stays so, draw nothing and call an identity officer.",
            tone="wrong",
        )
        return to_visit(visit)
    told = telling(work, by)
    found = operations.attest_identity(work, number, [each.value for each in ASKED_FOR], told)
    tell("Matches", "Name and birth date agree.")
    return to_visit(found)


def _said() -> Said:
    try:
        born = date.fromisoformat(request.form.get("birth_date", ""))
    except ValueError as problem:
        raise FieldRefused("Give the birth date.", field="birth_date") from problem
    names = {name: request.form.get(name, "") for name in ("given_name", "family_name")}
    return Said(**names, birth_date=born)
