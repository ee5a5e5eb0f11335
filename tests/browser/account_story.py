"""Accounts as people meet them: a link on paper, an app, passkeys, and signatures that a passkey gives."""

from dataclasses import dataclass, field

import pyotp
from playwright.sync_api import Browser, expect

from biobank.core.moments import now
from tests.browser.desk import Desk, Look, desk
from tests.programme import PASSWORD, Programme

NEW = "other invented words"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class AccountStory:
    """`address` is the one in the settings: passkeys answer under no other."""

    programme: Programme
    browser: Browser
    address: str
    look: Look
    language: str = "en"
    desks: list[Desk] = field(default_factory=list)

    def seat(self) -> Desk:
        """A browser of its own with a passkey chip, nobody signed in."""
        seated = desk(self.browser, self.address, self.look, self.language)
        self.desks.append(seated)
        chip = seated.page.context.new_cdp_session(seated.page)
        chip.send("WebAuthn.enable")
        chip.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        return seated


def sign_in(seated: Desk, name: str, password: str = PASSWORD, code: str = "") -> None:
    """By keyboard alone."""
    page = seated.page
    page.goto(f"{seated.address}/sign-in")
    page.locator("#name").focus()
    for text in (name, password, code):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.locator("form[action='/sign-in'] [type=submit]").press("Enter")


def story(told: AccountStory, bag: str, order: str) -> None:
    admin = told.seat()
    an_app_is_set_up(admin)
    link = a_person_is_added(admin)
    the_person_chooses_a_password(told, link)
    compliance = told.seat()
    a_passkey_is_made(compliance, "comp.here")
    a_passkey_signs_in(compliance)
    bench = told.seat()
    a_passkey_is_made(bench, "lead.here")
    sign_out(bench)
    sign_in(bench, "tech.here")
    a_signature_fails(told, bag)
    the_witness_signs_beside_the_performer(bench, bag)
    compliance_confirms(compliance, order)
    the_alarm_is_settled(compliance)


def an_app_is_set_up(admin: Desk) -> None:
    """Whoever needs a second proof gets no further before they have one."""
    page = admin.page
    sign_in(admin, "admin.here")
    page.wait_for_url("**/account")
    admin.seen("account-enrolling")
    page.locator("#password-codes").fill(PASSWORD)
    admin.go("form[action='/account/codes'] button[type=submit]")
    admin.seen("account-codes")
    secret = str(page.locator("#secret").text_content()).replace(" ", "")
    page.locator("#code").fill(pyotp.TOTP(secret).at(now()))
    admin.press("F2")
    expect(page.locator("#recovery li")).to_have_count(10)
    admin.seen("account-recovery")
    admin.press("F2")
    page.wait_for_url(f"{admin.address}/")


def a_person_is_added(admin: Desk) -> str:
    page = admin.page
    page.goto(f"{admin.address}/people")
    admin.seen("people")
    page.locator("#username").fill("clinic.new")
    page.locator("#printed_name").fill("Testa New")
    page.locator("#role").select_option("clinic_staff")
    page.locator("#site").fill("clinic-1")
    admin.press("F2")
    link = str(page.locator("#link").text_content())
    admin.seen("set-up-link")
    page.goto(f"{admin.address}/people/clinic.new")
    admin.seen("person")
    return link


def the_person_chooses_a_password(told: AccountStory, link: str) -> None:
    """The code is behind the #: it comes to the service in a form, and is gone from the address."""
    person = told.seat()
    page = person.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(link)
    expect(page.locator("#username")).to_have_text("clinic.new")
    assert link.partition("#")[2] not in page.url
    assert not any(link.partition("#")[2] in url.partition("#")[0] for url in asked)
    person.seen("set-up")
    page.locator("#password").fill(NEW)
    page.locator("#password_again").fill(NEW)
    person.press("F2")
    page.wait_for_url("**/account")
    person.seen("account")
    late = told.seat()
    late.page.goto(link)
    expect(late.page.locator(".problems")).to_be_visible()
    late.seen("set-up-used")


def a_passkey_is_made(seated: Desk, name: str) -> None:
    sign_in(seated, name)
    page = seated.page
    page.goto(f"{seated.address}/account")
    page.locator("#name").fill("this computer")
    page.locator("#password-passkey").fill(PASSWORD)
    seated.go("#make-passkey [data-passkey]")
    expect(page.locator("#passkey-list > li")).to_have_count(1)
    seated.seen("account-passkey")


def sign_out(seated: Desk) -> None:
    seated.go("form[action='/sign-out'] button")


def a_passkey_signs_in(seated: Desk) -> None:
    sign_out(seated)
    seated.page.goto(f"{seated.address}/sign-in?next=/destruction-orders")
    seated.go("form[action='/sign-in/passkey'] [data-passkey]")
    seated.page.wait_for_url("**/destruction-orders")


def the_witness_signs_beside_the_performer(bench: Desk, bag: str) -> None:
    """The performer by password, the witness by passkey, and the performer goes on being signed in."""
    page = bench.page
    page.goto(f"{bench.address}/waste-batches/{bag}")
    page.locator("#signer").fill("tech.here")
    page.locator("#password").fill(PASSWORD)
    bench.go("main form:has(.signature) button[type=submit]")
    expect(page.locator(".stage--now .stage__number")).to_have_text("4")
    bench.seen("waste-witness-passkey")
    signed_by_passkey(bench, "lead.here")
    expect(page.locator("#answer")).to_have_attribute("data-tone", "right")
    expect(page.locator(".top__who strong")).to_contain_text("tech.here")


def signed_by_passkey(seated: Desk, name: str) -> None:
    seated.page.locator("#signer").fill(name)
    seated.go(".signature [data-passkey]")


def compliance_confirms(compliance: Desk, order: str) -> None:
    page = compliance.page
    page.goto(f"{compliance.address}/destruction-orders/confirm")
    page.locator(".to-confirm .usa-checkbox__label").click()
    signed_by_passkey(compliance, "comp.here")
    page.wait_for_url(f"**/destruction-orders/{order}")


def a_signature_fails(told: AccountStory, bag: str) -> None:
    """Three times within the hour, by whoever stands at the bench."""
    bench = told.desks[-1]
    for _ in range(3):
        bench.page.goto(f"{bench.address}/waste-batches/{bag}")
        bench.page.locator("#signer").fill("tech.here")
        bench.page.locator("#password").fill("something else")
        bench.go("main form:has(.signature) button[type=submit]")


def the_alarm_is_settled(compliance: Desk) -> None:
    page = compliance.page
    page.goto(f"{compliance.address}/signing-alarms")
    expect(page.locator("[data-alarm]")).to_have_count(1)
    compliance.seen("signing-alarms")
    page.locator("label[for$='-mistyped']").click()
    compliance.press("F2")
    expect(page.locator("[data-alarm]")).to_have_count(0)
    compliance.seen("signing-alarms-none")
