"""A wrong printers' file is one sentence with file, printer or rule, and key; what is not in it is never used."""

from pathlib import Path

import pytest

from biobank.printing.choices import Medium, PrinterKind
from biobank.printing.printers import Paper, Rule, most_particular
from biobank.printing.printers_file import BadPrinters, load_printers
from labels import Correction, load_stocks
from tests.printing.conftest import BENCH, SHEETS

ROOT = Path(__file__).parents[2]
STOCKS = load_stocks(ROOT / "config" / "stocks.toml")
NETWORK = BENCH.format(port=9100)


def loaded(tmp_path, text):
    file = tmp_path / "printers.toml"
    file.write_text(text)
    return load_printers(file, STOCKS)


def test_the_file_that_is_shipped_has_one_office_printer_for_everything():
    found = load_printers(ROOT / "config" / "printers.toml", STOCKS)
    assert list(found.printers) == ["sheets"]
    assert [rule.printer for rule in found.rules] == ["sheets"]


def test_every_key_is_read(tmp_path):
    text = SHEETS.replace("dpi = 300", "dpi = 600\ncorrection = { x_mm = -0.5, pitch_y_mm = 0.1 }") + NETWORK
    found = loaded(tmp_path, text).printers
    office, bench = found["sheets"], found["bench"]
    assert (office.dpi, office.correction, office.medium) == (600, Correction(-0.5, 0, 0, 0.1), Medium.PDF)
    assert (bench.kind, bench.medium, bench.host, bench.port) == (
        PrinterKind.NETWORK, Medium.ZPL, "127.0.0.1", 9100,
    )  # fmt: skip
    assert (bench.connect_seconds, bench.site) == (5, "biobank-1")


WRONG = {
    "no TOML": ("[printers", "the file"),
    "another table": ("[printer.x]\n", "the file, printer"),
    "unknown key": (NETWORK + "colour = 1\n", "printer bench, colour"),
    "key of the other kind": (NETWORK + "correction = { x_mm = 1 }\n", "printer bench, correction"),
    "no such figure": (
        SHEETS.replace("dpi = 300", "dpi = 300\ncorrection = { left = 1 }"), "printer sheets, correction, left"
    ),
    "a host for an office": (SHEETS.replace("dpi = 300", 'dpi = 300\nhost = "10.0.0.1"'), "printer sheets, host"),
    "a key missing": (NETWORK.replace('host = "127.0.0.1"', ""), "printer bench, host: is missing"),
    "a network printer of no site": (NETWORK.replace('site = "biobank-1"', ""), "printer bench, site"),
    "wrong type": (SHEETS.replace("300", '"300"'), "printer sheets, dpi"),
    "true is no number": (NETWORK.replace("port = 9100", "port = true"), "printer bench, port"),
    "empty": (SHEETS.replace('"Office"', '""'), "printer sheets, title"),
    "dpi": (SHEETS.replace("300", "150"), "printer sheets, dpi: 150 is not known; there are 203, 300, 600"),
    "kind": (SHEETS.replace('"office"', '"fax"'), "printer sheets, kind: 'fax' is not known"),
    "stock": (SHEETS.replace("avery-5160", "avery-1"), "printer sheets, stock: 'avery-1' is not known"),
    "port": (NETWORK.replace("9100", "70000"), "printer bench, port: 70000 is not between 1 and 65535"),
    "seconds": (NETWORK.replace("answer_seconds = 3", "answer_seconds = 0"), "printer bench, answer_seconds"),
    "name": (SHEETS.replace("[printers.sheets]", '[printers."a b"]'), "printer a b: a name has"),
    "rule for nobody": (SHEETS + '[[rules]]\nprinter = "bench"\n', "rule 2, printer: 'bench' is not known"),
    "rule for no kind": (SHEETS + '[[rules]]\nkind = "vial"\nprinter = "sheets"', "rule 2, kind: 'vial'"),
    "rule that says nothing": (SHEETS + '[[rules]]\nkind = "tube"\n', "rule 2: says neither printer nor template"),
    "template": (SHEETS + '[[rules]]\ntemplate = "poster"\n', "rule 2, template: There is no label template"),
    "misfit": (
        SHEETS + '[[rules]]\nkind = "parcel"\nprinter = "sheets"\ntemplate = "waste_bag"\n'.replace(
            "waste_bag", "cap_dot"
        ),
        "rule 2, template: cap_dot labels do not fit avery-5160",
    ),
    "tie": (SHEETS + '[[rules]]\nprinter = "sheets"\n', "rule 2: says a printer for the same as rule 1"),
}  # fmt: skip


@pytest.mark.parametrize("how", WRONG)
def test_what_is_wrong_is_named(tmp_path, how):
    text, said = WRONG[how]
    with pytest.raises(BadPrinters) as refused:
        loaded(tmp_path, text)
    assert refused.value.detail.startswith(f"printers.toml, {said}")
    assert "\n" not in refused.value.detail


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadPrinters, match=r"nowhere\.toml"):
        load_printers(tmp_path / "nowhere.toml", STOCKS)


def test_the_specification_comes_before_the_kind_before_the_site():
    everything = Rule(printer="a")
    of_site = Rule(site="clinic-1", printer="b")
    of_kind = Rule(kind="tube", printer="c")
    of_both = Rule(kind="tube", site="clinic-1", printer="d")
    of_specification = Rule(specification="1SS08", printer="e")
    rules = [of_both, everything, of_specification, of_site, of_kind]
    told = {"site": "clinic-1", "kind": "tube", "specification": "1SS08"}
    order = []
    while rules:
        order.append(most_particular(rules, **told))
        rules.remove(order[-1])
    assert order == [of_specification, of_both, of_kind, of_site, everything]
    assert most_particular([of_kind, everything], **told | {"kind": "kit"}) is everything
    assert most_particular([of_kind], **told | {"kind": "kit"}) is None


def test_paper_is_kept_with_its_figures():
    paper = Paper(Medium.PDF, 300, STOCKS["avery-5160"], Correction(1, 2, 3, 4), 5)
    assert Paper.from_json(paper.as_json()) == paper
    own = Paper(Medium.ZPL, 203, None)
    assert Paper.from_json(own.as_json()) == own
