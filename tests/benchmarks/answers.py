"""From Enter to the answer on the page, in a browser, with a programme of many participants behind it.

    .venv/bin/python tests/benchmarks/answers.py [--participants 10000] [--scans 45] [--database sqlite postgresql]

The floor is the same browser and the same server with the same answer kept in memory: what remains is the
typing, the network of this machine, the parsing and the painting. A scan is timed from the key to the moment at
which the answer is in the page, and a mark in the window tells whether the page stood. Also prints, as a table,
what travels for the page of each station, first and again.

Of the participants one in ten has a kit of nine tubes, the others one of urine: all are built by the operations
themselves, so that the ledger is whole; `--verify` has it verified.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))

import ground
from flask import Flask, request
from playwright.sync_api import Page

from biobank.access.operations import add_person, grant_role
from biobank.access.permissions import Role
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.participants.operations import record_consent, register_participant
from biobank.replays import REPLAYS
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from biobank.sites.operations import add_site
from biobank.visits.inputs import Telling
from biobank.visits.operations import open_visit
from biobank.web.static_files import install_static_files
from tests.browser.desk import chromium, served

CLINIC, NURSE, PASSWORD = "bench-clinic", "bench.nurse", "plainly invented words"
DEFINITION, SMALL_DEFINITION = "adult-3.2", "urine-1"
ADULT_EVERY = 10
FORM = Source("paper", "bench form")
AT_ONCE = 50
GOAL = 2.0


def a_programme(app, participants, to_collect):
    """`participants` with a kit each, all collected but the last `to_collect`; returns these kits with their tubes."""
    with app.app_context(), writing() as work:
        add_site(work, by="founder", code=CLINIC, name="Bench clinic", kind="clinic", zone="America/Chicago")
        add_person(work, ground.FOUNDER, username=NURSE, printed_name="Testa Nurse", password=PASSWORD)
        grant_role(work, ground.FOUNDER, username=NURSE, role=Role.CLINIC.value, site=CLINIC)
    waiting = []
    for first in range(0, participants, AT_ONCE):
        with app.app_context(), writing() as work:
            for number in range(first, min(first + AT_ONCE, participants)):
                is_waiting = number >= participants - to_collect
                kit, tubes = _a_kit(work, number, is_waiting)
                if is_waiting:
                    waiting.append((kit, tubes))
    return waiting


def _a_kit(work, number, is_waiting):
    """Assigned, and collected unless it waits for the timed scans."""
    nurse, lead = actor_named(work, NURSE), actor_named(work, ground.LEAD.person)
    definition = DEFINITION if is_waiting or number % ADULT_EVERY == 0 else SMALL_DEFINITION
    kit = make_kits(work, definition, 1, by=lead, site=ground.SITE)[0]
    tubes = [tube.identifier for tube in tubes_of_kit(work, kit.id)]
    _to_the_chair(work, kit.identifier, f"A{number:09}", lead, nurse)
    for tube in tubes if not is_waiting else ():
        _step(work, tube, Action.COLLECT, nurse, {"fill": "full"})
    return kit.identifier, tubes


def _to_the_chair(work, kit, code, lead, nurse):
    register_participant(work, nurse, code=code, site=CLINIC, pattern=work.settings.participant_code_pattern)
    record_consent(
        work, nurse, participant=code, form_version="bench-1", language="en", source="bench form",
        scopes=["blood", "urine"], effective_at=moments.read_moment("2026-01-05T09:00:00-06:00").at,
    )  # fmt: skip
    _step(work, kit, Action.ISSUE, lead, {"site": CLINIC})
    _step(work, kit, Action.ASSIGN, nurse, {"participant": code})


def _step(work, item, action, by, details):
    now = moments.told(moments.now(), "America/Chicago")
    record(work, item, action, by=by, source=FORM, at=now, details=details)


def kept_in_memory(pages):
    """A server that answers each address with what it is told to, and has nothing else."""
    app = Flask("floor", static_folder=None)
    install_static_files(app)
    app.add_url_rule(
        "/<path:path>",
        view_func=lambda path: pages.get((request.method, f"/{path}"), ("", 404)),
        methods=["GET", "POST"],
    )
    return app


class Timed:
    """A browser in which scans are typed and answers waited for."""

    def __init__(self, page: Page, address: str):
        self.page, self.address = page, address

    def sign_in(self):
        self.page.goto(f"{self.address}/sign-in")
        self.page.fill("[name=name]", NURSE)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/")

    def scan(self, text, answered):
        """Milliseconds from Enter until the page holds `answered`, a selector that it did not hold before."""
        assert not self.page.query_selector(answered), answered
        self.page.evaluate("window.stands = true")
        self.page.focus("#scan-text")
        self.page.keyboard.insert_text(text)
        begin = time.perf_counter()
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(answered, state="attached")
        taken = (time.perf_counter() - begin) * 1000
        assert self.page.evaluate("window.stands === true"), "the page was loaded anew"
        return taken


def collected(tube):
    return f'li[data-tube="{tube}"][data-state="collected"]'


def ours_and_floor(browser, app, waiting, scans):
    """Milliseconds of right and of wrong scans, ours and the floor's, in turns."""
    times = {("right", "ours"): [], ("right", "floor"): [], ("wrong", "ours"): [], ("wrong", "floor"): []}
    answers = {}
    with served(app) as address, served(kept_in_memory(answers)) as memory:
        ours = Timed(browser.new_page(), address)
        ours.sign_in()
        floor = Timed(browser.new_page(), memory)
        for kit, tubes in waiting:
            url = f"/kits/{kit}/collect"
            ours.page.goto(address + url)
            for tube in tubes:
                if len(times["right", "ours"]) >= scans:
                    return times
                _one_tube(times, ours, floor, answers, (url, tube))
    raise SystemExit("There were fewer tubes than scans; ask for more participants.")


def _one_tube(times, ours, floor, answers, where):
    """A right scan and a wrong one here; then the two pages that came of them, from memory."""
    url, tube = where
    before = ours.page.content()
    times["right", "ours"].append(ours.scan(tube, collected(tube)))
    right = ours.page.content()
    times["wrong", "ours"].append(ours.scan("NO-SUCH-CODE", '#answer[data-tone="wrong"]'))
    wrong = ours.page.content()
    for kind, start, end, selector in (
        ("right", before, right, collected(tube)),
        ("wrong", right, wrong, '#answer[data-tone="wrong"]'),
    ):
        answers.update({("GET", url): start, ("POST", f"{url}/scan"): end})
        floor.page.goto(floor.address + url)
        times[kind, "floor"].append(floor.scan(tube, selector))
    ours.page.goto(ours.address + url)


def weights(browser, app, paths):
    """Kilobytes that travel for each page, first and again, and how many requests the first takes."""
    with served(app) as address:
        signed_in = browser.new_context()
        Timed(signed_in.new_page(), address).sign_in()
        state = signed_in.storage_state()
        return [(path, *_weight(browser, state, address + path)) for path in paths]


def _weight(browser, state, url):
    """In a browser that has loaded nothing yet; what a service worker fetches beside is not the page's."""
    context = browser.new_context(storage_state=state, service_workers="block")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    loaded = []
    session.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(url, wait_until="networkidle")
    first, requests = sum(loaded), len(loaded)
    loaded.clear()
    page.goto(url, wait_until="networkidle")
    context.close()
    return first / 1000, requests, sum(loaded) / 1000


def percentile(samples, share):
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * share))]


def show(kind, participants, times):
    print(f"\n{kind}, {participants} participants, milliseconds from Enter to the answer")
    print(
        f"{'scan':<10}{'median':>10}{'95th':>10}{'floor':>10}{'floor 95th':>12}{'ratio':>8}{'goal':>8}  scans"
    )
    for which in ("right", "wrong"):
        ours, floor = times[which, "ours"], times[which, "floor"]
        ratio = statistics.median(a / b for a, b in zip(ours, floor, strict=True))
        print(
            f"{which:<10}{statistics.median(ours):>10.0f}{percentile(ours, 0.95):>10.0f}"
            f"{statistics.median(floor):>10.0f}{percentile(floor, 0.95):>12.0f}{ratio:>8.2f}{GOAL:>8}  {len(ours)}"
        )


def stations(app, kit_and_tubes):
    """The pages that are weighed, by their stations; a visit and a parcel are begun for theirs."""
    kit, tubes = kit_and_tubes
    with app.app_context(), writing() as work:
        nurse = actor_named(work, NURSE)
        telling = Telling(by=nurse, at=moments.told(moments.now(), "America/Chicago"))
        visit = open_visit(work, f"A{0:09}", CLINIC, telling)
        parcel = start_shipment(
            work, NewShipment(origin=CLINIC, destination=ground.SITE), by=nurse, source=Source("scan")
        )
        number, identifier = visit.id, parcel.identifier
    return {
        "Start": "/",
        "Visits": "/visits",
        "A visit": f"/visits/{number}",
        "Collecting": f"/kits/{kit}/collect",
        "Centrifuge": "/centrifuge",
        "Packing": f"/shipments/{identifier}",
        "A tube": f"/items/{tubes[0]}",
        "Kits": "/kits",
        "Reports": "/reports",
    }


def show_weights(browser, app, kit_and_tubes):
    """A table as documents hold it."""
    named = stations(app, kit_and_tubes)
    print("\n| page | first load, kB | requests | again, kB |\n|---|---|---|---|")
    for name, row in zip(named, weights(browser, app, named.values()), strict=True):
        _, first, requests, again = row
        print(f"| {name} | {first:.0f} | {requests} | {again:.1f} |")


def check_ledger(app):
    with app.app_context():
        seal_all()
        with reading() as work:
            findings = verify(work, replays=REPLAYS).findings
    print(f"\nledger: {len(findings)} findings")
    if findings:
        raise SystemExit(str(findings[0]))


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--participants", type=int, default=10_000)
    options.add_argument("--scans", type=int, default=45)
    options.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--verify", action="store_true")
    asked = options.parse_args()
    for kind in asked.database:
        with ground.installation(kind) as (app, _, _), chromium() as browser:
            begin = time.perf_counter()
            waiting = a_programme(app, asked.participants, asked.scans // 9 + 2)
            print(
                f"{kind}: {asked.participants} participants in {time.perf_counter() - begin:.0f} s",
                flush=True,
            )
            show(kind, asked.participants, ours_and_floor(browser, app, waiting, asked.scans))
            if kind == asked.database[0]:
                show_weights(browser, app, waiting[-1])
            if asked.verify:
                check_ledger(app)


if __name__ == "__main__":
    main()
