"""What must hold before something is put into a storage unit, or a unit is added."""

from dataclasses import replace

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.personal_shapes import ALWAYS, PHONE, names_nobody
from biobank.custody.checks import called, is_specimen, may_see
from biobank.custody.queries import is_or_holds, item_now, items_inside
from biobank.custody.states import STORAGE, Kind, State
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.custody.voided import how_voided
from biobank.items.identifiers import printed
from biobank.sites.queries import site_called
from biobank.storage.choices import LETTERED, MOST_COLUMNS, MOST_LETTERED, MOST_ROWS, Grid
from biobank.storage.inputs import NewUnit
from biobank.storage.needs import need_of
from biobank.storage.queries import Fittings, fittings_of, is_storage, lock_unit, occupant_of
from biobank.storage.reserved import kept_from, standing_at
from biobank.storage.surroundings import Surroundings, surroundings_of

LONGEST_NAME = 64
OF_NO_PLACE = ALWAYS | {PHONE}
"""What no place is called after; a day may stand in its name."""
LONGEST_CONTENTS = 400


class NotAPlace(Invalid):
    """Nothing can be stored in a thing of this kind."""

    title = "Not a storage place"


class NoSuchPosition(Invalid):
    """The unit has no position of this name."""

    title = "No such position"


class PositionTaken(Conflict):
    """A unit cannot be added where something lies already."""

    title = "Position taken"


class NotEmpty(Conflict):
    """Something lies in a place or parcel whose code is to be given up."""

    title = "Not empty"


class UnitRefused(Invalid):
    """What was told of a new storage unit cannot be so."""

    title = "Storage unit refused"


def place_is_a_storage_unit(_: Work, attempt: Attempt) -> None:
    """Storing is a fact, but nothing physical can lie in a tube or be stored in a parcel."""
    if attempt.place is not None and not is_storage(attempt.place):
        raise NotAPlace(
            f"{printed(attempt.place.identifier)} is a {attempt.place.kind.replace('_', ' ')}; "
            "scan the box, rack, shelf or freezer.",
            field="place",
        )


def place_is_of_this_site(work: Work, attempt: Attempt) -> list[Flag]:
    """Asked back with whose it is, before anything is told of what lies there; then taken."""
    if attempt.place is None or _is_theirs(attempt, attempt.place):
        return []
    whose = site_called(work, *attempt.place.sites_told())
    return attempt.ask_back(
        "place_of_another_site",
        f"{printed(attempt.place.identifier)} is of {whose}; scan a place of your own site.",
    )


def _is_theirs(attempt: Attempt, place: ItemNow) -> bool:
    """Whether who asks works where the place is; a place of no site is everybody's."""
    sites = place.sites()
    return not sites or any(attempt.by.works_at(site) for site in sites)


def place_is_in_use(work: Work, attempt: Attempt) -> list[Flag]:
    """Asked back: the label of a place that was given up is on no place any more."""
    if attempt.place is None or attempt.place.state is not State.VOIDED:
        return []
    how = how_voided(work, attempt.place)
    return attempt.ask_back("voided_place", f"{named(attempt.place)} is voided{how}; nothing is put there.")


def nothing_lies_in_it(work: Work, attempt: Attempt) -> None:
    """A parcel or a place is given up empty; nothing is put into it meanwhile. Raises `NotEmpty`."""
    lock_unit(work, attempt.item)
    inside = items_inside(work, attempt.item.id)
    if inside:
        first = printed(inside[0].identifier)
        raise NotEmpty(
            f"{named(attempt.item)} is not empty: {first} lies in it; take out what lies there first.",
            item=attempt.item.identifier,
        )


def does_not_lie_in_itself(work: Work, attempt: Attempt) -> None:
    if not is_storage(attempt.item) or attempt.place is None:
        return
    if is_or_holds(work, attempt.item, attempt.place):
        raise NotAPlace(
            f"{named(attempt.item)} cannot lie in itself or in what it holds; scan another place.",
            field="place",
        )


def kind_may_lie_there(work: Work, attempt: Attempt) -> list[Flag]:
    fittings = _fittings(work, attempt)
    if attempt.place is None or fittings is None or fittings.takes(attempt.item.kind):
        return []
    allowed = ", ".join(sorted(kind.replace("_", " ") for kind in fittings.allowed))
    return attempt.ask_back(
        "kind_not_allowed",
        f"This is a {attempt.item.kind.replace('_', ' ')}, and {named(attempt.place)} is for {allowed}.",
    )


def place_suits_it(work: Work, attempt: Attempt) -> list[Flag]:
    """Asked back: a place that others keep free, is meant for other material, or known to be too warm.

    A quarantine place takes any material; of a place whose temperature nobody knows nothing is asked.
    """
    if attempt.place is None:
        return []
    here = surroundings_of(work, attempt.place.id)
    flags = _is_kept_free(work, attempt, attempt.place) if here.may_be_kept_free else []
    if not is_specimen(attempt.item):
        return flags
    return [
        *flags,
        *_is_meant_for_it(attempt, attempt.place, here),
        *_is_cold_enough(work, attempt, attempt.place, here),
    ]


def _is_kept_free(work: Work, attempt: Attempt, place: ItemNow) -> list[Flag]:
    """Who uses it all the same is flagged; that is no doubt about the piece, so no case is opened."""
    kept = standing_at(work, place.id, attempt.recorded_at)
    in_the_way = [each for each in kept if each.covers(place.id, attempt.position)]
    others = kept_from(work, attempt.item, attempt.by.person, in_the_way)
    if not others:
        return []
    where = attempt.position or "A place"
    asked = attempt.ask_back("kept_free", f"{where} in {named(place)} is {others[0].sentence}.")
    return [replace(flag, is_doubt=False) for flag in asked]


def _is_meant_for_it(attempt: Attempt, place: ItemNow, here: Surroundings) -> list[Flag]:
    if here.in_quarantine or here.is_meant_for(attempt.item.specification):
        return []
    what = attempt.item.specification or "material without a name"
    return attempt.ask_back(
        "content_not_allowed",
        f"This is {what}, and {named(place)} is for {', '.join(sorted(here.contents))}.",
    )


def _is_cold_enough(work: Work, attempt: Attempt, place: ItemNow, here: Surroundings) -> list[Flag]:
    need = need_of(work, attempt.item.kind, attempt.item.specification)
    warm = here.temperature_celsius
    if need is None or warm is None or warm <= need.warmest_celsius:
        return []
    return attempt.ask_back(
        "place_too_warm",
        f"{attempt.item.specification} is kept at {celsius(need.warmest_celsius)} or colder, and "
        f"{named(place)} is at {celsius(warm)}.",
    )


def position_is_in_the_grid(work: Work, attempt: Attempt) -> list[Flag]:
    """A tube in a box has a position; a rack that somebody moves at night need not have one."""
    fittings = _fittings(work, attempt)
    if attempt.place is None or fittings is None:
        return []
    if attempt.position is not None and attempt.place.kind is Kind.AUTOMATED_STORE and not fittings.grid:
        return []  # it chooses positions itself and calls them as it likes
    if attempt.position is not None:
        _refuse_unknown_position(attempt.place, fittings.grid, attempt.position)
    elif fittings.grid and not is_storage(attempt.item):
        return attempt.ask_back("position_not_told", _which_position(work, attempt.place, fittings.grid))
    return []


def position_is_free(work: Work, attempt: Attempt) -> list[Flag]:
    """Asked back; confirmed, whoever was logged there has to leave (`storage.reactions.make_room`)."""
    if attempt.place is None or attempt.position is None:
        return []
    occupant = occupant_of(work, attempt.place.id, attempt.position)
    if occupant is None or occupant == attempt.item.identifier:
        return []
    taken_by = printed(occupant) if _is_theirs(attempt, attempt.place) else "something of that site"
    return attempt.ask_back(
        "position_taken",
        f"{attempt.position} in {named(attempt.place)} is taken by {taken_by}, "
        "whose place would then be unknown.",
    )


def unit_can_be_so(work: Work, unit: NewUnit) -> None:
    """Raises `UnitRefused`."""
    if unit.kind not in STORAGE:
        kinds = ", ".join(sorted(kind.replace("_", " ") for kind in STORAGE))
        raise UnitRefused(f"A {unit.kind.replace('_', ' ')} is no storage unit; use {kinds}.", field="kind")
    name_can_be(unit.name)
    grid_can_be(unit.grid)
    contents_can_be(unit.contents)
    if unit.inside is not None:
        lock_unit(work, item_now(work, unit.inside))
        outer_unit_fits(work, unit, item_now(work, unit.inside))


def name_can_be(name: str) -> None:
    """Raises `UnitRefused`, `NamesSomebody`."""
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise UnitRefused(f"A unit needs a name of at most {LONGEST_NAME} characters.", field="name")
    names_nobody("name", name, OF_NO_PLACE)


def grid_can_be(grid: Grid) -> None:
    """Without positions it has neither rows nor columns. Raises `UnitRefused`."""
    most = MOST_LETTERED if grid.naming in LETTERED else MOST_ROWS
    has_grid = 0 < grid.rows <= most and 0 < grid.columns <= MOST_COLUMNS
    if not has_grid and (grid.rows, grid.columns) != (0, 0):
        raise UnitRefused(
            f"A grid has 1 to {most} rows and 1 to {MOST_COLUMNS} columns; without, both are 0.",
            field="rows",
        )


def contents_can_be(contents: tuple[str, ...]) -> None:
    """Raises `UnitRefused`, `NamesSomebody`."""
    for each in contents:
        names_nobody("contents", each, OF_NO_PLACE)
    if len("\n".join(contents)) > LONGEST_CONTENTS or any("\n" in each for each in contents):
        raise UnitRefused(
            f"What may lie in it is told in at most {LONGEST_CONTENTS} characters, a line each.",
            field="contents",
        )


def outer_unit_fits(work: Work, unit: NewUnit, outer: ItemNow) -> None:
    """Raises `NotAPlace`, `NoSuchPosition`, `UnitRefused`, `PositionTaken`."""
    fittings = fittings_of(work, outer.id)
    if fittings is None:
        raise NotAPlace(f"{printed(outer.identifier)} is no storage unit; name one.", field="inside")
    if outer.state is State.VOIDED:
        raise UnitRefused(f"{named(outer)} is voided; name a unit that is in use.", field="inside")
    if not fittings.takes(unit.kind):
        raise UnitRefused(f"{named(outer)} takes no {unit.kind.replace('_', ' ')}.", field="inside")
    if unit.position is None:
        return
    _refuse_unknown_position(outer, fittings.grid, unit.position)
    if occupant_of(work, outer.id, unit.position):
        raise PositionTaken(f"{unit.position} in {named(outer)} is taken; choose another.", field="position")


def celsius(degrees: int) -> str:
    """With the sign that is read aloud as minus."""
    return f"{degrees} °C".replace("-", "\N{MINUS SIGN}")


def named(place: ItemNow) -> str:
    """For people: the unit's kind, unless its name begins with it, name and code."""
    kind, name = place.kind.replace("_", " "), place.specification or ""
    told = name if name.casefold().startswith(kind) else f"{kind} {name}".strip()
    return f"{told} ({printed(place.identifier)})"


def named_to(by: Actor, unit: ItemNow) -> str:
    """What was found by looking, not named by `by`."""
    return named(unit) if may_see(by, unit) else called(by, unit)


def _fittings(work: Work, attempt: Attempt) -> Fittings | None:
    return fittings_of(work, attempt.place.id) if attempt.place else None


def _refuse_unknown_position(place: ItemNow, grid: Grid | None, position: str) -> None:
    if grid is None:
        raise NoSuchPosition(
            f"There are no positions in {named(place)}; leave the position out.", field="position"
        )
    if position not in grid:
        raise NoSuchPosition(
            f"{position} is not in {named(place)}: {grid.span}.", field="position", positions=grid.span
        )


def _which_position(work: Work, place: ItemNow, grid: Grid) -> str:
    free = next((spot for spot in grid.positions() if occupant_of(work, place.id, spot) is None), None)
    next_free = f"{free} is the next free" if free else "every one is taken"
    return f"Say in which position of {named(place)} it lies ({grid.span}); {next_free}."
