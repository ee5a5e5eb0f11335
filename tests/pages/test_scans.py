"""Scans as pages: the newest ones, one explained, any text explained; and the scanner's test."""

from biobank.access.identifiers import new_badge
from biobank.items.keyboards import KEYS, LAYOUTS, SHIFTED
from biobank.items.scanner_setup import LINEAR, MATRIX
from tests.programme import PARTICIPANT


def french(code):
    return code.translate(str.maketrans(KEYS + SHIFTED, "".join(LAYOUTS["French"])))


def test_a_refused_scan_links_to_why_and_is_on_the_list(seat):
    clinic = seat("clinic.here")
    page = clinic.post("/scan", text="T483134562415")
    assert page.status == 422
    link = page.text.split('answer__link"><a href="')[1].split('"')[0]
    why = clinic.get(link)
    assert "Check digits" in why.text
    assert "15 do not fit the rest" in why.text
    assert "Barcode not readable" not in why.text
    listed = clinic.get("/scans")
    assert f'href="{link}">T483134562415</a>' in listed.text
    assert "two are swapped" in listed.text
    assert "T483134562415" in clinic.get("/scans?outcome=refused&whose=person").text
    assert "No scans here" in seat("clinic.elsewhere").get("/scans").text
    assert seat("clinic.elsewhere").get(link).status == 404
    assert "T483134562415" in seat("audit.here").get("/scans").text


def test_a_scan_through_another_keyboard_is_taken_and_the_scanner_is_to_be_set(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    page = clinic.sent("/scan", text=french(tubes[0]))
    assert page.answer[0] == "Scanner not set up"
    assert "a computer with a French one" in page.answer[1]
    assert '<a href="/scanner">Scanner test</a>' in page.text
    listed = clinic.get(f"/scans?text={tubes[0]}")
    assert "at a computer with a French one." in listed.text
    assert "led to a page" in listed.text


def test_what_is_typed_for_the_list_is_in_an_address_only_when_it_can_be_a_code(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    assert 'method="post" action="/scans"' in clinic.get("/scans").text
    assert clinic.post("/scans", text=tubes[0]).leads_to == f"/scans?whose=site&outcome=all&text={tubes[0]}"
    for text in (badge := new_badge(), "Testa Participant"):
        refused = clinic.post("/scans", text=f"x{text}")
        assert (refused.status, refused.leads_to) == (422, None)
        assert text not in refused.text
    assert clinic.get(f"/scans?text=x{badge}").leads_to == "/scans?whose=site&outcome=all"


def test_the_list_goes_on_page_by_page(seat):
    clinic = seat("clinic.here")
    for number in range(52):
        clinic.client.post("/scan")  # without its token: nobody is known to have scanned
        assert clinic.post("/scan", text=f"KIT-{number:03d}").status == 404
    first = clinic.get("/scans")
    assert "KIT-051" in first.text
    assert "KIT-001" not in first.text
    older = first.text.split('href="/scans?')[-1].split('"')[0].replace("&amp;", "&")
    second = clinic.get(f"/scans?{older}")
    assert "KIT-001" in second.text
    assert "KIT-051" not in second.text


def test_any_text_is_explained_without_being_kept(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    page = clinic.post("/scans/explanation", text=f"]C0{tubes[0]}\r")
    assert page.status == 200
    for said in (
        "Announcement ]C0",
        "Code 128",
        "Enter at its end",
        "Shape of ours",
        "collection tube",
        "Check digits",
        "Known",
    ):
        assert said in page.text, said
    assert f'?tube={tubes[0]}">Go to it' in page.text
    for text, said in (
        ("", "Nothing arrived"),
        ("(01)09506000134352(21)A1", "serial A1"),
        (french("KIT-12345678"), "Scanner not set up"),
        (tubes[0] + tubes[1], "Two codes at once"),
        ("\x1dA", "Group separator"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        (PARTICIPANT, "It leads to a page of its own."),
        ("x" * 5000, "only the first 1000 are looked at"),
    ):
        page = clinic.post("/scans/explanation", text=text)
        assert page.status == 200, text
        assert said in page.text, (said, page.text)
    assert "KIT-12345678" not in clinic.get("/scans").text


def test_another_sites_item_is_explained_by_its_site_alone(programme, seat):
    _, tubes = programme.assigned_kit()
    page = seat("clinic.elsewhere").post("/scans/explanation", text=tubes[0])
    assert "Of another site" in page.text
    assert "is of clinic-1" in page.text
    assert PARTICIPANT not in page.text
    assert "Go to it" not in page.text
    elsewhere = seat("clinic.elsewhere")
    theirs, nobodys = (
        elsewhere.post("/scans/explanation", text=code)
        .text.split('id="steps"')[1]
        .split('class="printed-at"')[0]
        .replace(code, "CODE")
        for code in (PARTICIPANT, "A999999999")
    )
    assert theirs == nobodys


def test_of_a_text_that_was_not_kept_the_page_says_so(seat):
    clinic = seat("clinic.here")
    page = clinic.post("/scan", text="testa@example.org")
    link = page.text.split('answer__link"><a href="')[1].split('"')[0]
    why = clinic.get(link)
    assert "The text was not kept" in why.text
    assert "an e-mail address, 17 characters" in why.text
    assert "testa@example.org" not in clinic.get("/scans").text


def test_the_scanner_is_tested_without_anything_being_kept(seat):
    administrator = seat("admin.here")
    page = administrator.get("/scanner")
    assert page.status == 200
    assert 'src="/scanner/code-128.svg"' in page.text
    for name in ("code-128", "data-matrix"):
        picture = administrator.client.get(f"/scanner/{name}.svg")
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert administrator.get("/scanner/other.svg").status == 404
    right = administrator.post("/scanner", typed=f"{LINEAR}\r\n{MATRIX}\r\n")
    assert right.answer[0] == "This scanner is set up well"
    wrong = administrator.post("/scanner", typed=f"{french(LINEAR)}\r\n")
    assert wrong.answer[0] == "This scanner has to be set"
    assert "a computer with a French one" in wrong.text
    assert "Nothing arrived" in administrator.post("/scanner", typed="").text
    assert "No scans here" in seat("clinic.here").get("/scans").text
