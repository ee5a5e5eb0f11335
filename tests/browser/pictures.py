"""Pictures of the pages, taken along the stories of one kit and of its labels: `python -m tests.browser.pictures`.

Without an argument the documentation's pictures are made anew; with a folder, one of every page lands there.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from biobank.app import create_app
from biobank.core import schema
from biobank.core.database import db
from biobank.settings import ROOT, load_settings
from tests.browser import kit_story, print_story
from tests.browser.desk import Look, chromium, served
from tests.browser.kit_story import Story
from tests.browser.print_story import PrintStory
from tests.printing.label_printer import LabelPrinter

TALLEST = 1500
"""Pixels of a page that are shown; what is below is more of the same."""
COLOURS = 256
"""Few are enough for pages of one style, and make a picture small."""


DOCUMENTED = {
    "start-technician": "start",
    "kit-drawn": "kit",
    "tube-aliquoted": "item",
    "collect-asked-back": "asked-back",
    "parcel-found": "parcel",
    "late-tube": "late-tube",
    "box-map": "box",
    "order": "order",
    "waste-performer": "waste-batch",
    "confirm": "confirm",
    "order-closed": "certificate",
    "print-kit-preview": "print",
    "print-job": "print-job",
    "print-job-unclear": "print-unclear",
    "print-void": "void",
    "tube-voided": "voided",
    "print-jobs": "print-log",
}
"""Pages of the stories that the documentation shows, and under which names."""


def take(folder: Path, names: Mapping[str, str] | None = None) -> None:
    """Tell each story once; `names` are the pictures wanted, all of them without it."""
    folder.mkdir(parents=True, exist_ok=True)

    def look(page: Page, name: str) -> None:
        if names is None or name in names:
            path = folder / f"{names[name] if names else name}.png"
            page.wait_for_timeout(150)
            height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
            clip = {"x": 0, "y": 0, "width": 1280, "height": height}
            page.screenshot(path=path, full_page=True, clip=clip)
            shrink(path)

    with LabelPrinter() as printer:
        for told in (kit_story.tell, lambda story: print_story.tell(PrintStory(story, printer))):
            _tell(told, look, printer.port)


def _tell(told: Callable[[Story], None], look: Look, port: int) -> None:
    """From the beginning, in a database of its own."""
    with tempfile.TemporaryDirectory() as root:
        settings = load_settings({}).with_changes(
            database_url=f"sqlite:///{root}/biobank.db",
            secret_key_file=f"{root}/keys/secret.key",
            ledger_key_file=f"{root}/keys/ledger.key",
            pseudonym_key_file=f"{root}/keys/pseudonym.key",
            checkpoint_folder="",
            hold_window_days=0,
            printers_file=print_story.write_printers(Path(root) / "printers.toml", port),
            demo=True,
        )
        app = create_app(settings)
        with app.app_context():
            schema.upgrade(db.engine)
        with served(app) as address, chromium() as browser:
            told(Story(app, settings, browser, address, look))


def shrink(path: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        take(Path(sys.argv[1]))
    else:
        take(ROOT / "docs" / "pictures", DOCUMENTED)
