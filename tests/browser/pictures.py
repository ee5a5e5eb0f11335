"""Pictures of the pages, taken along the stories: `python -m tests.browser.pictures`.

Every page of the clinic's journeys lands in the folder `clinic`, of compliance's in `compliance`, of the biobank's in `floor`;
`--only floor` makes one album alone. Of a kit's life and of its labels the documentation's pictures are made anew without
an argument; with a folder, one of every page lands there.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from biobank.app import create_app
from biobank.service.databases import upgrade_both
from biobank.settings import ROOT, load_settings
from tests.browser import kit_story, print_story
from tests.browser.desk import Look, chromium, served
from tests.browser.journeys import CLINIC, COMPLIANCE, FLOOR
from tests.browser.kit_story import Story
from tests.browser.print_story import PrintStory
from tests.printing.label_printer import LabelPrinter

WIDTH, HEIGHT = 1280, 900
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


NARROW = {
    *("visit-safety", "collect-two-short-one-broken", "centrifuge", "packing", "dispatch"),
    *("start-recall", "downtime-form", "stock-low", "badge"),
    *("start-undecided", "order-everywhere", "outside-to-ask"),
    *(
        "dock-morning",
        "receipt-warm",
        "store-lit",
        "count-differences",
        "aliquots",
        "outage-carry",
        "pick-list",
        "logger-file-read",
        "report-cases",
    ),
}
"""Pages that are shown on a small screen and on a tablet as well."""
SPANISH = {
    *("visit-safety", "visit-wrong-kit", "collect-two-short-one-broken", "collect-rest", "centrifuge"),
    *("packing", "dispatch-asked-back", "downtime-refused"),
    *("call-back", "order-everywhere", "order-on-hold", "holders"),
    *("receipt-warm", "receipt-closing", "count-differences", "store-lit", "pick-list", "aliquots"),
    *("logger-file-read", "report-cases"),
}
"""And in Spanish."""
SPANISH_CLINIC = ("visit", "chair", "centrifuge", "parcel", "paper")
SPANISH_COMPLIANCE = (
    "the caller who calls back",
    "destroyed wherever it is",
    "a legal hold in mid-batch",
    "studies",
)
SPANISH_FLOOR = ("dock", "temperature loggers", "bench", "storing", "inventory", "picking", "figures")
PICTURED_BEFORE = frozenset({"sign-in", "studies", "study-new", "study-waits", "study-approval"})
"""By which stories of the floor come, too, and which another album shows."""


@dataclass(frozen=True)
class Album:
    """Where pictures of some journeys go: every page of theirs once, by the name the story gives it."""

    folder: Path
    journeys: Mapping[str, Callable[[Story], object]]
    in_spanish: Sequence[str]
    leaves_out: frozenset[str] = frozenset()

    def take_all(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for told in self.journeys.values():
            _tell(told, self.look)
        for journey in self.in_spanish:
            _tell(self.journeys[journey], self.look_in_spanish, language="es")

    def look(self, page: Page, name: str) -> None:
        if name in self.leaves_out:
            return
        self._once(page, name, WIDTH)
        if name in NARROW:
            for width in (320, 768):
                self._once(page, f"{name}-{width}", width)

    def look_in_spanish(self, page: Page, name: str) -> None:
        if name in SPANISH:
            self._once(page, f"{name}-es", WIDTH)

    def _once(self, page: Page, name: str, width: int) -> None:
        if not (path := self.folder / f"{name}.png").exists():
            shoot(page, path, width)


def take(folder: Path, names: Mapping[str, str] | None = None) -> None:
    """Tell the stories of a kit and of its labels; `names` are the pictures wanted, all of them without it."""
    folder.mkdir(parents=True, exist_ok=True)

    def look(page: Page, name: str) -> None:
        if names is None or name in names:
            shoot(page, folder / f"{names[name] if names else name}.png", WIDTH)

    with LabelPrinter() as printer:
        for told in (kit_story.tell, lambda story: print_story.tell(PrintStory(story, printer))):
            _tell(told, look, port=printer.port)


def shoot(page: Page, path: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.wait_for_timeout(150)
    if page.locator("dialog:modal").count():
        page.screenshot(path=path)  # what lies behind it is beyond reach
    else:
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    shrink(path)


def _tell(told: Callable[[Story], object], look: Look, *, port: int = 0, language: str = "en") -> None:
    """From the beginning, in a database of its own."""
    with tempfile.TemporaryDirectory() as root:
        settings = load_settings({}).with_changes(
            database_url=f"sqlite:///{root}/biobank.db",
            secret_key_file=f"{root}/keys/secret.key",
            ledger_key_file=f"{root}/keys/ledger.key",
            pseudonym_key_file=f"{root}/keys/pseudonym.key",
            vault_key_file=f"{root}/keys/vault.key",
            answers_key_file=f"{root}/keys/answers.key",
            certificate_keys_folder=f"{root}/keys/certificates",
            checkpoint_folder="",
            hold_window_days=0,
            **_printers(Path(root) / "printers.toml", port),
            demo=True,
        )
        app = create_app(settings)
        with app.app_context():
            upgrade_both()
        with served(app) as address, chromium() as browser:
            told(Story(app, settings, browser, address, look, language))


def _printers(file: Path, port: int) -> dict[str, str]:
    """The clinic's label printer on a port; without one those of the product, which a biobank has as well."""
    return {"printers_file": print_story.write_printers(file, port)} if port else {}


def shrink(path: Path) -> None:
    """Keep the commonest colours as they are, so that a small cap has its own; the edges of letters follow."""
    with Image.open(path) as picture:
        flat = picture.convert("RGB")
    counted = sorted(flat.getcolors(flat.width * flat.height) or [], reverse=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for _, colour in counted[:COLOURS] for value in colour])
    flat.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, help="else docs/pictures")
    parser.add_argument("--only", choices=("clinic", "compliance", "floor"))
    asked = parser.parse_args()
    pictures = asked.folder or ROOT / "docs" / "pictures"
    with tempfile.TemporaryDirectory() as fresh:
        albums = (
            Album(Path(fresh) / "clinic", CLINIC, SPANISH_CLINIC),
            Album(Path(fresh) / "compliance", COMPLIANCE, SPANISH_COMPLIANCE),
            Album(Path(fresh) / "floor", FLOOR, SPANISH_FLOOR, PICTURED_BEFORE),
        )
        for album in albums:
            if asked.only not in (None, album.folder.name):
                continue
            album.take_all()
            shutil.rmtree(pictures / album.folder.name, ignore_errors=True)
            shutil.copytree(album.folder, pictures / album.folder.name)
    if asked.only is None:
        take(pictures, None if asked.folder else DOCUMENTED)


if __name__ == "__main__":
    main()
