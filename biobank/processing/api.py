"""The bench over HTTP: what waits for the centrifuge and what is in it, and pools of several specimens."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.custody.queries import holds_on
from biobank.custody.steps import Source
from biobank.processing.inputs import NewPool
from biobank.processing.pools import make_pool
from biobank.processing.queries import ends_at, programmes_of, spins_shown, tubes_waiting
from biobank.processing.schemas import CentrifugeAnswer, PoolAnswer, PoolShape
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads, writes

blueprint = Blueprint(
    "centrifuge", __name__, url_prefix="/centrifuge", description="What waits for the centrifuge."
)

pools = Blueprint("pools", __name__, url_prefix="/pools", description="Several specimens in one tube.")


@pools.route("", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@pools.arguments(PoolShape)
@pools.response(201, PoolAnswer)
def pool(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Make a pool: each part is one step of its own, all of them or none.

    A decision that hands carried out already is answered with 409 and `confirmable`: send it again with
    `confirmation`; the pool is born under the holds of its parts.
    """
    told = dict(asked)
    when = {name: told.pop(name) for name in ("at", "confirmation")}
    done = make_pool(work, NewPool(**told), by=by, source=Source("scan"), **when)
    holds = sorted(hold.value for hold in holds_on(work, done.pool.id))
    alerts = [{"kind": alert.kind, "text": alert.text} for alert in done.alerts]
    return {**done.pool._asdict(), "holds": holds, "alerts": alerts}


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
