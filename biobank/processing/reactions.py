"""What a step at the bench brings with it: a run is noted, children are born under their parent's holds."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.births import Birth, register
from biobank.custody.codes import bearer_of
from biobank.custody.holds import place_hold
from biobank.custody.queries import CODE_ON_ANOTHER, holds_on
from biobank.custody.states import Action, HoldKind, Kind
from biobank.custody.steps import Alert, Attempt, Done, ItemNow
from biobank.items.identifiers import printed
from biobank.processing.choices import Child, programme_told, read_children, taken_out, warning_among
from biobank.processing.freezing import thaws_are_inherited, thaws_to_inherit
from biobank.processing.models import Spin

HELD_FOR = {"no_consent": HoldKind.CONSENT, "no_participant": HoldKind.IDENTITY}
"""Doubts about a specimen under which it and what was made of it may not be used."""


def what_is_left(_: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Never less than nothing; unknown stays unknown, and becomes so when a child's volume is."""
    available, taken = attempt.item.volume_microlitres, taken_out(read_children(attempt.details["children"]))
    if available is None:
        return {}
    return {"volume_microlitres": None if taken is None else max(0, available - taken)}


def spin_is_noted(work: Work, done: Done) -> None:
    """So that the centrifuge's page need not read the log."""
    attempt, event = done.attempt, done.event
    name, minutes = programme_told(attempt.details)
    flags = [flag.code for flag in done.flags]
    work.session.add(
        Spin(
            item_id=done.item.id,
            sequence=event["sequence"],
            site=attempt.bench_site or done.item.site,
            programme=name,
            minutes=minutes,
            began_at=attempt.at.at if attempt.at else None,
            warning=warning_among(flags),
            run_id=attempt.details.get("run"),
        )
    )
    work.flush()


def spin_is_taken_back(work: Work, done: Done) -> None:
    """With the event that put the tube into the centrifuge."""
    attempt = done.attempt
    if not attempt.details.get("undo"):
        return
    taken_back = select(Spin).where(Spin.item_id == done.item.id, Spin.sequence == attempt.corrects)
    run = work.session.scalar(taken_back)
    if run is not None:
        run.undone_sequence = done.event["sequence"]
        work.flush()


BORN_BY = {Action.ALIQUOT: Kind.ALIQUOT, Action.DERIVE: Kind.DERIVATIVE}


def children_are_born(work: Work, done: Done) -> list[Alert]:
    """Each child inherits participant, site and custody, and each hold that stands on its parent."""
    parent, holds = done.item, holds_to_inherit(work, done)
    told, thawed = read_children(done.attempt.details["children"]), thaws_to_inherit(work, [parent])
    children = [_born(work, done, child, number, thawed) for number, child in enumerate(told, 1)]
    done.born.extend(children)
    for child in children:
        for hold in holds:
            place_hold(work, child, hold, f"as its parent {parent.identifier}", by=done.attempt.by)
    return _alerts(parent, children, holds)


def holds_to_inherit(work: Work, done: Done) -> list[HoldKind]:
    """What stands on a parent once the doubts about this step are holds too."""
    for flag in done.flags:
        if flag.code in HELD_FOR:
            place_hold(work, done.item, HELD_FOR[flag.code], flag.code, by=done.attempt.by)
    return sorted(holds_on(work, done.item.id))


def _born(work: Work, done: Done, child: Child, number: int, thawed: dict[str, Any]) -> ItemNow:
    """`thawed` are the thaws of its parent."""
    attempt, parent = done.attempt, done.item
    bearer = bearer_of(work, child.alias) if child.alias else None
    birth = Birth(
        kind=BORN_BY[attempt.action],
        specification=child.specification,
        site=parent.site,
        custodian=parent.custodian,
        participant=parent.participant,
        parents=(parent,),
        volume_microlitres=child.volume_microlitres,
        collected_at=parent.collected_at,
        aliases=((child.alias.issuer, child.alias.value),) if child.alias and bearer is None else (),
        details={"child": number, "parent_sequence": done.event["sequence"], **child.measured, **thawed},
    )
    born = register(work, birth, by=attempt.by, source=attempt.source, at=attempt.at)
    thaws_are_inherited(work, born, thawed)
    for item in (born, bearer) if bearer else ():
        place_hold(work, item, HoldKind.DISCREPANCY, CODE_ON_ANOTHER, by=attempt.by)
    return born


def _alerts(parent: ItemNow, children: list[ItemNow], holds: list[HoldKind]) -> list[Alert]:
    named = ", ".join(printed(child.identifier) for child in children)
    made = Alert("children", f"Made of {printed(parent.identifier)}: {named}.")
    if not holds:
        return [made]
    reasons = " and ".join(hold.value for hold in holds)
    return [made, Alert("quarantine", f"Put {named} in quarantine: {reasons} hold, as on the parent.")]
