"""What a scan on the page of a parcel does at the dock, and what is said of it."""

from collections.abc import Sequence

from flask import Response

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.shipments.queries import items_unseen, manifest, shipment_named
from biobank.shipments.receiving import take_in
from biobank.web.addresses import sent_to
from biobank.web.collect_answers import name_of_tube
from biobank.web.feedback import LOUDEST, QUIET, tell, tell_of
from biobank.web.scan_log import log_taken, with_scanner_alert
from biobank.web.told_times import now_told
from biobank.web.words import spoken

SCAN = Source("scan")
MOST_SAID = 4
"""Sentences about single tubes in the answer to many."""
NEXT_STEP = {
    State.PACKING: Action.ARRIVE,
    State.IN_TRANSIT: Action.ARRIVE,
    State.ARRIVED: Action.OPEN,
    State.OPENED: Action.RECEIVE,
}


class NotAllSeen(Conflict):
    """A receipt is about to be closed while tubes of its manifest were not scanned: asked once."""

    title = "Not all are found"


def address(parcel: ItemNow | str, tube: str | None = None) -> str:
    code = parcel if isinstance(parcel, str) else parcel.identifier
    return f"/shipments/{code}" + (f"?tube={tube}" if tube else "")


def scanned_itself(work: Work, by: Actor, parcel: ItemNow, text: str) -> Response:
    """The label of the parcel on its own page: it is here, it is opened, its receipt is closed."""
    step = NEXT_STEP.get(parcel.state)
    if step is None:
        tell("Received already", f"The receipt of {printed(parcel.identifier)} is closed: nothing to do.")
    else:
        log_taken(work, text, step_of_parcel(work, by, parcel, step), by=by)
    return sent_to(address(parcel))


def step_of_parcel(work: Work, by: Actor, parcel: ItemNow, step: Action, missing: str = "") -> Recorded:
    """Arrived, opened or closed, and said. Raises `NotAllSeen` unless `missing` is how many are not seen."""
    unseen = _unseen(work, parcel) if step is Action.RECEIVE else 0
    if unseen and missing != str(unseen):
        raise NotAllSeen(
            f"Not found so far: {unseen}. When you close the receipt now, that is reported as not in the "
            "parcel, and the site is asked.",
            missing=unseen,
        )
    done = record(work, parcel.identifier, step, by=by, source=SCAN, at=now_told(work, by))
    if step is Action.RECEIVE and not done.repeated:
        _tell_closed(parcel, unseen)
    else:
        tell_of(done)
    return done


def _unseen(work: Work, parcel: ItemNow) -> int:
    return len(items_unseen(manifest(work, shipment_named(work, parcel.identifier))))


def _tell_closed(parcel: ItemNow, missing: int) -> None:
    code = printed(parcel.identifier)
    if missing:
        sentence = f"{code}, not in the parcel: {missing}. The site is asked."
        tell("Received. Look again", sentence, tone="ask")
    else:
        tell("Received", f"{code}: all that was sent is found.")


def other_parcel(scanned: ItemNow) -> Response:
    """Somebody took the next parcel in hand: its page, and nothing is recorded yet."""
    sentence = f"This is the page of {printed(scanned.identifier)}. Nothing was recorded."
    tell("Another parcel", sentence, tone="ask")
    return sent_to(address(scanned))


def found_in(work: Work, by: Actor, parcel: ItemNow, text: str) -> Response:
    done = take_in(work, parcel.identifier, text, by=by, source=SCAN, at=now_told(work, by))
    log_taken(work, text, done, by=by)
    tell_of_found(work, parcel, with_scanner_alert(done, text))
    return sent_to(address(parcel, done.item.identifier))


def tell_of_found(work: Work, parcel: ItemNow, done: Recorded) -> None:
    """Of a plain find what it is and how many are still to come; whatever is odd goes before that."""
    tube = f"{name_of_tube(work, done.item)}, {printed(done.item.identifier)}"
    if done.repeated:
        tell("Found already", f"{tube}: say below what is wrong with it, if anything is.")
    elif done.item.kind is Kind.PARCEL:
        link = {"label": "Its own page", "url": address(done.item)}
        tell("Parcel found", f"{printed(done.item.identifier)} lay in it; receive it by itself.", link=link)
    elif _is_merely_extra(done):
        tell("Received. Look again", _of_an_extra(work, parcel, done), tone="ask")
    elif done.alerts:
        tell_of(done)
    else:
        tell("Received", f"{tube}. {_what_is_left(work, item_now(work, parcel.identifier))}")


PLAIN_EXTRA = frozenset({"not_on_manifest", "unexpected_step"})
"""Flags of what was put into a parcel and into no record of it: nobody dispatched it, either."""


def _is_merely_extra(done: Recorded) -> bool:
    flags = set(done.event.get("flags", ()))
    is_all = all(alert.kind == "flag" for alert in done.alerts)
    return is_all and "not_on_manifest" in flags and flags <= PLAIN_EXTRA


def _of_an_extra(work: Work, parcel: ItemNow, done: Recorded) -> str:
    code, before = printed(done.item.identifier), spoken(done.event["from"])
    if shipment_named(work, parcel.identifier).unannounced:
        return f"{code} is {before} so far, and came without a manifest."
    return (
        f"{code} is {before} so far, and was in the parcel though not on its manifest: the sender is asked."
    )


def _what_is_left(work: Work, parcel: ItemNow) -> str:
    """The receipt may be closed by now, and what was missing turned up."""
    if parcel.state is State.RECEIVED:
        return "It was not found before: its case waits to be resolved."
    left = _unseen(work, parcel)
    return f"{left} still to be seen." if left else "That was the last one: close the receipt."


def tell_of_many(results: Sequence[Recorded], parcel: ItemNow) -> None:
    """Of a count: how many, and what has to be heard of some."""
    alerts = [alert for done in results for alert in done.alerts if alert.kind not in QUIET]
    loud = [alert.text for alert in alerts if alert.kind in LOUDEST]
    said = (loud or [alert.text for alert in alerts])[:MOST_SAID]
    more = len(loud or alerts) - len(said)
    rest = [f"And {more} more: look at the list."] if more > 0 else []
    tone = "wrong" if loud else "ask" if said else "right"
    sentence = f"Received of {printed(parcel.identifier)} by the count: {len(results)}."
    tell("Received by the count", " ".join([sentence, *said, *rest]), tone=tone)
