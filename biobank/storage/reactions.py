"""What putting something into a storage unit brings with it: custody of the facility, room for it."""

from collections.abc import Mapping
from typing import Any

from biobank.core.database import Work
from biobank.custody.checks import is_specimen
from biobank.custody.holds import open_discrepancy
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Alert, Attempt, Done
from biobank.items.identifiers import printed
from biobank.storage.queries import occupant_of


def facility_takes_custody(_: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Whoever runs the unit answers for what lies in it; nothing is on its way any more."""
    if attempt.place is None or attempt.place.site is None:
        return {}
    custodian = f"site:{attempt.place.site}"
    if (attempt.item.custodian, attempt.item.sent_to) == (custodian, None):
        return {}
    return {"custodian": custodian, "sent_to": None}


def make_room(work: Work, attempt: Attempt) -> None:
    """Displace whoever is logged in a position that was confirmed to hold another: one position, one item.

    The last of the checks, so that nothing is displaced for a step that is refused.
    """
    if attempt.place is None or attempt.position is None:
        return
    occupant = occupant_of(work, attempt.place.id, attempt.position)
    if occupant is None or occupant == attempt.item.identifier:
        return
    lock_in_order(work, (attempt.item.id, item_now(work, occupant).id))
    record(
        work,
        occupant,
        Action.DISPLACE,
        by=attempt.by,
        source=attempt.source,
        at=None,  # nobody knows when it left
        performed_by=attempt.performed_by,
        details={"by_item": attempt.item.identifier, "place": attempt.place.identifier},
    )


def displaced_is_looked_for(work: Work, done: Done) -> list[Alert]:
    """Somebody has to find what was thought to lie there, unless a file or a check says more of it."""
    if done.attempt.source.kind == "file" and "found_at" in done.attempt.details:
        return []
    if done.attempt.source.kind == "system" and "inventory" in done.attempt.details:
        return []  # the check that missed it opens a case of its own
    named, position = printed(done.item.identifier), done.attempt.item.position or "a place"
    if "by_item" in done.attempt.details:
        sentence = f"{named} was logged in {position} where another was found; look for it."
    else:
        sentence = f"{named} was logged in {position} and was not there; look for it."
    open_discrepancy(work, done.item, "displaced", sentence, by=done.attempt.by)
    return [Alert("displaced", sentence)]


def finder_takes_custody(_: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Who receives or finds something has it: their site answers for it, on the bench if no place is told."""
    in_place = attempt.place.site if attempt.place else None
    site = in_place or attempt.bench_site or attempt.item.sent_to
    custody = {"custodian": f"site:{site}", "sent_to": None} if site else {"sent_to": None}
    if attempt.place is not None or not is_specimen(attempt.item):
        return custody
    return custody | {"container_id": None, "position": None, "place_unknown_since": None}
