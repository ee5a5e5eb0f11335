"""Every template is rendered with the context its head asks for; what comes out is whole, labelled, and free of inline code."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.web.previews import BIOBANK, PAGES, SIGNED_IN, after, preview_app

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
FIELDS = {"input", "select", "textarea"}
PARTIAL = {
    "access/over_page.html",
    "base.html",
    "disclosures/parts.html",
    "discrepancies/parts.html",
    "distribution/answer.html",
    "help/frame.html",
    "identity/parts.html",
    "inventories/figures.html",
    "inventories/parts.html",
    "items/parts.html",
    "kits/parts.html",
    "macros/ask_back.html",
    "macros/box_map.html",
    "macros/charts.html",
    "macros/forms.html",
    "macros/passkeys.html",
    "macros/signs.html",
    "offline/banner.html",
    "offline/parts.html",
    "outages/parts.html",
    "printing/parts.html",
    "processing/parts.html",
    "processing/bench_parts.html",
    "processing/facts.html",
    "scans/parts.html",
    "storage/parts.html",
    "visits/parts.html",
    "withdrawals/parts.html",
}


class Page(HTMLParser):
    """Refuses what a browser would silently repair, and gathers the elements."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict, tuple[str, ...]]] = []
        self.inline_script = False
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"attribute twice in <{tag}>: {names}"
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in {"script", "style"} and data.strip():
            self.inline_script = True

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes, _ in self.elements if name == tag]


@pytest.fixture(scope="module")
def client():
    return preview_app().test_client()


@pytest.fixture(params=PAGES)
def page(request, client) -> Page:
    return Page(client.get(f"/preview/{request.param}").text)


def test_every_template_has_a_preview():
    templates = {
        path.relative_to(BIOBANK / "templates").as_posix() for path in (BIOBANK / "templates").rglob("*.html")
    }
    assert templates - PARTIAL == {template for template, _ in PAGES.values()}


def test_page_says_its_language_and_title(client):
    for name in PAGES:
        text = client.get(f"/preview/{name}").text
        assert text.startswith("<!DOCTYPE html>\n"), name
        assert '<html lang="en">' in text, name
        assert re.search(r"<title>\S.+ · Biobank custody</title>", text), name


def test_nothing_is_inline(page):
    assert not page.inline_script
    for tag, attributes, _ in page.elements:
        assert tag != "style"
        assert "style" not in attributes, attributes
        assert not [name for name in attributes if name.startswith("on")], attributes
        assert not str(attributes.get("href")).startswith("javascript:")


def test_every_static_file_exists(page, client):
    wanted = [
        attributes.get("src") or attributes.get("href")
        for tag, attributes, _ in page.elements
        if tag in {"script", "link", "img", "use"}
    ]
    assert len(wanted) > 3
    sprite = (BIOBANK / "static/vendor/uswds/img/sprite.svg").read_text()
    for url in wanted:
        if url.startswith("data:image/svg+xml;base64,"):  # a picture that the page carries in itself
            continue
        parts = urlsplit(url)
        assert not parts.netloc, url
        assert client.get(parts.path).status_code == 200, url
        assert not parts.fragment or f'id="{parts.fragment}"' in sprite, url


def test_every_field_has_a_label_and_every_button_a_type(page):
    labels = {attributes["for"] for attributes in page.all("label")}
    for tag, attributes, _ in page.elements:
        if tag in FIELDS and attributes.get("type") != "hidden":
            assert attributes["id"] in labels, attributes
        if tag == "button":
            assert attributes["type"] in {"submit", "button"}


def test_ids_are_unique_and_references_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert sorted(ids) == sorted(set(ids))
    for _, attributes, _ in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            assert set((attributes.get(name) or "").split()) <= set(ids), attributes


def test_every_posting_form_carries_the_token(client):
    for name in PAGES:
        text = client.get(f"/preview/{name}").text
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            assert 'name="csrf_token" value="an-invented-token"' in form, name


CHANGES_NOTHING_TWICE = {
    "/badge", "/badge/pin", "/language", "/lock", "/scan", "/scanner", "/scans", "/scans/explanation", "/sign-in", "/sign-out",
    "/station", "/unlock", "/printing/printers/choice", "/printing/printers/sheets/status",
    "/set-up", "/sign-in/passkey", "/account/password", "/account/codes", "/account/codes/confirm", "/account/passkeys",
    "/account/passkeys/1/revoke", "/account/passkeys/2/revoke",
    "#/statement", "#/audit-pack",  # each paper that is made is written down: made twice is two papers
}  # fmt: skip


def test_every_form_that_records_something_has_a_key_so_that_it_is_done_once(client):
    """But scan boxes, into which the same page scans again and again: of a step, twice is once."""
    for name in PAGES:
        text = client.get(f"/preview/{name}").text
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            url = re.search(r'action="([^"]*)"', form)[1]
            if url not in CHANGES_NOTHING_TWICE and " data-scan " not in form and url != "#":
                assert 'name="idempotency_key" value="' in form, (name, url)


def test_scan_box_is_there_for_whoever_signed_in_and_for_nobody_else(client):
    for name, (_, context) in PAGES.items():
        text = client.get(f"/preview/{name}").text
        assert ('id="scan-text"' in text) == ("person" not in context), name
        assert ('action="/sign-out"' in text) == ("person" not in context), name


def test_withdrawal_form_has_no_answer_of_its_own(client):
    text = client.get("/preview/decision").text
    assert " checked" not in text
    assert " selected" not in text
    assert "we keep your name and contact information" in text


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("batch_fill", "/waste-batches/H900012004408/scan"),
        ("parcel", "/shipments/X220041879012/scan"),
        ("batch_witness", "/scan"),
        ("parcel_closed", "/scan"),
    ],
)
def test_scan_goes_into_the_bag_or_the_parcel_only_while_it_is_open(client, name, action):
    assert f'method="post" action="{action}" data-scan' in client.get(f"/preview/{name}").text


def test_an_hour_that_came_twice_shows_two_offsets_and_an_unknown_one_says_so():
    app = preview_app()
    with app.test_request_context("/"):
        moment = app.jinja_env.get_template("macros/signs.html").module.moment
        assert '1 Nov 2026, 01:30 <span class="moment__offset">UTC−05:00</span>' in moment(after(0))
        assert '1 Nov 2026, 01:30 <span class="moment__offset">UTC−06:00</span>' in moment(after(1))
        assert "time not known" in moment(None)


def test_what_people_typed_is_shown_as_text(client):
    hostile = '"><script>alert(1)</script>'
    app = preview_app()
    typed = {
        "feedback": {"tone": "wrong", "word": hostile, "sentence": hostile},
        "form": {"reason": hostile, "volume": hostile},
        "errors": {"": hostile, "reason": hostile},
    }
    with app.test_request_context("/"):
        for template, context in PAGES.values():
            text = app.jinja_env.get_template(template).render(
                SIGNED_IN | context | typed | {"csrf_token": hostile}
            )
            assert "&lt;script&gt;alert" in text, template
            assert hostile not in text, template
