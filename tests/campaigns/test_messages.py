"""kill -9 of the service while it sends: each decision has its one message, and each message arrives.

    pytest -m campaign tests/campaigns/test_messages.py -s

prints the figures. CAMPAIGN_SEED repeats a run's choices, CAMPAIGN_KILLS asks for more than 10 a database.
A real mail server runs in the test; the service is killed at the moment at which that has taken a message, or
at any other. What the mail server took and the service could not write down any more arrives twice.
"""

import os
import random
import time
import uuid
from collections import Counter
from contextlib import suppress
from datetime import date
from threading import Event, Thread

import pytest
from sqlalchemy import func, select

from biobank.access.actors import SETTING_UP
from biobank.core.database import db, reading, writing
from biobank.identity.inputs import Asked, Identity
from biobank.identity.operations import enter_identity
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.messages.mail import message_id
from biobank.messages.models import Answer, Attempt, Message
from biobank.messages.states import MessageState
from biobank.replays import REPLAYS
from biobank.withdrawals.models import RecordedDecision
from tests.campaigns.service import Service, ask
from tests.messages.post_office import PostOffice, mail_settings, open_post_office
from tests.programme import set_up
from tests.withdrawals.test_api import decision

pytestmark = pytest.mark.campaign
KILLS = int(os.environ.get("CAMPAIGN_KILLS", "10"))
SEED = int(os.environ.get("CAMPAIGN_SEED") or random.SystemRandom().randrange(10**6))
DECISIONS = 5
"""Told in each round, at once."""
ALL_SENT_WITHIN = 180
"""Seconds: what was cut off is claimed for thirty, and a machine may do much beside."""


class Outbox:
    """One database, its participants, the mail server, and the books: told against queued against arrived."""

    def __init__(self, app, settings, port, office, folder):
        self.app, self.office, self.random = app, office, random.Random(SEED)
        told = mail_settings(settings, port, message_interval_seconds=1, smtp_timeout_seconds=3)
        self.settings = told
        self.service = Service(told, folder / "service.log")
        self.programme = set_up(app)
        self.addresses, self.acknowledged, self.cut_off = {}, set(), 0

    def participants(self, first):
        codes = [f"B{number:09d}" for number in range(first, first + DECISIONS)]
        for code in codes:
            self.programme.add_participant(code)
            self.addresses[code] = f"{code.lower()}@participants.example"
            with self.app.app_context(), writing() as work:
                enter_identity(
                    work, SETTING_UP, code,
                    Identity(given_name="Testa", family_name=f"Invented {code[-3:]}", birth_date=date(1984, 5, 31),
                             email=self.addresses[code]),
                    Asked(reason="enrolment"),
                )  # fmt: skip
        return codes

    def tell(self, code, key):
        """One decision; True when it was acknowledged. What broke is sent again with its key."""
        headers = {
            "Authorization": f"Bearer {self.programme.tokens['compliance']}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        told = decision(participant=code, decided_at="2026-03-01T09:30:00-06:00")
        status, answer = ask(self.service.port, "POST", "/api/v1/withdrawals", told, headers)
        assert status in (201, 503), answer
        return status == 201

    def round(self, codes):
        """Decisions come in, messages go out, and the service is killed in between."""
        keys = {code: uuid.uuid4().hex for code in codes}
        taken, wanted = Event(), self.random.randrange(1, DECISIONS + 1)
        before = len(self.office.arrived)
        self.office.once_taken = lambda: len(self.office.arrived) >= before + wanted and taken.set()
        telling = Thread(target=self._tell_all, args=(keys,))
        telling.start()
        if self.random.random() < 0.75:
            taken.wait(15)
            time.sleep(self.random.uniform(0, 0.03))
        else:
            time.sleep(self.random.uniform(0.05, 2))
        self.service.kill()
        telling.join()
        self.service.start()
        self._tell_all(keys)
        assert set(keys) <= self.acknowledged

    def _tell_all(self, keys):
        for code, key in keys.items():
            if code not in self.acknowledged:
                with suppress(OSError):
                    if self.tell(code, key):
                        self.acknowledged.add(code)

    def wait_until_all_are_sent(self):
        until = time.monotonic() + ALL_SENT_WITHIN
        while time.monotonic() < until:
            with self.app.app_context(), reading() as work:
                question = select(func.count()).where(Message.state != MessageState.SENT.value)
                if not work.session.scalar(question.select_from(Message)):
                    return
            time.sleep(0.5)
        raise AssertionError("some message was never sent")

    def books(self):
        """Decisions, messages about them, and attempts that were cut off."""
        with self.app.app_context(), reading() as work:
            decisions = work.session.scalars(select(RecordedDecision)).all()
            messages = {message.about: message.id for message in work.session.scalars(select(Message))}
            answered = select(Answer.attempt_id)
            cut_off = select(func.count()).select_from(Attempt).where(Attempt.id.not_in(answered))
            return [(each.id, each.participant) for each in decisions], messages, work.session.scalar(cut_off)

    def verified(self):
        with self.app.app_context():
            seal_all()
            with reading() as work:
                return [str(finding) for finding in verify(work, replays=REPLAYS).findings]


@pytest.fixture
def outbox(app, settings, tmp_path):
    office = PostOffice()
    with open_post_office(office) as port:
        made = Outbox(app, settings, port, office, tmp_path)
        try:
            yield made
        finally:
            made.service.close()


def test_killing_the_service_while_it_sends_loses_no_message(outbox, app):
    outbox.service.start()
    for number in range(KILLS):
        outbox.round(outbox.participants(number * DECISIONS))
    outbox.wait_until_all_are_sent()
    outbox.service.kill()
    decisions, messages, cut_off = outbox.books()
    told = KILLS * DECISIONS
    assert (len(decisions), len(outbox.acknowledged)) == (told, told)
    assert sorted(messages) == sorted(f"decision:{number}" for number, _ in decisions)
    wanted = {
        message_id(outbox.settings, messages[f"decision:{number}"]): outbox.addresses[code]
        for number, code in decisions
    }
    arrived = [(letter["message-id"], letter["to"]) for letter in outbox.office.arrived]
    copies = Counter(identity for identity, _ in arrived)
    assert set(copies) == set(wanted)
    assert all(to == wanted[identity] for identity, to in arrived)
    twice = sum(copies.values()) - len(copies)
    assert twice <= cut_off
    assert outbox.verified() == []
    with app.app_context():
        database = db.engine.dialect.name
    print(
        f"\nservice killed while it sends, {database}: {KILLS} kills, decisions {told}, messages {len(messages)}, "
        f"arrived at least once {len(copies)}, never 0, attempts cut off {cut_off}, copies under the same "
        f"Message-ID {twice}, at most {max(copies.values())} of one message, seed {SEED}"
    )
