"""What is told of a mailed kit: kept for good, moves the order on, and is an entry of the ledger."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.items.models import Item
from biobank.ledger.operations import append_to
from biobank.supplies.choices import Leg, Stage, Telling
from biobank.supplies.inputs import Document, SupplyFlag
from biobank.supplies.models import SupplyOrder, SupplyVersion

ENTRY = "supply_version"


def subject_of(order_id: int) -> str:
    """Under which subject the ledger keeps what concerns an order."""
    return f"supply_order:{order_id}"


def move_on(order: SupplyOrder, stage: Stage | None, since: datetime | None) -> None:
    """To a later stage, never back; what is told late of an earlier one is kept in its version alone."""
    if stage is not None and Stage(order.stage).is_before(stage):
        order.stage, order.stage_since = stage.value, since or moments.now()


def add_version(
    work: Work,
    order: SupplyOrder,
    telling: Telling,
    document: Document,
    flags: Sequence[SupplyFlag],
    *,
    by: Actor,
    leg: Leg | None = None,
    tracking_number: str | None = None,
    content_hash: str | None = None,
) -> SupplyVersion:
    """Keep what was told, with the order as it is now."""
    order.version += 1
    told = {**document, "flags": [flag.told for flag in flags]}
    version = SupplyVersion(
        order_id=order.id,
        version=order.version,
        telling=telling.value,
        leg=leg.value if leg else None,
        tracking_number=tracking_number,
        stage=order.stage,
        content_hash=content_hash,
        document=orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode(),
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(version)
    work.flush()
    content = version_content(version) | {"now": order_content(work, order)}
    append_to(
        work, subject=subject_of(order.id), kind=ENTRY, content=content, recorded_at=version.recorded_at
    )
    return version


def version_content(version: SupplyVersion) -> dict[str, Any]:
    """What the ledger says of a version; `verify` compares the two."""
    return {
        "version": version.version,
        "telling": version.telling,
        "leg": version.leg,
        "tracking_number": version.tracking_number,
        "stage": version.stage,
        "content_hash": version.content_hash,
        "document_sha256": hashlib.sha256(version.document.encode()).hexdigest(),
        "recorded_by": version.recorded_by,
    }


def order_content(work: Work, order: SupplyOrder) -> dict[str, Any]:
    """What the ledger says of the order as a whole after each version; `verify` compares the two."""
    kit = work.session.get(Item, order.kit_id) if order.kit_id is not None else None
    return {
        "number": order.number,
        "participant": order.participant,
        "site": order.site,
        "ordered_on": order.ordered_on.isoformat() if order.ordered_on else None,
        "product_code": order.product_code,
        "product_name": order.product_name,
        "barcode": order.barcode,
        "kit": kit.identifier if kit else None,
        "stage": order.stage,
        "stage_since": to_text(order.stage_since),
        "version": order.version,
    }
