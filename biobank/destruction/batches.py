"""Waste batches: opened, counted, signed by performer and witness, destroyed by the second signature."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import shown_is_current
from biobank.access.models import Signature
from biobank.access.queries import actor_named
from biobank.access.signatures import sign
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.core.moments import Told, text_or_none
from biobank.custody.births import Birth, register
from biobank.custody.item_entries import append_to_item
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, items_inside
from biobank.custody.states import Action, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.destruction import checks
from biobank.destruction.choices import HANDED_OVER, MEANINGS, BatchState, SigningRole
from biobank.destruction.contractors import contractor_is_told, is_still_here
from biobank.destruction.inputs import Count, Credentials
from biobank.destruction.locking import lock_pieces
from biobank.destruction.models import WasteBatch
from biobank.destruction.queries import batch_named
from biobank.destruction.records import batch_record
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.sites.queries import site_named


class DestroyedInTheFuture(Invalid):
    title = "Time in the future"


class DestroyedBeforeItsPieces(Invalid):
    """A run cannot have been over before the last piece went into its bag."""

    title = "Time before the pieces"


def open_waste_batch(work: Work, by: Actor, *, site: str) -> tuple[WasteBatch, ItemNow]:
    """A new bag with a code of its own, at a site of `by`. Raises `SiteUnknown`, `NotYourSite`."""
    site_named(work, site)
    checks.site_is_yours(by, site)
    birth = Birth(kind=Kind.WASTE, site=site, custodian=f"site:{site}")
    bag = register(work, birth, by=by, source=Source("system", "waste_batch"))
    batch = WasteBatch(item_id=bag.id, state=BatchState.FILLING.value, opened_by=by.person)
    work.session.add(batch)
    work.flush()
    return batch, bag


def count_batch(work: Work, by: Actor, bag: str, count: Count) -> WasteBatch:
    """Close a bag: as many pieces in it as were scanned, and how it is destroyed.

    Raises `BatchUnknown`, `BagClosed`, `CountDiffers`, `CycleMissing`, `DestroyedInTheFuture`,
    `DestroyedBeforeItsPieces`, `ContractorRefused`.
    """
    batch, item = batch_named(work, bag, locked=True)
    checks.is_filling(batch, item.identifier)
    scanned = items_inside(work, item.id)
    checks.something_to_destroy(item.identifier, len(scanned))
    checks.no_piece_is_held(work, item.identifier, scanned)
    checks.pieces_are_ordered(work, scanned)
    checks.count_agrees(item.identifier, count, len(scanned))
    checks.run_is_named(count)
    _not_in_the_future(work, count.at)
    _not_before_the_pieces(item.identifier, scanned, count.at)
    _keep_count(batch, count, contractor_is_told(work, count))
    _note(work, item, by, {"change": "counted", **count_content(batch)})
    return batch


def _keep_count(batch: WasteBatch, count: Count, contractor: str | None) -> None:
    batch.state = BatchState.COUNTED.value
    batch.pieces_counted, batch.method = count.pieces, count.method.value
    batch.cycle, batch.place = count.cycle.strip(), count.place.strip()
    batch.zone, batch.offset_minutes = count.at.zone, count.at.offset_minutes
    if contractor is None:
        batch.destroyed_at = count.at.at
    else:
        batch.contractor, batch.manifest = contractor, (count.manifest or "").strip()
        batch.handed_over_at = count.at.at


def count_content(batch: WasteBatch) -> dict[str, Any]:
    """What the ledger keeps of a count; `verify` compares the two."""
    counted = {
        "pieces": batch.pieces_counted,
        "method": batch.method,
        "cycle": batch.cycle,
        "done_at": batch.place,
        "destroyed_at": text_or_none(batch.destroyed_at),
        "zone": batch.zone,
        "offset_minutes": batch.offset_minutes,
    }
    if batch.contractor is None:
        return counted
    return counted | {
        "contractor": batch.contractor,
        "manifest": batch.manifest,
        "handed_over_at": text_or_none(batch.handed_over_at),
    }


def _not_in_the_future(work: Work, at: Told) -> None:
    if at.at > moments.now() + timedelta(minutes=work.settings.clock_skew_minutes):
        raise DestroyedInTheFuture(
            f"{at.at:%Y-%m-%d %H:%M} UTC has not come yet; check the time and the date.", field="at"
        )


def _not_before_the_pieces(bag: str, pieces: Iterable[ItemNow], at: Told) -> None:
    """People tell minutes: within the minute of the last scan is not before it."""
    last = max((piece.occurred_at for piece in pieces if piece.occurred_at is not None), default=None)
    if last is not None and at.at + timedelta(minutes=1) <= moments.from_microseconds(last):
        raise DestroyedBeforeItsPieces(
            f"{at.at:%Y-%m-%d %H:%M} UTC lies before the last piece went into bag {printed(bag)} "
            f"({moments.from_microseconds(last):%Y-%m-%d %H:%M} UTC); check the time and the date.",
            field="at",
        )


def undo_count(work: Work, by: Actor, bag: str) -> WasteBatch:
    """Open a counted bag again; a signature for that count stays in the ledger and counts no more.

    Raises `BatchUnknown`, `NotCounted`, `HandedOver`.
    """
    batch, item = batch_named(work, bag, locked=True)
    checks.is_counted(batch, item.identifier)
    is_still_here(batch, item.identifier)
    forget_count(work, by, batch, item)
    return batch


def forget_count(work: Work, by: Actor, batch: WasteBatch, item: Item) -> None:
    """What was counted is no longer so: a piece came out, or the count was wrong."""
    batch.state = BatchState.FILLING.value
    batch.pieces_counted = batch.method = batch.cycle = batch.place = None
    batch.destroyed_at = batch.zone = batch.offset_minutes = None
    batch.contractor = batch.manifest = batch.handed_over_at = None
    batch.performer_signature = batch.witness_signature = None
    _note(work, item, by, {"change": "count_undone"})


def _note(work: Work, bag: Item, by: Actor, content: dict[str, Any]) -> None:
    """An entry of the bag's own history."""
    work.flush()
    now = item_by_id(work, bag.id)
    recorded_at = max(moments.now(), moments.from_microseconds(now.recorded_at))
    append_to_item(work, now, "waste_batch", {**content, "recorded_by": by.person}, {}, recorded_at)
    work.expire()


def sign_batch(
    work: Work, by: Actor, bag: str, role: SigningRole, credentials: Credentials, shown_sha256: str
) -> Signature:
    """Sign a counted batch as performer or witness; the second signature destroys what is in the bag.

    A container that a contractor takes is destroyed when its manifest returned and compliance accepted it.

    `by` is whose session it happens in. Raises `BatchUnknown`, `NotCounted`, `RecordChanged`,
    `SignedAlready`, `SamePerson`, `OtherRole`, `NotYourSite`, `PermissionMissing` and what
    `access.signatures.sign` raises.
    """
    batch, item = _locked_with_its_pieces(work, bag)
    checks.is_counted(batch, item.identifier)
    pieces = items_inside(work, item.id)
    checks.no_piece_is_held(work, item.identifier, pieces)
    checks.pieces_are_ordered(work, pieces)
    record_now, sha256 = batch_record(work, batch)
    shown_is_current(shown_sha256, sha256)
    signature = sign(
        work,
        by,
        credentials.username,
        credentials.password,
        (HANDED_OVER if batch.contractor else MEANINGS)[role],
        [(str(record_now["record"]), item.identifier, sha256)],
    )
    checks.role_is_free(work, batch, role, signature.signer)
    checks.signer_may_sign(actor_named(work, signature.signer), role, item.site)
    _keep_signature(work, batch, role, signature)
    signed = batch.performer_signature is not None and batch.witness_signature is not None
    if signed and batch.contractor is None:
        _destroy(work, by, batch, item)
    return signature


def _locked_with_its_pieces(work: Work, bag: str) -> tuple[WasteBatch, Item]:
    """Whose the pieces are, the pieces, then the bag: in the order in which each step locks them."""
    lock_pieces(work, items_inside(work, batch_named(work, bag)[1].id))
    return batch_named(work, bag, locked=True)


def _keep_signature(work: Work, batch: WasteBatch, role: SigningRole, signature: Signature) -> None:
    if role is SigningRole.PERFORMER:
        batch.performer_signature = signature.id
    else:
        batch.witness_signature = signature.id
    work.flush()


def _destroy(work: Work, by: Actor, batch: WasteBatch, bag: Item) -> None:
    """Every piece, then the bag: destroyed by the performer, whose own roles and sites decide."""
    performer = work.session.get_one(Signature, batch.performer_signature)
    witness = work.session.get_one(Signature, batch.witness_signature)
    acting = replace(actor_named(work, performer.signer), station=by.station)
    details = {
        "batch": bag.identifier,
        "method": batch.method,
        "cycle": batch.cycle,
        "done_at": batch.place,
        "witness": witness.signer,
        "signatures": [f"signature:{batch.performer_signature}", f"signature:{batch.witness_signature}"],
    }
    at = _told(batch)
    pieces = sorted(items_inside(work, bag.id), key=lambda piece: (piece.participant or "", piece.id))
    batch.state = BatchState.DESTROYED.value
    work.flush()
    source = Source("system", f"waste_batch:{bag.identifier}")
    for identifier in [piece.identifier for piece in pieces] + [bag.identifier]:
        record(work, identifier, Action.DESTROY, by=acting, source=source, at=at, details=details)


def _told(batch: WasteBatch) -> Told:
    assert batch.destroyed_at is not None and batch.zone is not None  # noqa: S101,PT018 (a counted batch has both)
    return Told(batch.destroyed_at, batch.zone, batch.offset_minutes or 0)
