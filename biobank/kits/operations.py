"""Making kits, and letting what a participant gave follow them from a provisional code to their own."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.models import Hold
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action, HoldKind, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.items.models import Item
from biobank.items.queries import items_of
from biobank.kits.checks import BadCount, KitExpired
from biobank.kits.definitions import KitDefinition
from biobank.kits.queries import definition_named, specification_of_tube
from biobank.participants import operations as participants
from biobank.participants.models import Consent, Participant
from biobank.participants.queries import codes_of, consent_for, participant_named, standing
from biobank.sites.queries import site_named

MOST_AT_ONCE = 1000
BY_COMMAND = Source("command")


def make_kits(
    work: Work,
    definition: str,
    count: int,
    *,
    by: Actor,
    site: str | None = None,
    lot: str | None = None,
    expires_on: date | None = None,
    source: Source = BY_COMMAND,
    at: Told | None = None,
) -> list[ItemNow]:
    """Bring `count` kits into being, each with its tubes in draw order; returns the kits.

    `site` is where they are made and stand until they are issued; they are made now without `at`. Raises
    `DefinitionUnknown`, `BadCount`, `SiteUnknown`, `KitExpired`.
    """
    known = definition_named(work, definition)
    if not 1 <= count <= MOST_AT_ONCE:
        raise BadCount(f"1 to {MOST_AT_ONCE} kits are made at once, not {count}.", field="count")
    if expires_on is not None and expires_on < moments.now().date():
        raise KitExpired(
            f"A kit that expired on {expires_on} cannot be made; check the date.", field="expires_on"
        )
    if site is not None:
        site_named(work, site)
    custodian = f"site:{site}" if site else None
    box = Birth(
        kind=Kind.KIT, specification=known.key, site=site, custodian=custodian, lot=lot, expires_on=expires_on
    )
    return [_make_kit(work, box, known, by=by, source=source, at=at) for _ in range(count)]


def _make_kit(
    work: Work, box: Birth, definition: KitDefinition, *, by: Actor, source: Source, at: Told | None
) -> ItemNow:
    kit = register(work, box, by=by, source=source, at=at)
    for tube in definition.tubes:
        born = replace(box, kind=Kind.TUBE, specification=tube.code, draw_order=tube.draw_order, kit=kit)
        register(work, born, by=by, source=source, at=at)
    return kit


def link_participant(work: Work, provisional: str, code: str, *, by: Actor, source: Source) -> Participant:
    """A provisional code turns out to be the biobank id `code`: every item follows, with an event of its own.

    Raises `NotProvisional`, `DecisionsDiffer`, `CodeRefused`.
    """
    target = participants.relink(
        work, by, provisional=provisional, code=code, pattern=work.settings.participant_code_pattern
    )
    _items_follow(work, provisional.strip().upper(), target, by=by, source=source)
    return target


def merge_participants(work: Work, code: str, into: str, *, by: Actor, source: Source) -> Participant:
    """Two codes are one participant: every item of `code` is linked to `into`, with an event of its own.

    Raises what `participants.operations.merge` raises.
    """
    before = participant_named(work, code).code
    target = participants.merge(work, by, code=before, into=into)
    _items_follow(work, before, target, by=by, source=source)
    return target


def _items_follow(work: Work, before: str, target: Participant, *, by: Actor, source: Source) -> None:
    for identifier in [item.identifier for item in items_of(work, before)]:
        # A kit takes its tubes along.
        if item_now(work, identifier).participant == before:
            record(
                work,
                identifier,
                Action.LINK,
                by=by,
                source=source,
                at=None,
                details={"participant": target.code},
            )
    lift_consent_holds(work, target, by=by)


def take_consent(work: Work, by: Actor, *, participant: str, **told: Any) -> Consent:
    """Record a signed form and free what was held for the want of it.

    `told` and what is raised are those of `participants.operations.record_consent`.
    """
    consent = participants.record_consent(work, by, participant=participant, **told)
    lift_consent_holds(work, participant_named(work, consent.participant), by=by)
    return consent


def hold_outside_consent(work: Work, participant: Participant, since: datetime, *, by: Actor) -> None:
    """Hold the tubes that were drawn after `since` and that no consent covers any more."""
    question = (
        select(Item)
        .where(
            Item.participant.in_(codes_of(work, participant.code)),
            Item.kind == Kind.TUBE.value,
            Item.collected_at > since,
        )
        .order_by(Item.id)
    )
    for tube in list(work.session.scalars(question)):
        specification = specification_of_tube(work, tube)
        if specification is None or tube.collected_at is None:
            continue
        if consent_for(work, participant.code, specification.scope, tube.collected_at) is None:
            place_hold(work, item_by_id(work, tube.id), HoldKind.CONSENT, "outside_consent", by=by)


def lift_consent_holds(work: Work, participant: Participant, *, by: Actor) -> None:
    """Free the tubes that were held because no consent was known, where one has become known since."""
    if standing(participant).collection_stopped:
        return
    question = (
        select(Item)
        .join(Hold, Hold.item_id == Item.id)
        .where(
            Item.participant == participant.code,
            Item.kind == Kind.TUBE.value,
            Hold.kind == HoldKind.CONSENT.value,
            Hold.reason.in_(("outside_consent", "consent_unknown")),
            Hold.lifted_sequence.is_(None),
        )
        .order_by(Item.id)
    )
    for tube in list(work.session.scalars(question)):
        specification = specification_of_tube(work, tube)
        at = tube.collected_at or tube.recorded_at
        if specification and consent_for(work, participant.code, specification.scope, at):
            lift_hold(work, item_by_id(work, tube.id), HoldKind.CONSENT, "consent_known", by=by)
