"""What follows from a step of a kit or at the chair: its tubes go with it, what may not be used is held."""

from collections.abc import Mapping
from typing import Any

from biobank.core.database import Work
from biobank.core.moments import to_microseconds
from biobank.custody.holds import place_hold
from biobank.custody.operations import record
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.steps import Attempt, Done
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.choices import Fill
from biobank.kits.queries import specification_of_tube
from biobank.kits.stock import made_at
from biobank.ledger.operations import append_to
from biobank.participants.choices import LINKED_AWAY
from biobank.participants.operations import note_visit
from biobank.participants.queries import participant_named, subject_of

HELD_FOR = {
    "kit_not_assigned": HoldKind.IDENTITY,
    "collection_stopped": HoldKind.CONSENT,
    "outside_consent": HoldKind.CONSENT,
    "consent_unknown": HoldKind.CONSENT,
    "kit_expired": HoldKind.DISCREPANCY,
}
"""Doubts about a collection that put the tube into quarantine."""

# Columns that a step sets.


def site_of_issue(_work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """A kit is on its way until somebody has it in hand there; its empty tubes are counted with it."""
    site = str(attempt.details["site"]).strip()
    here = f"site:{site}"
    if attempt.item.kind is Kind.KIT and attempt.item.custodian not in (None, here):
        return {"site": site, "sent_to": site}
    return {"site": site, "custodian": here} | ({"sent_to": None} if attempt.item.sent_to else {})


def site_has_it(_work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """A kit that is given to somebody has arrived, whether or not anybody said so before."""
    sent_to = attempt.item.sent_to
    return {"custodian": f"site:{sent_to}", "sent_to": None} if sent_to else {}


def maker_gets_it(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """A kit that is given back is on its way to where it was made; of one made nowhere nobody knows."""
    if attempt.item.kind is not Kind.KIT:
        return {}
    return {"sent_to": made_at(work, attempt.item.identifier)}


def participant_told(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    return {"participant": participant_named(work, str(attempt.details["participant"])).code}


def what_was_collected(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """When, how much, and at whose site where the kit was never issued to one."""
    told: dict[str, Any] = {
        "collected_at": to_microseconds(attempt.at.at) if attempt.at else None,
        "volume_microlitres": _volume(work, attempt),
    }
    site = attempt.bench_site
    if attempt.item.custodian is None and site is not None:
        told |= {"site": attempt.item.site or site, "custodian": f"site:{site}"}
    return told


def _volume(work: Work, attempt: Attempt) -> int | None:
    measured = attempt.details.get("volume_microlitres")
    if measured is not None:
        return int(measured)
    tube = specification_of_tube(work, attempt.item)
    full = attempt.details.get("fill") == Fill.FULL
    return tube.nominal_volume_microlitres if tube and full else None


# What follows.


def tubes_go_with_their_kit(work: Work, done: Done) -> None:
    """The same step on each tube of a kit that waits for it, so that each tube's history stands alone."""
    attempt = done.attempt
    if attempt.item.kind is not Kind.KIT:
        return
    waiting = [
        tube.identifier
        for tube in tubes_of_kit(work, attempt.item.id)
        if tube.state == State.EXPECTED.value and not _is_there_already(tube, done)
    ]
    _same_step(work, done, waiting)


def _is_there_already(tube: Item, done: Done) -> bool:
    """A kit that came back is issued to the same site again: its tubes never left it."""
    return done.attempt.action is Action.ISSUE and tube.site == done.item.site


def tubes_are_linked_with_their_kit(work: Work, done: Done) -> None:
    attempt = done.attempt
    if attempt.item.kind is Kind.KIT:
        tubes = tubes_of_kit(work, attempt.item.id)
        _same_step(
            work, done, [tube.identifier for tube in tubes if tube.participant == attempt.item.participant]
        )


def _same_step(work: Work, done: Done, items: list[str]) -> None:
    attempt = done.attempt
    details = {
        name: attempt.details[name] for name in ("site", "participant", "reason") if name in attempt.details
    }
    changed = {name: getattr(done.item, name) for name in ("site", "participant") if name in details}
    for item in items:
        record(
            work, item, attempt.action, by=attempt.by, source=attempt.source, at=attempt.at,
            performed_by=attempt.performed_by, details=details | changed,
        )  # fmt: skip


def who_had_it_is_told(work: Work, done: Done) -> None:
    """Wired after `link`: what was somebody else's so far stays to be found in their own history."""
    before, item = done.attempt.item.participant, done.item
    if before is None or participant_named(work, before).code == item.participant:
        return
    told = {"item": item.identifier, "recorded_by": done.attempt.by.person}
    append_to(work, subject=subject_of(before), kind=LINKED_AWAY, content=told)


def site_is_noted(work: Work, done: Done) -> None:
    """From now on the people of this site may see the participant's code."""
    if done.item.kind is Kind.KIT and done.item.participant and done.item.site:
        note_visit(work, done.item.participant, done.item.site)


def doubtful_tube_is_held(work: Work, done: Done) -> None:
    for flag in done.flags:
        if flag.code in HELD_FOR:
            place_hold(work, done.item, HELD_FOR[flag.code], flag.code, by=done.attempt.by)
