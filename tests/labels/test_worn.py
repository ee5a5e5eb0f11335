"""Worn labels, trial by trial: how many are read, and that none is read as another item.

    pytest -m campaign tests/labels/test_worn.py -s

prints the table. A label counts as read when one of its symbols is; a wrong text counts before and after our own
check digits, which the symbol's own check does not replace.
"""

from collections import Counter
from random import Random

import numpy as np
import pytest
import zxingcpp

from biobank.items.identifiers import UnreadableIdentifier, read_identifier
from labels import TEMPLATES, Label, Stock, Symbology, code128, roll_pdf, symbols_of
from labels.layout import ink
from labels.model import Symbol
from tests.labels.examples import identifiers, longest, own_roll
from tests.labels.scanners import SYMBOLOGIES, needs, rasterised
from tests.labels.worn import MIDDLE, WEARS, Aim, Wear, barely_legible, met

pytestmark = needs("pdftoppm")

SEED, DPI = 20261122, 300
TRIALS_ON_ITEMS, TRIALS_ON_OTHERS, TRIALS_EVERY_DAY = 20, 5, 4
ON_ITEMS = {"tube", "narrow_tube", "cryovial", "cap_dot", "aliquot"}
"""Templates that go on tubes and vials, which are handled every day."""
WRAPPED = ON_ITEMS - {"cap_dot"}

ON_A_TUBE = {"on a tube, as a ladder", "on a tube, across"}
FORMATS = [*SYMBOLOGIES]

BARELY_READ, EDGE = 2_400, (0.40, 0.45, 0.50, 0.55)
"""So many symbols at each blur, the standard deviation in modules."""

READ_EVERY_DAY = ("fresh", "tilted by 30°", "blur of 0.10 mm", "contrast of 20 %")


def trials(label: Label, stock: Stock, wear: Wear, times: int) -> Counter[str]:
    """Of so many: read by either symbology, by any; texts that are not on the label, and those past the check."""
    [printed] = rasterised(roll_pdf([label], dpi=DPI, stock=stock), DPI)
    drawn, told = Random(f"{SEED} {label.template} {wear}"), Counter()
    on_it = {(kind, text) for kind, text in symbols_of(label, stock, DPI)}
    aims = symbols_at(label, stock) if wear.around or wear.along else [MIDDLE]
    for _ in range(times):
        pictures = [met(printed, DPI, wear, drawn, aim) for aim in aims]
        codes = [code for seen in pictures for code in zxingcpp.read_barcodes(seen, formats=FORMATS)]
        found = {(SYMBOLOGIES[code.format], code.text) for code in codes}
        told.update({kind for kind, _ in found & on_it})
        told["any"] += bool(found & on_it)
        wrong = {text for _, text in found - on_it}
        told["wrong"] += len(wrong)
        told["accepted"] += sum(map(accepted, wrong))
    return told


def symbols_at(label: Label, stock: Stock) -> list[Aim]:
    """The middle of each symbol: somebody turns a tube until it faces the scanner."""
    size = stock.label_width_mm, stock.label_height_mm
    return [
        (
            (mark.x + mark.width / 2) * 25.4 / DPI - size[0] / 2,
            (mark.y + mark.height / 2) * 25.4 / DPI - size[1] / 2,
        )
        for mark in ink(label, *size, DPI)
        if isinstance(mark, Symbol)
    ]


def accepted(text: str) -> bool:
    try:
        read_identifier(text)
    except UnreadableIdentifier:
        return False
    return True


@pytest.mark.parametrize("template", sorted(ON_ITEMS & set(TEMPLATES)))
def test_a_label_in_daily_use_is_read(template):
    [label] = longest(template)
    told = {name: trials(label, own_roll(template), WEARS[name], TRIALS_EVERY_DAY) for name in READ_EVERY_DAY}
    assert {name: counts["any"] for name, counts in told.items()} == dict.fromkeys(told, TRIALS_EVERY_DAY)
    assert not sum(counts["accepted"] for counts in told.values())


def test_a_tube_label_is_read_around_a_tube():
    """Bars across a tube hide behind it; bars along it, like the rungs of a ladder, are all in sight."""
    [label] = longest("tube")
    told = trials(label, own_roll("tube"), WEARS["on a tube, as a ladder"], TRIALS_EVERY_DAY)
    assert told[Symbology.CODE_128] == TRIALS_EVERY_DAY


def bears(template: str, symbology: Symbology) -> bool:
    return symbology in dict(symbols_of(longest(template)[0], own_roll(template), DPI))


@pytest.mark.parametrize("template", [name for name in sorted(WRAPPED) if bears(name, Symbology.DATA_MATRIX)])
def test_a_data_matrix_is_read_whichever_way_the_label_is_wrapped(template):
    [label] = longest(template)
    stock = own_roll(template)
    for name in ON_A_TUBE:
        assert trials(label, stock, WEARS[name], TRIALS_EVERY_DAY)[Symbology.DATA_MATRIX] == TRIALS_EVERY_DAY


@pytest.mark.campaign
def test_no_worn_label_is_read_as_another():
    wrong, attempts = Counter(), 0
    print(f"\nread by any symbol, by Code 128, by Data Matrix; own size, {DPI} dpi, seed {SEED}")
    for template in TEMPLATES:
        [label] = longest(template)
        stock = own_roll(template)
        times = TRIALS_ON_ITEMS if template in ON_ITEMS else TRIALS_ON_OTHERS
        kinds = {kind for kind, _ in symbols_of(label, stock, DPI)}
        print(f"\n{template}, {stock.label_width_mm:g} x {stock.label_height_mm:g} mm, {times} trials each")
        for name, wear in WEARS.items():
            if name in ON_A_TUBE and template not in WRAPPED:
                continue
            told = trials(label, stock, wear, times)
            attempts += times
            wrong.update({key: told[key] for key in ("wrong", "accepted")})
            columns = [told["any"], *(told[kind] if kind in kinds else "-" for kind in Symbology)]
            print(f"  {name:<26}" + "".join(f"{column:>5}" for column in columns))
    print(f"\n{attempts:,} trials, {wrong['wrong']} wrong texts, {wrong['accepted']} past the check digits")
    assert not wrong["accepted"]


@pytest.mark.campaign
def test_what_passes_the_symbols_own_check_is_refused_by_ours():
    """Code 128 so blurred that a reader guesses: its check is one of 103, ours one of 97 more."""
    noise, every = np.random.default_rng(SEED), Counter()
    print(
        f"\nCode 128 at the edge, {BARELY_READ:,} symbols a row, seed {SEED}: read, wrong, wrong and accepted"
    )
    for blur in EDGE:
        told = Counter()
        for text in identifiers(BARELY_READ, SEED):
            picture = barely_legible(code128.bits(text), blur, noise)
            seen = {
                code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.Code128)
            }
            told["read"] += text in seen
            told["wrong"] += len(seen - {text})
            told["accepted"] += sum(map(accepted, seen - {text}))
        every.update(told)
        print(
            f"  blur of {blur:.2f} modules"
            + "".join(f"{told[key]:>7,}" for key in ("read", "wrong", "accepted"))
        )
    assert every["read"]
    assert not every["accepted"]
