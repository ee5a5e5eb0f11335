"""A statement or a pack as a file that a browser saves: what was asked for, and the answer."""

from collections.abc import Mapping
from typing import Any

from flask import Response, send_file

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.participants.queries import participant_seen_by
from biobank.statements.checks import language_known, purpose_given
from biobank.statements.choices import FOR_STATEMENTS, Purpose
from biobank.statements.tasks import drawn, make_statement, pack_file
from biobank.web.downloads import download

Asked = Mapping[str, Any]
ZIP = "application/zip"


def asked_for(work: Work, by: Actor, code: str, asked: Asked) -> tuple[str, Purpose, str | None]:
    """Whose statement, why, in which language. Raises `ParticipantUnknown`, `PurposeNeeded`,
    `LanguageUnknown`.
    """
    language = asked.get("language") or None
    purpose = purpose_given(asked.get("purpose"), FOR_STATEMENTS)
    return participant_seen_by(work, by, code).code, purpose, language_known(language) if language else None


def statement_file(by: Actor, wanted: tuple[str, Purpose, str | None]) -> Response:
    made = make_statement(by, *wanted)
    return download(drawn(made), "application/pdf", f"statement-{made.participant}.pdf")


def pack_sent(by: Actor, participant: str, purpose: Purpose) -> Response:
    file = pack_file(by, participant, purpose)
    name = f"audit-pack-{participant}.zip"
    return send_file(file, mimetype=ZIP, as_attachment=True, download_name=name)
