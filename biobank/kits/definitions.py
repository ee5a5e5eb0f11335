"""Kit definitions: which tubes a kit holds, in draw order, read from one TOML file a version."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from biobank.core.toml_tables import BadFile, Table

TEST_CODE = r"[0-9A-Z]{3,8}"


class SpecimenKind(StrEnum):
    """What a tube is filled with."""

    BLOOD = "blood"
    URINE = "urine"


@dataclass(frozen=True, slots=True)
class CentrifugeWindow:
    """When a tube goes into the centrifuge, in minutes after its collection."""

    latest_minutes: int
    earliest_minutes: int = 0


@dataclass(frozen=True, slots=True)
class TubeSpecification:
    """One tube of a kit. `nominal_volume_microlitres` is None where nobody says what the tube takes.

    `clinic_temperature` is the instruction to the clinic, not the limit of acceptance. `labels` counts the
    labels that bear the tube's one identifier. The two spin codes are what the lab calls this same tube after
    the centrifuge.
    """

    draw_order: int
    code: str
    label: str
    colour: str
    additive: str
    labels: int
    specimen: SpecimenKind
    scope: str
    clinic_temperature: str
    lab_specimen_name: str
    nominal_volume_microlitres: int | None = None
    centrifuge: CentrifugeWindow | None = None
    code_swinging_bucket: str | None = None
    code_fixed_angle: str | None = None

    @property
    def spin_codes(self) -> tuple[str, ...]:
        return tuple(code for code in (self.code_swinging_bucket, self.code_fixed_angle) if code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that means this tube, the one of the draw first."""
        return (self.code, *self.spin_codes)


@dataclass(frozen=True, slots=True)
class KitDefinition:
    """A version of a kit, its tubes in draw order; `weight_below_grams` bounds a pediatric kit."""

    name: str
    version: str
    tubes: tuple[TubeSpecification, ...]
    weight_below_grams: int | None = None

    @property
    def key(self) -> str:
        """The name that people use: `adult-3.2`."""
        return f"{self.name}-{self.version}"

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(code for tube in self.tubes for code in tube.codes)

    def tube(self, code: str) -> TubeSpecification | None:
        """The tube that a code of the draw or of the spin means."""
        return next((tube for tube in self.tubes if code in tube.codes), None)


class BadDefinition(BadFile):
    """A kit definition that cannot be used."""

    title = "Kit definition not usable"


def load_definitions(folder: Path) -> dict[str, KitDefinition]:
    """Every `*.toml` of the folder by its key, for example `adult-3.2`. Raises `BadDefinition`."""
    loaded = [_load(path) for path in sorted(folder.glob("*.toml"))]
    if not loaded:
        raise BadDefinition(folder.name, "*.toml", "holds no kit definition; add one or name another folder")
    definitions = {definition.key: definition for definition in loaded}
    _refuse_codes_of_two_tubes(definitions)
    return definitions


def newest_first(definitions: Mapping[str, KitDefinition]) -> list[KitDefinition]:
    """By version number, the highest first; of one version in the order of their names (adult first)."""
    by_name = sorted(definitions.values(), key=lambda definition: definition.name)
    return sorted(by_name, key=_version_number, reverse=True)


def newest_holding_all(
    definitions: Mapping[str, KitDefinition],
    codes: Collection[str],
) -> KitDefinition | None:
    """The newest definition in which every code, of the draw or of the spin, is a tube; None if none is."""
    return next((found for found in newest_first(definitions) if found.codes.issuperset(codes)), None)


def newest_specification(definitions: Mapping[str, KitDefinition], code: str) -> TubeSpecification | None:
    """The tube that a code means in the newest definition that has it."""
    return next((tube for found in newest_first(definitions) if (tube := found.tube(code))), None)


def same_tube(definitions: Mapping[str, KitDefinition], codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Codes grouped by the tube they mean: `{"1SS08": ("1SS08", "1SST8", "2SST8"), ...}`.

    The key is the code of the draw, also where only a spin code was given. A code that no definition has is
    a tube by itself.
    """
    drawn_as = {
        code: tube.code
        for definition in definitions.values()
        for tube in definition.tubes
        for code in tube.codes
    }
    groups: dict[str, tuple[str, ...]] = {}
    for code in codes:
        drawn = drawn_as.get(code, code)
        groups[drawn] = (*groups.get(drawn, ()), code)
    return groups


def _version_number(definition: KitDefinition) -> tuple[int, ...]:
    return tuple(int(part) for part in definition.version.split("."))


def _refuse_codes_of_two_tubes(definitions: Mapping[str, KitDefinition]) -> None:
    """A code means one tube in all definitions, else an order could not be read."""
    meant: dict[str, str] = {}
    for definition in definitions.values():
        for tube in definition.tubes:
            for code in tube.codes:
                if meant.setdefault(code, tube.code) != tube.code:
                    raise BadDefinition(
                        f"{definition.key}.toml",
                        f"tube {tube.code}",
                        f"{code} means {meant[code]} in another definition; give this tube its own code",
                    )


def _load(path: Path) -> KitDefinition:
    table = Table.of_file(path, BadDefinition)
    table.refuse_unknown({"name", "version", "weight_below_grams", "tube"})
    definition = KitDefinition(
        name=table.text("name", r"[a-z0-9]+([.-][a-z0-9]+)*"),
        version=table.text("version", r"[0-9]+(\.[0-9]+)*"),
        tubes=tuple(_tube(tube) for tube in table.tables("tube")),
        weight_below_grams=table.optional_number("weight_below_grams"),
    )
    if path.name != f"{definition.key}.toml":
        table.refuse(
            "name and version", f"these say {definition.key}; rename the file to {definition.key}.toml"
        )
    _refuse_gaps(table, definition.tubes)
    _refuse_doubles(table, definition.tubes)
    return definition


def _tube(table: Table) -> TubeSpecification:
    table.refuse_unknown({field.name for field in fields(TubeSpecification)})
    one_of_the_kinds = "|".join(SpecimenKind)
    return TubeSpecification(
        draw_order=table.number("draw_order"),
        code=table.text("code", TEST_CODE),
        label=table.text("label"),
        colour=table.text("colour"),
        additive=table.text("additive"),
        labels=table.number("labels"),
        specimen=SpecimenKind(table.text("specimen", one_of_the_kinds)),
        scope=table.text("scope", one_of_the_kinds),
        clinic_temperature=table.text("clinic_temperature"),
        lab_specimen_name=table.text("lab_specimen_name"),
        nominal_volume_microlitres=table.optional_number("nominal_volume_microlitres"),
        centrifuge=_window(table),
        code_swinging_bucket=table.optional_text("code_swinging_bucket", TEST_CODE),
        code_fixed_angle=table.optional_text("code_fixed_angle", TEST_CODE),
    )


def _window(table: Table) -> CentrifugeWindow | None:
    value = table.values.get("centrifuge")
    if value is None:
        if spin_codes := {"code_swinging_bucket", "code_fixed_angle"} & table.values.keys():
            table.refuse(
                min(spin_codes), "only a tube that is spun has this; add centrifuge or remove the code"
            )
        return None
    if not isinstance(value, dict):
        table.refuse("centrifuge", "this must be a table; write { latest_minutes = 240 }")
    window = Table(table.file, f"{table.place}centrifuge.", value, BadDefinition)
    window.refuse_unknown({"earliest_minutes", "latest_minutes"})
    earliest = window.number("earliest_minutes", least=0) if "earliest_minutes" in value else 0
    latest = window.number("latest_minutes", least=earliest + 1)
    return CentrifugeWindow(latest, earliest)


def _refuse_gaps(table: Table, tubes: tuple[TubeSpecification, ...]) -> None:
    for expected, tube in enumerate(tubes, 1):
        if tube.draw_order != expected:
            table.refuse(
                f"tube {expected}, draw_order",
                f"{tube.code} says {tube.draw_order}; list the tubes in draw order, 1, 2, 3 without a gap",
            )


def _refuse_doubles(table: Table, tubes: tuple[TubeSpecification, ...]) -> None:
    seen: set[str] = set()
    for at, tube in enumerate(tubes, 1):
        for code in tube.codes:
            if code in seen:
                table.refuse(f"tube {at}, code", f"{code} is there twice; give each tube codes of its own")
            seen.add(code)
