"""How much blood a child gives: the kit for the weight of the day, and the most within eight weeks."""

from collections.abc import Mapping
from datetime import timedelta

from biobank.kits.definitions import KitDefinition, SpecimenKind, TubeSpecification, newest_first

EIGHT_WEEKS = timedelta(weeks=8)
LEAST_GRAMS = 2500
"""A child below this weight, or of unknown weight, gives no blood."""
MOST_MICROLITRES = 50_000
MICROLITRES_A_GRAM = 3
"""Within eight weeks the lesser of 50 mL and 3 mL/kg: 63 FR 60364, expedited review, category 2(b)."""
WITHOUT_BOUND = 10**9


def most_in_eight_weeks(weight_grams: int) -> int:
    """In microlitres."""
    return min(MOST_MICROLITRES, MICROLITRES_A_GRAM * weight_grams)


def is_blood(tube: TubeSpecification) -> bool:
    return tube.specimen is SpecimenKind.BLOOD


def blood_in(definition: KitDefinition) -> int:
    """What its blood tubes take together, in microlitres."""
    return sum(tube.nominal_volume_microlitres or 0 for tube in definition.tubes if is_blood(tube))


def is_pediatric(definition: KitDefinition) -> bool:
    return definition.name.startswith("pediatric")


def kit_for_weight(
    definitions: Mapping[str, KitDefinition], weight_grams: int | None
) -> KitDefinition | None:
    """The newest pediatric kit whose bound lies just above the weight; of an unknown weight the smallest."""
    fitting = [
        each
        for each in newest_first(definitions)
        if is_pediatric(each) and (weight_grams or 0) < bound_of(each)
    ]
    return min(fitting, key=bound_of, default=None)  # of equal bounds the newest, which stands first


def bound_of(definition: KitDefinition) -> int:
    """In grams; a kit without a bound is for every child above the others."""
    return definition.weight_below_grams or WITHOUT_BOUND
