"""Commands that look up, open, show and lift recalls."""

from dataclasses import asdict
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.recalls.choices import Cause
from biobank.recalls.inputs import NewRecall
from biobank.recalls.models import Recall
from biobank.recalls.operations import lift_recall, open_recall
from biobank.recalls.queries import counts_of_lot, number_listed, progress, recall_numbered, recalls
from biobank.web.terminal import acting, json_option, show, table

COUNTS = ("kind", "state", "site", "items")
PROGRESS = ("site", "standing", "items")
RECALLS = ("recall", "lot", "specification", "cause", "opened_at", "lifted_at")
MOST_LISTED = 500

only = click.option("--specification", default="", help="Only this kit definition or tube code.")


@click.group("recalls")
def group() -> None:
    """Lots that their maker calls back."""


@group.command("look")
@click.argument("lot")
@only
@json_option
@acting(Permission.RECALL)
def look(lot: str, specification: str, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Show what a recall of LOT would find; nothing is held."""
    with reading() as work:
        rows = [asdict(count) for count in counts_of_lot(work, lot, specification)]
    lines = table(rows, COUNTS) if rows else ["Nothing of it is here."]
    show({"lot": lot, "counts": rows}, as_json=as_json, lines=lines)


@group.command("open")
@click.argument("lot")
@only
@click.option("--cause", required=True, type=click.Choice([cause.value for cause in Cause]))
@click.option("--notice", help="Number of the maker's notice.")
@json_option
@acting(Permission.RECALL)
def open_one(
    lot: str, specification: str, *, cause: str, notice: str | None, by: Actor, as_json: bool
) -> None:
    """Recall LOT: all that is of it or made of it is listed and held."""
    new = NewRecall(lot=lot, specification=specification, cause=Cause(cause), notice=notice)
    with writing() as work:
        recall = open_recall(work, new, by=by)
        document = {"recall": recall.id, "lot": recall.lot, "items": number_listed(work, recall)}
    told = f"Recall {document['recall']} of lot {document['lot']} covers {document['items']}."
    show(document, as_json=as_json, lines=[told])


@group.command("list")
@json_option
@acting(Permission.SEE_ITEMS)
def list_recalls(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (a lot is no site's)
    """Show the newest recalls."""
    with reading() as work:
        question = recalls().order_by(Recall.id.desc()).limit(MOST_LISTED)
        rows = [_row(recall) for recall in work.session.scalars(question)]
    lines = table(rows, RECALLS) if rows else ["Nothing was ever recalled."]
    show({"recalls": rows}, as_json=as_json, lines=lines)


def _row(recall: Recall) -> dict[str, Any]:
    named = ("lot", "specification", "cause", "opened_at", "lifted_at")
    return {"recall": recall.id, **{name: getattr(recall, name) for name in named}}


@group.command("show")
@click.argument("number", type=int)
@json_option
@acting(Permission.RECALL)
def show_recall(number: int, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Show how the things of recall NUMBER stand, by site."""
    with reading() as work:
        recall = recall_numbered(work, number)
        rows = [asdict(each) | {"standing": each.standing.value} for each in progress(work, recall)]
    show({"recall": number, "progress": rows}, as_json=as_json, lines=table(rows, PROGRESS))


@group.command("lift")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why the lot may be used again.")
@json_option
@acting(Permission.RECALL)
def lift(number: int, *, reason: str, by: Actor, as_json: bool) -> None:
    """Lift recall NUMBER; what another one lists stays held."""
    with writing() as work:
        lot = lift_recall(work, number, reason, by=by).lot
    show({"recall": number, "lot": lot}, as_json=as_json, lines=[f"Recall {number} of lot {lot} is lifted."])
