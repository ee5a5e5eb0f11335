"""What follows from any step of a specimen: what reaches no participant goes into quarantine."""

from biobank.core.database import Work
from biobank.custody.holds import place_hold
from biobank.custody.queries import holds_on
from biobank.custody.states import LIVE, MADE, SPECIMENS, HoldKind
from biobank.custody.steps import Alert, Done
from biobank.items.identifiers import printed
from biobank.items.queries import participants_behind


def nobodys_specimen_is_held(work: Work, done: Done) -> list[Alert]:
    """Wired after every step: a specimen reaches a participant or is under a hold, released or not."""
    item = done.item
    if item.participant is not None or item.kind not in SPECIMENS or item.state not in LIVE:
        return []
    if holds_on(work, item.id) or (item.kind in MADE and participants_behind(work, item.id)):
        return []
    place_hold(work, item, HoldKind.IDENTITY, "no participant", by=done.attempt.by)
    return [
        Alert("quarantine", f"Nobody knows of whom {printed(item.identifier)} is: put it in quarantine."),
    ]
