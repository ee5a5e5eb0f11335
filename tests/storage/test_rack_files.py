"""Rack scanners' files: eleven layouts read, and whatever is no reading of a rack refused in one sentence."""

from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.storage.choices import Grid
from biobank.storage.rack_files import LARGEST_FILE, RackScan, Seen, read_rack_file
from biobank.storage.rack_layouts import LAYOUTS
from biobank.storage.rack_tables import RackFileRefused

GOLDEN = Path(__file__).parent.parent / "golden" / "racks"
DOCUMENT = Path(__file__).parents[2] / "docs" / "rack-files.md"
READ = {
    # file: layout, rack, codes, NO TUBE, NO READ, what is in A1
    "fluidx_intellicode.csv": ("fluidx_intellicode", "FX90000017", 92, 3, 1, "FD90000001"),
    "FX90000048.csv": ("fluidx", "FX90000048", 45, 0, 3, "FR90000001"),
    "fluidx_rack.csv": ("fluidx_rack", "FX90000024", 22, 1, 1, "FT90000001"),
    "tecan.csv": ("tecan", "SA90000042", 16, 0, 80, "FD90000001"),
    "trakmate.txt": ("trakmate", "02490017", 92, 3, 1, "1090000001"),
    "visionmate.tsv": ("visionmate", "THERMO RACK", 92, 3, 1, "0390000001"),
    "matrix.csv": ("matrix", "SW_9001", 92, 3, 1, "0290000001"),
    "ziath.csv": ("ziath", "ZIA900000754", 92, 3, 1, "ZT90000001"),
    "ziath_dp5.json": ("ziath_json", "LVL900074983", 21, 2, 1, "LVL90000001"),
    "micronic.json": ("micronic_json", "3000900455", 92, 3, 1, "5090000001"),
    "plain_384.csv": ("plain", None, 382, 1, 1, "CS90000001"),
}


@pytest.mark.parametrize("name", sorted(READ))
def test_each_scanners_file_is_read_and_its_layout_named(name):
    layout, rack, codes, no_tube, no_read, first = READ[name]
    scan = read_rack_file((GOLDEN / name).read_bytes(), name)
    seen = Counter(found if isinstance(found, Seen) else "code" for found in scan.wells.values())
    assert (scan.layout, scan.rack, seen["code"], seen[Seen.NO_TUBE], seen[Seen.NO_READ]) == (
        layout, rack, codes, no_tube, no_read,
    )  # fmt: skip
    assert scan.wells["A1"] == first
    again = read_rack_file((GOLDEN / name).read_bytes(), name, layout=layout)
    assert again == scan


def test_every_layout_has_a_golden_file_and_a_line_in_the_documents():
    assert {layout for layout, *_ in READ.values()} == {layout.name for layout in LAYOUTS}
    text = DOCUMENT.read_text()
    for layout in LAYOUTS:
        assert f"`{layout.name}`" in text, layout.name


@pytest.mark.parametrize(
    ("rows", "columns", "file"),
    [(4, 6, "fluidx_rack.csv"), (6, 8, "FX90000048.csv"), (8, 12, "tecan.csv"), (16, 24, "plain_384.csv")],
)
def test_racks_of_24_48_96_and_384_wells_are_whole(rows, columns, file):
    scan = read_rack_file((GOLDEN / file).read_bytes(), file, grid=Grid(rows, columns))
    assert set(scan.wells) == set(Grid(rows, columns).positions())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_separators_ends_of_line_and_encodings_make_no_difference(separator, ends, encoding):
    text = ends.join(f"{well}{separator}{code}" for well, code in [("A01", "FR1"), ("A-2", "No Tube")])
    scan = read_rack_file(text.encode(encoding), "x.txt")
    assert dict(scan.wells) == {"A1": "FR1", "A2": Seen.NO_TUBE}


@pytest.mark.parametrize("word", ["NO TUBE", "No Tube", "NOTUBE", "no_tube", "EMPTY", "", "No TrakMate"])
def test_words_for_a_well_in_which_nothing_stands(word):
    assert read_rack_file(f"A1,X1\nA2,{word}\n".encode(), "x").wells["A2"] is Seen.NO_TUBE


@pytest.mark.parametrize("word", ["NO READ", "NOREAD", "No_Read", "ERROR", "No Code", "???", "--"])
def test_words_for_a_tube_that_could_not_be_read(word):
    assert read_rack_file(f"A1,X1\nA2,{word}\n".encode(), "x").wells["A2"] is Seen.NO_READ


def test_a_blank_code_with_a_state_that_is_not_empty_is_no_read():
    text = b"position,code,status\nA1,,EMPTY\nA2,,Code bad\nA3,X1,Code OK\nA4,X2,doubtful\n"
    assert dict(read_rack_file(text, "x").wells) == {
        "A1": Seen.NO_TUBE, "A2": Seen.NO_READ, "A3": "X1", "A4": Seen.NO_READ,
    }  # fmt: skip


REFUSED = [
    (b"", "FX1.csv: it is empty"),
    (b"\r\n \n", "FX1.csv: it is empty"),
    (b"A1,X1\nA2,X1\n", r"FX1.csv, line 2, well A2: the code X1 was read in A1 too; one code cannot be"),
    (b"A1,X1\nA01,X2\n", r"FX1.csv, line 2, well A1: this well is in line 1 already"),
    (b"A1,X1\nA13,X2\n", r"FX1.csv, line 2: A13 is no position of this rack \(rows A-H, columns 1-12\)"),
    (b"A1,X1\nI1,X2\n", r"FX1.csv, line 2: I1 is no position"),
    (b"A1,X1\nwhere,X2\n", r"FX1.csv, line 2: what stands there is no position"),
    (b"A1,X1\nA2\n", r"FX1.csv, line 2: it has 1 column and lacks the code; the file may have been cut"),
    (b"A1,X1\nA2,Dr Jones 55\n", r"FX1.csv, line 2, well A2: what stands there is no code"),
    (b'A1,X1\nA2,"X2\n', r"FX1.csv, line 2: its quotation marks do not close"),
    (b"R1,A1,X1\nR2,A2,X2\n", r"FX1.csv, line 2: it is of another rack than what stands before"),
    (b"Rack ID,R1\nTube Count,3\nRack ID,Well,2D Barcode\nR1,A1,X1\n", r"says that 3 tubes were seen and has 1"),
    (b"Rack ID,R1\nTube Count,0\nRack ID,Well,2D Barcode\n", "FX1.csv: no well is in it"),
    (b"PK\x03\x04rest", "FX1.csv: it is a workbook; save it as CSV"),
    (b"\xd0\xcf\x11\xe0rest", "FX1.csv: it is a workbook"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "FX1.csv: it is no text"),
    (b"\x81\x8d\x8f", "FX1.csv: it is no text"),
    (b"\xff\xfeA", "FX1.csv: it is no text"),
    (b"A1,X1\n" * 2001, "FX1.csv: it has 2001 lines, more than any rack has wells"),
    (b"\n" * (LARGEST_FILE + 1), "FX1.csv: it is larger than 300000 bytes"),
    (b'{"tubeBarcode": [{"row": 1}]}', "FX1.csv, entry 1: it has no row and column"),
    (b'{"Position": ["A1"], "TubeID": []}', "FX1.csv: it has 1 position, 0 tubes and 1 state"),
    (b'{"tubeBarcode": [', "FX1.csv, line 1: it is no whole JSON document"),
    (b'{"other": 1}', r"FX1.csv, line 1: it begins with '.\"other\": 1.', which fits none of the layouts"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), REFUSED)
def test_what_is_no_reading_of_a_rack_is_refused_in_one_sentence(content, sentence):
    with pytest.raises(RackFileRefused, match=sentence) as refused:
        read_rack_file(content, "/data/scans/FX1.csv", grid=Grid(8, 12))
    assert refused.value.detail.endswith(".")
    assert refused.value.extra["file"] == "FX1.csv"


def test_an_unknown_layout_names_the_presets_and_what_was_seen():
    with pytest.raises(RackFileRefused) as refused:
        read_rack_file(b"\nTube,Where\nFR1,A1\n", "x.csv")
    assert refused.value.detail.startswith(
        "x.csv, line 2: it begins with 'Tube,Where', which fits none of the layouts fluidx_intellicode, tecan,"
    )
    assert all(layout.name in refused.value.detail for layout in LAYOUTS)


def test_a_named_layout_is_the_only_one_that_is_tried():
    with pytest.raises(RackFileRefused, match=r"does not fit the layout visionmate \(TubeCode, RackID"):
        read_rack_file(b"A1,X1\n", "x.csv", layout="visionmate")
    with pytest.raises(RackFileRefused, match="there is no layout called 'fluid'; there are fluidx_inte"):
        read_rack_file(b"A1,X1\n", "x.csv", layout="fluid")
    with pytest.raises(RackFileRefused, match="does not fit the layout ziath_json"):
        read_rack_file(b"A1,X1\n", "x.csv", layout="ziath_json")
    with pytest.raises(RackFileRefused, match="does not fit the layout plain"):
        read_rack_file(b"{}", "x.csv", layout="plain")


def test_what_points_at_a_person_is_not_repeated():
    with pytest.raises(RackFileRefused) as refused:
        read_rack_file(b"testa@example.org\n", "testa@example.org.csv")
    assert "testa" not in refused.value.detail
    assert refused.value.detail.startswith("rack file, line 1: it begins with a text that is not shown")


WELLS = st.builds(lambda row, column: f"{row}{column}", st.sampled_from("ABCDEFGH"), st.integers(1, 12))
CODES = st.from_regex(r"[A-Z]{2}[0-9]{8}", fullmatch=True)


@given(st.dictionaries(WELLS, CODES, min_size=1, max_size=96), st.sampled_from([",", ";", "\t"]))
def test_what_is_written_is_read_again(wells, separator):
    if len(set(wells.values())) != len(wells):
        return
    text = "\n".join(f"{well}{separator}{code}" for well, code in wells.items())
    scan = read_rack_file(text.encode(), "x")
    assert dict(scan.wells) == wells
    assert scan.codes == wells
    assert scan.source_of(next(iter(wells))) == "x, line 1"


FILES = [path.read_bytes() for path in sorted(GOLDEN.iterdir())]
CHANGES = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.binary(max_size=8)), min_size=1, max_size=6
)


@given(st.sampled_from(FILES), CHANGES, st.text(max_size=12))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(content, changes, name):
    damaged = bytearray(content)
    for at, cut, put in changes:
        start = at % (len(damaged) + 1)
        damaged[start : start + cut] = put
    read_or_refused(bytes(damaged), name)


@given(st.binary(max_size=300), st.sampled_from([None, *(layout.name for layout in LAYOUTS)]))
def test_any_bytes_are_read_or_refused_and_nothing_else(content, layout):
    read_or_refused(content, "x", layout=layout)


@given(st.text(alphabet='A1,;\t\n"{}[]: NOTUBE\x00\ufeff', max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    read_or_refused(text.encode(), "x")


@given(
    st.recursive(
        st.none() | st.integers(-9, 2**63 - 1) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["tubeBarcode", "row", "column", "barcode", "Position", "TubeID", "Status"]),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused_and_nothing_else(document):
    read_or_refused(b'{"tubeBarcode": ' + orjson.dumps(document, default=str) + b"}", "x")


def read_or_refused(content, name, **named):
    try:
        answer = read_rack_file(content, name, **named)
    except RackFileRefused as refusal:
        answer = refusal
    assert isinstance(answer, RackScan) or answer.detail.isprintable()
