"""The centrifuge over HTTP: what waits until when, and what is in it; going in is a scan."""

from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.processing.queries import ends_at, programmes_of, spins_shown, tubes_waiting
from biobank.processing.schemas import CentrifugeAnswer
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads

blueprint = Blueprint(
    "centrifuge", __name__, url_prefix="/centrifuge", description="What waits for the centrifuge."
)


@blueprint.route("")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, CentrifugeAnswer)
def centrifuge(*, work: Work, by: Actor) -> dict[str, Any]:
    """Tubes of your sites with the moments between which each goes in, and what spins.

    A tube goes in by `POST /custody/events` with the action `centrifuge`.
    """
    at = now()
    return {
        "programmes": programmes_of(work, by.sites),
        "waiting": [
            {
                "identifier": each.tube.identifier,
                "specification": each.tube.specification,
                "phase": each.window.phase(at),
                "opens_at": each.window.opens_at,
                "closes_at": each.window.closes_at,
            }
            for each in tubes_waiting(work, by.sites)
        ],
        "spinning": [
            {
                "identifier": tube.identifier,
                "programme": run.programme,
                "began_at": run.began_at,
                "ends_at": ends_at(run),
                "warning": run.warning,
            }
            for run, tube in spins_shown(work, by.sites, at)
        ],
    }
