"""Our symbols are those that other encoders make of the same text, and none could be narrower."""

import random
import string
from collections import Counter

import numpy as np
import pytest
import zxingcpp

from biobank.items.identifiers import LETTERS
from labels import code128, data_matrix
from labels.model import Symbology
from tests.labels import encoders
from tests.labels.examples import identifiers
from tests.labels.scanners import needs

SEED = 20261121
EVERY_DAY, AT_LENGTH = 330, 13_500


def ours(text, symbology):
    return (code128.bits(text),) if symbology is Symbology.CODE_128 else data_matrix.bits(text)


def decoded(rows, symbology):
    """What zxing-cpp reads from the bits alone, two dots a module, with their quiet zones."""
    dark = np.array([[bit == "1" for bit in row] for row in rows])
    tall = 20 if symbology is Symbology.CODE_128 else 2
    picture = np.pad(np.kron(dark, np.ones((tall, 2), bool)), 24)
    return [code.text for code in zxingcpp.read_barcodes(np.where(picture, 0, 255).astype(np.uint8))]


def narrowest(text, symbology):
    if symbology is Symbology.CODE_128:
        return 11 * (encoders.fewest_code_words(text) + 1) + 13  # check character; stop
    return encoders.smallest_side(text)


def others(symbology):
    common = {"zint": encoders.by_zint, "zxing-cpp": encoders.by_zxing}
    mine = (
        {"reportlab": lambda texts, _: encoders.by_reportlab(texts)}
        if symbology is Symbology.CODE_128
        else {"libdmtx": lambda texts, _: encoders.by_libdmtx(texts)}
    )
    return common | mine


def compared(number, symbology):
    """How often another encoder, the width or the reading differed, of `number` identifiers."""
    texts = identifiers(number, SEED)
    symbols = [ours(text, symbology) for text in texts]
    differences = Counter()
    for name, encode in others(symbology).items():
        differences[f"other bits than {name}"] = sum(
            a != b for a, b in zip(symbols, encode(texts, symbology), strict=True)
        )
    for text, symbol in zip(texts, symbols, strict=True):
        differences["wider than need be"] += len(symbol[0]) != narrowest(text, symbology)
        differences["read as another text"] += decoded(symbol, symbology) != [text]
    return differences


@needs("zint", "dmtxwrite")
@pytest.mark.parametrize("symbology", list(Symbology))
def test_other_encoders_make_the_same_symbol(symbology):
    assert not +compared(EVERY_DAY, symbology)


@needs("zint", "dmtxwrite")
@pytest.mark.campaign
@pytest.mark.parametrize("symbology", list(Symbology))
def test_other_encoders_make_the_same_symbol_of_many_identifiers(symbology):
    differences = compared(AT_LENGTH, symbology)
    print(f"\n{symbology}, {AT_LENGTH:,} identifiers of {len(LETTERS)} letters, seed {SEED}")
    for what, times in differences.items():
        print(f"  {what:<30}{times:>8,}")
    assert not +differences


@pytest.mark.campaign
def test_a_code_of_another_issuer_is_at_most_one_character_wider():
    """The encoder pairs digits from the left: of some odd runs a shorter symbol would exist."""
    drawn = random.Random(SEED)
    alphabet = string.ascii_uppercase + "-" + 4 * string.digits
    codes = ["".join(drawn.choices(alphabet, k=drawn.randint(6, 14))) for _ in range(AT_LENGTH)]
    wider = Counter(
        (len(code128.bits(code)) - narrowest(code, Symbology.CODE_128)) // 11
        for code in codes
        if not code.startswith("99")
    )
    print(f"\n{sum(wider.values()):,} codes of 6 to 14 letters, digits and hyphens, seed {SEED}")
    for characters, times in sorted(wider.items()):
        print(f"  {characters} more than the fewest{times:>8,}")
    assert set(wider) <= {0, 1}
