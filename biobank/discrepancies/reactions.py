"""What follows when a code is given up: what bore it goes on under a new one, with all that is known."""

from collections.abc import Iterator

from biobank.core.database import Work
from biobank.custody.births import Birth, register
from biobank.custody.holds import place_hold
from biobank.custody.queries import item_by_id
from biobank.custody.states import HoldKind
from biobank.custody.steps import Alert, Done
from biobank.discrepancies import heirs
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import parents_of


def heir_is_born(work: Work, done: Done) -> Iterator[Alert]:
    """Wired after `replace_code`: in the same place and state, under every hold but that of the question."""
    before, attempt = done.attempt.item, done.attempt
    row = work.session.get_one(Item, before.id)
    along = heirs.taken_along(work, before)
    birth = Birth(
        kind=before.kind,
        specification=before.specification,
        site=before.site,
        custodian=before.custodian,
        participant=before.participant,
        kit=item_by_id(work, before.kit_id) if before.kit_id is not None else None,
        parents=tuple(item_by_id(work, parent.id) for parent in parents_of(work, before.id)),
        place=item_by_id(work, before.container_id) if before.container_id is not None else None,
        position=before.position,
        draw_order=row.draw_order,
        lot=row.lot,
        expires_on=row.expires_on,
        volume_microlitres=before.volume_microlitres,
        collected_at=before.collected_at,
        state=before.state,
        details={"replaces": before.identifier, "replaced_sequence": done.event["sequence"], **along},
    )
    born = register(work, birth, by=attempt.by, source=attempt.source, at=attempt.at)
    heirs.keep(work, born, along)
    for hold in sorted(attempt.holds - {HoldKind.DISCREPANCY}):
        place_hold(work, born, hold, "replaces", by=attempt.by)
    done.born.append(item_by_id(work, born.id))
    yield Alert(
        "children",
        f"{printed(born.identifier)} takes the place of {printed(before.identifier)}; print its label and "
        "put it over the old one.",
    )
