"""The feeds over HTTP: withdrawals in, destruction results out, each row acknowledged."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.feeds.acknowledging import Acknowledged, acknowledge_results
from biobank.feeds.checks import works_at_all_sites
from biobank.feeds.models import FeedRowReceived
from biobank.feeds.operations import take_delivery
from biobank.feeds.queries import acknowledgement_rows, acknowledgements, told_row
from biobank.feeds.results import results_after
from biobank.feeds.schemas import (
    AcknowledgementsAnswer,
    AcknowledgementsQuery,
    DestructionResultsAnswer,
    FeedDeliveryAnswer,
    FeedDeliveryShape,
    ReceivedAnswer,
    ReceivedShape,
    ResultsQuery,
)
from biobank.feeds.tables import result_row
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint(
    "feeds",
    __name__,
    url_prefix="/feeds",
    description="The programme's feeds: withdrawals in, destruction results out, each row acknowledged.",
)
Asked = Mapping[str, Any]


@blueprint.route("/withdrawals", methods=["POST"])
@writes(Permission.EXCHANGE_FEEDS)
@blueprint.arguments(FeedDeliveryShape)
@blueprint.response(200, FeedDeliveryAnswer)
def deliver(asked: Asked, *, work: Work, by: Actor) -> dict[str, Any]:
    """Take withdrawals, all of them or none; the same rows again change nothing and get the same answers.

    A row that carries no answer says `undecided`. Nobody who answered before is set back to undecided.
    """
    taken = take_delivery(work, asked["rows"], by=by)
    return {
        "delivery": taken.delivery.id,
        "already_known": taken.already,
        "acknowledgements": [told_row(row) for row in acknowledgement_rows(work, taken.rows)],
    }


@blueprint.route("/withdrawals/acknowledgements")
@reads(Permission.EXCHANGE_FEEDS)
@blueprint.arguments(AcknowledgementsQuery, location="query")
@blueprint.response(200, AcknowledgementsAnswer)
def acknowledged(asked: Asked, *, work: Work, by: Actor) -> dict[str, Any]:
    """How every row that was ever received is acknowledged, in the order in which they came."""
    works_at_all_sites(by)
    found = page(
        work,
        acknowledgements(asked["delivery"]),
        [FeedRowReceived.id],
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    rows = [told_row(row) for row in acknowledgement_rows(work, found.rows)]
    return {"acknowledgements": rows, "next_cursor": found.next_cursor}


@blueprint.route("/destructions")
@reads(Permission.EXCHANGE_FEEDS)
@blueprint.arguments(ResultsQuery, location="query")
@blueprint.response(200, DestructionResultsAnswer)
def destructions(asked: Asked, *, work: Work, by: Actor) -> dict[str, Any]:
    """Destruction results after a position of the log: one line a specimen, none skipped, none repeated.

    Lines with a later certificate that `replaces` an earlier one take the place of its lines; `in_question`
    says that a certificate cannot be relied on for now.
    """
    works_at_all_sites(by)
    found = results_after(work, asked["after"], limit=asked["limit"])
    return {"results": [result_row(line) for line in found.lines], "position": found.position}


@blueprint.route("/destructions/acknowledgements", methods=["POST"])
@writes(Permission.EXCHANGE_FEEDS)
@blueprint.arguments(ReceivedShape)
@blueprint.response(200, ReceivedAnswer)
def received(asked: Asked, *, work: Work, by: Actor) -> Acknowledged:
    """Acknowledge lines of the destruction feed by their `row`; twice is once."""
    return acknowledge_results(work, asked["rows"], by=by)
