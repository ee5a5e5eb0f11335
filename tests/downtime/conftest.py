"""A clinic with blank forms, and forms as somebody wrote on them an outage ago."""

from datetime import timedelta

import pytest

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.queries import holds_on, item_now, newest_events
from biobank.downtime.choices import TubeOutcome
from biobank.downtime.inputs import EnteredForm, EnteredTube, NewPack
from biobank.downtime.operations import enter_form, print_pack
from biobank.items.queries import tubes_of_kit
from tests.programme import PARTICIPANT


class Paper:
    """What the tests do at clinic-1; times go by in minutes after the draw, two days ago."""

    def __init__(self, programme):
        self.programme = programme
        self.drawn_at = moments.now() - timedelta(days=2)

    def told(self, minutes):
        return moments.told(self.drawn_at + timedelta(minutes=minutes), "America/Chicago")

    def forms(self, count=1, definition="adult-3.2", who="clinic.here"):
        with self.programme.app.app_context(), writing() as work:
            by = actor_named(work, who)
            new = NewPack(site="clinic-1", definition=definition, count=count)
            return [form.number for form in print_pack(work, new, by=by)]

    def issued(self, definition="adult-3.2"):
        kit, tubes = self.programme.kit(definition)
        self.programme.taken("biobank_lead", kit, "issue", details={"site": "clinic-1"})
        return kit, tubes

    def filled(self, number, kit, **values):
        """A form on which every tube was drawn full, a minute apart."""
        with self.programme.app.app_context(), reading() as work:
            tubes = tubes_of_kit(work, item_now(work, kit).id)
        rows = tuple(
            EnteredTube(tube=tube.identifier, outcome=TubeOutcome.FULL, at=self.told(minute))
            for minute, tube in enumerate(tubes)
        )
        told = {
            "number": number,
            "kit": kit,
            "participant": PARTICIPANT,
            "performer": "nurse.here",
            "tubes": rows,
            "identifiers": ("full_name", "birth_date"),
            "blood_cleared": True,
        }
        return EnteredForm(**{**told, **values})

    def enter(self, told, who="clinic.here"):
        with self.programme.app.app_context(), writing() as work:
            return enter_form(work, told, by=actor_named(work, who))

    def asked(self, question):
        with self.programme.app.app_context(), reading() as work:
            return question(work)

    def events(self, item):
        return self.asked(lambda work: newest_events(work, item, 50))

    def holds(self, item):
        return self.asked(lambda work: holds_on(work, item_now(work, item).id))

    def state(self, item):
        return self.asked(lambda work: item_now(work, item).state)


@pytest.fixture
def paper(programme):
    from biobank.access.permissions import Role
    from tests.programme import person

    with programme.app.app_context(), writing() as work:
        person(work, "nurse.here", Role.CLINIC, "clinic-1")
    return Paper(programme)
