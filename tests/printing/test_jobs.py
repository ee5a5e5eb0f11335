"""A job is whole or not at all: proved, counted, with the text of each label; a reprint is the same bytes."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from biobank.access.actors import Actor
from biobank.core.database import writing
from biobank.core.personal_shapes import NamesSomebody
from biobank.core.tables import WrittenForGood
from biobank.custody.checks import OtherSite
from biobank.custody.states import Action
from biobank.items.identifiers import printed
from biobank.items.queries import children_of, tubes_of_kit
from biobank.kits.checks import NotAKit
from biobank.kits.operations import make_kits
from biobank.participants import own_names
from biobank.printing import documents, queries
from biobank.printing.choices import CopyReason, JobState, Medium
from biobank.printing.choosing import ListRefused, PrinterMissing, TemplateRefused
from biobank.printing.copies import ReasonMissing, RemarkRefused
from biobank.printing.inputs import NewPrint
from biobank.printing.models import PrintedLabel, PrintJob
from biobank.printing.operations import (
    NoSuchDocument,
    NotReprintable,
    choose_printer,
    hand_out,
    prepare,
    reprint,
)
from biobank.printing.previews import preview, preview_of_job
from biobank.printing.queries import JobUnknown, LabelsRefused, PrinterUnknown
from tests.floor import CODE, actor
from tests.printing.conftest import BENCH, SHEETS

ELSEWHERE = actor("tech.elsewhere", "biobank_technician", "biobank-2")
CRYO = """
[printers.cryo]
title = "Cryo"
kind = "network"
site = "biobank-1"
stock = "roll-32x12"
dpi = 300
host = "127.0.0.1"
"""


@pytest.fixture
def kit(floor):
    """A kit that was just made, and its tubes."""
    made = make_kits(floor.work, "urine-1", 1, by=floor.lead, site="biobank-1")[0]
    return made.identifier, [tube.identifier for tube in tubes_of_kit(floor.work, made.id)]


def asked(*items, **told):
    return NewPrint(items=items, **told)


def made(floor, new, by=None):
    return prepare(floor.work, new, by=by or floor.lead)


def jobs(floor):
    return floor.work.session.scalar(select(func.count()).select_from(PrintJob))


# Proof.


@pytest.mark.parametrize("new", [NewPrint(), NewPrint(medium=Medium.ZPL)])
def test_what_does_not_read_back_is_not_made(floor, kit, monkeypatch, new):
    honest = documents.drawn
    monkeypatch.setattr(documents, "drawn", lambda labels, paper: honest([*labels[1:], labels[1]], paper))
    with pytest.raises(LabelsRefused, match="make it again"):
        made(floor, replace(new, kits=(kit[0],)))
    assert jobs(floor) == 0


def test_a_job_keeps_what_stands_on_each_label_and_how_it_was_printed(floor, kit):
    job = made(floor, NewPrint(kits=(kit[0],), start=7)).job
    rows = queries.labels_of(floor.work, job)
    assert [item.identifier for item, _ in rows] == [kit[0], kit[1][0], kit[1][0]]
    assert [label.copy for _, label in rows] == [1, 1, 2]
    assert json.loads(rows[1][1].lines)[0] == "Urine 10 mL"
    assert (job.start, job.stock, job.site, job.printer) == (7, "avery-5160", "biobank-1", "sheets")
    assert queries.state_of(floor.work, job) is JobState.MADE


def test_what_is_written_about_a_print_never_changes(floor, kit):
    job = made(floor, asked(kit[0])).job
    for table in ("print_jobs", "printed_labels", "print_job_events"):
        for statement in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append-only"), floor.work.session.begin_nested():
                floor.work.session.execute(text(statement))
    job.labels = 99
    with pytest.raises(WrittenForGood):
        floor.work.session.flush()
    floor.work.session.rollback()


# Copies.


def test_another_label_needs_a_reason_and_the_sentence_says_how_many_there_are(floor, kit):
    tube = kit[1][0]
    made(floor, asked(tube))
    with pytest.raises(ReasonMissing) as refused:
        made(floor, asked(tube))
    assert refused.value.detail.startswith(f"{printed(tube)} has 2 labels already; say why")
    again = made(floor, asked(tube, reason=CopyReason.UNREADABLE, remark="smeared by ethanol")).job
    rows = queries.labels_of(floor.work, again)
    assert [(label.copy, label.reason) for _, label in rows] == [(3, "unreadable"), (4, "unreadable")]
    assert rows[0][1].remark == "smeared by ethanol"


def test_more_copies_than_an_item_gets_need_a_reason_at_once(floor, kit):
    with pytest.raises(ReasonMissing):
        made(floor, asked(kit[0], copies=2))
    rows = queries.labels_of(
        floor.work, made(floor, asked(kit[0], copies=2, reason=CopyReason.SECOND_LABEL)).job
    )
    assert [(label.copy, label.reason) for _, label in rows] == [(1, None), (2, "second_label")]


@pytest.mark.parametrize(
    ("remark", "said"),
    [("call 602-555-0182", "a phone number"), ("x" * 201, "at most 200"), ("two\nlines", "one line")],
)
def test_a_remark_is_one_line_about_nobody(floor, kit, remark, said):
    with pytest.raises((RemarkRefused, NamesSomebody), match=said):
        made(floor, asked(kit[0], remark=remark))


def test_a_remark_about_labels_of_a_participant_does_not_hold_their_name(floor, monkeypatch):
    tube = next(iter(floor.received("urine-1").values()))
    first = made(floor, asked(tube)).job
    told = [lambda _work, _by, code, text: (code, text) == (CODE, "for Testa")]
    monkeypatch.setattr(own_names, "_installed", told)
    for print_it in (
        lambda: made(floor, asked(tube, reason=CopyReason.LOST, remark="for Testa")),
        lambda: reprint(floor.work, first.id, by=floor.lead, reason=CopyReason.LOST, remark="for Testa"),
    ):
        with pytest.raises(own_names.OwnNameWritten, match="^remark holds a word"):
            print_it()


# Reprints.


@pytest.mark.parametrize("medium", list(Medium))
def test_a_reprint_is_the_same_bytes_though_the_item_and_the_stocks_changed(floor, kit, tmp_path, medium):
    first = made(floor, NewPrint(kits=(kit[0],), medium=medium, start=4))
    stocks = Path(floor.work.settings.stocks_file).read_text().replace("left_mm = 4.7625", "left_mm = 5")
    (tmp_path / "stocks.toml").write_text(stocks)
    changed = {"stocks_file": str(tmp_path / "stocks.toml"), "programme": "By another name"}
    floor.work.settings = floor.work.settings.with_changes(**changed)
    assert (
        made(floor, NewPrint(kits=(kit[0],), medium=medium, reason=CopyReason.CHANGED)).documents
        != first.documents
    )
    second = reprint(floor.work, first.job.id, by=floor.lead, reason=CopyReason.SPOILED)
    assert second.documents == first.documents
    assert (second.job.sha256, second.job.reprint_of) == (first.job.sha256, first.job.id)
    rows = queries.labels_of(floor.work, second.job)
    assert [(label.copy, label.reason) for _, label in rows] == [
        (3, "spoiled"),
        (5, "spoiled"),
        (6, "spoiled"),
    ]


def test_a_job_from_before_the_text_was_kept_is_not_reprinted(floor, kit):
    old = PrintJob(
        medium="pdf", dpi=300, labels=1, sha256="0" * 64, printed_at=floor.collected_at, printed_by="bio.lea",
        site="biobank-1",
    )  # fmt: skip
    floor.work.session.add(old)
    floor.work.flush()
    box = floor.now(kit[0]).id
    floor.work.session.add(PrintedLabel(job_id=old.id, item_id=box, template="kit_box", copy=1))
    floor.work.flush()
    with pytest.raises(NotReprintable, match="print its items anew"):
        reprint(floor.work, old.id, by=floor.lead, reason=CopyReason.LOST)


def test_a_document_is_handed_out_again_as_it_was_and_each_time_is_noted(floor, kit):
    prepared = made(floor, NewPrint(kits=(kit[0],)))
    number = prepared.job.id
    for _ in range(2):
        found = hand_out(floor.work, number, "labels.pdf", by=floor.lead)
        assert found.sha256 == prepared.job.sha256
    states = [event.state for event in queries.events_of(floor.work, prepared.job)]
    assert states == ["made", "handed_out", "handed_out"]
    with pytest.raises(NoSuchDocument, match=r"requisition\.pdf, and no labels\.zpl"):
        hand_out(floor.work, number, "labels.zpl", by=floor.lead)


def test_a_document_that_would_be_drawn_differently_is_not_handed_out(floor, kit, monkeypatch):
    from biobank.printing import operations

    number = made(floor, NewPrint(kits=(kit[0],))).job.id
    monkeypatch.setattr(operations, "drawn", lambda *_: b"%PDF of another library")
    with pytest.raises(NotReprintable, match="drawn differently"):
        hand_out(floor.work, number, "labels.pdf", by=floor.lead)


# Lists.


def test_every_bad_line_is_answered_with_its_number_and_nothing_is_printed(floor, kit):
    theirs = make_kits(floor.work, "urine-1", 1, by=floor.lead, site="biobank-2")[0].identifier
    lines = ["", kit[0], "T000", kit[1][0], "  ", theirs, kit[0]]
    with pytest.raises(ListRefused) as refused:
        made(floor, asked(*lines))
    told = {line["line"]: line["problem"] for line in refused.value.extra["lines"]}
    assert sorted(told) == [3, 6, 7]
    assert "is of biobank-2" in told[6]
    assert "in line 2 already" in told[7]
    assert "Line 3: " in refused.value.detail
    assert jobs(floor) == 0


def test_a_single_bad_code_is_answered_as_a_scan_of_it_is(floor, kit):
    with pytest.raises(OtherSite):
        made(floor, asked(kit[0]), by=ELSEWHERE)
    with pytest.raises(NotAKit):
        made(floor, NewPrint(kits=(kit[1][0],)))
    with pytest.raises(LabelsRefused, match="choose at least one"):
        made(floor, asked("", " "))


# Printer, paper, template.


def chosen(floor, item, file, by=None, **told):
    Path(floor.work.settings.printers_file).write_text(file)
    job = made(floor, asked(item, **told), by).job
    return job.printer, queries.labels_of(floor.work, job)[0][1].template


def test_the_most_particular_rule_wins_and_ones_own_choice_stands_between(floor, kit):
    box, tube = kit[0], kit[1][0]
    rules = '\n[[rules]]\nprinter = "bench"\nsite = "biobank-1"\n'
    file = SHEETS + BENCH.format(port=9100) + CRYO + rules
    assert chosen(floor, box, file) == ("bench", "kit_box")
    choose_printer(floor.work, "sheets", by=floor.lead)
    again = {"reason": CopyReason.SECOND_LABEL}
    assert chosen(floor, box, file, **again) == ("sheets", "kit_box")
    by_kind = file + '\n[[rules]]\nprinter = "cryo"\nkind = "tube"\ntemplate = "cryovial"\n'
    assert chosen(floor, tube, by_kind) == ("cryo", "cryovial")
    assert chosen(floor, tube, by_kind, printer="bench", template="tube", **again) == ("bench", "tube")
    choose_printer(floor.work, None, by=floor.lead)
    assert chosen(floor, box, file, **again) == ("bench", "kit_box")


def test_an_aliquot_gets_a_cryovial_label_where_the_stock_is_one(floor):
    parent = next(iter(floor.received("urine-1").values()))
    children = [{"specification": "Urine", "volume_microlitres": 500}]
    floor.step(parent, Action.ALIQUOT, details={"children": children})
    child = children_of(floor.work, floor.now(parent).id)[0].identifier
    file = SHEETS + CRYO
    assert chosen(floor, child, file, printer="cryo") == ("cryo", "cryovial")
    assert chosen(floor, child, file, printer="sheets", reason=CopyReason.WRONG_STOCK) == (
        "sheets",
        "aliquot",
    )


def test_what_does_not_fit_or_is_not_there_is_refused(floor, kit):
    Path(floor.work.settings.printers_file).write_text(SHEETS + CRYO)
    refusals = {
        TemplateRefused: [
            asked(kit[1][0], printer="cryo", template="tube"),
            asked(kit[0], template="tube"),
        ],
        PrinterUnknown: [asked(kit[0], printer="127.0.0.1"), asked(kit[0], printer="nowhere")],
        PrinterMissing: [asked(kit[0], printer="cryo", medium=Medium.PDF)],
        LabelsRefused: [
            asked(kit[0], printer="cryo", stock="roll-50x25"),
            asked(kit[0], start=31),
            asked(kit[0], printer="cryo"),  # a kit's box on a vial's label
        ],
    }
    for error, each in refusals.items():
        for new in each:
            with pytest.raises(error) as refused:
                made(floor, new)
            assert "\n" not in refused.value.detail
    assert jobs(floor) == 0


def test_labels_that_go_to_different_printers_are_a_question(floor, kit):
    rules = '\n[[rules]]\nprinter = "cryo"\nkind = "tube"\n'
    Path(floor.work.settings.printers_file).write_text(SHEETS + CRYO + rules)
    other = make_kits(floor.work, "urine-1", 1, by=floor.lead, site="biobank-1")[0].identifier
    with pytest.raises(PrinterMissing, match="cryo and sheets"):
        made(floor, asked(other, kit[1][0]))
    assert made(floor, NewPrint(kits=(kit[0],))).job.printer == "sheets"  # its tubes go with it


def test_a_stock_in_the_tray_is_what_is_printed_on(floor, kit):
    assert made(floor, asked(kit[0], stock="avery-5163")).job.stock == "avery-5163"


# Who sees what.


def test_a_job_is_of_its_site_and_of_who_made_it(floor, kit):
    number = made(floor, asked(kit[0])).job.id
    assert queries.job_seen_by(floor.work, floor.technician, number).id == number
    for by, asked_for in (
        (ELSEWHERE, number),
        (floor.lead, 999),
        (floor.lead, "x"),
        (floor.lead, str(2**70)),
        (floor.lead, "9" * 5000),
    ):
        with pytest.raises(JobUnknown):
            queries.job_seen_by(floor.work, by, asked_for)


# Looking.


def test_a_preview_is_what_would_be_printed_and_logs_nothing(floor, kit):
    shown = preview(floor.work, NewPrint(kits=(kit[0],)), by=floor.lead)
    assert (shown.count, shown.target.printer.name, jobs(floor)) == (3, "sheets", 0)
    assert all(each.svg.startswith(b"<svg") for each in shown.labels)
    number = made(floor, NewPrint(kits=(kit[0],))).job.id
    assert [each.svg for each in preview_of_job(floor.work, number, by=floor.lead)] == [
        each.svg for each in shown.labels
    ]


def test_of_two_who_print_the_same_at_the_same_moment_one_is_told(programme):
    lead = programme.actor("lead.here")
    box, _ = programme.kit("urine-1")
    both, told = threading.Barrier(2, timeout=30), []

    def print_it():
        both.wait()
        try:
            with programme.app.app_context(), writing() as work:
                told.append(prepare(work, NewPrint(items=(box,)), by=lead).job.labels)
        except ReasonMissing:
            told.append("has one already")

    threads = [threading.Thread(target=print_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told)) == ["1", "has one already"]


def test_a_job_with_items_of_two_sites_is_shown_to_neither(floor, kit):
    theirs = make_kits(floor.work, "urine-1", 1, by=floor.lead, site="biobank-2")[0].identifier
    both = Actor(
        "lead.both", "lead.both", frozenset({("biobank_lead", "biobank-1"), ("biobank_lead", "biobank-2")})
    )
    job = prepare(floor.work, asked(kit[0], theirs), by=both).job
    assert queries.job_seen_by(floor.work, both, job.id).site is None
    for other in (floor.lead, ELSEWHERE):
        with pytest.raises(JobUnknown):
            queries.job_seen_by(floor.work, other, job.id)
    alone = prepare(floor.work, asked(theirs, reason=CopyReason.LOST), by=both).job
    assert queries.job_seen_by(floor.work, ELSEWHERE, alone.id).site == "biobank-2"
