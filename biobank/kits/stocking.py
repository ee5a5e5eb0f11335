"""Stock at a site: kits arrive, singly or as a delivery, and are taken out; levels at which it runs low."""

from datetime import datetime

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import Told
from biobank.custody.operations import record
from biobank.custody.queries import newest_events
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.items.models import Item
from biobank.kits.checks import DetailMissing, kit_named
from biobank.kits.models import StockLevel
from biobank.kits.stock import kits_by_name, kits_on_their_way
from biobank.sites.queries import site_called, site_named

MOST_AT_ONCE = 500
HIGHEST_LEVEL = 10_000
OUT_OF_STOCK = (Action.RETURN, Action.VOID)


class NothingOnTheWay(Conflict):
    """A delivery of which nothing is on its way any more."""

    title = "Nothing on its way"


class LevelRefused(Invalid):
    title = "Level refused"


def confirm_arrival(work: Work, text: str, *, by: Actor, source: Source, at: Told | None) -> Recorded:
    """A kit that was scanned where it came; one that is on this shelf already is not recorded again.

    Raises `NotAKit` and what `record` raises.
    """
    kit = kit_named(work, text)
    if kit.sent_to is None and by.bench_site and kit.custodian == f"site:{by.bench_site}":
        return Recorded(newest_events(work, kit.identifier, 1)[0], kit, repeated=True)
    return record(work, kit.identifier, Action.ARRIVE, by=by, source=source, at=at)


def confirm_delivery(
    work: Work, site: str, definition: str, lot: str | None, *, newest: int, by: Actor, at: Told | None
) -> int:
    """All kits of one definition and lot on their way to `site`, up to item number `newest`; gives how many.

    At most `MOST_AT_ONCE`, the others stay on their way. Raises `SiteNotYours`, `NothingOnTheWay`.
    """
    at_own_site(by, site)
    question = kits_on_their_way(site, definition=definition, lot=lot or "")
    waiting = question.with_only_columns(Item.identifier).where(Item.id <= newest)
    kits = list(work.session.scalars(waiting.order_by(Item.id).limit(MOST_AT_ONCE)))
    if not kits:
        raise NothingOnTheWay(
            f"No kit {definition} of this lot is on its way to {site_called(work, site)} any more; "
            "look at the shelf."
        )
    for kit in kits:
        record(work, kit, Action.ARRIVE, by=by, source=Source("keyed"), at=at)
    return len(kits)


def take_out(
    work: Work,
    text: str,
    action: Action,
    reason: str,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    confirmation: str | None = None,
) -> Recorded:
    """Give a kit back to the biobank, or void it, for a coded reason.

    Raises `NotAKit`, `DetailMissing` and what `record` raises.
    """
    if action not in OUT_OF_STOCK:
        raise DetailMissing("Choose whether it is given back or voided.", field="action")
    kit = kit_named(work, text)
    details = {"reason": reason}
    return record(
        work, kit.identifier, action, by=by, source=source, at=at, details=details, confirmation=confirmation
    )


def set_level(work: Work, site: str, kit: str, lowest: int, *, by: Actor) -> StockLevel | None:
    """Below how many usable kits a site runs low; 0 asks no more. Raises `SiteNotYours`, `LevelRefused`."""
    at_own_site(by, site_named(work, site).code)
    if kit not in kits_by_name(work):
        raise LevelRefused(f"There is no kit called {kit!r}; choose one of the list.", field="kit")
    if not 0 <= lowest <= HIGHEST_LEVEL:
        raise LevelRefused(f"A level is a whole number from 0 to {HIGHEST_LEVEL}.", field="lowest")
    found = work.session.scalar(
        select(StockLevel).where(StockLevel.site == site, StockLevel.kit == kit).with_for_update()
    )
    return _level(work, found, site, kit, lowest, by=by, at=moments.now())


def _level(
    work: Work, found: StockLevel | None, site: str, kit: str, lowest: int, *, by: Actor, at: datetime
) -> StockLevel | None:
    if lowest == 0:
        if found is not None:
            work.session.delete(found)
            work.flush()
        return None
    level = found or StockLevel(site=site, kit=kit)
    level.lowest, level.changed_at, level.changed_by = lowest, at, by.person
    work.session.add(level)
    work.flush()
    return level
