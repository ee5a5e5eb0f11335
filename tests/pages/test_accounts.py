"""Accounts in a browser: set up by a link, a second proof, passkeys, alarms; no answer tells who has what."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from biobank.access.choices import Proof
from biobank.access.models import Signature
from biobank.access.operations import open_session
from biobank.access.queries import person_named
from biobank.core.database import SETTINGS, reading, writing
from biobank.core.moments import now
from tests.access.authenticator import Authenticator
from tests.pages.test_withdrawal_and_destruction import (  # noqa: F401 (fixtures among them)
    bag_of,
    counted,
    order,
    settings,
    shown_sha256,
    sign,
    tube,
)
from tests.programme import PASSWORD

NEW = "other invented words"


@pytest.fixture
def demanding(programme):
    """As outside the demonstration: some roles sign in with a second proof."""
    app = programme.app
    app.extensions[SETTINGS] = app.extensions[SETTINGS].with_changes(demo=False)
    programme.let_sign("clinic.here", "comp.here", "admin.here")
    return programme


@pytest.fixture
def browser(demanding):
    return Browser(demanding.app)


class Browser:
    """Follows redirects, and carries the token of its session's forms."""

    def __init__(self, app):
        self.client = app.test_client()
        self.text = ""

    def get(self, path):
        return self._came(self.client.get(path, follow_redirects=True))

    def post(self, path, **told):
        token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', self.text)
        content = {**told, **({"csrf_token": token[1]} if token else {})}
        return self._came(self.client.post(path, data=content, follow_redirects=True))

    def _came(self, answer):
        if answer.mimetype == "text/html":
            self.text = answer.text
            self.at = answer.request.path
        return answer

    def sign_in(self, name, password=PASSWORD, code=""):
        return self.post("/sign-in", name=name, password=password, code=code)

    def shown(self, name):
        found = re.search(rf'id="{name}">(.*?)<', self.text)
        return found[1] if found else None


def set_up_app(browser):
    """What a person does with the square: the secret, and the recovery codes of the sheet."""
    browser.get("/account")
    browser.post("/account/codes", password=PASSWORD)
    secret = browser.shown("secret").replace(" ", "")
    browser.post("/account/codes/confirm", code=pyotp.TOTP(secret).at(now()))
    return secret, re.findall(r'<li class="code">([A-Z2-7 ]{19})</li>', browser.text)


def test_a_person_is_added_and_chooses_a_password_that_nobody_else_learns(demanding):
    admin, app = Browser(demanding.app), demanding.app
    admin.sign_in("admin.here")
    set_up_app(admin)
    told = {"username": "clinic.new", "printed_name": "Testa New", "role": "clinic_staff", "site": "clinic-1"}
    admin.get("/people")
    sheet = admin.post("/people", **told, idempotency_key="once").text
    address, code = admin.shown("link"), admin.shown("link-code")
    assert address == f"http://localhost:8000/set-up#{code.replace(' ', '')}"
    assert "data:image/svg+xml" in sheet
    again = admin.post("/people", **told, idempotency_key="once")
    assert code.replace(" ", "") not in again.text.replace(" ", "")
    person = Browser(app)
    assert "Code on the sheet" in person.get("/set-up").text
    person.post("/set-up", token=code)
    assert person.shown("username") == "clinic.new"
    assert "not the same" in person.post("/set-up", token=code, password=NEW, password_again="x").text
    person.post("/set-up", token=code, password=NEW, password_again=NEW)
    assert person.at == "/account"
    assert Browser(app).post("/set-up", token=code).status_code == 403
    fresh = Browser(app)
    fresh.sign_in("clinic.new", NEW)
    assert fresh.at == "/"


def test_the_code_of_a_link_is_in_no_answer_that_is_kept(demanding):
    admin = Browser(demanding.app)
    admin.sign_in("admin.here")
    set_up_app(admin)
    admin.get("/people")
    admin.post("/people", username="clinic.new", printed_name="Testa New", idempotency_key="once")
    code = admin.shown("link-code").replace(" ", "")
    with demanding.app.app_context(), reading() as work:
        kept = str(work.session.execute(text("SELECT * FROM idempotency_keys")).all())
    assert "once" in kept
    assert code not in kept


def test_who_needs_a_second_proof_sets_it_up_before_anything_else(browser, demanding):
    browser.sign_in("comp.here")
    assert browser.at == "/account"
    for elsewhere in ("/", "/destruction-orders", "/signing-alarms"):
        browser.get(elsewhere)
        assert browser.at == "/account"
    before = browser.client.get_cookie("biobank_session").value
    secret, recovery = set_up_app(browser)
    assert len(recovery) == 10
    assert browser.client.get_cookie("biobank_session").value != before
    browser.get("/destruction-orders")
    assert browser.at == "/destruction-orders"
    assert browser.post("/sign-out").status_code == 200
    assert browser.sign_in("comp.here").status_code == 403
    later = pyotp.TOTP(secret).at(now(), counter_offset=1)  # the one of the set-up counts no second time
    assert browser.sign_in("comp.here", code=later).status_code == 200
    assert browser.at == "/"


def test_setting_up_ends_whoever_else_signed_in_with_the_password_alone(browser, demanding):
    thief = Browser(demanding.app)
    thief.sign_in("comp.here")
    browser.sign_in("comp.here")
    set_up_app(browser)
    thief.get("/account")
    assert thief.at == "/sign-in"


def test_the_form_and_its_refusals_are_the_same_for_everybody(browser, demanding):
    first = Browser(demanding.app)
    first.sign_in("comp.here")
    set_up_app(first)

    def refused(name, password=PASSWORD, code=""):
        answer = browser.sign_in(name, password, code)
        return answer.status_code, re.sub(r'value="[a-z.]+"', "", answer.text)

    answers = {
        refused("comp.here"),
        refused("comp.here", code="123456"),
        refused("comp.here", "something else"),
        refused("clinic.here", "something else"),
        refused("nobody.here"),
        refused("nobody.here", code="123456"),
    }
    assert len(answers) == 1


def test_recovery_codes_are_in_no_answer_that_is_kept_and_open_once(browser, demanding):
    browser.sign_in("comp.here")
    _, recovery = set_up_app(browser)
    browser.get("/account")
    assert browser.shown("recovery-left") == "10"
    anybody = Browser(demanding.app)
    assert anybody.sign_in("comp.here", code=recovery[0]).status_code == 200
    assert anybody.sign_in("comp.here", code=recovery[0]).status_code == 403


def test_every_change_asks_for_the_password(browser):
    browser.sign_in("clinic.here")
    for path in ("password", "codes", "codes/end", "recovery", "passkeys", "passkeys/1/revoke"):
        browser.get("/account")
        assert browser.post(f"/account/{path}", password="something else").status_code in (403, 429), path


def test_a_changed_password_signs_every_other_browser_out(browser, demanding):
    other = Browser(demanding.app)
    other.sign_in("clinic.here")
    browser.sign_in("clinic.here")
    browser.get("/account")
    browser.post("/account/password", password=PASSWORD, new_password=NEW, new_password_again=NEW)
    assert browser.at == "/account"
    other.get("/")
    assert other.at == "/sign-in"
    assert other.sign_in("clinic.here").status_code == 403
    assert other.sign_in("clinic.here", NEW).status_code == 200


def asked(browser, path, **told):
    answer = browser.post(path, **told).json
    challenge = answer["options"]["challenge"]
    return answer["nonce"], urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))


def made_passkey(browser, device):
    browser.get("/account")
    nonce, challenge = asked(browser, "/account/passkeys/question")
    passkey = json.dumps({"nonce": nonce, "credential": device.made(challenge)})
    return browser.post("/account/passkeys", password=PASSWORD, name="blue key", passkey=passkey)


def test_a_passkey_signs_in_without_a_name_and_counts_as_second_proof(browser, demanding):
    device = Authenticator()
    browser.sign_in("comp.here")
    made_passkey(browser, device)
    assert "blue key" in browser.text
    fresh = Browser(demanding.app)
    nonce, challenge = asked(fresh, "/sign-in/question")
    passkey = json.dumps({"nonce": nonce, "credential": device.answers(challenge)})
    fresh.post("/sign-in/passkey", passkey=passkey, next="/destruction-orders")
    assert fresh.at == "/destruction-orders"
    assert Browser(demanding.app).post("/sign-in/passkey", passkey=passkey).status_code == 403
    assert Browser(demanding.app).sign_in("comp.here").status_code == 403


def test_a_badge_changes_nothing_of_an_account(demanding):
    seat = Browser(demanding.app)
    with demanding.app.app_context(), writing() as work:
        person = person_named(work, "clinic.here")
        cookie = open_session(work, person, lasting=timedelta(hours=1), by=Proof.BADGE)
    seat.client.set_cookie("biobank_session", cookie)
    assert seat.get("/account").status_code == 403


def test_a_token_and_a_password_together_are_no_sign_in(demanding):
    """They would else open a session past the second proof."""
    client = demanding.app.test_client()
    headers = {"Authorization": f"Bearer {demanding.tokens['compliance']}"}
    for path in (
        "password",
        "codes",
        "codes/confirm",
        "codes/end",
        "recovery",
        "passkeys",
        "passkeys/1/revoke",
    ):
        told = {"password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
        answer = client.post(f"/account/{path}", data=told, headers=headers)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False), path
    assert client.get("/account", headers=headers).status_code == 403


@pytest.fixture
def bag(seat, tube, order):  # noqa: F811 (fixtures of the module that is imported)
    """Counted, and waiting for the performer's signature."""
    technician = seat("tech.here")
    bag = bag_of(technician)
    technician.sent(f"{bag}/scan", text=tube)
    counted(technician, bag)
    return bag


def test_a_passkey_signs_what_the_page_shows_and_the_ledger_says_so(demanding, seat, bag):
    demanding.let_sign("tech.here")
    device, technician = Authenticator(), Browser(demanding.app)
    technician.sign_in("tech.here")
    made_passkey(technician, device)
    shown = shown_sha256(seat("tech.here").get(bag))
    meaning = re.search(r'data-meaning="(.*?)"', technician.get(bag).text)[1]
    nonce, challenge = asked(technician, "/signatures/question", meaning=meaning, sha256=shown)
    answer = json.dumps({"nonce": nonce, "shown": [shown], "credential": device.answers(challenge)})
    said = {"signer": "tech.here", "password": f"passkey:{answer}", "meaning": "performed", "sha256": shown}
    assert technician.post(f"{bag}/signatures", **said).status_code == 200
    with demanding.app.app_context(), reading() as work:
        signature = work.session.query(Signature).one()
        assert (signature.signer, signature.proved_by, signature.meaning) == ("tech.here", "passkey", meaning)


def test_failed_signings_are_an_alarm_that_compliance_settles(demanding, seat, bag):
    demanding.let_sign("tech.here")
    comp = Browser(demanding.app)
    comp.sign_in("comp.here")
    set_up_app(comp)
    for _ in range(3):
        assert sign(seat("tech.here"), bag, "tech.here", "performed", password="wrong").status == 403
    assert "/signing-alarms" in comp.get("/").text
    assert 'data-alarm="tech.here"' in comp.get("/signing-alarms").text
    counts = comp.client.get("/metrics").text
    assert "biobank_failed_signings_total 3" in counts
    assert "biobank_signing_alarms_open 1" in counts
    assert comp.post("/signing-alarms/tech.here/settle").status_code == 409
    comp.post("/signing-alarms/tech.here/settle", finding="mistyped")
    assert "biobank_signing_alarms_open 0" in comp.client.get("/metrics").text


def test_what_others_do_to_accounts_is_seen_by_compliance(demanding):
    admin, comp = Browser(demanding.app), Browser(demanding.app)
    admin.sign_in("admin.here")
    set_up_app(admin)
    comp.sign_in("comp.here")
    set_up_app(comp)
    admin.get("/people/clinic.here")
    admin.post("/people/clinic.here/reset", idempotency_key="reset")
    assert admin.shown("link")
    lately = comp.get("/signing-alarms").text
    assert "Account reset" in lately
    assert "admin.here" in lately
    assert Browser(demanding.app).sign_in("clinic.here").status_code == 403
    assert admin.post("/people/admin.here/reset").status_code == 403
    admin.post("/people/clinic.here/link/revoke")
    assert "Set-up link taken back" in admin.text
    admin.post("/people/clinic.here/disable")
    assert "Disabled" in admin.text
