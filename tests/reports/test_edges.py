"""Reports as pages, files and JSON: one table behind all three, and nothing in a file is a formula."""

import csv
import io

import pytest

from biobank.reports.formats import as_csv
from tests.pages.conftest import Seat
from tests.programme import just_now


@pytest.fixture
def drawn(programme):
    """One tube is collected in full, one is short, the others are not collected."""
    _, tubes = programme.assigned_kit()
    for tube in tubes[:2]:
        fill = {"fill": "full" if tube == tubes[0] else "short"}
        programme.taken("clinic_staff", tube, "collect", details=fill)
    for tube in tubes[2:]:
        programme.taken("clinic_staff", tube, "mark_not_collected", details={"reason": "fainted"})
    return tubes


def days():
    """Today in Chicago, whatever the hour."""
    return just_now()[:10]


def test_page_file_and_json_tell_the_same(programme, drawn):
    period = f"first={days()}&last={days()}"
    told = programme.get("clinic_staff", f"/reports/shortfalls?{period}").json
    assert (told["columns"], told["unit"]) == (["Tubes"], "tubes")
    rows = [[row["label"], *map(int, row["cells"])] for row in told["rows"]]
    assert rows == [["Fainted", len(drawn) - 2], ["Short", 1]]
    seat = Seat(programme, "clinic.here")
    file = seat.client.get(f"/reports/shortfalls.csv?{period}")
    assert file.headers["Content-Disposition"].endswith(f'shortfalls-{days()}-{days()}.csv"')
    read = list(csv.reader(io.StringIO(file.get_data().decode("utf-8-sig"))))
    assert read == [["Reason", "Tubes"], *([label, str(number)] for label, number in rows)]
    page = seat.get(f"/reports/shortfalls?{period}")
    assert all(f'<th scope="row">{label}</th><td>{number}</td>' in page.text for label, number in rows)
    assert 'data-chart="figures"' in page.text


def test_a_site_of_ones_own_has_kits_and_tubes_and_a_lead_sees_each_site(programme, drawn):
    period = f"first={days()}&last={days()}"
    ours = programme.get("clinic_staff", f"/reports/collections?{period}").json
    assert (ours["columns"], ours["rows"][0]["cells"]) == (["Kits", "Tubes"], [1, 2])
    every = programme.get("biobank_lead", f"/reports/collections?{period}").json
    assert (every["columns"], every["rows"][0]["cells"]) == (["clinic-1", "All sites"], [1, 1])
    elsewhere = programme.get("clinic_staff elsewhere", f"/reports/collections?{period}").json
    assert elsewhere["rows"][0]["cells"] == [0, 0]
    refused = programme.get("clinic_staff elsewhere", f"/reports/collections?{period}&site=clinic-1")
    assert (refused.status, refused.json["error"]) == (403, "SiteNotYours")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("late", 422),
        ("late?first=2026-01-01&last=2026-12-31", 422),
        ("nothing?first=2026-01-01&last=2026-01-02", 404),
        ("late?first=9999-12-31&last=9999-12-31", 422),
        ("late?first=0001-01-01&last=0001-01-01", 422),
    ],
)
def test_what_cannot_be_reported_is_refused(programme, asked, status):
    assert programme.get("biobank_lead", f"/reports/{asked}").status == status


def test_nothing_in_a_file_is_taken_for_a_formula():
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "2026-11-22", "Riverside = clinic", ""]
    read = next(csv.reader(io.StringIO(as_csv([cells]).decode("utf-8-sig"), newline="")))
    assert read == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "2026-11-22", "Riverside = clinic", ""]
