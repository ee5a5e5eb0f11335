"""Commands about pick lists: what there is, the walk on paper, and what is overdue."""

from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import reading
from biobank.core.moments import to_text
from biobank.retrieval.documents import walk_pdf
from biobank.retrieval.models import PickList
from biobank.retrieval.queries import counts_of, list_seen_by, lists_seen_by, out_now, standing_of
from biobank.retrieval.walk import walk_of
from biobank.web.terminal import acting, answer_no, json_option, show, table

LISTS = ("list", "standing", "purpose", "goes_to", "to_pick", "pieces")
PIECES = ("place", "position", "item", "specification")
OVERDUE = ("item", "due_at", "pick_list", "goes_to", "by")
MOST_LISTED = 500


@click.group("picks")
def group() -> None:
    """Pick lists, and what is out."""


@group.command("list")
@json_option
@acting(Permission.SEE_STORAGE)
def list_lists(*, by: Actor, as_json: bool) -> None:
    """Show the newest pick lists."""
    with reading() as work:
        newest = lists_seen_by(by).order_by(PickList.id.desc()).limit(MOST_LISTED)
        found = list(work.session.scalars(newest))
        counts = counts_of(work, [each.id for each in found])
        rows = [
            {
                "list": each.id,
                "standing": standing_of(each, counts.get(each.id, {})).value,
                "purpose": each.purpose,
                "goes_to": each.goes_to,
                "to_pick": counts.get(each.id, {}).get("to_pick", 0),
                "pieces": sum(counts.get(each.id, {}).values()),
            }
            for each in found
        ]
    show({"lists": rows}, as_json=as_json, lines=table(rows, LISTS) if rows else ["No pick list yet."])


@group.command("walk")
@click.argument("number", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it as a PDF.")
@json_option
@acting(Permission.SEE_STORAGE)
def walk(number: int, *, out: Path | None, by: Actor, as_json: bool) -> None:
    """Show what is still to pick of list NUMBER, place by place."""
    with reading() as work:
        listed = list_seen_by(work, by, number)
        content = walk_pdf(work, listed) if out else b""
        rows = [
            {
                "place": " > ".join(place.specification or place.identifier for place in stop.path),
                "position": each.item.position or "",
                "item": each.item.identifier,
                "specification": each.item.specification or "",
            }
            for stop in walk_of(work, listed).stops
            for each in stop.pieces
        ]
    if out:
        out.write_bytes(content)
    show({"list": number, "pieces": rows}, as_json=as_json, lines=table(rows, PIECES) if rows else ["Done."])


@group.command("overdue")
@json_option
@acting(Permission.SEE_STORAGE)
def overdue(*, by: Actor, as_json: bool) -> None:
    """Show what should be back in its freezer; exit 1 while there is any."""
    now = moments.now()
    with reading() as work:
        rows = [
            {
                "item": each.item.identifier,
                "due_at": to_text(each.due_at),
                "pick_list": each.listed.id if each.listed else "",
                "goes_to": each.listed.goes_to if each.listed else "",
                "by": each.by or "",
            }
            for each in out_now(work, by)
            if each.is_late(now)
        ]
    show({"overdue": rows}, as_json=as_json, lines=table(rows, OVERDUE) if rows else ["Nothing is overdue."])
    if rows:
        answer_no()
