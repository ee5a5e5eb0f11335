"""The page from which a statement is handed to a participant, and an audit pack to an auditor."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.participants.models import Participant
from biobank.participants.queries import participant_seen_by
from biobank.statements.checks import purpose_given
from biobank.statements.choices import FOR_PACKS, FOR_STATEMENTS, Purpose
from biobank.statements.downloads import asked_for, pack_sent, statement_file
from biobank.web.field_errors import typed_again
from biobank.web.permission import once_kept, reads
from biobank.web.shown_again import shown_again

blueprint = Blueprint("statement_pages", __name__)
PURPOSES = {
    Purpose.REQUEST: "The participant asked",
    Purpose.REPRESENTATIVE: "Somebody asked who may act for them",
    Purpose.COMPLAINT: "There is a complaint",
    Purpose.AUDIT: "There is an audit",
    Purpose.INSPECTION: "There is an inspection",
    Purpose.INCIDENT: "Something went wrong and is looked into",
}
LANGUAGES = (
    {"value": "", "label": "Their own"},
    {"value": "en", "label": "English"},
    {"value": "es", "label": "Español"},
)


def _of(found: Participant, allowed: Sequence[Purpose], refusal: DomainError | None) -> dict[str, Any]:
    """What both pages show; their own language is chosen before anybody chose another."""
    return typed_again(refusal) | {
        "participant": {"code": found.code, "url": f"/participants/{found.code}"},
        "purposes": [{"value": each.value, "label": PURPOSES[each]} for each in allowed],
        "form": request.form or {"language": ""},
    }


@blueprint.get("/participants/<code>/statement")
@reads(Permission.MAKE_STATEMENTS)
def statement(code: str, *, work: Work, by: Actor) -> str:
    return _statement(work, by, code=code)


def _statement(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found = participant_seen_by(work, by, code)
    return render_template(
        "statements/statement.html",
        **_of(found, FOR_STATEMENTS, refusal),
        languages=LANGUAGES,
    )


@blueprint.post("/participants/<code>/statement")
@shown_again(Permission.MAKE_STATEMENTS, _statement)
@reads(Permission.MAKE_STATEMENTS)
def make_statement(code: str, *, work: Work, by: Actor) -> Response:
    wanted = asked_for(work, by, code, request.form)
    once_kept(lambda: statement_file(by, wanted))
    return Response()


@blueprint.get("/participants/<code>/audit-pack")
@reads(Permission.MAKE_AUDIT_PACKS)
def audit_pack(code: str, *, work: Work, by: Actor) -> str:
    return _audit_pack(work, by, code=code)


def _audit_pack(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found = participant_seen_by(work, by, code)
    return render_template(
        "statements/audit_pack.html",
        **_of(found, FOR_PACKS, refusal),
    )


@blueprint.post("/participants/<code>/audit-pack")
@shown_again(Permission.MAKE_AUDIT_PACKS, _audit_pack)
@reads(Permission.MAKE_AUDIT_PACKS)
def make_audit_pack(code: str, *, work: Work, by: Actor) -> Response:
    purpose = purpose_given(request.form.get("purpose"), FOR_PACKS)
    participant = participant_seen_by(work, by, code).code
    once_kept(lambda: pack_sent(by, participant, purpose))
    return Response()
