"""Logger files over HTTP: read for a parcel, looked at, released."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.items.queries import items_numbered
from biobank.temperatures.inputs import Releasing, SentFile
from biobank.temperatures.models import TakenLoggerFile
from biobank.temperatures.operations import release_tubes, take_logger_file
from biobank.temperatures.queries import counted_in, excursions_of, file_seen_by, files_seen_by
from biobank.temperatures.schemas import (
    LoggerFileQuery,
    LoggerFilesAnswer,
    LoggerFilesQuery,
    ReleasingShape,
    ToldLoggerFileAnswer,
)
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.uploads import FILE_BODY, file_sent

blueprint = Blueprint(
    "temperatures", __name__, url_prefix="/logger-files", description="Temperatures of parcels on their way."
)


@blueprint.route("")
@reads(Permission.SEE_SHIPMENTS)
@blueprint.arguments(LoggerFilesQuery, location="query")
@blueprint.response(200, LoggerFilesAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Files of parcels from or to your sites, the newest first."""
    found = page(
        work, files_seen_by(by), [TakenLoggerFile.id],
        cursor=asked["cursor"], limit=asked["limit"], newest_first=True,
    )  # fmt: skip
    return {"files": _told(work, found.rows), "next_cursor": found.next_cursor}


@blueprint.route("", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.arguments(LoggerFileQuery, location="query")
@blueprint.response(201, ToldLoggerFileAnswer)
def taken(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Read a logger's file, which is the body, for a parcel; the same file again changes nothing."""
    content, _ = file_sent(request)
    return _whole(work, take_logger_file(work, SentFile(content=content, **asked), by=by))


@blueprint.route("/<int:number>")
@reads(Permission.SEE_SHIPMENTS)
@blueprint.response(200, ToldLoggerFileAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """One file, and the tubes that were beyond a limit."""
    return _whole(work, file_seen_by(work, by, number))


@blueprint.route("/<int:number>/release", methods=["POST"])
@writes(Permission.RELEASE_TEMPERATURES)
@blueprint.arguments(ReleasingShape)
@blueprint.response(200, ToldLoggerFileAnswer)
def released(releasing: Releasing, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Let tubes be used all the same; other holds stay."""
    chosen = Releasing(items=tuple(releasing.items), reason=releasing.reason)
    release_tubes(work, number, chosen, by=by)
    return _whole(work, file_seen_by(work, by, number))


def _whole(work: Work, file: TakenLoggerFile) -> dict[str, Any]:
    named = (
        *("side", "limit_celsius", "allowed_minutes", "minutes", "peak_hundredths", "peak_at"),
        *("released_at", "released_by", "reason"),
    )
    excursions = [
        {"item": item.identifier, **{name: getattr(each, name) for name in named}}
        for each, item in excursions_of(work, file)
    ]
    return _told(work, [file])[0] | {"excursions": excursions}


def _told(work: Work, files: Sequence[TakenLoggerFile]) -> list[dict[str, Any]]:
    named = (
        *("logger", "layout", "sha256", "count", "first_at", "last_at"),
        *("lowest_hundredths", "highest_hundredths", "mean_kinetic_hundredths"),
    )
    tubes = counted_in(work, files)
    parcels = {item.id: item.identifier for item in items_numbered(work, [file.parcel_id for file in files])}
    return [
        {
            "number": file.id,
            "parcel": parcels[file.parcel_id],
            **{name: getattr(file, name) for name in named},
            "beyond": tubes[file.id].beyond,
            "open": tubes[file.id].open,
        }
        for file in files
    ]
