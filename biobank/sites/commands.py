"""Commands that add sites and stations, and set their calendars."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.core.moments import now, zone_named
from biobank.shipments.choices import Carrier
from biobank.sites import operations, queries
from biobank.sites.calendars import Calendar, CalendarRefused, as_document
from biobank.sites.models import SiteKind
from biobank.web.terminal import acting, json_option, show, table

COLUMNS = ("code", "name", "kind", "zone")
DAYS_SHOWN = 14
CARRIERS = frozenset(carrier.value for carrier in Carrier)


@click.group("sites")
def group() -> None:
    """Collection sites and biobank facilities."""


@group.command("add")
@click.argument("code")
@click.option("--name", required=True, help="As its people call it.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in SiteKind]))
@click.option("--zone", required=True, help="IANA time zone, for example America/Chicago.")
@json_option
@acting(Permission.ADD_SITES, sets_up=True)
def add(code: str, name: str, kind: str, zone: str, *, by: Actor, as_json: bool) -> None:
    """Add a site."""
    with writing() as work:
        site = operations.add_site(work, by=by.person, code=code, name=name, kind=kind, zone=zone)
        document = {column: getattr(site, column) for column in COLUMNS}
    show(document, as_json=as_json, lines=[f"Added {kind} {code}."])


@group.command("list")
@json_option
@acting(Permission.SEE_SITES)
def list_sites(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (everybody may know which sites there are)
    """Show all sites."""
    with reading() as work:
        rows = [{column: getattr(site, column) for column in COLUMNS} for site in queries.sites(work)]
    show({"sites": rows}, as_json=as_json, lines=table(rows, COLUMNS))


@group.command("station")
@click.argument("site")
@click.argument("name")
@json_option
@acting(Permission.ADD_SITES)
def station(site: str, name: str, *, by: Actor, as_json: bool) -> None:
    """Register a device at a site; its token is shown this once."""
    with writing() as work:
        registered, token = operations.register_station(work, by=by.person, site=site, name=name)
        code = registered.code
    show({"station": code, "token": token}, as_json=as_json, lines=[f"Registered {code}. Its token: {token}"])


@group.command("calendar")
@click.argument("site")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@acting(Permission.ADD_SITES)
def set_calendar(site: str, file: Path, *, by: Actor, as_json: bool) -> None:
    """Set a site's working days, holidays and its carriers' cut-off times from a TOML file.

    config/calendars/clinic.example.toml says what it may hold.
    """
    told = _read(file)
    with writing() as work:
        calendar = operations.set_calendar(work, by=by.person, site=site, told=told, carriers=CARRIERS)
        today = now().astimezone(zone_named(queries.site_named(work, site).zone)).date()
    show(as_document(calendar), as_json=as_json, lines=_coming_days(calendar, today))


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise CalendarRefused(f"{file.name} cannot be read as TOML: {problem}.") from problem


@group.command("show-calendar")
@click.argument("site")
@json_option
@acting(Permission.SEE_SITES)
def show_calendar(site: str, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (everybody may know)
    """Show a site's calendar and what it says of the coming days."""
    with reading() as work:
        zone = queries.site_named(work, site).zone
        calendar = queries.calendar_of(work, site) or Calendar(weekdays=frozenset(range(7)))
    today = now().astimezone(zone_named(zone)).date()
    show(as_document(calendar), as_json=as_json, lines=_coming_days(calendar, today))


def _coming_days(calendar: Calendar, today: date) -> list[str]:
    """A line a day: open with the hours of the carriers, or why it is closed."""
    days = [today + timedelta(days=number) for number in range(DAYS_SHOWN)]
    return [f"{day:%a %Y-%m-%d}  {calendar.closed_because(day) or _hours(calendar, day)}" for day in days]


def _hours(calendar: Calendar, day: date) -> str:
    hours = ((carrier, calendar.cut_off(carrier, day)) for carrier in sorted(calendar.carriers))
    return ", ".join(["open", *(f"{carrier} until {at:%H:%M}" for carrier, at in hours if at)])
