"""The ledger over HTTP: its newest checkpoint, and that it continues an older one."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.ledger.notes import to_base64
from biobank.ledger.queries import UnknownEntry, consistency, newest_checkpoint
from biobank.ledger.schemas import CheckpointAnswer, ConsistencyAnswer, ConsistencyQuery
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads

blueprint = Blueprint(
    "ledger", __name__, url_prefix="/ledger", description="The log that nobody can rewrite."
)


@blueprint.route("/checkpoint")
@reads(Permission.SEE_LEDGER)
@blueprint.response(200, CheckpointAnswer)
def checkpoint(*, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (the permission is what counts)
    """The newest signed checkpoint."""
    found = newest_checkpoint(work)
    if found is None:
        raise UnknownEntry("No checkpoint was issued yet; issue one with `biobank ledger checkpoint`.")
    return {
        "size": found.size,
        "root": to_base64(found.root),
        "text": found.text,
        "issued_at": found.issued_at,
    }


@blueprint.route("/consistency")
@reads(Permission.SEE_LEDGER)
@blueprint.arguments(ConsistencyQuery, location="query")
@blueprint.response(200, ConsistencyAnswer)
def consistent(asked: Mapping[str, int], *, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (the permission is what counts)
    """Proof that the newest checkpoint's log begins with the log of an older one."""
    return consistency(work, asked["size"])
