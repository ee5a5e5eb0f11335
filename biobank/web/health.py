"""What machines ask of the service itself: alive, ready, which version, how busy."""

from contextlib import suppress

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from biobank import __version__
from biobank.access.failed_signings import alarms_open
from biobank.core.database import reading
from biobank.core.errors import DatabaseUnavailable
from biobank.web.metrics import metrics_of
from biobank.web.permission import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public("a supervisor asks whether the process answers")
def healthz() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public("a load balancer asks whether work can be taken")
def readyz() -> Response:
    """503 through `DatabaseUnavailable` when the database is away or was never set up."""
    with reading() as work:
        schema = work.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return jsonify(status="ok", schema=schema)


@blueprint.get("/version")
@public("whoever reports a fault has to say which version it was")
def version() -> Response:
    return jsonify(version=__version__)


@blueprint.get("/metrics")
@public("counts without codes; the proxy decides who reaches it")
def metrics() -> Response:
    lines = [*metrics_of(current_app).lines(), *_alarms()]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _alarms() -> list[str]:
    """A database that is away is told by `readyz`; the counts of this process are given all the same."""
    with suppress(DatabaseUnavailable), reading() as work:
        return [
            "# HELP biobank_signing_alarms_open Accounts whose signings failed several times.",
            "# TYPE biobank_signing_alarms_open gauge",
            f"biobank_signing_alarms_open {alarms_open(work)}",
        ]
    return []
