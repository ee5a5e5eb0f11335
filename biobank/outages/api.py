"""Outages over HTTP: declared, carried out of, ended, judged."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.permissions import Permission
from biobank.access.schemas import ShownSigningShape
from biobank.core import moments
from biobank.core.database import Work
from biobank.outages.carrying import carry_out
from biobank.outages.deciding import decision_seen_by, propose_decision, sign_decision
from biobank.outages.groups import Group, groups_of
from biobank.outages.inputs import CarriedOut, NewDecision, NewOutage
from biobank.outages.models import Outage, OutageDecision
from biobank.outages.operations import declare_outage, end_outage, tell_temperature
from biobank.outages.queries import outage_seen_by, outages, progress, unit_of
from biobank.outages.records import decision_record
from biobank.outages.schemas import (
    CarriedOutAnswer,
    CarriedOutShape,
    NewOutageDecisionShape,
    NewOutageShape,
    OutageAnswer,
    OutageDecisionAnswer,
    OutageEndShape,
    OutageGroupsAnswer,
    OutageGroupsQuery,
    OutagesAnswer,
    OutagesQuery,
    OutageTemperatureShape,
    SparePlacesAnswer,
)
from biobank.outages.spare_space import Spot, spare_space
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint("outages", __name__, url_prefix="/outages", description="Freezers out of service.")


@blueprint.route("")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(OutagesQuery, location="query")
@blueprint.response(200, OutagesAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Outages at your sites, the newest first."""
    question = outages(by, standing=asked["standing"])
    found = page(work, question, [Outage.id], cursor=asked["cursor"], limit=asked["limit"], newest_first=True)
    return {"outages": [_told(work, each) for each in found.rows], "next_cursor": found.next_cursor}


@blueprint.route("", methods=["POST"])
@writes(Permission.DECLARE_OUTAGES)
@blueprint.arguments(NewOutageShape)
@blueprint.response(201, OutageAnswer)
def declared(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """A unit cools no more: every specimen in it is held."""
    new = NewOutage(unit=asked["unit"], began=asked["at"], temperature_celsius=asked["temperature_celsius"])
    return _told(work, declare_outage(work, new, by=by))


@blueprint.route("/<int:number>")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, OutageAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """One outage, and how far it is."""
    return _told(work, outage_seen_by(work, by, number))


@blueprint.route("/<int:number>/places")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, SparePlacesAnswer)
def places(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A free place for each of what is still inside, at most 500 at once."""
    outage = outage_seen_by(work, by, number)
    planned = spare_space(work, outage)
    return {"places": [{"piece": item.identifier, **_spot(spot)} for item, spot in planned]}


def _spot(spot: Spot | None) -> dict[str, Any]:
    return {
        "place": spot.unit.item.identifier if spot else None,
        "position": spot.position if spot else None,
        "temperature_celsius": spot.celsius if spot else None,
        "not_as_cold": spot.is_warm if spot else None,
    }


@blueprint.route("/<int:number>/carried-out", methods=["POST"])
@writes(Permission.DECLARE_OUTAGES)
@blueprint.arguments(CarriedOutShape)
@blueprint.response(200, CarriedOutAnswer)
def carried(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A rack, box or tube stands somewhere else now."""
    told = CarriedOut(piece=asked["piece"], place=asked["place"], position=asked["position"])
    done = carry_out(work, number, told, by=by, at=asked["at"], source=asked["source"])
    return {
        "outage": _told(work, outage_seen_by(work, by, number)),
        "piece": done.recorded.item.identifier,
        "place": done.recorded.event["place"],
        "position": done.position,
        "held": done.held,
        "alerts": done.alerts,
    }


@blueprint.route("/<int:number>/temperature", methods=["POST"])
@writes(Permission.DECLARE_OUTAGES)
@blueprint.arguments(OutageTemperatureShape)
@blueprint.response(200, OutageAnswer)
def warmer(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What the unit shows; the warmest is kept."""
    return _told(work, tell_temperature(work, number, asked["temperature_celsius"], by=by, at=asked["at"]))


@blueprint.route("/<int:number>/end", methods=["POST"])
@writes(Permission.DECLARE_OUTAGES)
@blueprint.arguments(OutageEndShape)
@blueprint.response(200, OutageAnswer)
def ended(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """It cools again, or is given up."""
    at = asked["occurred_at"] or moments.told(moments.now())
    return _told(work, end_outage(work, number, asked["how"], by=by, at=at))


@blueprint.route("/<int:number>/groups")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(OutageGroupsQuery, location="query")
@blueprint.response(200, OutageGroupsAnswer)
def groups(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, list[Group]]:
    """Its specimens by rack, box, specification or minutes without cooling."""
    return {"groups": groups_of(work, outage_seen_by(work, by, number), asked["by"])}


@blueprint.route("/<int:number>/decisions", methods=["POST"])
@writes(Permission.DECIDE_OUTAGES)
@blueprint.arguments(NewOutageDecisionShape)
@blueprint.response(201, OutageDecisionAnswer)
def proposed(new: NewDecision, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Propose what becomes of some groups; it counts from its signature on."""
    return _decision(work, by, number, propose_decision(work, number, new, by=by))


@blueprint.route("/<int:number>/decisions/<int:decision>/signature", methods=["POST"])
@writes(Permission.DECIDE_OUTAGES)
@blueprint.arguments(ShownSigningShape)
@blueprint.response(200, OutageDecisionAnswer)
def signed(told: Signing, number: int, decision: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Sign a decision as it was shown; it is carried out at once."""
    return _decision(work, by, number, sign_decision(work, number, decision, told, by=by))


def _decision(work: Work, by: Actor, number: int, decision: OutageDecision) -> dict[str, Any]:
    outage, found = decision_seen_by(work, by, number, decision.id)
    record, sha256 = decision_record(work, outage, found)
    return {
        **record,
        "number": found.id,
        "items": found.items if found.approved_at else record["items"],
        "sha256": found.record_sha256 or sha256,
        "approved_by": found.approved_by,
    }


def _told(work: Work, outage: Outage) -> dict[str, Any]:
    named = (
        *("site", "began_at", "temperature_celsius", "warmest_celsius"),
        *("declared_at", "declared_by", "ended_at", "ended_how"),
    )
    counted = progress(work, outage)
    return {
        "number": outage.id,
        "unit": unit_of(work, outage).identifier,
        **{name: getattr(outage, name) for name in named},
        "pieces": counted.pieces,
        "carried_out": counted.moved,
        "specimens": counted.specimens,
        "undecided": counted.undecided,
    }
