"""A clinic of the demonstration with kits that were drawn some minutes ago: where stories of its bench begin."""

from datetime import date, timedelta

import pytest

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.operations import register_participant
from biobank.processing.choices import Rotor
from biobank.processing.inputs import NewProgramme
from biobank.processing.operations import add_programme
from biobank.processing.queries import programmes_of
from biobank.sites.operations import set_calendar
from tests.browser.kit_story import Story

SCAN = Source("scan")
EVERY_DAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def set_up_clinic(story: Story) -> None:
    """People, sites, a centrifuge programme, and carriers: one that always comes and one that never does."""
    with story.app.app_context(), writing() as work:
        story.programme = programme.set_up(work, story.settings)
        lead = actor_named(work, "demo.lead")
        if not programmes_of(work, [programme.CLINIC]):
            new = NewProgramme(
                site=programme.CLINIC, name="Gel tubes", g=1300, minutes=15, rotor=Rotor.SWINGING_BUCKET
            )
            add_programme(work, new, by=lead)
        carriers = {
            "courier": {"days": 0, **dict.fromkeys(EVERY_DAY, "23:59")},
            "fedex": {"days": 1, EVERY_DAY[(moments.now() + timedelta(days=3)).weekday()]: "12:00"},
        }
        always = {"weekdays": list(EVERY_DAY)}
        for site, told in ((programme.CLINIC, always | {"carriers": carriers}), (programme.BIOBANK, always)):
            set_calendar(work, by="demo.setup", site=site, told=told, carriers=frozenset(carriers))


def drawn_kit(story: Story, participant: str, minutes_ago: int) -> tuple[str, dict[str, str]]:
    """A kit of this participant, drawn so long ago, and its tubes by their specification."""
    with story.app.app_context(), writing() as work, pytest.MonkeyPatch.context() as patch:
        long_ago = moments.now() - timedelta(minutes=minutes_ago)
        patch.setattr(moments, "now", lambda: long_ago)
        kit, tubes = _assigned(work, participant)
        clinic, at = actor_named(work, "demo.clinic"), moments.told(long_ago, "America/Chicago")
        for tube in tubes.values():
            record(work, tube, Action.COLLECT, by=clinic, source=SCAN, at=at, details={"fill": "full"})
        return kit, tubes


def expired_kit(story: Story, participant: str) -> tuple[str, dict[str, str]]:
    """A kit that was assigned years ago, and not drawn."""
    with story.app.app_context(), writing() as work, pytest.MonkeyPatch.context() as patch:
        long_ago = moments.now() - timedelta(days=5 * 365)
        patch.setattr(moments, "now", lambda: long_ago)
        return _assigned(work, participant, expires_on=long_ago.date() + timedelta(days=365))


def _assigned(work: Work, participant: str, **more: date) -> tuple[str, dict[str, str]]:
    lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
    at = moments.told(moments.now(), "America/Chicago")
    kit = make_kits(work, "adult-3.2", 1, by=lead, site=programme.BIOBANK, **more)[0].identifier
    record(work, kit, Action.ISSUE, by=lead, source=SCAN, at=at, details={"site": programme.CLINIC})
    pattern = work.settings.participant_code_pattern
    register_participant(work, clinic, code=participant, pattern=pattern, site=programme.CLINIC)
    take_consent(
        work, clinic, participant=participant, form_version="demo-1", language="en",
        scopes=["blood", "urine", "dna"], effective_at=at.at - timedelta(days=1), source="demo form",
    )  # fmt: skip
    done = record(
        work, kit, Action.ASSIGN, by=clinic, source=SCAN, at=at, details={"participant": participant}
    )
    return kit, {tube.specification or "": tube.identifier for tube in tubes_of_kit(work, done.item.id)}
