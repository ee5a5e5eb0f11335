"""The proof passes what is right, and each way in which a sheet can go wrong is refused in one sentence."""

import re
from collections import Counter
from io import BytesIO
from threading import Thread

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject, RectangleObject

from labels import (
    TEMPLATES,
    Correction,
    Label,
    LabelError,
    ProofFailed,
    layouts_fit,
    prove_pdf,
    roll_pdf,
    sheet_pdf,
)
from labels.layout import ink
from labels.proof import prove_pages

SYMBOL = re.compile(r"q 1 0 0 1 (\d+) (\d+) cm((?: \d+ \d+ \d+ \d+ re)+) f Q")


def tubes(count, version=1):
    return [
        Label(f"T4831345{62400 + number:05d}", "tube", ("4 mL EDTA",), version) for number in range(count)
    ]


def changed(pdf, change, page=0):
    """The same document, its operators on one page rewritten by `change`."""
    writer = PdfWriter(clone_from=BytesIO(pdf))
    sheet = writer.pages[page]
    stream = DecodedStreamObject()
    stream.set_data(change(sheet.get_contents().get_data().decode("latin-1")).encode("latin-1"))
    sheet[NameObject("/Contents")] = writer._add_object(stream)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def nth(text, number):
    return list(SYMBOL.finditer(text))[number]


def replaced(text, found, by):
    return text[: found.start()] + by + text[found.end() :]


@pytest.fixture
def sheet(stocks):
    labels = tubes(5)
    return labels, sheet_pdf(labels, stocks["avery-5160"], start=3), stocks["avery-5160"]


def refused(sheet, pdf, sentence):
    labels, _, stock = sheet
    with pytest.raises(ProofFailed, match=sentence) as caught:
        prove_pdf(pdf, labels, stock, start=3)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_passes_on_every_stock_it_fits(stocks, template, dpi):
    lines = ("A",) * len(TEMPLATES[template].lines)
    for stock in (stock for stock in stocks.values() if layouts_fit(template, stock)):
        labels = [Label(f"T4831345{62400 + number:05d}", template, lines) for number in range(2)]
        if stock.labels_a_page == 1:
            prove_pdf(roll_pdf(labels, stock=stock, dpi=dpi), labels, stock, dpi=dpi)
        else:
            prove_pdf(sheet_pdf(labels, stock, start=2, dpi=dpi), labels, stock, start=2, dpi=dpi)


def test_a_job_of_every_template_passes_in_own_sizes(one_of_each):
    prove_pdf(roll_pdf(one_of_each), one_of_each)


def test_a_full_sheet_of_vials_passes(stocks):
    labels = [Label(f"S4831345{62400 + number:05d}", "cryovial") for number in range(189)]
    prove_pdf(sheet_pdf(labels, stocks["avery-l4731"]), labels, stocks["avery-l4731"])


def test_a_corrected_sheet_is_proved_where_it_was_moved(stocks):
    stock, labels = stocks["avery-5160"], tubes(31)
    correction = Correction(3, -2.5, 0.2, 0.1)
    pdf = sheet_pdf(labels, stock, correction=correction)
    prove_pdf(pdf, labels, stock, correction=correction)
    with pytest.raises(ProofFailed, match="Page 1"):
        prove_pdf(pdf, labels, stock)


def test_a_document_rewritten_unchanged_passes(sheet):
    labels, pdf, stock = sheet
    prove_pdf(changed(pdf, lambda text: text), labels, stock, start=3)


def test_a_label_without_its_bars_is_named(sheet):
    pdf = changed(sheet[1], lambda text: replaced(text, nth(text, 2), ""))
    refused(sheet, pdf, "Page 1: the label of T483134562402 lacks Code 128 T483134562402; do not print it")


def test_one_lost_bar_is_enough(sheet):
    def lose(text):
        found = nth(text, 1)
        bars = found[3].split(" re")
        return replaced(text, found, found[0].replace(found[3], " re".join([*bars[:9], *bars[10:]])))

    refused(sheet, changed(sheet[1], lose), "label of T483134562401 lacks Code 128 T483134562401")


def test_codes_in_each_others_places_are_refused(sheet):
    def swap(text):
        first, second = nth(text, 0), nth(text, 3)
        text = replaced(text, second, second[0].replace(second[3], first[3]))
        return replaced(text, first, first[0].replace(first[3], second[3]))

    sentence = "label of T483134562400 lacks Code 128 T483134562400 and bears what was not asked for: Code 128 T483134562403"
    refused(sheet, changed(sheet[1], swap), sentence)


def test_a_code_that_was_not_asked_for_is_named(sheet, stocks):
    others = [*sheet[0][:4], Label("T483134569999", "tube", ("4 mL EDTA",), 1)]
    refused(sheet, sheet_pdf(others, stocks["avery-5160"], start=3), "not asked for: Code 128 T483134569999")


def test_words_of_another_label_are_refused(sheet):
    """The bars are right, and what a person would key is another code."""
    pdf = changed(sheet[1], lambda text: text.replace("(T 4831 3456 24-02)", "(T 4831 3456 24-03)"))
    refused(
        sheet, pdf, "Page 1: the label of T483134562402 lacks the words “T 4831 3456 24-02”; do not print it"
    )


def test_two_labels_over_each_other_are_refused(sheet):
    def cover(text):
        first, second = nth(text, 0), nth(text, 1)
        moved = second[0].replace(f"{second[1]} {second[2]} cm", f"{first[1]} {int(first[2]) + 7} cm")
        return replaced(text, second, moved)

    refused(sheet, changed(sheet[1], cover), "label of T48313456240[01] ")


@pytest.mark.parametrize("count", [4, 6])
def test_a_label_too_few_or_too_many_is_refused(sheet, stocks, count):
    pdf = sheet_pdf(tubes(count), stocks["avery-5160"], start=3)
    refused(sheet, pdf, "T483134562404 lacks" if count == 4 else "Page 1 has ink beside the labels")


def test_a_page_too_many_or_too_few_is_refused(sheet, stocks):
    pdf = sheet_pdf(tubes(60), stocks["avery-5160"], start=3)
    refused(sheet, pdf, "has 3 pages and not 1")
    with pytest.raises(ProofFailed, match="has 1 pages and not 2"):
        prove_pdf(sheet[1], tubes(40), stocks["avery-5160"], start=3)


def test_ink_beside_the_labels_is_refused(sheet):
    refused(sheet, changed(sheet[1], lambda text: text + "10 10 40 2 re f\n"), "Page 1 has ink beside")


@pytest.mark.parametrize("shift", ["1 0 0 1 0.5 0 cm", "1.002 0 0 1 0 0 cm"])
def test_bars_beside_whole_dots_are_refused(sheet, shift):
    pdf = changed(sheet[1], lambda text: text.replace(" cm\n", f" cm {shift}\n", 1))
    refused(sheet, pdf, "bars that lie beside the printer's dots")


def test_a_stretched_page_is_refused(sheet):
    writer = PdfWriter(clone_from=BytesIO(sheet[1]))
    writer.pages[0].mediabox = RectangleObject((0, 0, 614, 792))
    output = BytesIO()
    writer.write(output)
    refused(sheet, output.getvalue(), r"Page 1 is 2559 x 3301 dots and not 2550 x 3300")


def test_a_code_that_is_not_the_one_to_read_is_no_proof(sheet, stocks):
    """The codes alone are not enough: a Data Matrix was asked for as well."""
    newest = [Label(label.id, "tube", label.lines) for label in sheet[0]]
    with pytest.raises(ProofFailed, match="lacks Data Matrix T483134562400"):
        prove_pdf(sheet[1], newest, stocks["avery-5160"], start=3)


def test_what_is_no_pdf_is_refused(sheet):
    with pytest.raises(LabelError, match="cannot be read back as PDF"):
        prove_pdf(sheet[1][:200], sheet[0], sheet[2], start=3)


def test_nothing_proves_nothing(sheet):
    with pytest.raises(ProofFailed, match="no label to prove"):
        prove_pdf(sheet[1], [], sheet[2])


def test_the_marks_of_a_page_are_counted(sheet):
    labels, pdf, stock = sheet
    marks = [
        mark for label in labels for mark in ink(label, stock.label_width_mm, stock.label_height_mm, 300)
    ]
    [symbol] = [mark for mark in marks if getattr(mark, "symbology", None) and mark.text == labels[0].id]
    prove_pages(pdf, [(2550, 3300, marks)], 300)
    with pytest.raises(ProofFailed, match="Page 1 lacks Code 128 T483134562400;"):
        prove_pages(pdf, [(2550, 3300, [*marks, symbol])], 300)
    with pytest.raises(ProofFailed, match="Page 1 bears what was not asked for: Code 128 T483134562400;"):
        prove_pages(pdf, [(2550, 3300, [mark for mark in marks if mark is not symbol])], 300)
    with pytest.raises(ProofFailed, match="has 1 pages and not 2"):
        prove_pages(pdf, [(2550, 3300, marks)] * 2, 300)


def test_several_threads_make_and_prove_at_once(stocks):
    outcomes = Counter()

    def work(seed):
        labels = [Label(f"T4831345{seed:02d}{number:03d}", "tube", (f"ł{seed}",)) for number in range(10)]
        for _ in range(3):
            prove_pdf(sheet_pdf(labels, stocks["avery-5160"]), labels, stocks["avery-5160"])
            outcomes[seed] += 1

    threads = [Thread(target=work, args=(seed,)) for seed in range(10, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == dict.fromkeys(range(10, 14), 3)


def test_the_operators_that_these_tests_change_are_the_symbols(sheet):
    [page] = PdfReader(BytesIO(sheet[1])).pages
    assert len(SYMBOL.findall(page.get_contents().get_data().decode("latin-1"))) == 5
