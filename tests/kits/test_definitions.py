"""Kit definitions: what the real files hold, and that each way to write a bad one is refused with its place."""

import re
from pathlib import Path

import pytest

from biobank.kits.definitions import (
    BadDefinition,
    CentrifugeWindow,
    SpecimenKind,
    load_definitions,
    newest_first,
    newest_holding_all,
    newest_specification,
    same_tube,
)

KITS = Path(__file__).parents[2] / "config" / "kits"
DEFINITIONS = load_definitions(KITS)

GOOD = """
name = "adult"
version = "9.1"

[[tube]]
draw_order = 1
code = "1SS08"
label = "8 mL SST"
colour = "Red and gray"
additive = "serum gel"
nominal_volume_microlitres = 8000
labels = 1
specimen = "blood"
scope = "blood"
clinic_temperature = "refrigerated"
lab_specimen_name = "PMI SST"
centrifuge = { earliest_minutes = 30, latest_minutes = 240 }
code_swinging_bucket = "1SST8"
code_fixed_angle = "2SST8"

[[tube]]
draw_order = 2
code = "1UR10"
label = "Urine 10 mL"
colour = "Yellow"
additive = "none"
labels = 2
specimen = "urine"
scope = "urine"
clinic_temperature = "refrigerated"
lab_specimen_name = "PMI Urine"
"""


def load(folder, text, name="adult-9.1.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_definitions(folder)


def test_every_version_of_the_programme_is_there():
    assert set(DEFINITIONS) == {
        "adult-3.1",
        "adult-3.2",
        "adult-4",
        "urine-1",
        *(
            f"pediatric{bound}-{version}"
            for version in ("3.1", "3.2")
            for bound in ("", "-below-2.5-kg", "-below-5-kg", "-below-16.4-kg")
        ),
    }


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("adult-3.1", "1SS08 1PS08 1HEP4 1ED04 1ED10 1CFD9 1PXR2 1UR10"),
        ("adult-3.2", "1SS08 PS04A PS04B 1HEP4 1ED04 1ED10 1CFD9 1PXR2 1UR10"),
        ("adult-4", "1SS08 1PS08 1HEP4 1ED02 1ED04 1ED10 1CFD9 1PXR2 1UR90"),
        ("urine-1", "1UR10"),
        ("pediatric-below-2.5-kg-3.2", "1UR10"),
        ("pediatric-below-5-kg-3.2", "2ED02 1UR10"),
        ("pediatric-below-16.4-kg-3.1", "1ED02 2ED04 1UR10"),
        ("pediatric-3.2", "1ED04 1ED10 1PXR2 1UR10"),
    ],
)
def test_the_tubes_are_in_draw_order(key, codes):
    tubes = DEFINITIONS[key].tubes
    assert [tube.code for tube in tubes] == codes.split()
    assert [tube.draw_order for tube in tubes] == list(range(1, len(tubes) + 1))


def test_a_tube_says_all_that_the_bench_needs():
    definition = DEFINITIONS["adult-3.2"]
    serum = definition.tube("2SST8")
    assert serum is definition.tube("1SS08")
    assert serum.codes == ("1SS08", "1SST8", "2SST8")
    assert (serum.additive, serum.nominal_volume_microlitres, serum.labels) == ("serum gel", 8000, 1)
    assert serum.centrifuge == CentrifugeWindow(earliest_minutes=30, latest_minutes=240)
    plasma = definition.tube("PS04B")
    assert plasma.additive == "lithium-heparin plasma gel"
    assert plasma.nominal_volume_microlitres == 4500
    assert plasma.centrifuge == CentrifugeWindow(earliest_minutes=0, latest_minutes=240)
    urine = definition.tube("1UR10")
    assert (urine.specimen, urine.scope, urine.labels, urine.centrifuge) == (
        SpecimenKind.URINE,
        "urine",
        2,
        None,
    )
    assert urine.spin_codes == ()
    assert definition.tube("1UR90") is None


def test_a_volume_that_nobody_names_is_unknown():
    assert DEFINITIONS["adult-3.2"].tube("1CFD9").nominal_volume_microlitres is None


def test_the_weight_of_a_pediatric_kit_is_kept():
    assert DEFINITIONS["pediatric-below-2.5-kg-3.1"].weight_below_grams == 2500
    assert DEFINITIONS["pediatric-below-16.4-kg-3.1"].weight_below_grams == 16400
    assert DEFINITIONS["pediatric-3.1"].weight_below_grams is None
    assert DEFINITIONS["adult-4"].weight_below_grams is None


def test_the_newest_comes_first_and_of_one_version_the_adult_kit():
    keys = [definition.key for definition in newest_first(DEFINITIONS)]
    assert keys[:3] == ["adult-4", "adult-3.2", "pediatric-3.2"]
    assert keys[-1] == "urine-1"


def test_a_version_is_a_number_and_not_a_text(tmp_path):
    (tmp_path / "adult-9.1.toml").write_text(GOOD)
    definitions = load(tmp_path, GOOD.replace('"9.1"', '"10"'), "adult-10.toml")
    assert newest_holding_all(definitions, {"1SS08"}).key == "adult-10"


@pytest.mark.parametrize(
    ("codes", "key"),
    [
        ("1SS08 PS04A PS04B 1HEP4 1ED04 1ED10 1CFD9 1PXR2 1UR10", "adult-3.2"),
        ("1SST8 1PS4A 2PS4B 1UR10", "adult-3.2"),
        ("1SS08 1PST8 1UR10", "adult-3.1"),
        ("1SS08 2PST8 1ED02", "adult-4"),
        ("1ED04 1ED10 1PXR2 1UR10", "adult-3.2"),
        ("2ED04 1UR10", "pediatric-below-16.4-kg-3.2"),
    ],
)
def test_the_newest_definition_that_holds_every_test(codes, key):
    assert newest_holding_all(DEFINITIONS, codes.split()).key == key


@pytest.mark.parametrize("codes", ["2ED10", "1SAL2", "1UR10 1UR90", "PS04A 1PS08"])
def test_an_order_that_mixes_versions_has_no_definition(codes):
    assert newest_holding_all(DEFINITIONS, codes.split()) is None


def test_the_specification_of_a_code_is_the_newest_one():
    assert newest_specification(DEFINITIONS, "1ED02").colour == "Purple"
    assert newest_specification(DEFINITIONS, "1PST8").code == "1PS08"
    assert newest_specification(DEFINITIONS, "1SAL2") is None


def test_codes_of_the_draw_and_of_the_spin_are_one_tube():
    assert same_tube(
        DEFINITIONS, ["1PST8", "1SST8", "2ED10", "2SST8", "1PS08", "1SS08", "2PST8", "PS04A", "2PS4B"]
    ) == {
        "1PS08": ("1PST8", "1PS08", "2PST8"),
        "1SS08": ("1SST8", "2SST8", "1SS08"),
        "2ED10": ("2ED10",),
        "PS04A": ("PS04A",),
        "PS04B": ("2PS4B",),
    }
    assert same_tube(DEFINITIONS, []) == {}


def test_a_good_file_loads(tmp_path):
    definition = load(tmp_path, GOOD)["adult-9.1"]
    assert definition.codes == {"1SS08", "1SST8", "2SST8", "1UR10"}
    assert definition.tubes[1].nominal_volume_microlitres is None


@pytest.mark.parametrize(
    ("change", "to", "key", "says"),
    [
        ("[[tube]]", "[[tube", "TOML", "cannot be read"),
        ('name = "adult"', 'name = "adult"\ncolor = "red"', "color", "not known"),
        ("colour =", "color =", "tube 1, color", "not known"),
        ('name = "adult"', "", "name", "text of the shape"),
        ('name = "adult"', 'name = "Adult kit"', "name", "text of the shape"),
        ('version = "9.1"', "version = 9.1", "version", "text of the shape"),
        ('version = "9.1"', 'version = "9.1-beta"', "version", "text of the shape"),
        ('version = "9.1"', 'version = "9.2"', "name and version", "rename the file to adult-9.2.toml"),
        (
            'version = "9.1"',
            'version = "9.1"\nweight_below_grams = 0',
            "weight_below_grams",
            "whole number of 1",
        ),
        ('label = "8 mL SST"', 'label = " "', "tube 1, label", "text of the shape"),
        ('code = "1SS08"', 'code = "1ss08"', "tube 1, code", "text of the shape"),
        ('specimen = "urine"', 'specimen = "saliva"', "tube 2, specimen", "blood|urine"),
        ('scope = "urine"', 'scope = "DNA"', "tube 2, scope", "blood|urine"),
        ("labels = 2", "labels = 0", "tube 2, labels", "whole number of 1 or more"),
        ("labels = 2", 'labels = "2"', "tube 2, labels", "whole number of 1 or more"),
        ("labels = 2", "labels = true", "tube 2, labels", "whole number of 1 or more"),
        ("draw_order = 2", "draw_order = 3", "tube 2, draw_order", "1UR10 says 3"),
        ("draw_order = 1\n", "draw_order = 2\n", "tube 1, draw_order", "1SS08 says 2"),
        ('code = "1UR10"', 'code = "1SS08"', "tube 2, code", "1SS08 is there twice"),
        ('code = "1UR10"', 'code = "2SST8"', "tube 2, code", "2SST8 is there twice"),
        (
            "nominal_volume_microlitres = 8000",
            "nominal_volume_microlitres = 8.0",
            "tube 1, nominal_volume_microlitres",
            "whole number",
        ),
        ("{ earliest_minutes = 30, latest_minutes = 240 }", "true", "tube 1, centrifuge", "must be a table"),
        (
            "earliest_minutes = 30, latest_minutes = 240",
            "earliest_minutes = 30",
            "tube 1, centrifuge.latest_minutes",
            "31 or more",
        ),
        (
            "earliest_minutes = 30",
            "earliest_minutes = 240",
            "tube 1, centrifuge.latest_minutes",
            "241 or more",
        ),
        ("earliest_minutes = 30", "earliest = 30", "tube 1, centrifuge.earliest", "not known"),
        (
            "centrifuge = { earliest_minutes = 30, latest_minutes = 240 }\n",
            "",
            "tube 1, code_fixed_angle",
            "add centrifuge",
        ),
        (GOOD[GOOD.index("[[tube]]") :], "", "tube", "one or more tables"),
        (GOOD[GOOD.index("[[tube]]") :], "tube = [1]", "tube", "one or more tables"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path, change, to, key, says):
    assert change in GOOD
    with pytest.raises(BadDefinition) as caught:
        load(tmp_path, GOOD.replace(change, to))
    assert caught.value.extra == {"file": "adult-9.1.toml", "key": key}
    assert caught.value.detail.startswith(f"adult-9.1.toml, {key}: ")
    assert says in caught.value.detail
    assert re.fullmatch(r"[^\n]+[^.\n]\.", caught.value.detail)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "adult-9.1.toml").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(BadDefinition, match=r"adult-9\.1\.toml, TOML"):
        load_definitions(tmp_path)


def test_a_code_means_one_tube_in_all_definitions(tmp_path):
    (tmp_path / "adult-9.1.toml").write_text(GOOD)
    other = GOOD.replace('"9.1"', '"9.2"').replace('"1SST8"', '"1SST9"').replace('"1SS08"', '"1SS09"')
    with pytest.raises(BadDefinition, match=r"adult-9\.2\.toml, tube 1SS09: 2SST8 means 1SS08"):
        load(tmp_path, other, "adult-9.2.toml")


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_definitions_is_refused(tmp_path, folder):
    with pytest.raises(BadDefinition, match="holds no kit definition"):
        load_definitions(tmp_path / folder)
