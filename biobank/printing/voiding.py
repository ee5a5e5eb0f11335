"""Giving up codes whose labels were spoiled or lost before anything was behind them."""

from collections.abc import Sequence

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.custody.checks import item_seen_by
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Source
from biobank.kits.choices import VoidReason
from biobank.printing import queries
from biobank.printing.copies import remark_is_one_line_about_nobody


class NothingNamed(Invalid):
    """No code was named: nothing is voided by leaving something out."""

    title = "No code"


def void(
    work: Work, codes: Sequence[str], *, by: Actor, reason: VoidReason, source: Source, remark: str = ""
) -> list[ItemNow]:
    """Void each of these codes by a step of its own, all or none; a kit takes its tubes along.

    Raises what `record` says of the first that cannot be voided, `NothingNamed`, `RemarkRefused`.
    """
    if not codes:
        raise NothingNamed("There is no code to void; name at least one item, or a print job.")
    remark_is_one_line_about_nobody(remark)
    found = {item.id: item for item in (item_seen_by(work, by, code) for code in codes)}
    details = {"reason": reason.value} | ({"remark": remark} if remark else {})
    for item in sorted(found.values(), key=lambda item: item.kind is not Kind.KIT):
        gone_with_its_kit = item.kit_id in found and item_now(work, item.identifier).state is State.VOIDED
        if not gone_with_its_kit:
            at = moments.told(moments.now())
            record(work, item.identifier, Action.VOID, by=by, source=source, at=at, details=details)
    return [item_now(work, item.identifier) for item in found.values()]


def void_job(
    work: Work, number: int | str, *, by: Actor, reason: VoidReason, source: Source, remark: str = ""
) -> list[ItemNow]:
    """Void every code of a job that is not voided yet, all or none. Raises `JobUnknown`, and as `void`."""
    rows = queries.labels_of(work, queries.job_seen_by(work, by, number))
    states = {item.identifier: item.state for item, _ in rows}
    left = [code for code, state in states.items() if state != State.VOIDED.value]
    return void(work, left or list(states), by=by, reason=reason, source=source, remark=remark)
