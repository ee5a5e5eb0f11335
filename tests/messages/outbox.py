"""The programme's outbox beside a mail server that it really sends to."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from biobank.access.actors import SERVICE
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.messages import sending
from biobank.messages.models import Message
from biobank.messages.operations import queue_message
from biobank.messages.queries import attempts_of
from biobank.messages.replay import message_findings
from biobank.web.current import keep_settings
from tests.identity.conftest import COMPLIANCE
from tests.messages.post_office import PostOffice, mail_settings, open_post_office
from tests.programme import PARTICIPANT

TOLD = {
    "leaves": True, "information": "remove", "samples": "destroy", "decided_at": "2026-03-02T15:00:00.000000Z",
    "order": None, "hold_until": "2026-03-09T15:00:00.000000Z", "due_on": None,
}  # fmt: skip


class Outbox:
    """The programme's outbox and its mail server; the clock stands where a test puts it."""

    def __init__(self, programme, office, port, patch):
        self.programme, self.app, self.office = programme, programme.app, office
        self.patch, self.passed = patch, timedelta()
        self.use(mail_settings(programme.app.extensions["biobank.settings"], port))
        self.queued = 0

    def use(self, settings):
        self.settings = settings
        keep_settings(self.app, settings)

    def change(self, **settings):
        self.use(self.settings.with_changes(**settings))

    def queue(self, addressee=PARTICIPANT, template="decision_confirmed", context=TOLD, **more):
        self.queued += 1
        with self.app.app_context(), writing() as work:
            return queue_message(
                work, SERVICE, about=f"decision:{self.queued}", participant=PARTICIPANT, addressee=addressee,
                template=template, context=context, **more,
            ).id  # fmt: skip

    def send(self):
        with self.app.app_context():
            return [result.outcome.value for result in sending.send_due(self.settings, SERVICE)]

    def later(self, **time):
        self.passed += timedelta(**time)
        now = moments.now
        real = getattr(now, "real", now)

        def moved():
            return real() + self.passed

        moved.real = real
        self.patch.setattr(moments, "now", moved)

    @contextmanager
    def look(self):
        with self.app.app_context(), reading() as work:
            yield work

    def message(self, number):
        with self.look() as work:
            message = work.session.get_one(Message, number)
            work.session.expunge(message)
        return message

    def tried(self, number):
        """Each attempt as (outcome, trouble, code); None where it was cut off."""
        with self.look() as work:
            return [
                (tried.answer.outcome, tried.answer.trouble, tried.answer.code) if tried.answer else None
                for tried in attempts_of(work, work.session.get_one(Message, number))
            ]

    def do(self, operation, *arguments):
        with self.app.app_context(), writing() as work:
            return operation(work, COMPLIANCE, *arguments).id

    def findings(self):
        with self.look() as work:
            return [str(each) for each in message_findings(work)]


@pytest.fixture
def office():
    return PostOffice()


@pytest.fixture
def outbox(settled, office, monkeypatch):
    with open_post_office(office) as port:
        yield Outbox(settled, office, port, monkeypatch)
