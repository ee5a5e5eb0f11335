"""The bench over HTTP: what waits, its plans, what is in the centrifuge, pools, and SPREC codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.moments import now, to_text
from biobank.custody.checks import item_seen_by
from biobank.custody.queries import holds_on
from biobank.custody.steps import Source
from biobank.processing.bench import (
    Due,
    waiting_to_be_aliquoted,
    waiting_to_be_frozen,
    waiting_to_be_spun,
)
from biobank.processing.freezing import thaws_of
from biobank.processing.inputs import NewPool, NewRun
from biobank.processing.models import CentrifugeRun
from biobank.processing.plans import Plan, todays_plans
from biobank.processing.pools import make_pool
from biobank.processing.queries import ends_at, programme_of, programmes_of, spins_shown, tubes_waiting
from biobank.processing.runs import end_run, start_run
from biobank.processing.schemas import (
    BenchAnswer,
    BenchPlansAnswer,
    CentrifugeAnswer,
    CentrifugeRunAnswer,
    CentrifugeRunShape,
    PoolAnswer,
    PoolShape,
    RunOutShape,
    SprecAnswer,
)
from biobank.processing.sprec import code_of
from biobank.processing.sprec_facts import sprec_of
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


specimens = Blueprint("specimens", __name__, url_prefix="/items", description="How a specimen was handled.")
bench = Blueprint("processing", __name__, url_prefix="/processing", description="The bench of a biobank.")


@bench.route("")
@reads(Permission.PROCESS_SPECIMENS)
@bench.response(200, BenchAnswer)
def waiting(*, work: Work, by: Actor) -> dict[str, Any]:
    """What waits at your sites: to be spun, aliquoted, frozen. A step is a `POST /custody/events`."""
    at = now()
    piles = {
        "spin": waiting_to_be_spun(work, by.sites),
        "aliquot": waiting_to_be_aliquoted(work, by.sites),
        "freeze": waiting_to_be_frozen(work, by.sites),
    }
    return {
        name: {"count": pile.count, "shown": [_due(due, at) for due in pile.shown]}
        for name, pile in piles.items()
    }


def _due(due: Due, at: datetime) -> dict[str, Any]:
    return {
        "identifier": due.item.identifier,
        "specification": due.item.specification,
        "phase": due.phase(at),
        "until": due.until,
    }


@bench.route("/plans")
@reads(Permission.SEE_ITEMS)
@bench.response(200, BenchPlansAnswer)
def plans(*, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (the same for everybody)
    """Today's plans: what is made of each tube."""
    book = todays_plans(work.settings)
    return {"version": book.key, "plans": [_plan(plan) for plan in book.plans]}


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "codes": plan.codes,
        "spun": plan.spun,
        "process_within_minutes": plan.process_within_minutes,
        "source": plan.source,
        "kept_whole": plan.kept_whole.name if plan.kept_whole else None,
        "lines": [
            {
                "material": line.material.name,
                "count": line.count,
                "volume_microlitres": line.volume_microlitres,
                "vial": line.vial.value,
                "source": line.source,
            }
            for line in plan.lines
        ],
    }


@specimens.route("/<identifier>/sprec")
@reads(Permission.SEE_ITEMS)
@specimens.response(200, SprecAnswer)
def sprec(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """The SPREC code of a tube or aliquot, element by element with the recorded facts behind it."""
    item = item_seen_by(work, by, identifier)
    elements = sprec_of(work, item) or ()
    return {
        "item": item.identifier,
        "sprec": code_of(elements) if elements else None,
        "elements": [{**vars(each), "facts": _as_text(each.facts)} for each in elements],
        "thaws": thaws_of(work, item.id),
    }


def _as_text(facts: Mapping[str, object]) -> dict[str, object]:
    """Names and moments as everywhere in the API."""
    named = ((label.lower().replace(" ", "_"), value) for label, value in facts.items())
    return {name: to_text(value) if isinstance(value, datetime) else value for name, value in named}


@blueprint.route("/runs", methods=["POST"])
@writes(Permission.RUN_CENTRIFUGE)
@blueprint.arguments(CentrifugeRunShape)
@blueprint.response(201, CentrifugeRunAnswer)
def begin_run(asked: Mapping[str, Any], *, work: Work, by: Actor) -> CentrifugeRun:
    """Put many tubes into the centrifuge at once, all of them or none."""
    named, site = asked["programme"], asked["site"] or by.bench_site or ""
    new = NewRun(
        tubes=tuple(asked["tubes"]),
        balance=asked["balance"],
        centrifuge=asked["centrifuge"],
        kept_at=asked["kept_at"],
    )
    run, _ = start_run(
        work, new, programme_of(work, by, site, named) if named else None, by=by, source=Source("scan"),
        at=asked["occurred_at"], confirmation=asked["confirmation"],
    )  # fmt: skip
    return run


@blueprint.route("/runs/<int:number>/end", methods=["POST"])
@writes(Permission.RUN_CENTRIFUGE)
@blueprint.arguments(RunOutShape)
@blueprint.response(200, CentrifugeRunAnswer)
def take_out(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> CentrifugeRun:
    """Say that the tubes of a run are out."""
    return end_run(work, number, by=by, at=asked["occurred_at"])


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
