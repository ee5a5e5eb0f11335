"""What was measured of a derivative: whole numbers of a small unit in the log, decimals for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from biobank.core.quantities import THOUSAND, Unit, said


@dataclass(frozen=True)
class Measure:
    """`name` is the key in the log; `per` of them are one of the unit that people read."""

    name: str
    label: str
    unit: Unit
    most: int
    per: int = THOUSAND
    least: int = 0


CONCENTRATION = Measure(
    "concentration_picograms_per_microlitre",
    "Concentration",
    Unit.NANOGRAM_PER_MICROLITRE,
    most=10_000_000,
)
A260_280 = Measure("a260_280_thousandths", "A260/280", Unit.NONE, most=5_000)
A260_230 = Measure("a260_230_thousandths", "A260/230", Unit.NONE, most=5_000)
CELLS = Measure("cells", "Cells", Unit.CELL, most=10_000_000_000, per=1)
MEASURES = (CONCENTRATION, A260_280, A260_230, CELLS)
BY_NAME: Mapping[str, Measure] = {measure.name: measure for measure in MEASURES}

PICOGRAMS_PER_MICROGRAM = 1_000_000


def in_words(told: Mapping[str, int], volume_microlitres: int | None = None) -> list[tuple[str, str]]:
    """Each measure with its unit, and what is in the tube altogether where that follows."""
    words = [
        (each.label, said(told[each.name], each.unit, each.per)) for each in MEASURES if each.name in told
    ]
    concentration = told.get(CONCENTRATION.name)
    if concentration is None or volume_microlitres is None:
        return words
    nanograms = concentration * volume_microlitres * THOUSAND // PICOGRAMS_PER_MICROGRAM
    return [*words, ("In all", said(nanograms, Unit.MICROGRAM))]
