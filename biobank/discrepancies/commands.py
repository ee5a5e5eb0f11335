"""A command that lists the cases that stand, for a night shift and for who looks from a terminal."""

from typing import Any

import click
from sqlalchemy import or_

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work, reading
from biobank.custody.models import Discrepancy
from biobank.discrepancies.inputs import CasesAsked
from biobank.discrepancies.queries import cases_asked_for, is_overdue, items_of_cases
from biobank.sites.queries import site_named
from biobank.web.terminal import acting, answer_no, json_option, show, table

COLUMNS = ("case", "kind", "item", "state", "site", "found_at", "owner", "opened_at", "due_at", "overdue")
MOST_LISTED = 500


@click.group("discrepancies")
def group() -> None:
    """Differences that have to be explained, as cases."""


@group.command("list")
@click.option("--site", help="Only those that this site is asked, or that it found.")
@click.option("--overdue", is_flag=True, help="Only what is past its day.")
@json_option
@acting(Permission.SEE_ITEMS)
def list_cases(site: str | None, *, overdue: bool, by: Actor, as_json: bool) -> None:
    """Show the cases that stand, the oldest first; exit code 1 when one of them is overdue."""
    with reading() as work:
        question = cases_asked_for(by, CasesAsked(standing=True, overdue=overdue))
        if site is not None:
            code = site_named(work, site).code
            question = question.where(or_(Discrepancy.site == code, Discrepancy.found_at == code))
        found = list(work.session.scalars(question.order_by(Discrepancy.id).limit(MOST_LISTED)))
        rows = _rows(work, found)
        late = question.where(*is_overdue(moments.now())).limit(1)
        is_late = work.session.scalar(late) is not None
    show({"cases": rows}, as_json=as_json, lines=table(rows, COLUMNS) if rows else ["No case stands."])
    if is_late:
        answer_no()


def _rows(work: Work, cases: list[Discrepancy]) -> list[dict[str, Any]]:
    items, now = items_of_cases(work, cases), moments.now()
    return [
        {
            "case": case.id,
            "kind": case.kind,
            "item": items[case.item_id].identifier,
            **{name: getattr(case, name) for name in ("state", "site", "found_at", "owner")},
            **{name: moments.text_or_none(getattr(case, name)) for name in ("opened_at", "due_at")},
            "overdue": case.due_at is not None and case.due_at < now,
        }
        for case in cases
    ]
