"""Ten minutes without network at the chair: scans, a reload, a restart of the browser, and each scan is there once."""

from playwright.sync_api import BrowserContext, Page, expect


def cut(context: BrowserContext, *, off: bool) -> None:
    context.set_offline(off)


def ready(page: Page, address: str, kit: str) -> None:
    """The kit is open at the chair, and the browser has what it needs without network."""
    page.goto(f"{address}/kits/{kit}/collect")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def kept(page: Page, code: str, told: str = "kept") -> None:
    expect(page.locator("#answer")).to_have_attribute("data-code", told)
    expect(page.locator("#answer [data-item]")).to_have_text(code)


def handled(page: Page, code: str) -> None:
    """The tube has its answer, at the chair or, once there is no network, on the page that needs none."""
    tube = page.locator(f"[data-tube={code}][data-state=collected]")
    expect(tube).to_be_visible(timeout=30_000)
