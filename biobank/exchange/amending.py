"""What is done to an order that is here: amended, cancelled, restored; each is a new version."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.checks import seen_by
from biobank.custody.codes import name_in_other_systems
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.steps import ItemNow, Source
from biobank.exchange import checks
from biobank.exchange.choices import HANDLINGS, OrderStatus
from biobank.exchange.documents import Document, handling_document, order_document
from biobank.exchange.formats import read_handling
from biobank.exchange.inputs import ProgrammeOrder
from biobank.exchange.json_document import Value, canonical, parse
from biobank.exchange.models import ImportedOrder, OrderVersion
from biobank.exchange.operations import (
    name_order,
    names_in,
    notes_in,
    order_in,
    participant_known,
    participants_meant,
)
from biobank.exchange.order_facts import Facts, amend_tubes, facts_by_tube
from biobank.exchange.personal_text import PersonalText
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.exchange.queries import names_of, newest_version, order_locked, order_of_kit
from biobank.exchange.recording import OrderAtHand, for_sites, person_told, site_told, take_in_hand
from biobank.exchange.versions import add_version, document_of, note
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits import cancelling
from biobank.kits.choices import CancelReason, RestoreReason

ORDER = "The order"
"""What a refusal calls a document that came without a file."""


@dataclass(frozen=True)
class OrderNow:
    """An order with its kit and its newest version."""

    order: ImportedOrder
    kit: Item
    newest: OrderVersion

    @property
    def status(self) -> OrderStatus:
        return OrderStatus(self.newest.status)


def order_seen_by(work: Work, by: Actor, text: str) -> OrderNow:
    """The order of the kit that bears `text` as its code or as an identifier of the order; for people of its
    sites, and for who sent it.

    Raises `OrderUnknown`, `OtherSite`, `UnknownItem`.
    """
    found = item_now(work, text)
    kit = work.session.get_one(Item, found.id)
    order = order_of_kit(work, kit.id)
    if order is None or order.imported_by != by.person:
        seen_by(work, by, found)
    if order is None:
        raise checks.OrderUnknown(f"{printed(kit.identifier)} came with no order.", item=kit.identifier)
    return OrderNow(order, kit, newest_version(work, order.id))


def amend_order(
    work: Work, text: str, content: bytes, *, expected: int, by: Actor, pseudonyms: Pseudonyms
) -> OrderVersion:
    """What an order says from now on; the same again is no new version. `expected` is the newest version as
    its sender read it.

    Raises `OrderOutdated`, `FileRefused`, `IdentifierTaken`, and what `order_seen_by` raises.
    """
    now = _to_be_changed(work, by, text, expected)
    order = order_in(work, content, ORDER)
    content_hash = pseudonyms.content(order.content)
    if content_hash == now.newest.content_hash:
        return now.newest
    _may_amend(work, now, order, pseudonyms, by)
    at_hand = take_in_hand(work, order, f"order v{expected + 1}", by=by, pseudonyms=pseudonyms)
    kit = item_by_id(work, now.kit.id)
    at_hand = replace(at_hand, by=for_sites(at_hand.by, kit.sites()))
    amend_tubes(work, at_hand, kit, _facts_before(work, now), expected + 1)
    _name_anew(work, now, at_hand, kit, pseudonyms)
    document = order_document(order, now.kit.participant or "", at_hand.people)
    status = OrderStatus.AMENDED
    if now.status is OrderStatus.CANCELLED:
        status = OrderStatus.CANCELLED
        document.setdefault("cancelledInfo", document_of(now.newest).get("cancelledInfo", {}))
    notes = notes_in(work, order, now.kit.participant, by) if now.kit.participant else []
    return add_version(
        work, now.order, expected + 1, status, document, notes, content_hash=content_hash, by=by
    )


def _name_anew(work: Work, now: OrderNow, at_hand: OrderAtHand, kit: ItemNow, pseudonyms: Pseudonyms) -> None:
    """What the order is called from now on too; names that it had stay names of it."""
    identifiers = at_hand.order.identifiers
    name_order(work, now.order.id, set(names_in(at_hand.order, pseudonyms)) - names_of(work, now.order.id))
    names = [(each.system, each.value) for each in identifiers if checks.is_kept_as_alias(each)]
    name_in_other_systems(work, kit, names, by=at_hand.by, source=at_hand.source("$.identifier"))


def _to_be_changed(work: Work, by: Actor, text: str, expected: int) -> OrderNow:
    found = order_seen_by(work, by, text)
    order_locked(work, found.order.id)
    work.expire()
    now = order_seen_by(work, by, text)
    checks.is_newest(now.newest.version, expected)
    return now


def _may_amend(work: Work, now: OrderNow, order: ProgrammeOrder, pseudonyms: Pseudonyms, by: Actor) -> None:
    checks.sites_have_codes(order)
    checks.amendment_keeps_status(order, now.status)
    checks.names_no_other_order(work, now.order.id, names_in(order, pseudonyms))
    for position, identifier in enumerate(order.identifiers):
        if checks.is_kept_as_alias(identifier):
            checks.names_nothing_else(work, position, identifier, but=now.kit.id)
    checks.is_of_participant(order, _participants_named(work, order, pseudonyms, by), now.kit.participant)


def _participants_named(
    work: Work, order: ProgrammeOrder, pseudonyms: Pseudonyms, by: Actor
) -> frozenset[str | None]:
    """By our code; else as the vault knows the programme's id, and as it was known here by its keyed hash."""
    if order.participant_code:
        return frozenset({participant_known(work, order).code})
    return participants_meant(work, order.programme_participant, by=by, pseudonyms=pseudonyms)


def _facts_before(work: Work, now: OrderNow) -> Mapping[str, Facts]:
    """What the newest version told; nothing of one that kept no document."""
    document = document_of(now.newest)
    if "samples" not in document:
        return {}
    order = order_in(work, orjson.dumps({**document, "notes": None}), ORDER)
    infos = {name: order.info(name) for name in HANDLINGS}
    people = {name: info.author.value for name, info in infos.items() if info and info.author}
    return facts_by_tube(order, people)


def change_status(
    work: Work, text: str, content: bytes, *, expected: int, by: Actor, pseudonyms: Pseudonyms
) -> OrderVersion:
    """Cancel or restore an order with everything collected for it, as `status` says.

    Raises `OrderOutdated`, `StatusRefused`, `FileRefused`, and what `order_seen_by` raises.
    """
    asked = parse(content, ORDER)
    status = _status_asked(asked.need("status"))
    now = _to_be_changed(work, by, text, expected)
    judge = checks.may_be_cancelled if status is OrderStatus.CANCELLED else checks.may_be_restored
    judge(now.status)
    reason = asked.need("amendedReason").text()
    document, acting = _handled(work, asked, f"{status.value}Info", now, by, pseudonyms)
    _change_collection(work, now.kit, status, reason, by=acting)
    accounts = [entry.text() for entry in asked.texts() if entry.where.endswith(".author.value")]
    persons = PersonalText(now.kit.participant or "P0", accounts, by_code=True)
    return add_version(
        work, now.order, expected + 1, status, document, [note("amended", persons.without_persons(reason))],
        content_hash=pseudonyms.content(canonical(asked)), by=by,
    )  # fmt: skip


def _status_asked(told: Value) -> OrderStatus:
    named = told.text().lower()
    if named not in (OrderStatus.CANCELLED, OrderStatus.RESTORED):
        told.refuse("the status to change to is cancelled or restored; amend anything else with PUT")
    return OrderStatus(named)


def _handled(
    work: Work, asked: Value, key: str, now: OrderNow, by: Actor, pseudonyms: Pseudonyms
) -> tuple[Document, Actor]:
    """The order with who changed it where, and `by` as who may record that."""
    told = asked.need(key)
    told.need("author")
    told.need("site")
    info = read_handling(told)
    assert info.author  # noqa: S101 (needed above)
    assert info.site  # noqa: S101 (needed above)
    checks.site_has_a_code(info.site, f"{told.where}.site.value", ORDER)
    where = f"{told.where}.author.value"
    person = person_told(work, info.author, where, file=ORDER, keyed=pseudonyms)
    site = site_told(work, info.site, by)
    document = {**document_of(now.newest), key: handling_document(info, person)}
    if key == "cancelledInfo":
        document.pop("restoredInfo", None)
    return document, for_sites(by, [site, *item_by_id(work, now.kit.id).sites()])


def _change_collection(work: Work, kit: Item, status: OrderStatus, reason: str, *, by: Actor) -> None:
    """Unless it is so already: somebody at the clinic may have been faster than the order."""
    source = Source("file", f"order {status.value}")
    cancelled = cancelling.is_cancelled(work, kit.id)
    if status is OrderStatus.CANCELLED and not cancelled:
        coded = CancelReason(reason) if reason in list(CancelReason) else CancelReason.OTHER
        cancelling.cancel_collection(work, kit.identifier, coded, by=by, source=source, at=None)
    if status is OrderStatus.RESTORED and cancelled:
        meant = RestoreReason(reason) if reason in list(RestoreReason) else RestoreReason.OTHER
        cancelling.restore_collection(work, kit.identifier, meant, by=by, source=source, at=None)
