"""Kits come to a clinic, stand there, go out of stock; a lot is recalled and looked for; a lead looks at charts."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from biobank.access.actors import Actor
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.kits.stock import today
from biobank.participants.operations import register_participant
from tests.browser.clinic_ground import set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

PARTICIPANT = "A900000041"
RECALLED, OTHER = "DEMO-41", "DEMO-42"


@dataclass
class StockStory:
    """Kits by lot, as they were issued, a kit that was drawn and its tubes."""

    story: Story
    kits: dict[str, list[str]] = field(default_factory=dict)
    drawn: str = ""
    tubes: list[str] = field(default_factory=list)


def tell(told: StockStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.clinic"), told.story.seat("demo.lead"))


def set_up(told: StockStory) -> None:
    """Three hours ago: two deliveries left the biobank, and a kit of one lot was drawn."""
    set_up_clinic(told.story)
    with told.story.app.app_context(), writing() as work, pytest.MonkeyPatch.context() as patch:
        long_ago = moments.now() - timedelta(hours=3)
        patch.setattr(moments, "now", lambda: long_ago)
        lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
        for lot, days in ((RECALLED, 200), (OTHER, 9)):
            told.kits[lot] = [issued(work, lead, "urine-1", lot, days) for _ in range(3)]
        pattern = work.settings.participant_code_pattern
        register_participant(work, clinic, code=PARTICIPANT, pattern=pattern, site=programme.CLINIC)
        take_consent(
            work, clinic, participant=PARTICIPANT, form_version="demo-1", language="en", source="demo form",
            scopes=["blood", "urine", "dna"], effective_at=long_ago - timedelta(days=1),
        )  # fmt: skip
        kit = told.drawn = issued(work, lead, "adult-3.2", RECALLED, 200)
        step(work, kit, Action.ASSIGN, clinic, participant=PARTICIPANT)
        told.tubes = [tube.identifier for tube in tubes_of_kit(work, item_now(work, kit).id)]
        for tube in told.tubes[:4]:
            step(work, tube, Action.COLLECT, clinic, fill="short" if tube == told.tubes[1] else "full")
        for tube in told.tubes[4:]:
            step(work, tube, Action.MARK_NOT_COLLECTED, clinic, reason="no_vein")


def issued(work: Work, lead: Actor, definition: str, lot: str, days: int) -> str:
    """A kit of a lot that is on its way to the clinic and may be used for so many days."""
    expires_on = today() + timedelta(days=days)
    kit = make_kits(work, definition, 1, by=lead, site=programme.BIOBANK, lot=lot, expires_on=expires_on)[0]
    step(work, kit.identifier, Action.ISSUE, lead, site=programme.CLINIC)
    return kit.identifier


def step(work: Work, item: str, action: Action, by: Actor, **details: str) -> None:
    at = moments.told(moments.now(), "America/Chicago")
    record(work, item, action, by=by, source=Source("scan"), at=at, details=details)


def story(told: StockStory, clinic: Desk, lead: Desk) -> None:
    kits_arrive(told, clinic)
    a_level_is_set(clinic)
    a_damaged_kit_goes_back(told, clinic)
    the_biobank_sees_every_site(lead)
    a_lot_is_recalled(lead)
    the_clinic_finds_what_it_has(told, clinic)
    the_recall_is_lifted(lead)
    charts_show_their_tables(lead)


def press(desk: Desk, selector: str) -> None:
    with desk.page.expect_navigation():
        desk.page.locator(selector).first.click()


def kits_arrive(told: StockStory, clinic: Desk) -> None:
    """One is scanned, the rest of its lot and the other delivery are counted."""
    clinic.page.goto(f"{clinic.address}/kits")
    clinic.seen("stock-coming")
    clinic.scan(told.kits[RECALLED][0])
    tone(clinic, "right")
    clinic.scan(told.kits[RECALLED][0])
    tone(clinic, "right")
    row = clinic.page.locator(f"#shelf-table tr[data-lot='{RECALLED}'] .stock__count strong")
    expect(row).to_have_text("1")
    for lot in (RECALLED, OTHER):
        press(clinic, f"#coming-table tr[data-lot='{lot}'] .stock__all")
        tone(clinic, "right")
    expect(clinic.page.locator("#coming-table")).to_have_count(0)
    first = clinic.page.locator("#shelf-table tbody tr").first
    expect(first).to_have_attribute("data-lot", OTHER)
    expect(first.locator(".sign.tone-late")).to_have_count(1)
    clinic.scan(told.tubes[0])
    tone(clinic, "wrong")
    clinic.seen("stock-refused")


def a_level_is_set(clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/kits")
    clinic.page.locator("#kit").select_option("urine") if clinic.page.locator("select#kit").count() else (
        clinic.page.locator("label[for='kit-urine']").click()
    )
    clinic.page.locator("#lowest").fill("20")
    press(clinic, "#level-form button[type=submit]")
    tone(clinic, "right")
    expect(clinic.page.locator("#low li")).to_have_count(1)
    clinic.seen("stock-low")


def a_damaged_kit_goes_back(told: StockStory, clinic: Desk) -> None:
    """The page's key, a reason, a scan; the reason stays for the next kit."""
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    clinic.seen("stock-out")
    clinic.page.locator("#reason").select_option("damaged") if clinic.page.locator(
        "select#reason"
    ).count() else (clinic.page.locator("label[for='reason-damaged']").click())
    clinic.page.locator("#text").focus()
    clinic.scan(told.kits[OTHER][0])
    tone(clinic, "right")
    clinic.page.locator("#text").focus()
    clinic.scan(told.drawn)
    expect(clinic.page.locator("#answer")).to_have_attribute("data-tone", re.compile("ask|wrong"))
    clinic.seen("stock-out-asked")


def the_biobank_sees_every_site(lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/kits")
    expect(lead.page.locator("#sites-table tbody tr")).not_to_have_count(0)
    lead.seen("stock-every-site")
    press(lead, "#sites-table tbody a")
    lead.seen("stock-one-site")
    press(lead, ".stock__count")
    lead.seen("stock-shelf")


def a_lot_is_recalled(lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/recalls")
    lead.seen("recalls")
    lead.page.locator("#lot").fill(RECALLED)
    press(lead, "#look-form button[type=submit]")
    expect(lead.page.locator("#kits-table tbody tr")).not_to_have_count(0)
    expect(lead.page.locator("#tubes-table tbody tr")).not_to_have_count(0)
    lead.seen("recall-look")
    lead.page.locator("label[for='cause-recalled_by_maker']").click()
    lead.page.locator("#notice").fill("FSN 2026-11")
    press(lead, "#open-form button[type=submit]")
    tone(lead, "right")
    lead.seen("recall-opened")


def the_clinic_finds_what_it_has(told: StockStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/")
    clinic.seen("start-recall")
    clinic.page.goto(f"{clinic.address}/recalls")
    press(clinic, "#recalls tbody a")
    clinic.seen("recall-list")
    left = clinic.page.locator("#list-table tbody tr").count()
    clinic.scan(told.tubes[0])
    tone(clinic, "right")
    clinic.seen("recall-found-tube")
    clinic.page.locator("label[for='then']").click()
    clinic.page.locator("#text").focus()
    clinic.scan(told.kits[RECALLED][0])
    expect(clinic.page.locator("#list-table tbody tr")).to_have_count(left - 2)
    clinic.scan(told.kits[OTHER][1])
    tone(clinic, "wrong")
    clinic.seen("recall-not-of-it")


def the_recall_is_lifted(lead: Desk) -> None:
    lead.page.locator("#reason").fill("The maker took its notice back.")
    press(lead, "#lift-form button[type=submit]")
    tone(lead, "right")
    lead.seen("recall-lifted")


def charts_show_their_tables(lead: Desk) -> None:
    """Each chart draws as many lines as its table has columns to draw, and the file is offered."""
    for name in ("collections", "turnaround", "shortfalls", "late"):
        lead.page.goto(f"{lead.address}/reports/{name}")
        chart = lead.page.locator("figure[data-chart]")
        if chart.count():
            columns = lead.page.locator("#figures th[data-drawn]").count()
            expect(chart).to_have_attribute("data-drawn", str(columns))
            expect(chart.locator("canvas")).to_have_count(1)
        lead.seen(f"report-{name}")
    with lead.page.expect_download() as saved:
        lead.page.locator("#file").click()
    assert saved.value.suggested_filename.startswith("late-")
