"""Reports over HTTP: the same tables as on the pages."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.reports.checks import period_of, report_named, sites_reported
from biobank.reports.schemas import ReportAnswer, ReportQuery
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads
from biobank.web.report_makers import made

blueprint = Blueprint("reports", __name__, url_prefix="/reports", description="Figures of a period.")


@blueprint.route("/<name>")
@reads(Permission.SEE_REPORTS)
@blueprint.arguments(ReportQuery, location="query")
@blueprint.response(200, ReportAnswer)
def show(asked: Mapping[str, Any], name: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Figures of at most 92 days; fill and holds are of this moment and need no days."""
    report = report_named(name)
    period = period_of(report, asked["first"], asked["last"])
    table = made(work, report, sites_reported(work, by, asked["site"]), period)
    return {
        "report": report.value,
        "unit": table.unit,
        "columns": [column.label for column in table.columns],
        "rows": table.rows,
    }
