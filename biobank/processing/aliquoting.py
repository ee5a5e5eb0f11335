"""Aliquots by the plan of their tube: what was really made is one step, all of it or nothing."""

from collections.abc import Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.processing.choices import ChildrenRefused
from biobank.processing.inputs import NewAliquots, Vials
from biobank.processing.plans import plan_for, todays_plans


def aliquot(
    work: Work,
    new: NewAliquots,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    confirmation: str | None = None,
) -> list[Recorded]:
    """Record what was made of a specimen, and that it is used up if it is; the vials are born with it.

    The step names today's plan and says what of it was not made and why. Raises `ChildrenRefused` and what
    `record` does.
    """
    parent = item_now(work, new.parent)
    told: dict[str, Any] = {"by": by, "source": source, "at": at, "confirmation": confirmation}
    details = _details(work, new, parent.specification)
    steps = [record(work, parent.identifier, Action.ALIQUOT, details=details, **told)]
    if new.used_up:
        steps.append(record(work, parent.identifier, Action.CONSUME, **told))
    return steps


def _details(work: Work, new: NewAliquots, code: str | None) -> dict[str, Any]:
    children = [child for vials in new.vials for child in _children(vials, new.issuer)]
    if not children:
        raise ChildrenRefused(
            "Nothing was made: say on the page of the tube what became of it, used up, broken or put aside.",
            field="vials",
        )
    lacking = [
        {"specification": named, "count": count, "reason": reason.value}
        for named, count, reason in new.not_made
    ]
    optional = {
        "plan": todays_plans(work.settings).key if plan_for(work.settings, code) else None,
        "not_made": lacking,
        "kept_at": new.kept_at.value if new.kept_at else None,
    }
    return {"children": children, **{name: value for name, value in optional.items() if value}}


def _children(vials: Vials, issuer: str) -> Sequence[dict[str, Any]]:
    child: dict[str, Any] = {"specification": vials.specification}
    if vials.volume_microlitres is not None:
        child["volume_microlitres"] = vials.volume_microlitres
    return [child | ({"issuer": issuer, "code": code} if code else {}) for code in vials.codes]
