"""Statements and audit packs over HTTP."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.participants.queries import participant_seen_by
from biobank.statements.checks import purpose_given
from biobank.statements.choices import FOR_PACKS
from biobank.statements.downloads import ZIP, asked_for, pack_sent, statement_file
from biobank.statements.schemas import PackQuery, StatementAnswer, StatementQuery
from biobank.statements.tasks import make_statement
from biobank.web.openapi import Blueprint
from biobank.web.permission import once_kept, reads

blueprint = Blueprint(
    "statements", __name__, url_prefix="/participants", description="Everything about one participant."
)
Asked = Mapping[str, Any]


@blueprint.route("/<code>/statement")
@reads(Permission.MAKE_STATEMENTS)
@blueprint.arguments(StatementQuery, location="query")
@blueprint.response(200, StatementAnswer)
def statement(asked: Asked, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Everything that is kept of a participant, in plain words; that it was made is in the log."""
    wanted = asked_for(work, by, code, asked)
    once_kept(lambda: jsonify(StatementAnswer().dump(make_statement(by, *wanted))))
    return {}


@blueprint.route("/<code>/statement.pdf")
@reads(Permission.MAKE_STATEMENTS)
@blueprint.arguments(StatementQuery, location="query")
@blueprint.sends("application/pdf", "The same, to be handed over.")
def statement_pdf(asked: Asked, code: str, *, work: Work, by: Actor) -> Response:
    """The statement as a PDF; it bears the participant's code and names nobody."""
    wanted = asked_for(work, by, code, asked)
    once_kept(lambda: statement_file(by, wanted))
    return Response()


@blueprint.route("/<code>/audit-pack")
@reads(Permission.MAKE_AUDIT_PACKS)
@blueprint.arguments(PackQuery, location="query")
@blueprint.sends(ZIP, "Entries with their proofs, certificates, labels, and the program that checks them.")
def audit_pack(asked: Asked, code: str, *, work: Work, by: Actor) -> Response:
    """Everything of a participant for who checks it elsewhere; nobody else's code is in it."""
    purpose = purpose_given(asked.get("purpose"), FOR_PACKS)
    participant = participant_seen_by(work, by, code).code
    once_kept(lambda: pack_sent(by, participant, purpose))
    return Response()
