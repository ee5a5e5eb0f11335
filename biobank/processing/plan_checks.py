"""What is told of a plan with a step at the bench, and whether the step came when the plan says."""

import math
from collections.abc import Mapping
from datetime import timedelta

from biobank.core.database import Work
from biobank.core.moments import from_microseconds
from biobank.custody.states import Kind
from biobank.custody.steps import Attempt, Flag
from biobank.items.identifiers import printed
from biobank.processing.choices import MOST_CHILDREN, SPECIFICATION, ChildrenRefused, Kept, NotMade
from biobank.processing.plans import Plan, plan_for, todays_plans
from biobank.processing.queries import newest_spin


def making_is_understood(work: Work, attempt: Attempt) -> None:
    """Raises `ChildrenRefused`."""
    kept, plan = attempt.details.get("kept_at"), attempt.details.get("plan")
    if kept is not None and kept not in list(Kept):
        raise ChildrenRefused(f"It was kept at one of {', '.join(Kept)}.", field="details.kept_at")
    if plan is not None and (not isinstance(plan, str) or not SPECIFICATION.fullmatch(plan)):
        raise ChildrenRefused("Name the plan by its name and version.", field="details.plan")
    lacking = attempt.details.get("not_made", [])
    if not isinstance(lacking, list) or not all(_is_lacking(each) for each in lacking):
        raise ChildrenRefused(
            f"What was not made is told with specification, count and reason: one of {', '.join(NotMade)}.",
            field="details.not_made",
        )
    for each in lacking:
        material = todays_plans(work.settings).materials.get(each["specification"])
        if material is not None and each["reason"] not in material.not_made:
            raise ChildrenRefused(
                f"That is no reason why {material.name} was not made; choose another.",
                field="details.not_made",
            )


def _is_lacking(told: object) -> bool:
    if not isinstance(told, Mapping) or set(told) != {"specification", "count", "reason"}:
        return False
    named, count = told["specification"], told["count"]
    counted = type(count) is int and 0 < count <= MOST_CHILDREN
    known = isinstance(named, str) and SPECIFICATION.fullmatch(named) is not None
    return counted and known and told["reason"] in list(NotMade)


def _followed(work: Work, attempt: Attempt) -> Plan | None:
    """The plan that a step says it followed, of the tube that it is for."""
    is_told = attempt.details.get("plan") and attempt.item.kind is Kind.TUBE
    return plan_for(work.settings, attempt.item.specification) if is_told else None


def spun_before_it_is_aliquoted(work: Work, attempt: Attempt) -> list[Flag]:
    """Kept with the event: nobody knows that it was in a centrifuge."""
    item = attempt.item
    plan = _followed(work, attempt)
    if plan is None or not plan.spun or newest_spin(work, item.id):
        return []
    sentence = f"Nobody recorded that {printed(item.identifier)} was centrifuged."
    return [Flag("aliquoted_unspun", sentence, is_doubt=False)]


def aliquoted_in_time(work: Work, attempt: Attempt) -> list[Flag]:
    """Kept with the event; the plan's minutes are counted from the collection, and an hour begun is one."""
    item = attempt.item
    plan = _followed(work, attempt)
    if plan is None or attempt.at is None or item.collected_at is None:
        return []
    after = attempt.at.at - from_microseconds(item.collected_at)
    if after <= timedelta(minutes=plan.process_within_minutes):
        return []
    hours = math.ceil(after / timedelta(hours=1))
    most = plan.process_within_minutes // 60
    sentence = (
        f"{printed(item.identifier)} was aliquoted {hours} hours after its collection; {most} is the most."
    )
    return [Flag("aliquoted_late", sentence, is_doubt=False)]
