"""Every label a kit asks for, in draw order, scans back; what is printed is logged; no label names a participant."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.births import Birth, register
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source, UnknownItem
from biobank.items.identifiers import printed
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import NotAKit
from biobank.kits.operations import make_kits
from biobank.participants.operations import record_consent, register_participant
from biobank.printing import choosing
from biobank.printing.choices import CopyReason, Medium
from biobank.printing.copies import ReasonMissing
from biobank.printing.documents import drawn
from biobank.printing.inputs import NewPrint
from biobank.printing.operations import prepare
from biobank.printing.printers import Paper
from biobank.printing.queries import LabelsRefused, StockUnknown, prints_of, stock_named, stocks
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from biobank.sites.operations import add_site
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from biobank.wiring import install_rules
from labels import symbols_of

TESS = Actor("bio.tess", "Tess", frozenset({(Role.TECHNICIAN, "biobank-1"), (Role.CLINIC, "clinic-1")}))
COMMAND = Source("command")
CODE = "A100000001"


@pytest.fixture
def kit(work):
    """An adult kit, issued to clinic-1."""
    install_rules()
    for code, kind in (("clinic-1", "clinic"), ("biobank-1", "biobank")):
        add_site(work, by="setup", code=code, name=code, kind=kind, zone="America/Chicago")
    made = make_kits(work, "adult-3.2", 1, by=TESS, site="biobank-1", lot="L7", expires_on=date(2040, 1, 31))[
        0
    ]
    told = moments.told(moments.now())
    record(
        work, made.identifier, Action.ISSUE, by=TESS, source=COMMAND, at=told, details={"site": "clinic-1"}
    )
    return item_by_id(work, made.id)


def scanned(pdf, dpi=300):
    """What a scanner reads from all pages, each code as often as it is there."""
    pages = pypdfium2.PdfDocument(pdf)
    images = [np.array(page.render(scale=dpi / 72, grayscale=True).to_pil()) for page in pages]
    return Counter(code.text for image in images for code in zxingcpp.read_barcodes(image))


def wanted(work, labels, stock, dpi=300):
    """As often as a scanner should find each code: a label may bear two symbols."""
    on = stock_named(work, stock)
    return Counter(text for label in labels for _, text in symbols_of(label, on, dpi))


def labels_for(work, items, stock=None):
    found = choosing.items_asked(work, NewPrint(items=tuple(items)), TESS)
    return [label for _, label in choosing.labels_for(work, found, TESS, stock=stock)]


def kit_labels(work, kit):
    found = choosing.kit_and_tubes(work, kit, TESS)
    return [label for _, label in choosing.labels_for(work, found, TESS, stock=None)]


def sheet_pdf(work, labels, stock="avery-5160", *, start=1):
    return drawn(labels, Paper(Medium.PDF, 300, stock_named(work, stock), start=start))


def roll_pdf(work, labels, stock=None, *, dpi=300):
    return drawn(labels, Paper(Medium.PDF, dpi, stock_named(work, stock) if stock else None))


def zpl(work, labels, *, dpi=203, stock=None):
    return drawn(labels, Paper(Medium.ZPL, dpi, stock_named(work, stock) if stock else None))


def words(label):
    return " ".join([label.id, *label.lines])


def test_a_kits_job_is_its_box_and_then_its_tubes_in_draw_order(work, kit):
    labels = kit_labels(work, kit.identifier)
    tubes = [tube.identifier for tube in tubes_of_kit(work, kit.id)]
    # Urine is the last tube and gets two: the cup and the tube carry one code.
    assert [label.id for label in labels] == [kit.identifier, *tubes, tubes[-1]]
    box, first = labels[0], labels[1]
    assert box.template == "kit_box"
    assert box.lines == (
        "Research programme", "adult-3.2", "Lot L7", "Use by 2040-01-31", "clinic-1", "9 tubes: 8 blood, 1 urine",
    )  # fmt: skip
    assert (first.template, labels[-1].lines[:2]) == ("tube", ("Urine 10 mL", "urine, no additive"))
    assert first.lines == (
        "8 mL SST", "serum gel", "1SS08", printed(kit.identifier), "Research",
    )  # fmt: skip


@pytest.mark.parametrize("definition", ["adult-3.1", "adult-3.2", "adult-4", "urine-1", "pediatric-3.2"])
def test_every_label_of_every_definition_scans_from_a_sheet_and_fits_a_roll(work, kit, definition):
    made = make_kits(work, definition, 2, by=TESS)
    labels = [label for each in made for label in kit_labels(work, each.identifier)]
    pdf = sheet_pdf(work, labels, start=4)
    assert scanned(pdf) == wanted(work, labels, "avery-5160")
    assert zpl(work, labels, stock="roll-50x25").count(b"^XA") == len(labels)
    assert sheet_pdf(work, labels, start=4) == pdf


def test_a_roll_has_one_label_a_page_and_zpl_one_format_a_label(work, kit):
    labels = kit_labels(work, kit.identifier)
    assert len(pypdfium2.PdfDocument(roll_pdf(work, labels))) == len(labels) == 11
    assert len(pypdfium2.PdfDocument(roll_pdf(work, labels[1:], "roll-50x25"))) == 10
    text = zpl(work, labels, dpi=203).decode()
    assert (text.count("^XA"), text.count("^XZ")) == (11, 11)
    # Subset C halves the digits, so the code itself stands in the words below the bars.
    assert all(printed(label.id).split()[1] in text for label in labels)


def test_no_label_names_a_participant(work, kit):
    register_participant(work, TESS, code=CODE, pattern="[A-Z][0-9]{9}", site="clinic-1")
    record_consent(
        work, TESS, participant=CODE, form_version="1", language="en", scopes=["blood", "urine"],
        effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F1",
    )  # fmt: skip
    told = moments.told(moments.now())
    record(
        work, kit.identifier, Action.ASSIGN, by=TESS, source=COMMAND, at=told, details={"participant": CODE}
    )
    labels = kit_labels(work, kit.identifier)
    assert item_by_id(work, kit.id).participant == CODE
    assert not any(CODE in words(label) for label in labels)


def test_an_aliquot_says_what_it_is_and_of_which_tube(work, kit):
    tube = item_by_id(work, tubes_of_kit(work, kit.id)[0].id)
    at = moments.to_microseconds(datetime(2026, 3, 1, 12, tzinfo=UTC))
    birth = Birth(
        kind=Kind.ALIQUOT, specification="Serum", parents=(tube,), volume_microlitres=1500, collected_at=at
    )
    born = register(work, birth, by=TESS, source=COMMAND)
    pool = register(work, replace(birth, parents=(tube, born)), by=TESS, source=COMMAND)
    found = labels_for(work, [born.identifier, pool.identifier])
    assert found[0].lines == ("Serum", "1.5 mL", "2026-03-01", printed(tube.identifier))
    assert found[1].lines[3] == "2 parents"
    assert set(scanned(roll_pdf(work, found))) == {born.identifier, pool.identifier}


def test_places_parcels_and_waste_have_their_own_labels(work, kit):
    freezer = add_unit(
        work, NewUnit(kind=Kind.FREEZER, name="Freezer 1", site="biobank-1", temperature_celsius=-80),
        by=TESS, source=COMMAND,
    )  # fmt: skip
    rack = add_unit(
        work, NewUnit(kind=Kind.BOX, name="Box 7", site="biobank-1", inside=freezer.identifier, rows=9, columns=9),
        by=TESS, source=COMMAND,
    )  # fmt: skip
    parcel = start_shipment(
        work,
        NewShipment(origin="clinic-1", destination="biobank-1", carrier="courier"),
        by=TESS,
        source=COMMAND,
    )
    waste = register(work, Birth(kind=Kind.WASTE, site="biobank-1"), by=TESS, source=COMMAND)
    items = [freezer.identifier, rack.identifier, parcel.identifier, waste.identifier]
    found = labels_for(work, items)
    assert [label.template for label in found] == ["storage_unit", "storage_box", "parcel", "waste_bag"]
    assert found[0].lines == ("Freezer 1", "biobank-1", "-80 °C")
    assert found[1].lines[:2] == ("Box 7", "Freezer 1, biobank-1")
    assert found[2].lines == ("clinic-1", "biobank-1", "0 specimens", "")
    assert found[3].lines[0] == "Waste"
    assert set(scanned(roll_pdf(work, found))) == set(items)


# What cannot be.


def test_what_cannot_be_printed_is_refused_in_one_sentence(work, kit):
    labels = kit_labels(work, kit.identifier)
    tube = labels[1].id
    refused = [
        (UnknownItem, lambda: labels_for(work, ["NOT-OURS"])),
        (NotAKit, lambda: kit_labels(work, tube)),
        (StockUnknown, lambda: sheet_pdf(work, labels, "avery-1")),
        (StockUnknown, lambda: roll_pdf(work, labels, "avery-1")),
        (LabelsRefused, lambda: sheet_pdf(work, labels, start=31)),
        (LabelsRefused, lambda: roll_pdf(work, labels, dpi=72)),
        (LabelsRefused, lambda: zpl(work, labels, dpi=72)),
        (LabelsRefused, lambda: zpl(work, [])),
    ]
    for error, ask in refused:
        with pytest.raises(error) as caught:
            ask()
        assert "\n" not in caught.value.detail


def test_a_stocks_file_that_cannot_be_read_is_named(work, kit, tmp_path):
    work.settings = work.settings.with_changes(stocks_file=str(tmp_path / "none.toml"))
    with pytest.raises(LabelsRefused, match=r"none\.toml"):
        stocks(work)


# The log.


def test_a_second_print_counts_on_and_says_why(work, kit):
    first = prepare(work, NewPrint(kits=(kit.identifier,), printer="sheets"), by=TESS)
    urine = tubes_of_kit(work, kit.id)[-1]
    again = NewPrint(items=(urine.identifier,), medium=Medium.ZPL)
    with pytest.raises(ReasonMissing, match="has 2 labels already"):
        prepare(work, again, by=TESS)
    second = prepare(work, replace(again, reason=CopyReason.LOST, remark="left at the draw"), by=TESS)
    assert [(job.medium, label.copy, label.reason) for job, label in prints_of(work, urine.id)] == [
        ("pdf", 1, None),
        ("pdf", 2, None),
        ("zpl", 3, "lost"),
        ("zpl", 4, "lost"),
    ]
    assert (first.job.labels, first.job.printer, first.job.stock) == (11, "sheets", "avery-5160")
    assert (second.job.labels, second.job.printed_by, second.job.printer) == (2, "bio.tess", None)
    assert second.documents[0].sha256 == second.job.sha256
