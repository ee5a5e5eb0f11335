"""Commands that add sites and stations."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.sites import operations, queries
from biobank.sites.models import SiteKind
from biobank.web.terminal import acting, json_option, show, table

COLUMNS = ("code", "name", "kind", "zone")


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
