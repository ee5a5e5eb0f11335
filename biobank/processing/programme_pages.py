"""The centrifuge programmes of the sites as a page: what is offered, what is new, what is no longer used."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.processing.choices import Brake, Rotor
from biobank.processing.inputs import NewProgramme
from biobank.processing.models import CentrifugeProgramme
from biobank.processing.operations import add_programme, retire_programme
from biobank.processing.queries import programme_numbered, programmes_of
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.cards import names_of_people
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import FieldRefused, choices
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("programme_pages", __name__, url_prefix="/centrifuge/programmes")
Shown = dict[str, Any]
FIELDS = ("site", "name", "g", "minutes", "temperature_celsius", "rotor", "brake")
LONGEST_NUMBER = 6


@blueprint.get("")
@reads(Permission.ADD_SITES)
def programmes(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None, **_: int) -> str:
    found, names = programmes_of(work, by.sites), {site.code: site.name for site in sites(work)}
    people, zone = names_of_people(work, {each.added_by for each in found}), zone_of(work, by)
    return render_template(
        "processing/programmes.html",
        programmes=[
            {
                **_shown(each),
                "site_name": names[each.site],
                "added_at": in_zone(each.added_at, zone),
                "added_by": people.get(each.added_by, each.added_by),
            }
            for each in found
        ],
        sites=[
            {"value": code, "label": name, "note": None} for code, name in names.items() if by.works_at(code)
        ],
        rotors=choices(Rotor),
        brakes=choices(Brake),
        form={name: request.form[name] for name in FIELDS if request.form.get(name)},
        errors=errors_of_form(refusal),
    )


def _shown(programme: CentrifugeProgramme) -> Shown:
    return {
        "number": programme.id,
        "name": programme.name,
        "g": programme.g,
        "minutes": programme.minutes,
        "temperature": programme.temperature_celsius,
        "rotor": spoken(programme.rotor) if programme.rotor else None,
        "brake": programme.brake,
    }


@blueprint.post("")
@shown_again(Permission.ADD_SITES, _page)
@writes(Permission.ADD_SITES)
def add(*, work: Work, by: Actor) -> Response:
    """What changes later is another programme: runs in the log tell the name and the numbers of theirs."""
    told = {name: request.form.get(name, "").strip() for name in FIELDS}
    if not told["site"]:
        raise FieldRefused("Choose the site of the centrifuge.", field="site")
    if told["rotor"] and told["rotor"] not in list(Rotor):
        raise FieldRefused("Choose a rotor of the list, or none.", field="rotor")
    if told["brake"] and told["brake"] not in list(Brake):
        raise FieldRefused("The brake is on or off, or left open.", field="brake")
    new = NewProgramme(
        site=told["site"],
        name=told["name"],
        g=_whole("g", told["g"]),
        minutes=_whole("minutes", told["minutes"]),
        temperature_celsius=_whole("temperature_celsius", told["temperature_celsius"])
        if told["temperature_celsius"]
        else None,
        rotor=Rotor(told["rotor"]) if told["rotor"] else None,
        brake=Brake(told["brake"]) if told["brake"] else None,
    )
    added = add_programme(work, new, by=by)
    tell("Programme added", f"{added.name} is offered at the centrifuge of {added.site} from now on.")
    return sent_to("/centrifuge/programmes")


def _whole(field: str, typed: str) -> int:
    """Below zero too, for temperatures. Raises `FieldRefused`."""
    digits = typed.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > LONGEST_NUMBER:
        raise FieldRefused("Type a whole number, as it stands on the centrifuge.", field=field)
    return int(typed)


@blueprint.post("/<int:number>/retire")
@shown_again(Permission.ADD_SITES, _page)
@writes(Permission.ADD_SITES)
def retire(number: int, *, work: Work, by: Actor) -> Response:
    found = programme_numbered(work, by, number)
    retire_programme(work, found.site, found.name, by=by)
    tell("No longer offered", f"{found.name} of {found.site} stays with the tubes that were spun with it.")
    return sent_to("/centrifuge/programmes")
