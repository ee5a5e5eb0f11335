"""Questions about mailed kits: which orders there are, what was told of one, which ones need somebody."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, or_, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, NotFound
from biobank.core.rows import locking
from biobank.core.tables import table_of
from biobank.participants.models import Participant
from biobank.settings import Settings
from biobank.shipments.choices import Carrier, TrackingNumberRefused, read_tracking_number
from biobank.sites.models import Site, SiteKind
from biobank.supplies.choices import NOT_MAILED, OPEN, UNDER_WAY, Leg, Stage, Telling
from biobank.supplies.models import SupplyOrder, SupplyVersion

Condition = Callable[[Settings], ColumnElement[bool]]
TOLD, NOW = table_of(Participant).alias("told"), table_of(Participant).alias("now")
"""The code that an order names, and that or the one it was linked to, which says how they stand."""


class SupplyOrderUnknown(NotFound):
    """None of that number, or none of a site of the one who asks: both answers are the same."""

    title = "Order unknown"

    def __init__(self) -> None:
        super().__init__("There is no order of this number for a mailed kit at your site; look at the list.")


class NoFacility(Conflict):
    """A mailed kit comes back to the biobank, and no site is one."""

    title = "No biobank"


def order_called(work: Work, number: str, *, locked: bool = False) -> SupplyOrder | None:
    question = select(SupplyOrder).where(SupplyOrder.number == number)
    return work.session.scalar(locking(question) if locked else question)


def order_seen_by(work: Work, by: Actor, number: str, *, locked: bool = False) -> SupplyOrder:
    """Raises `SupplyOrderUnknown`."""
    found = order_called(work, number, locked=locked)
    if found is None or not by.works_at(found.site):
        raise SupplyOrderUnknown
    return found


def order_scanned(work: Work, by: Actor, text: str) -> SupplyOrder | None:
    """The newest order of this number, or with a parcel of this tracking number, as a scanner reads it."""
    told = {text.strip()}
    for carrier in (Carrier.FEDEX, Carrier.UPS, Carrier.USPS):
        with suppress(TrackingNumberRefused):
            told.add(read_tracking_number(carrier, text) or "")
    with_parcel = select(SupplyVersion.order_id).where(SupplyVersion.tracking_number.in_(sorted(told)))
    named = or_(SupplyOrder.number == text.strip(), SupplyOrder.id.in_(with_parcel))
    return work.session.scalar(orders_seen_by(by, named).order_by(SupplyOrder.id.desc()).limit(1))


def orders_seen_by(by: Actor, *conditions: ColumnElement[bool]) -> Select[SupplyOrder]:
    """To be listed page by page."""
    at_their_sites = () if by.sites is None else (SupplyOrder.site.in_(sorted(by.sites)),)
    return select(SupplyOrder).where(*at_their_sites, *conditions)


def is_at(*stages: Stage) -> Condition:
    return lambda _: SupplyOrder.stage.in_([stage.value for stage in stages])


MAILING = frozenset({Stage.MAILED, Stage.COMING_BACK})
"""In a carrier's hands."""


def is_late(settings: Settings) -> ColumnElement[bool]:
    """On its way for longer than mail takes."""
    return is_at(*sorted(MAILING))(settings) & (SupplyOrder.stage_since < _mailed_too_long_ago(settings))


def is_late_now(order: SupplyOrder, settings: Settings) -> bool:
    return order.stage in MAILING and order.stage_since < _mailed_too_long_ago(settings)


def _mailed_too_long_ago(settings: Settings) -> datetime:
    return moments.now() - timedelta(days=settings.mailed_kit_days)


def is_without_sample(settings: Settings) -> ColumnElement[bool]:
    """The carrier says that it is back, and nobody has received a sample of it for hours."""
    return is_at(Stage.CAME_BACK)(settings) & (SupplyOrder.stage_since < _back_too_long_ago(settings))


def is_without_sample_now(order: SupplyOrder, settings: Settings) -> bool:
    return order.stage == Stage.CAME_BACK and order.stage_since < _back_too_long_ago(settings)


def _back_too_long_ago(settings: Settings) -> datetime:
    return moments.now() - timedelta(hours=settings.mailed_sample_hours)


def is_stopped(settings: Settings) -> ColumnElement[bool]:
    """Of somebody who left or died, and not over."""
    return is_at(*sorted(OPEN))(settings) & _of_who_stopped()


def is_to_stop(settings: Settings) -> ColumnElement[bool]:
    """The same, and nothing has left yet."""
    return is_at(*sorted(NOT_MAILED))(settings) & _of_who_stopped()


def _of_who_stopped() -> ColumnElement[bool]:
    told, now = TOLD.c, NOW.c
    stopped = or_(now.left, now.deceased)
    themselves = or_(now.code == told.code, now.code == told.linked_to)
    return select(now.code).where(told.code == SupplyOrder.participant, themselves, stopped).exists()


SHOWN: Mapping[str, tuple[str, Condition]] = {
    "open": ("Open", is_at(*sorted(OPEN))),
    "to_mail": ("To be mailed", is_at(*sorted(NOT_MAILED))),
    "to_stop": ("To be stopped", is_to_stop),
    "stopped": ("Participant withdrew or died", is_stopped),
    "away": ("Under way", is_at(*sorted(UNDER_WAY))),
    "late": ("Late", is_late),
    "without_sample": ("Back without a sample", is_without_sample),
    "no_sample": ("Found empty", is_at(Stage.NO_SAMPLE)),
    "received": ("Sample received", is_at(Stage.RECEIVED)),
    "cancelled": ("Cancelled", is_at(Stage.CANCELLED)),
}
"""The lists there are, by the word in their address."""


def facility_of(work: Work, by: Actor) -> str:
    """Where mailed kits come back to: the biobank of whoever tells of them, else the first.

    Raises `NoFacility`.
    """
    question = select(Site.code).where(Site.kind == SiteKind.BIOBANK.value).order_by(Site.code)
    facilities = work.session.scalars(question).all()
    if not facilities:
        raise NoFacility(
            "No site is a biobank, so no mailed kit can come back; have the administrator add it."
        )
    return next((code for code in facilities if code == by.bench_site), facilities[0])


def versions_of(work: Work, order: SupplyOrder) -> Sequence[SupplyVersion]:
    """Oldest first; a mailed kit has a dozen at most."""
    question = select(SupplyVersion).where(SupplyVersion.order_id == order.id)
    return work.session.scalars(question.order_by(SupplyVersion.version)).all()


def newest_by_way(versions: Sequence[SupplyVersion]) -> dict[Leg, SupplyVersion]:
    """What was told last of each parcel."""
    return {Leg(each.leg): each for each in versions if each.leg}


def newest_request(versions: Sequence[SupplyVersion]) -> SupplyVersion:
    """An order begins with a request."""
    return [each for each in versions if each.telling == Telling.REQUEST][-1]


def document_of(version: SupplyVersion) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(version.document)
    return told


def other_order_with(work: Work, tracking_number: str, order: SupplyOrder) -> str | None:
    """The number of another order that was told with this tracking number."""
    question = (
        select(SupplyOrder.number)
        .join(SupplyVersion, SupplyVersion.order_id == SupplyOrder.id)
        .where(SupplyVersion.tracking_number == tracking_number, SupplyOrder.id != order.id)
    )
    return work.session.scalar(question.order_by(SupplyOrder.id.desc()).limit(1))
