"""The programme's feeds as pages: its file in, every row acknowledged, destruction results out."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.feeds.acknowledging import newest_acknowledgement
from biobank.feeds.checks import works_at_all_sites
from biobank.feeds.choices import SENTENCES, Outcome
from biobank.feeds.formats import COLUMNS, FeedRefused, read_withdrawals
from biobank.feeds.models import FeedDelivery
from biobank.feeds.operations import take_delivery
from biobank.feeds.queries import (
    Receipt,
    acknowledgement_rows,
    delivery_numbered,
    newest_deliveries,
    rows_of,
    told_row,
)
from biobank.feeds.results import NOTHING_YET, results_after
from biobank.feeds.tables import ACKNOWLEDGEMENTS, RESULTS, result_row, written
from biobank.web.downloads import download
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.uploads import file_sent
from biobank.web.words import Sign, in_zone
from biobank.withdrawals.told_forms import lists_but

blueprint = Blueprint("feed_pages", __name__, url_prefix="/feeds")
Told = dict[str, Any]
MOST_SHOWN = 50
CSV = "text/csv; charset=utf-8"
WHOLE = 10**9
"""Lines of a file: all there are."""
SIGNS: dict[Outcome, Sign] = {
    Outcome.RECORDED: {"word": "Recorded", "tone": "right"},
    Outcome.KNOWN: {"word": "Known before", "tone": "plain"},
    Outcome.COMPLIANCE_DECIDES: {"word": "Compliance decides", "tone": "late"},
    Outcome.NOT_OURS: {"word": "Not ours", "tone": "ask"},
}


@blueprint.get("")
@reads(Permission.EXCHANGE_FEEDS)
def feeds(*, work: Work, by: Actor) -> str:
    return _desk(work, by)


def _desk(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    works_at_all_sites(by)
    zone = zone_of(work, by)
    newest = newest_acknowledgement(work)
    return render_template(
        "feeds/feeds.html",
        deliveries=[
            _delivery(delivery, counts, zone) for delivery, counts in newest_deliveries(work, MOST_SHOWN)
        ],
        acknowledged_at=in_zone(newest.acknowledged_at, zone) if newest else None,
        lists=lists_but("/feeds"),
        columns=COLUMNS,
        errors={"file": refusal.detail} if refusal else {},
    )


def _delivery(delivery: FeedDelivery, counts: dict[str, int], zone: str) -> Told:
    return {
        "number": delivery.id,
        "url": f"/feeds/deliveries/{delivery.id}",
        "file": delivery.file,
        "received_at": in_zone(delivery.received_at, zone),
        "received_by": delivery.received_by,
        "rows": delivery.row_count,
        "outcomes": [
            {"sign": SIGNS[outcome], "count": counts[outcome]} for outcome in Outcome if counts.get(outcome)
        ],
    }


@blueprint.post("/withdrawals")
@shown_again(Permission.EXCHANGE_FEEDS, _desk)
@writes(Permission.EXCHANGE_FEEDS)
def deliver(*, work: Work, by: Actor) -> Any:
    """The programme's file, all of it or nothing."""
    works_at_all_sites(by)
    content, name = file_sent(request)
    if not content:
        raise FeedRefused(1, "", "choose the file that the programme sent")
    taken = take_delivery(work, read_withdrawals(content), by=by, file=name)
    recorded = taken.counted()[Outcome.RECORDED]
    if not taken.rows:
        tell("No row", "The file has its header and no row: there was nothing to record.", tone="ask")
    elif taken.already:
        tell("Known before", "These rows came before; nothing changed.", tone="wait")
    else:
        tell("Recorded", f"New withdrawals among its rows: {recorded} of {len(taken.rows)}.")
    return redirect(f"/feeds/deliveries/{taken.delivery.id}", 303)


@blueprint.get("/deliveries/<int:number>")
@reads(Permission.EXCHANGE_FEEDS)
def delivery(number: int, *, work: Work, by: Actor) -> str:
    """How each row of a delivery is acknowledged."""
    works_at_all_sites(by)
    found, zone = delivery_numbered(work, number), zone_of(work, by)
    receipts = acknowledgement_rows(work, rows_of(work, found))
    return render_template(
        "feeds/delivery.html",
        delivery=_delivery(found, {}, zone),
        rows=[_row(receipt, zone) for receipt in receipts],
    )


def _row(receipt: Receipt, zone: str) -> Told:
    row = receipt.row
    outcome = Outcome(row.outcome)
    return {
        "line": row.line,
        "participant": row.participant,
        "url": None if outcome is Outcome.NOT_OURS else f"/participants/{row.participant}",
        "withdrew_at": in_zone(row.decided_at, zone),
        "entered_at": in_zone(receipt.entered_at, zone) if receipt.entered_at else None,
        "decision": row.decision_id,
        "sign": SIGNS[outcome],
        "sentence": SENTENCES[outcome],
        "new_participant": row.new_participant,
        "ceremony_differs": row.ceremony_differs,
        "death": row.death_id is not None,
    }


@blueprint.get("/deliveries/<int:number>/acknowledgements.csv")
@reads(Permission.EXCHANGE_FEEDS)
def acknowledgements(number: int, *, work: Work, by: Actor) -> Response:
    works_at_all_sites(by)
    rows = rows_of(work, delivery_numbered(work, number))
    text = written(ACKNOWLEDGEMENTS, [told_row(receipt) for receipt in acknowledgement_rows(work, rows)])
    return download(text.encode(), CSV, f"acknowledgements-{number}.csv")


@blueprint.get("/destructions.csv")
@reads(Permission.EXCHANGE_FEEDS)
def destructions(*, work: Work, by: Actor) -> Response:
    """Every destruction result there is; the programme acknowledges lines by their first column."""
    works_at_all_sites(by)
    found = results_after(work, NOTHING_YET, limit=WHOLE)
    text = written(RESULTS, [result_row(line) for line in found.lines])
    return download(text.encode(), CSV, f"destruction-results-{max(found.position, 0)}.csv")
