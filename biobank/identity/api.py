"""The vault over HTTP: checked, read with a reason, entered and changed; no name is ever in an address."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.identity.accesses import Access
from biobank.identity.choices import IdentityField
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.operations import (
    change_identity,
    check_identity,
    enter_identity,
    read_identity,
    record_read,
)
from biobank.identity.queries import vault_knows
from biobank.identity.schemas import (
    CheckAnswer,
    CheckShape,
    IdentityAnswer,
    KeepShape,
    KeptAnswer,
    ReadShape,
)
from biobank.participants.queries import participant_seen_by
from biobank.web.openapi import Blueprint
from biobank.web.permission import once_kept, writes

blueprint = Blueprint(
    "identity", __name__, url_prefix="/identity", description="Who a code is; every look is written down."
)
Told = Mapping[str, Any]


def _asked(told: Told) -> Asked:
    return Asked(reason=told["reason"], document=told["document"])


@blueprint.route("/<code>/checks", methods=["POST"])
@writes(Permission.CHECK_IDENTITY)
@blueprint.arguments(CheckShape)
@blueprint.response(200, CheckAnswer)
def check(told: Told, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Whether a name and a birth date are this participant's: yes or no, and nothing else."""
    participant = participant_seen_by(work, by, code).code
    names = ("given_name", "family_name", "birth_date")
    said = Said(**{name: told[name] for name in names})
    return {
        "participant": participant,
        "matches": check_identity(work, by, participant, said, _asked(told)),
    }


@blueprint.route("/<code>/reads", methods=["POST"])
@writes(Permission.READ_IDENTITY)
@blueprint.arguments(ReadShape)
@blueprint.response(200, IdentityAnswer)
def read(told: Told, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Who this participant is, once, for a reason; answered after that was written down."""
    participant = participant_seen_by(work, by, code).code
    access = record_read(work, by, participant, _asked(told), frozenset(told["fields_asked"]))
    once_kept(lambda: _shown(access))  # not remembered with the Idempotency-Key: that is the samples' side
    return {"participant": participant}


def _shown(access: Access) -> Response:
    with reading() as work:
        identity = read_identity(work, access)
    texts = {name.value: text for name, text in identity.texts().items()}
    return jsonify({"participant": access.participant, **texts})


@blueprint.route("/<code>", methods=["PUT"])
@writes(Permission.KEEP_IDENTITY)
@blueprint.arguments(KeepShape)
@blueprint.response(200, KeptAnswer)
def keep(told: Told, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Enter who a participant is, or change what is given of it."""
    participant = participant_seen_by(work, by, code).code
    given = {name: told[name] for name in IdentityField if told.get(name) is not None}
    identity, emptied = Identity(**given), frozenset(name for name in IdentityField if _is_null(told, name))
    if vault_knows(work, participant):
        access = change_identity(work, by, participant, identity, _asked(told), emptied=emptied)
    else:
        access = enter_identity(work, by, participant, identity, _asked(told))
    return {"participant": participant, "fields_kept": sorted(access.fields)}


def _is_null(told: Told, name: str) -> bool:
    return name in told and told[name] is None
