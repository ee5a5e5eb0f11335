"""Commands that declare, list and end outages, say where racks can go and record where they went."""

from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.custody.steps import Source
from biobank.outages.carrying import carry_out
from biobank.outages.choices import EndedHow
from biobank.outages.inputs import CarriedOut, NewOutage
from biobank.outages.models import Outage
from biobank.outages.operations import declare_outage, end_outage
from biobank.outages.queries import outage_seen_by, outages, progress, unit_of
from biobank.outages.spare_space import spare_space
from biobank.web.terminal import acting, json_option, show, table

LISTED = ("outage", "unit", "began_at", "ended_at", "carried_out", "pieces", "undecided", "specimens")
PLACES = ("piece", "place", "position", "celsius")
MOST_LISTED = 500


@click.group("outages")
def group() -> None:
    """Freezers out of service."""


@group.command("declare")
@click.argument("unit")
@click.option("--since", help="When it failed, with offset; else now.")
@click.option("--temperature", type=int, help="What its display shows, in degrees Celsius.")
@json_option
@acting(Permission.DECLARE_OUTAGES)
def declare(unit: str, since: str | None, temperature: int | None, *, by: Actor, as_json: bool) -> None:
    """UNIT cools no more: every specimen in it is held."""
    began = moments.read_moment(since) if since else moments.told(moments.now())
    with writing() as work:
        new = NewOutage(unit=unit, began=began, temperature_celsius=temperature)
        document = _row(work, declare_outage(work, new, by=by))
    told = f"Outage {document['outage']}: {document['specimens']} specimens are held."
    show(document, as_json=as_json, lines=[told])


@group.command("list")
@json_option
@acting(Permission.SEE_STORAGE)
def list_outages(*, by: Actor, as_json: bool) -> None:
    """Show the newest outages."""
    with reading() as work:
        found = work.session.scalars(outages(by).order_by(Outage.id.desc()).limit(MOST_LISTED))
        rows = [_row(work, outage) for outage in found]
    show({"outages": rows}, as_json=as_json, lines=table(rows, LISTED) if rows else ["Nothing ever failed."])


def _row(work: Work, outage: Outage) -> dict[str, Any]:
    counted = progress(work, outage)
    return {
        "outage": outage.id,
        "unit": unit_of(work, outage).identifier,
        "began_at": moments.text_or_none(outage.began_at),
        "ended_at": moments.text_or_none(outage.ended_at),
        "carried_out": counted.moved,
        "pieces": counted.pieces,
        "undecided": counted.undecided,
        "specimens": counted.specimens,
    }


@group.command("places")
@click.argument("number", type=int)
@json_option
@acting(Permission.SEE_STORAGE)
def places(number: int, *, by: Actor, as_json: bool) -> None:
    """Show a free place for each of what is still inside in outage NUMBER."""
    with reading() as work:
        outage = outage_seen_by(work, by, number)
        rows = [
            {
                "piece": item.identifier,
                "place": spot.unit.item.identifier if spot else None,
                "position": spot.position if spot else None,
                "celsius": spot.celsius if spot else None,
            }
            for item, spot in spare_space(work, outage)
        ]
    show({"places": rows}, as_json=as_json, lines=table(rows, PLACES) if rows else ["All of it is out."])


@group.command("carry")
@click.argument("number", type=int)
@click.argument("piece")
@click.argument("place")
@click.option("--position", help="Its position there.")
@json_option
@acting(Permission.DECLARE_OUTAGES)
def carry(number: int, piece: str, place: str, position: str | None, *, by: Actor, as_json: bool) -> None:
    """PIECE of outage NUMBER stands in PLACE now."""
    carried = CarriedOut(piece=piece, place=place, position=position)
    with writing() as work:
        at = moments.told(moments.now())
        done = carry_out(work, number, carried, by=by, at=at, source=Source("command"))
        document = _row(work, outage_seen_by(work, by, number)) | {"position": done.position}
    lines = [f"{document['carried_out']} of {document['pieces']} are out."]
    show(document, as_json=as_json, lines=[*lines, *(alert.text for alert in done.alerts)])


@group.command("end")
@click.argument("number", type=int)
@click.option("--how", type=click.Choice([how.value for how in EndedHow]), required=True)
@click.option("--at", help="Since when, with offset; else now.")
@json_option
@acting(Permission.DECLARE_OUTAGES)
def end(number: int, how: str, at: str | None, *, by: Actor, as_json: bool) -> None:
    """Outage NUMBER is over: the unit cools again or is given up."""
    told = moments.read_moment(at) if at else moments.told(moments.now())
    with writing() as work:
        document = _row(work, end_outage(work, number, EndedHow(how), by=by, at=told))
    show(document, as_json=as_json, lines=[f"{document['undecided']} specimens wait for a decision."])
