"""The bench's plans: every tube that clinics draw has one, each figure its source; a bad file is refused by its key."""

import shutil
from pathlib import Path

import pytest

from biobank.core.quantities import NotAnAmount, Unit, plainly, said, thousandths
from biobank.kits.queries import definitions_of
from biobank.processing.measures import in_words
from biobank.processing.plans import BadPlan, load_plans, plan_for, todays_plans
from biobank.settings import load_settings

SHIPPED = Path(__file__).parents[2] / "config" / "processing" / "aliquots-1.toml"


@pytest.fixture(scope="module")
def settings():
    return load_settings()


def test_every_tube_of_every_kit_has_a_plan_before_and_after_its_spin(settings):
    for definition in definitions_of(settings).values():
        for tube in definition.tubes:
            for code in tube.codes:
                plan = plan_for(settings, code)
                assert plan is not None, (definition.key, code)
                assert tube.centrifuge is None or plan.spun


def test_no_plan_asks_for_more_than_its_tube_holds(settings):
    for definition in definitions_of(settings).values():
        for tube in definition.tubes:
            plan = plan_for(settings, tube.code)
            assert plan.volume_microlitres <= (tube.nominal_volume_microlitres or 10_000)


def test_each_figure_says_where_it_is_from(settings):
    book = todays_plans(settings)
    assert book.key == "aliquots-1"
    told = [*book.materials.values(), *book.plans, *(line for plan in book.plans for line in plan.lines)]
    assert all(len(each.source) > 5 for each in told)


def test_a_reason_for_a_lacking_vial_fits_its_material(settings):
    book = todays_plans(settings)
    lacking = {name: [str(reason) for reason in each.not_made] for name, each in book.materials.items()}
    assert lacking["urine"] == ["not_enough_material", "spilled", "other"]
    assert [name for name, each in lacking.items() if "no_buffy_coat" in each] == ["buffy coat"]
    assert "no_buffy_coat" in plan_for(settings, "1ED10").not_made
    assert "clotted" not in plan_for(settings, "1SS08").not_made


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('kept_whole = "stabilised blood"', "", "line: a tube has lines or is kept whole"),
        ('codes = ["1UR10"]', 'codes = ["1UR90"]', "plan of 1UR90: this tube has two plans"),
        ('codes = ["1UR10"]', "codes = []", "codes: this must be a list"),
        ('material = "urine"', 'material = "tears"', "'tears' is no material"),
        ("spun = false", 'spun = "no"', "spun: this must be true or false"),
        ('"not_enough_material", "spilled"', '"evaporated"', "not_made: each is one of not_enough_material,"),
        ("count = 6", "count = 600", "more than 200 vials"),
        ("count = 6", "count = 6\nlid = 1", "lid: this key is not known"),
        ('version = "1"', 'version = "2"', "rename the file to aliquots-2.toml"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_file_and_key(tmp_path, was, becomes, told):
    text = SHIPPED.read_text()
    assert was in text
    (tmp_path / SHIPPED.name).write_text(text.replace(was, becomes, 1))
    with pytest.raises(BadPlan) as refused:
        load_plans(tmp_path)
    assert told in refused.value.detail
    assert SHIPPED.name in refused.value.detail


def test_the_newest_version_counts_and_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(BadPlan, match="holds no plan"):
        load_plans(tmp_path)
    for version in ("2", "10"):
        path = shutil.copy(SHIPPED, tmp_path / f"aliquots-{version}.toml")
        Path(path).write_text(SHIPPED.read_text().replace('version = "1"', f'version = "{version}"', 1))
    assert [book.key for book in load_plans(tmp_path)] == ["aliquots-2", "aliquots-10"]


# Amounts.


@pytest.mark.parametrize(
    ("typed", "number", "shown"),
    [
        ("3.5", 3500, "3.5"),
        ("3,5", 3500, "3.5"),
        ("0.1", 100, "0.1"),
        ("12", 12000, "12"),
        ("-0.25", -250, "-0.25"),
    ],
)
def test_what_is_typed_with_decimals_is_kept_whole_and_shown_again(typed, number, shown):
    assert (thousandths(typed), plainly(number)) == (number, shown)


@pytest.mark.parametrize("typed", ["", "much", "1e400", "nan", "1.2.3", "9" * 30])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(NotAnAmount):
        thousandths(typed)


def test_a_derivative_is_said_with_its_units_and_what_is_in_it_altogether():
    told = {
        "concentration_picograms_per_microlitre": 50_200,
        "a260_280_thousandths": 1_850,
        "cells": 2_000_000,
    }
    assert in_words(told, 100) == [
        ("Concentration", "50.2 ng/µL"),
        ("A260/280", "1.85"),
        ("Cells", "2000000 cells"),
        ("In all", "5.02 µg"),
    ]
    assert in_words({"concentration_picograms_per_microlitre": 1}) == [("Concentration", "0.001 ng/µL")]
    assert said(1500, Unit.MILLILITRE) == "1.5 mL"
