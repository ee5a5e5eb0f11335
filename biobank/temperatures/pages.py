"""Logger files as pages: reading one for a parcel, its chart with its table, the tubes it speaks against."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_if_known
from biobank.custody.states import Kind
from biobank.custody.steps import AskedBack, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.kits.queries import kits_of_tubes
from biobank.reports.formats import as_csv
from biobank.shipments.models import Shipment
from biobank.sites.queries import site_named
from biobank.temperatures.choices import Side
from biobank.temperatures.inputs import Releasing, SentFile
from biobank.temperatures.layouts import LAYOUTS
from biobank.temperatures.limits import limits_of
from biobank.temperatures.models import Excursion, TakenLoggerFile
from biobank.temperatures.operations import release_tubes, take_logger_file
from biobank.temperatures.queries import (
    Counted,
    counted,
    counted_in,
    excursions_of,
    file_seen_by,
    files_of_parcel,
    files_seen_by,
    readings_of,
)
from biobank.web.addresses import sent_to
from biobank.web.cards import card, names_of_people
from biobank.web.downloads import download
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.logger_tables import by_stretch
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.sent_files import kept_of, sent_or_kept
from biobank.web.shown_again import shown_again
from biobank.web.words import in_zone

blueprint = Blueprint("temperature_pages", __name__, url_prefix="/temperatures")
Shown = dict[str, Any]
NO_FILE = "Choose the file that the logger's program wrote."


@blueprint.get("")
@reads(Permission.SEE_SHIPMENTS)
def listed(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time; with `?parcel=` those of a parcel, and the form to read one."""
    return _listed(work, by)


def _listed(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    parcel = _parcel(work, by)
    if parcel is not None:
        rows, more = files_of_parcel(work, parcel.id), None
    else:
        cursor = request.args.get("cursor")
        found = page(work, files_seen_by(by), [TakenLoggerFile.id], cursor=cursor, newest_first=True)
        rows, more = list(found.rows), found.next_url("/temperatures")
    return render_template(
        "temperatures/files.html",
        parcel=_told_parcel(work, by, parcel) if parcel else None,
        files=_rows(work, by, rows),
        next_url=more,
        may_read=by.may(Permission.RECEIVE_SHIPMENTS),
        layouts=[{"value": each.name, "label": each.logger} for each in LAYOUTS],
        zones=[{"value": zone, "label": zone} for zone in _zones(work, by, parcel)],
        kept=kept_of(request, refusal),
        asked=isinstance(refusal, AskedBack),
        **typed_again(refusal),
    )


def _parcel(work: Work, by: Actor) -> ItemNow | None:
    """None also for what is none: its field stays, to scan another into it."""
    found = item_if_known(work, request.values.get("parcel", ""))
    is_here = found is not None and any(by.works_at(site) for site in found.sites())
    return found if found and found.kind is Kind.PARCEL and is_here else None


def _zones(work: Work, by: Actor, parcel: ItemNow | None) -> list[str]:
    """Where the logger's clock was set, if its file does not say: here, where the parcel comes from, UTC."""
    shipment = work.session.get(Shipment, parcel.id) if parcel else None
    origin = [site_named(work, shipment.origin).zone] if shipment and shipment.origin else []
    return list(dict.fromkeys([*origin, zone_of(work, by), "UTC"]))


def _told_parcel(work: Work, by: Actor, parcel: ItemNow) -> Shown:
    shipment = work.session.get(Shipment, parcel.id)
    return {**card(work, parcel, by), "logger": shipment.logger if shipment else None}


def _rows(work: Work, by: Actor, files: Sequence[TakenLoggerFile]) -> list[Shown]:
    """Parcels, tubes and names are asked for once a page."""
    zone, tubes = zone_of(work, by), counted_in(work, files)
    parcels = {item.id: item for item in items_numbered(work, [file.parcel_id for file in files])}
    people = names_of_people(work, {file.taken_by for file in files})
    return [
        _row(file, tubes[file.id], zone)
        | {
            "parcel": card(work, parcels[file.parcel_id], by),
            "taken_by": people.get(file.taken_by, file.taken_by),
        }
        for file in files
    ]


def _row(file: TakenLoggerFile, tubes: Counted, zone: str) -> Shown:
    return {
        "number": file.id,
        "url": f"/temperatures/{file.id}",
        "logger": file.logger,
        "state": _sign(tubes.beyond, tubes.open),
        "lowest": degrees(file.lowest_hundredths),
        "highest": degrees(file.highest_hundredths),
        "mean_kinetic": degrees(file.mean_kinetic_hundredths),
        "first_at": in_zone(file.first_at, zone),
        "last_at": in_zone(file.last_at, zone),
        "taken_at": in_zone(file.taken_at, zone),
        "count": file.count,
        "beyond": tubes.beyond,
        "open": tubes.open,
        "confirmation": file.confirmation,
        "layout": next(each.logger for each in LAYOUTS if each.name == file.layout),
    }


def _sign(beyond: int, still: int) -> dict[str, str]:
    if not beyond:
        return {"word": "Within the limits", "tone": "right"}
    return {"word": "Beyond a limit", "tone": "wrong"} if still else {"word": "Released", "tone": "plain"}


def degrees(hundredths: int) -> str:
    """One decimal, with a minus as people write it."""
    return f"{hundredths / 100:.1f}".replace("-", "\N{MINUS SIGN}")


@blueprint.post("")
@shown_again(Permission.SEE_SHIPMENTS, _listed)
@writes(Permission.RECEIVE_SHIPMENTS)
def taken(*, work: Work, by: Actor) -> Response:
    content, _ = sent_or_kept(request, NO_FILE)
    sent = SentFile(
        parcel=request.form.get("parcel", ""),
        content=content,
        zone=request.form.get("zone", "") or zone_of(work, by),
        layout=request.form.get("layout") or None,
        confirmation=request.form.get("confirmation", "").strip() or None,
    )
    file = take_logger_file(work, sent, by=by)
    tubes = counted(work, file)
    if tubes.open:
        tell("Beyond a limit", f"Held until a biobank lead has decided, tubes: {tubes.open}.", tone="ask")
    else:
        tell("Read", "No tube of this parcel is held for its temperature.")
    return sent_to(f"/temperatures/{file.id}")


@blueprint.get("/<int:number>")
@reads(Permission.SEE_SHIPMENTS)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    file, zone = file_seen_by(work, by, number), zone_of(work, by)
    found = excursions_of(work, file)
    kits_of_tubes(work, [item for _, item in found])
    people = names_of_people(work, {each.released_by for each, _ in found if each.released_by})
    return render_template(
        "temperatures/file.html",
        file=_rows(work, by, [file])[0],
        table=by_stretch(readings_of(file), zone),
        zone=zone,
        file_url=f"/temperatures/{number}/readings.csv",
        excursions=[_excursion(work, by, zone, people, *each) for each in found],
        may_release=by.may(Permission.RELEASE_TEMPERATURES)
        and any(each.released_at is None for each, _ in found),
        chosen=request.form.getlist("items"),
        **typed_again(refusal),
    )


def _excursion(
    work: Work, by: Actor, zone: str, people: Mapping[str, str], each: Excursion, item: Item
) -> Shown:
    known = limits_of(work.settings.limits_file).get(item.specification or "", ())
    name = f"{each.side} {each.limit_celsius}"
    meaning = next((limit.meaning for limit in known if limit.name == name), None)
    word = "Warmer than {} °C" if each.side == Side.ABOVE else "Colder than {} °C"
    return {
        **card(work, item, by),
        "limit": word.format(degrees(each.limit_celsius * 100).removesuffix(".0")),
        "meaning": meaning,
        "allowed": each.allowed_minutes,
        "minutes": each.minutes,
        "peak": degrees(each.peak_hundredths),
        "peak_at": in_zone(each.peak_at, zone),
        "released_at": in_zone(each.released_at, zone) if each.released_at else None,
        "released_by": people.get(each.released_by or "", each.released_by),
        "reason": each.reason,
    }


@blueprint.get("/<int:number>/readings.csv")
@reads(Permission.SEE_SHIPMENTS)
def readings(number: int, *, work: Work, by: Actor) -> Response:
    """Every reading, in UTC."""
    file = file_seen_by(work, by, number)
    rows = [(f"{each.at:%Y-%m-%dT%H:%M:%SZ}", f"{each.hundredths / 100:.2f}") for each in readings_of(file)]
    parcel = printed(work.session.get_one(Item, file.parcel_id).identifier).replace(" ", "")
    name = f"temperatures-{parcel}-{file.id}.csv"
    return download(as_csv([("time_utc", "celsius"), *rows]), "text/csv; charset=utf-8", name)


@blueprint.post("/<int:number>/release")
@shown_again(Permission.SEE_SHIPMENTS, _page)
@writes(Permission.RELEASE_TEMPERATURES)
def released(number: int, *, work: Work, by: Actor) -> Response:
    items = () if request.form.get("all") else tuple(request.form.getlist("items"))
    if not items and not request.form.get("all"):
        items = ("",)  # nothing was chosen, which is not all of them
    reason = request.form.get("reason", "").strip()
    freed = release_tubes(work, number, Releasing(items=items, reason=reason), by=by)
    tell("Released", f"Tubes free of this hold: {freed}. Other holds stay.")
    return sent_to(f"/temperatures/{number}")
