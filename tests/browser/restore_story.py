"""An older backup was put in place: whoever wants to sign in is told, the journal is applied, and compliance enters the rest."""

from playwright.sync_api import Page, expect


def tell_while_shut(page: Page, address: str, look) -> None:
    """Whichever address somebody opens leads to the one page that says what happened and what to do."""
    for path in ("/", "/sign-in?next=/destruction-orders", "/badge"):
        page.goto(f"{address}{path}")
        expect(page.locator("#answer")).to_have_attribute("data-cause", "older_than_journal")
    expect(page.locator("#to-do code")).to_contain_text("biobank journal apply")
    expect(page.locator("#entering")).to_be_visible()
    look(page, "restore_shut")


def tell_once_open(page: Page, address: str, username: str, password: str, look) -> None:
    """The page that was open is loaded again, and compliance sees what is left to enter."""
    page.locator("a[href='/restore']").click()
    expect(page.locator("#answer")).to_have_count(0)
    look(page, "restore_open")
    page.goto(f"{address}/sign-in")
    page.fill("input[name=name]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.locator("a[href='/restore/to-enter']").click()
    expect(page.locator("article[data-what=ceremony_settled]")).to_have_count(1)
    look(page, "restore_to_enter")
