"""Labels against the encoders alone: the same codes, in the same run, every code new in every round.

    .venv/bin/python tests/benchmarks/label_sheets.py [--rounds 5] [--labels 10000] [--vials 1890]

A tube label bears its code, the code in groups, and six texts, as kits of nine tubes have them; the encoder's
part is `Code128(text).build()` and nothing more. A vial's is `DataMatrix(text).matrix`. What counts is how many
labels come out while the encoder alone would make one. All of it is work of one processor, timed as such.
"""

import argparse
import random
import statistics
import sys
import time
import tomllib
from pathlib import Path

from barcode import Code128
from ppf.datamatrix import DataMatrix

sys.path.insert(0, str(Path(__file__).parents[2]))  # before this folder: the file is named as the package is

from labels import (
    Label,
    Requisition,
    RequisitionTube,
    load_stocks,
    prove_pdf,
    prove_requisition,
    prove_zpl,
    readable,
    requisition_pdf,
    sheet_pdf,
    zpl,
)

ROOT = Path(__file__).parents[2]
TUBES = tomllib.loads((ROOT / "config" / "kits" / "adult-3.2.toml").read_text())["tube"]
STOCKS = load_stocks(ROOT / "config" / "stocks.toml")
SHEET, VIALS, ROLL = STOCKS["avery-5160"], STOCKS["avery-l4731"], STOCKS["roll-50x25"]

GOAL = 0.35
"""Of the encoder's own speed, for a sheet of Code 128 with all its texts."""


def identifier(letter, dice):
    return letter + f"{dice.randrange(10**12):012d}"


def tube_labels(count, dice, version):
    """Tubes of real kits: every label has its own code, nine share a kit."""
    made = []
    while len(made) < count:
        kit = readable(identifier("K", dice))
        for tube in TUBES:
            lines = (tube["label"], tube["additive"], tube["code"], kit, "Demo programme")
            made.append(Label(identifier("T", dice), "tube", lines, version))
    return made[:count]


def vial_labels(count, dice):
    return [Label(identifier("S", dice), "cryovial", ("Plasma", "2026-11-21")) for _ in range(count)]


def requisition(dice):
    tubes = (
        RequisitionTube(
            number, identifier("T", dice), tube["label"], tube["colour"], tube["additive"], tube["code"]
        )
        for number, tube in enumerate(TUBES, 1)
    )
    return Requisition(identifier("K", dice), tuple(tubes), "Demo programme", "adult-3.2")


def microseconds(work, count):
    begin = time.process_time()
    made = work()
    return (time.process_time() - begin) / count * 1e6, made


def one_round(asked, dice):
    """Microseconds a label by name of the work."""
    took = {}

    def timed(name, count, work):
        took[name], made = microseconds(work, count)
        return made

    tubes, both = (tube_labels(asked.labels, dice, version) for version in (1, None))
    vials = vial_labels(asked.vials, dice)
    timed("Code 128 alone", len(tubes), lambda: [Code128(label.id).build() for label in tubes])
    timed("sheet PDF, Code 128", len(tubes), lambda: sheet_pdf(tubes, SHEET))
    timed("sheet PDF, both symbols", len(both), lambda: sheet_pdf(both, SHEET))
    timed("ZPL, both symbols", len(both), lambda: zpl(both, dpi=203, stock=ROLL))
    timed("Data Matrix alone", len(vials), lambda: [DataMatrix(label.id).matrix for label in vials])
    timed("sheet PDF, Data Matrix", len(vials), lambda: sheet_pdf(vials, VIALS))
    some, sheet, forms = both[: SHEET.labels_a_page], vials[: VIALS.labels_a_page], both[:20]
    pdf, grid, asked_for = sheet_pdf(some, SHEET), sheet_pdf(sheet, VIALS), requisition(dice)
    timed("proof a label, both symbols", len(some), lambda: prove_pdf(pdf, some, SHEET))
    timed("proof a sheet of 189 vials", 1, lambda: prove_pdf(grid, sheet, VIALS))
    form = zpl(forms, dpi=203, stock=ROLL)
    timed("proof a form of ZPL", len(forms), lambda: prove_zpl(form, forms, dpi=203, stock=ROLL))
    page = requisition_pdf(asked_for)
    timed("proof a requisition of nine", 1, lambda: prove_requisition(page, asked_for))
    return took


ENCODERS = ("Code 128 alone", "Data Matrix alone")

FLOORS = {
    "sheet PDF, Code 128": ENCODERS[:1],
    "sheet PDF, both symbols": ENCODERS,
    "ZPL, both symbols": ENCODERS,
    "sheet PDF, Data Matrix": ENCODERS[1:],
}


def speed(name, rounds):
    """How many labels come out while the encoders alone would make the symbols of one."""
    return statistics.median(sum(took[floor] for floor in FLOORS[name]) / took[name] for took in rounds)


def report(rounds):
    print(f"{'work':<32}{'us':>10}{'a second':>12}{'speed ratio':>13}  rounds")
    for name in rounds[0]:
        middle = statistics.median(took[name] for took in rounds)
        ratio = f"{speed(name, rounds):.2f}" if name in FLOORS else "-"
        print(f"{name:<32}{middle:>10.1f}{1e6 / middle:>12.0f}{ratio:>13}  {len(rounds)}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--labels", type=int, default=10000)
    parser.add_argument("--vials", type=int, default=1890)
    asked = parser.parse_args()
    dice = random.Random(1)
    one_round(asked, dice)  # warms up and is thrown away
    rounds = [one_round(asked, dice) for _ in range(asked.rounds)]
    report(rounds)
    name = "sheet PDF, Code 128"
    reached = speed(name, rounds)
    print(f"goal: {name} at {GOAL} of the encoder's speed or more; reached {reached:.2f}")
    return 0 if reached >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
