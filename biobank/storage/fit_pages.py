"""Adding places, and renaming or refitting one: the same form, filled in for what is there."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.operations import record
from biobank.custody.states import SPECIMENS, STORAGE, Action, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.items.identifiers import printed
from biobank.storage.choices import GRIDS, NAMING_WORDS, ORDER_WORDS, RULE_WORDS, Grid, Naming, Order, Rule
from biobank.storage.inputs import NewUnit
from biobank.storage.models import StorageUnit
from biobank.storage.operations import add_unit
from biobank.storage.queries import unit_named
from biobank.storage.refitting import COLDEST, WARMEST, Fitted, fitted
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.feedback import tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import chosen
from biobank.web.whole_numbers import whole_number
from biobank.web.words import spoken

blueprint = Blueprint("fit_pages", __name__, url_prefix="/storage")
Shown = dict[str, Any]
MOST_AT_ONCE = 100
OWN_GRID = "own"
SENT = (
    "name",
    "grid",
    "rows",
    "columns",
    "naming",
    "filled_by",
    "temperature",
    "allowed",
    "contents",
    "rule",
)
FIELD_OF = {"temperature_celsius": "temperature", "inside": ""}


ALLOWED = {
    "": "Anything",
    " ".join(sorted(SPECIMENS)): "Tubes and all that is made of them",
    **{kind.value: f"{spoken(kind).capitalize()} only" for kind in sorted(SPECIMENS | {Kind.BOX, Kind.RACK})},
}
"""What may lie in a place, by the kinds."""


@blueprint.get("/add")
@reads(Permission.BUILD_STORAGE)
def add(*, work: Work, by: Actor) -> str:
    return _add_page(work, by)


def _add_page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    asked = request.values.get("inside")
    inside = found_by(work, by, asked) if asked else None
    return render_template(
        "storage/fit.html",
        url="/storage/add",
        back_url=f"/storage/units/{inside.identifier}" if inside else "/storage",
        unit=None,
        inside=_named(inside) if inside else None,
        sites=[{"value": site, "label": site, "note": None} for site in sorted(by.sites or ())],
        kinds=_options({kind: spoken(kind).capitalize() for kind in sorted(STORAGE)}),
        **_choices(),
        form=request.form,
        errors=errors_by_field(refusal, FIELD_OF),
        **refused_or_asked(refusal, *SENT),
    )


def _choices(allowed: str = "") -> Shown:
    """With the kinds that a place takes now, if they are another choice than those that are offered."""
    grids = {OWN_GRID: "Another grid, as below"} | {code: known.words for code, known in GRIDS.items()}
    return {
        "grids": _options({"none": "No positions"} | grids),
        "namings": _options(NAMING_WORDS),
        "orders": _options(ORDER_WORDS),
        "rules": _options({"": "As the place around it says."} | dict(RULE_WORDS)),
        "allowed_kinds": _options({allowed: _kinds_said(allowed)} | ALLOWED),
    }


def _kinds_said(allowed: str) -> str:
    return ", ".join(spoken(kind) for kind in allowed.split()).capitalize() or "Anything"


def _options(words: Any) -> list[Shown]:
    return [{"value": str(code), "label": label, "note": None} for code, label in words.items()]


def _named(item: ItemNow) -> Shown:
    return {
        "identifier": item.identifier,
        "printed": printed(item.identifier),
        "name": item.specification or printed(item.identifier),
        "url": f"/storage/units/{item.identifier}",
    }


@blueprint.post("/add")
@shown_again(Permission.BUILD_STORAGE, _add_page)
@writes(Permission.BUILD_STORAGE)
def add_places(*, work: Work, by: Actor) -> Response:
    """One or several of one kind, numbered in their names."""
    asked = request.form.get("inside", "")
    inside = found_by(work, by, asked) if asked else None
    count = whole_number("count", request.form.get("count", "") or "1", 1, MOST_AT_ONCE)
    site = (inside.site if inside else None) or request.form.get("site") or next(iter(by.sites or ()), "")
    kind = chosen(request.form, "kind", list(STORAGE), "Choose what it is.")
    for name in _names(request.form.get("name", ""), count):
        born = add_unit(work, _new(kind, name, site, inside), by=by, source=Source("keyed"))
    tell(
        "Added",
        f"{count} {spoken(kind)}. Print the labels next." if count > 1 else f"{printed(born.identifier)}.",
    )
    where = inside.identifier if inside else born.identifier
    return sent_to(f"/storage/units/{where}")


def _names(name: str, count: int) -> list[str]:
    """`Box` and 3 make Box 1, Box 2 and Box 3."""
    return [name] if count == 1 else [f"{name.strip()} {number}" for number in range(1, count + 1)]


def _new(kind: Kind, name: str, site: str, inside: ItemNow | None) -> NewUnit:
    told = _told()
    return NewUnit(
        kind=kind,
        name=name,
        site=site,
        inside=inside.identifier if inside else None,
        rows=told["rows"],
        columns=told["columns"],
        naming=Naming(told["naming"]),
        filled_by=Order(told["filled_by"]),
        temperature_celsius=told["temperature_celsius"],
        allowed=tuple(Kind(each) for each in told["allowed"]),
        contents=tuple(told["contents"]),
        rule=Rule(told["rule"]) if told["rule"] else None,
    )


def _told() -> Shown:
    """As a refit tells it. Raises `NumberRefused`, `FieldRefused`."""
    form = request.form
    grid = _grid()
    warm = form.get("temperature", "").strip()
    rule = form.get("rule", "")
    return {
        "rows": grid.rows,
        "columns": grid.columns,
        "naming": grid.naming.value,
        "filled_by": grid.order.value,
        "temperature_celsius": whole_number("temperature", warm, COLDEST, WARMEST) if warm else None,
        "allowed": sorted({each for each in form.get("allowed", "").split() if each in SPECIMENS | STORAGE}),
        "contents": [line.strip() for line in form.get("contents", "").splitlines() if line.strip()],
        "rule": chosen(form, "rule", Rule, "Choose a rule of the list.").value if rule else None,
    }


def _grid() -> Grid:
    choice = request.form.get("grid", "none")
    if choice in GRIDS:
        return GRIDS[choice].grid
    if choice != OWN_GRID:
        return Grid(0, 0)
    naming = chosen(request.form, "naming", Naming, "Choose how its positions are called.")
    order = chosen(request.form, "filled_by", Order, "Choose in which order they are filled.")
    rows, columns = (whole_number(name, request.form.get(name, ""), 1, 99) for name in ("rows", "columns"))
    return Grid(rows, columns, naming, order)


@blueprint.get("/units/<identifier>/refit")
@reads(Permission.BUILD_STORAGE)
def refit(identifier: str, *, work: Work, by: Actor) -> str:
    return _refit_page(work, by, identifier=identifier)


def _refit_page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    item = found_by(work, by, identifier)
    unit = unit_named(work, item.identifier)
    now = fitted(work.session.get_one(StorageUnit, item.id))
    return render_template(
        "storage/fit.html",
        url=f"/storage/units/{item.identifier}/refit",
        back_url=f"/storage/units/{item.identifier}",
        unit=_named(item),
        inside=None,
        sites=[],
        kinds=[],
        **_choices(" ".join(now.allowed)),
        form=request.form if refusal else _as_it_is(unit.name, now),
        errors=errors_by_field(refusal, FIELD_OF),
        **refused_or_asked(refusal, *SENT),
    )


def _as_it_is(name: str, now: Fitted) -> Shown:
    known = next((code for code, each in GRIDS.items() if each.grid == now.grid), OWN_GRID)
    warm = now.temperature_celsius
    return {
        "name": name,
        "grid": known if now.rows else "none",
        "rows": now.rows or "",
        "columns": now.columns or "",
        "naming": now.naming,
        "filled_by": now.filled_by,
        "temperature": "" if warm is None else warm,
        "contents": "\n".join(now.contents),
        "rule": now.rule or "",
        "allowed": " ".join(now.allowed),
    }


@blueprint.post("/units/<identifier>/refit")
@shown_again(Permission.BUILD_STORAGE, _refit_page)
@writes(Permission.BUILD_STORAGE)
def refit_place(identifier: str, *, work: Work, by: Actor) -> Response:
    """Only what is new goes into the entry; with nothing new there is none."""
    item = found_by(work, by, identifier)
    unit_named(work, item.identifier)
    now, told = fitted(work.session.get_one(StorageUnit, item.id)), _told()
    details = {name: value for name, value in told.items() if _told_as(value) != _told_as(getattr(now, name))}
    name = request.form.get("name", "").strip()
    if name != (item.specification or ""):
        details["name"] = name
    if not details:
        tell("As it was", "Nothing of it is new.")
        return sent_to(f"/storage/units/{item.identifier}")
    at, why = now_told(work, by), confirmation_told()
    source = Source("keyed")
    tell_of(
        record(
            work,
            item.identifier,
            Action.REFIT,
            by=by,
            source=source,
            at=at,
            details=details,
            confirmation=why,
        )
    )
    return sent_to(f"/storage/units/{item.identifier}")


def _told_as(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
