"""The chair without network: scans, answers by hand and a reload, told by names and codes in any language."""

from collections.abc import Callable, Sequence

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.desk import PATIENCE

UNKNOWN = "T000000000006"
"""Well formed, and on nothing."""
KEPT_READY = """async (patience) => {
  const until = Date.now() + patience;
  const program = async () => (await navigator.serviceWorker.getRegistration())?.active;
  while ((await program())?.state !== "activated") {
    if (Date.now() > until) throw new Error("The offline page is not kept.");
    await new Promise((again) => { setTimeout(again, 50); });
  }
}"""
"""The program that keeps the offline page answers from now on; waited for no longer than so many milliseconds."""
Look = Callable[[Page, str], None]


def cut(context: BrowserContext, *, off: bool) -> None:
    context.set_offline(off)


def ready(page: Page, address: str, kit: str) -> None:
    """The kit is open at the chair, and the browser has what it needs without network."""
    page.goto(f"{address}/kits/{kit}/collect")
    page.evaluate(KEPT_READY, PATIENCE)


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def kept(page: Page, code: str, told: str = "kept") -> None:
    expect(page.locator("#answer")).to_have_attribute("data-code", told)
    expect(page.locator("#answer [data-item]")).to_have_text(code)


def handled(page: Page, code: str) -> None:
    """The tube has its answer, at the chair or, once there is no network, on the page that needs none."""
    tube = page.locator(f"[data-tube={code}][data-state=collected]")
    expect(tube).to_be_visible()


def story(page: Page, address: str, kit: str, tubes: Sequence[str], look: Look) -> int:
    """From the chair into ten minutes without network, which last at its end; how many scans wait then."""
    ready(page, address, kit)
    scan(page, tubes[0])
    handled(page, tubes[0])
    cut(page.context, off=True)
    scan(page, tubes[1])
    page.wait_for_url(f"{address}/offline#{kit}")
    kept(page, tubes[1])
    expect(page.locator("[data-state-told=network]")).to_be_visible()
    expect(page.locator(f"[data-tube={tubes[0]}]")).to_have_attribute("data-state", "collected")
    expect(page.locator(f"[data-tube={tubes[1]}]")).to_have_attribute("data-waits", "true")
    scan(page, tubes[2])
    kept(page, tubes[2])
    page.locator("#offline-volume").fill("2.5")
    page.keyboard.press("F4")
    expect(page.locator(f"[data-tube={tubes[2]}] [data-level]")).to_have_attribute("data-level", "short")
    page.reload()
    expect(page.locator("#offline-count")).to_have_text("2")
    scan(page, tubes[2])
    kept(page, tubes[2], "twice")
    scan(page, UNKNOWN)
    kept(page, UNKNOWN, "kept_unknown")
    look(page, "offline")
    return 3
