"""What the bench makes of each tube: materials, numbers and volumes, read from one TOML file a version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from biobank.core.toml_tables import BadFile, Table
from biobank.kits.definitions import TEST_CODE, load_definitions, newest_first
from biobank.processing.choices import LARGEST_MICROLITRES, MOST_CHILDREN, SPECIFICATION, NotMade
from biobank.settings import Settings

SPREC_CODE = r"[A-Z0-9]{3}"
COLDEST = -196


class Vial(StrEnum):
    """Vessels as SPREC tells them apart."""

    SMALL_TUBE = "pp_tube_40_to_500_ul"
    TUBE = "pp_tube_half_to_2_ml"
    CRYOTUBE = "cryotube_1_to_2_ml"
    LARGE_TUBE = "pp_tube_over_5_ml"


@dataclass(frozen=True, slots=True)
class Material:
    """What an aliquot can be, and how it is kept; times in minutes, temperatures in degrees Celsius."""

    name: str
    sprec: str
    store_celsius: int
    thaws_at_most: int
    source: str
    freeze_within_minutes: int | None = None
    """None for what is not frozen."""
    sprec_spun_twice: str | None = None
    not_made: tuple[NotMade, ...] = tuple(NotMade)
    """Why a vial of it can be lacking."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many vials of a material with so much in each."""

    material: Material
    count: int
    volume_microlitres: int
    vial: Vial
    source: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made of a tube; one that is `kept_whole` has no lines and is frozen as it is."""

    codes: tuple[str, ...]
    container: str
    spun: bool
    process_within_minutes: int
    source: str
    lines: tuple[Line, ...]
    kept_whole: Material | None = None

    @property
    def volume_microlitres(self) -> int:
        """Of all vials together."""
        return sum(line.count * line.volume_microlitres for line in self.lines)

    @property
    def not_made(self) -> list[NotMade]:
        """Why a vial of any line can be lacking."""
        return [reason for reason in NotMade if any(reason in line.material.not_made for line in self.lines)]


@dataclass(frozen=True, slots=True)
class PlanBook:
    """A version of the plans of a bench."""

    name: str
    version: str
    materials: Mapping[str, Material]
    plans: tuple[Plan, ...]

    @property
    def key(self) -> str:
        """As events name it: `aliquots-1`."""
        return f"{self.name}-{self.version}"

    def plan_of(self, code: str) -> Plan | None:
        """By the code of the draw."""
        return next((plan for plan in self.plans if code in plan.codes), None)

    def line_of(self, code: str | None, material: str) -> Line | None:
        """How this material is made of a tube of this code."""
        plan = self.plan_of(code or "")
        return next((line for line in plan.lines if line.material.name == material), None) if plan else None


class BadPlan(BadFile):
    """A file of plans that cannot be used."""

    title = "Plan of the bench not usable"


def todays_plans(settings: Settings) -> PlanBook:
    """The newest version in the settings' folder. Raises `BadPlan`."""
    folder = Path(settings.processing_folder)
    return _loaded(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(folder: Path, _changed_at: int) -> PlanBook:
    return load_plans(folder)[-1]


def load_plans(folder: Path) -> list[PlanBook]:
    """Every `*.toml` of the folder, the newest version last. Raises `BadPlan`."""
    loaded = [_load(path) for path in sorted(folder.glob("*.toml"))]
    if not loaded:
        raise BadPlan(folder.name, "*.toml", "holds no plan; add one or name another folder")
    return sorted(loaded, key=lambda book: tuple(int(part) for part in book.version.split(".")))


def drawn_as(settings: Settings, code: str | None) -> str | None:
    """The code of the draw of a tube that is called by another after its spin; None where none knows it."""
    return _draws(settings).get(code) if code else None


def _draws(settings: Settings) -> Mapping[str, str]:
    folder = Path(settings.kits_folder)
    return _draws_of(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _draws_of(folder: Path, _changed_at: int) -> Mapping[str, str]:
    """Every code of a tube, before and after its spin, with the code of its draw in the newest definition."""
    oldest_first = reversed(newest_first(load_definitions(folder)))
    return {code: tube.code for kit in oldest_first for tube in kit.tubes for code in tube.codes}


def plan_for(settings: Settings, code: str | None) -> Plan | None:
    """Today's plan for a tube of this specification, whether it was spun or not."""
    drawn = drawn_as(settings, code)
    return todays_plans(settings).plan_of(drawn) if drawn else None


def codes_of(settings: Settings, plans: Collection[Plan]) -> list[str]:
    """Every code by which the tubes of some plans are called, before and after their spin."""
    drawn = {code for plan in plans for code in plan.codes}
    return sorted(drawn | {code for code, draw in _draws(settings).items() if draw in drawn})


def _load(path: Path) -> PlanBook:
    table = Table.of_file(path, BadPlan)
    table.refuse_unknown({"name", "version", "material", "plan"})
    materials = {material.name: material for material in map(_material, table.tables("material"))}
    book = PlanBook(
        name=table.text("name", r"[a-z]+"),
        version=table.text("version", r"[0-9]+(\.[0-9]+)*"),
        materials=materials,
        plans=tuple(_plan(each, materials) for each in table.tables("plan")),
    )
    if path.name != f"{book.key}.toml":
        table.refuse("name and version", f"these say {book.key}; rename the file to {book.key}.toml")
    _refuse_two_plans_of_one_tube(table, book)
    return book


def _material(table: Table) -> Material:
    table.refuse_unknown(Material.__dataclass_fields__)
    return Material(
        name=table.text("name", SPECIFICATION.pattern),
        sprec=table.text("sprec", SPREC_CODE),
        sprec_spun_twice=table.optional_text("sprec_spun_twice", SPREC_CODE),
        store_celsius=table.number("store_celsius", least=COLDEST),
        freeze_within_minutes=table.optional_number("freeze_within_minutes"),
        thaws_at_most=table.number("thaws_at_most", least=0),
        source=table.text("source"),
        not_made=_reasons(table) if "not_made" in table.values else tuple(NotMade),
    )


def _reasons(table: Table) -> tuple[NotMade, ...]:
    told = _list(table, "not_made")
    if any(reason not in list(NotMade) for reason in told):
        table.refuse("not_made", f"each is one of {', '.join(NotMade)}")
    return tuple(reason for reason in NotMade if reason in told)


PLAN_KEYS = frozenset(
    {"codes", "container", "spun", "process_within_minutes", "source", "kept_whole", "line"}
)


def _plan(table: Table, materials: Mapping[str, Material]) -> Plan:
    table.refuse_unknown(PLAN_KEYS)
    whole = _material_named(table, "kept_whole", materials) if "kept_whole" in table.values else None
    if (whole is None) is not ("line" in table.values):
        table.refuse("line", "a tube has lines or is kept whole; write the one or the other")
    return Plan(
        codes=_codes(table),
        container=table.text("container", SPREC_CODE),
        spun=_yes_or_no(table, "spun"),
        process_within_minutes=table.number("process_within_minutes"),
        source=table.text("source"),
        lines=() if whole else tuple(_line(line, materials) for line in table.tables("line")),
        kept_whole=whole,
    )


def _line(table: Table, materials: Mapping[str, Material]) -> Line:
    table.refuse_unknown(Line.__dataclass_fields__)
    count, volume = table.number("count"), table.number("volume_microlitres")
    if count > MOST_CHILDREN or volume > LARGEST_MICROLITRES:
        table.refuse("count", f"no bench makes more than {MOST_CHILDREN} vials or so large ones; look again")
    return Line(
        material=_material_named(table, "material", materials),
        count=count,
        volume_microlitres=volume,
        vial=Vial(table.text("vial", "|".join(Vial))),
        source=table.text("source"),
    )


def _material_named(table: Table, key: str, materials: Mapping[str, Material]) -> Material:
    named = table.text(key)
    if named not in materials:
        table.refuse(key, f"{named!r} is no material; use one of {', '.join(sorted(materials))}")
    return materials[named]


def _codes(table: Table) -> tuple[str, ...]:
    return tuple(
        Table(table.file, f"{table.place}codes, ", {"code": code}, BadPlan).text("code", TEST_CODE)
        for code in _list(table, "codes")
    )


def _list(table: Table, key: str) -> list[object]:
    value = table.values.get(key)
    if not isinstance(value, list) or not value:
        table.refuse(key, "this must be a list; write it in square brackets")
    return value


def _yes_or_no(table: Table, key: str) -> bool:
    value = table.values.get(key)
    if not isinstance(value, bool):
        table.refuse(key, "this must be true or false; write it without quotes")
    return value


def _refuse_two_plans_of_one_tube(table: Table, book: PlanBook) -> None:
    codes = [code for plan in book.plans for code in plan.codes]
    for code in codes:
        if codes.count(code) > 1:
            table.refuse(f"plan of {code}", "this tube has two plans; give it one")
