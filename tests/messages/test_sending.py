"""Messages that really leave: a mail server that takes, defers, refuses, dawdles and is away for a day."""

import json
import logging
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from biobank.core.database import db, writing
from biobank.identity.operations import change_identity
from biobank.identity.queries import accesses_of
from biobank.ledger.models import LedgerEntry
from biobank.messages import sending
from biobank.messages.mail import message_id
from biobank.messages.models import KeptText, Message
from biobank.messages.operations import mark_handed_over, try_again
from biobank.messages.queries import messages_of
from biobank.messages.states import WAITING, MessageState
from tests.campaigns.service import kept_port
from tests.identity.conftest import ENROLLED, IDENTITY, OFFICER
from tests.messages.outbox import Outbox
from tests.messages.post_office import PHONE, certificate, open_post_office
from tests.programme import PARTICIPANT
from tests.withdrawals.test_api import decision

ADDRESS = IDENTITY.email


def everything_on_the_sample_side(app):
    with app.app_context(), db.engine.connect() as connection:
        from sqlalchemy import inspect

        for table in inspect(db.engine).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                yield "\x1f".join(
                    bytes(value).decode("utf-8", "replace")
                    if isinstance(value, bytes | memoryview)
                    else str(value)
                    for value in row
                )


def test_a_decision_reaches_its_participant_once_and_says_what_was_decided(outbox, office):
    told = outbox.programme.post("clinic_staff", "/withdrawals", decision(participant=PARTICIPANT))
    assert told.status == 201, told.json
    assert outbox.send() == ["sent"]
    assert outbox.send() == []
    [letter] = office.arrived
    assert office.envelopes == [("no-reply@biobank.example", [ADDRESS])]
    assert letter["to"] == ADDRESS
    assert letter["subject"] == "Hemos anotado su decisión"  # the vault says: Spanish
    assert (letter["content-language"], letter["auto-submitted"]) == ("es", "auto-generated")
    body = letter.get_content()
    assert PHONE in body
    assert PARTICIPANT not in body
    assert letter["message-id"] == message_id(outbox.settings, 1)
    assert outbox.message(1).state == MessageState.SENT
    assert outbox.tried(1) == [("sent", None, 250)]
    with outbox.look() as work:
        kept = work.session.scalars(select(KeptText)).one()
        assert (kept.subject, kept.body.strip()) == (letter["subject"], body.replace("\r\n", "\n").strip())
        entry = work.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "message")).one()
        assert json.loads(entry.body)["text_sha256"] == kept.sha256
        look = accesses_of(work, PARTICIPANT)[0]
        assert (look.kind, look.by, look.document) == ("address", "service", "message:1")
    assert outbox.findings() == []


def test_put_off_and_then_taken(outbox, office):
    number = outbox.queue(language="es")
    office.answers = ["451 4.7.1 <{address}> come back later", "421 busy"]
    assert outbox.send() == ["again"]
    assert outbox.send() == []  # not before its time
    outbox.later(minutes=6)
    assert outbox.send() == ["again"]
    outbox.later(minutes=14)
    assert outbox.send() == []
    outbox.later(minutes=2)
    assert outbox.send() == ["sent"]
    assert outbox.tried(number) == [
        ("again", "recipient", 451), ("again", "recipient", 421), ("sent", None, 250),
    ]  # fmt: skip
    assert outbox.message(number).trouble is None


def test_refused_for_good_is_a_pile_of_its_own_until_somebody_looks(outbox, office, caplog):
    caplog.set_level(logging.DEBUG)
    number = outbox.queue()
    office.answers = ["550 5.1.1 <{address}>: nobody of that name here"]
    assert outbox.send() == ["failed"]
    outbox.later(days=3)
    assert outbox.send() == []
    message = outbox.message(number)
    assert (message.state, message.trouble) == ("failed", "recipient")
    assert outbox.tried(number) == [("failed", "recipient", 550)]
    outbox.do(try_again, number)
    assert outbox.send() == ["sent"]
    assert outbox.findings() == []
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # the server's own
    for told in (*everything_on_the_sample_side(outbox.app), *ours):
        assert ADDRESS not in told
        assert "nobody of that name" not in told


@pytest.fixture
def away(settled, office, monkeypatch):
    """An outbox whose mail server is not there, nor anybody else at its port."""
    with kept_port() as port:
        yield Outbox(settled, office, port, monkeypatch)


def test_a_server_that_is_away_for_a_day_loses_nothing(away, office):
    numbers = [away.queue() for _ in range(3)]
    for _ in range(5 * 24):
        away.send()
        away.later(minutes=12)
    assert {away.tried(number)[0] for number in numbers} == {("again", "unreachable", None)}
    with away.look() as work:  # nobody's address is read for a server that is not there
        assert {look.kind for look in accesses_of(work, PARTICIPANT)} == {"enter"}
        assert [each.state in WAITING for each in messages_of(work, PARTICIPANT)] == [True] * 3
    with open_post_office(office, port=away.settings.smtp_port):
        for _ in range(30):
            away.send()
            away.later(hours=1)
    assert sorted(letter["message-id"] for letter in office.arrived) == sorted(
        message_id(away.settings, number) for number in numbers
    )


def test_after_so_many_attempts_it_fails_loudly(away):
    away.change(message_attempts=3)
    number = away.queue()
    for _ in range(5):
        away.send()
        away.later(days=1)
    assert away.message(number).state == MessageState.FAILED
    assert len(away.tried(number)) == 3


@pytest.fixture
def encrypted(settled, office, monkeypatch, tmp_path):
    public, context = certificate(tmp_path)
    with open_post_office(office, tls=context) as port:
        outbox = Outbox(settled, office, port, monkeypatch)
        secret = tmp_path / "mail-password"
        secret.write_text("plainly invented\n")
        secret.chmod(0o600)
        outbox.change(
            smtp_host="localhost", smtp_security="starttls", smtp_ca_file=str(public), smtp_user="biobank",
            smtp_password_file=str(secret),
        )  # fmt: skip
        yield outbox


def test_encrypted_and_signed_in(encrypted, office):
    encrypted.queue()
    assert encrypted.send() == ["sent"]
    assert len(office.arrived) == 1


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [({"smtp_ca_file": ""}, "certificate"), ({"smtp_user": "somebody"}, "sign_in")],
)
def test_neither_to_a_stranger_nor_without_a_sign_in(encrypted, office, changed, trouble):
    number = encrypted.queue()
    encrypted.change(**changed)
    assert encrypted.send() == ["again"]
    assert encrypted.tried(number)[0][:2] == ("again", trouble)
    assert office.arrived == []
    with encrypted.look() as work:
        assert {look.kind for look in accesses_of(work, PARTICIPANT)} == {"enter"}


def test_a_server_without_encryption_gets_nothing(outbox, office):
    number = outbox.queue()
    outbox.change(smtp_security="starttls")
    assert outbox.send() == ["again"]
    assert outbox.tried(number) == [("again", "no_tls", None)]
    assert office.arrived == []


def test_a_server_that_dawdles_is_not_waited_for(outbox, office):
    number = outbox.queue()
    outbox.change(smtp_timeout_seconds=1)
    office.seconds = 2.5
    assert outbox.send() == ["again"]
    assert outbox.tried(number) == [("again", "timed_out", None)]


def test_two_workers_never_send_one_message_twice(outbox, office):
    numbers = [outbox.queue() for _ in range(8)]
    office.seconds = 0.05
    workers = [threading.Thread(target=outbox.send) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(letter["message-id"] for letter in office.arrived) == sorted(
        message_id(outbox.settings, number) for number in numbers
    )
    assert all(outbox.tried(number) == [("sent", None, 250)] for number in numbers)


def test_what_was_cut_off_is_sent_again_under_the_same_id(outbox, office, monkeypatch):
    number = outbox.queue()

    def power_cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sending, "settle", power_cut)
        with pytest.raises(KeyboardInterrupt):
            outbox.send()
    assert outbox.send() == []  # claimed: perhaps somebody is at it
    assert outbox.tried(number) == [None]
    outbox.later(minutes=2)
    assert outbox.send() == ["sent"]
    first, second = (letter["message-id"] for letter in office.arrived)
    assert first == second
    assert outbox.tried(number) == [None, ("sent", None, 250)]


def test_who_has_no_address_gets_paper(outbox, office):
    number = outbox.queue()
    with outbox.app.app_context(), writing() as work:
        from biobank.identity.choices import IdentityField
        from biobank.identity.inputs import Identity

        change_identity(
            work, OFFICER, PARTICIPANT, Identity(), ENROLLED, emptied=frozenset({IdentityField.EMAIL})
        )
    assert outbox.send() == ["by_post"]
    assert outbox.message(number).by_post == "no_email"
    assert outbox.send() == []
    assert office.arrived == []
    outbox.do(mark_handed_over, number)
    message = outbox.message(number)
    assert (message.state, message.handed_over_by) == ("handed_over", "comp.here")
    assert outbox.findings() == []


def test_nothing_is_mailed_to_who_asked_for_another(outbox, office):
    number = outbox.queue(addressee="next-of-kin-1")
    assert outbox.send() == []
    assert outbox.message(number).by_post == "another"
    assert office.arrived == []
    with outbox.look() as work:
        assert {look.kind for look in accesses_of(work, PARTICIPANT)} == {"enter"}


def test_an_address_that_is_none_breaks_nothing(outbox, office):
    with outbox.app.app_context(), writing() as work:
        change_identity(work, OFFICER, PARTICIPANT, replace(IDENTITY, email="a,b@c.example"), ENROLLED)
    number = outbox.queue()
    assert outbox.send() == ["failed"]
    assert outbox.message(number).trouble == "address"
    assert office.arrived == []


def test_a_message_without_words_fails_and_the_next_goes_out(outbox, office):
    number = outbox.queue(template="invented_template")
    other = outbox.queue()
    assert outbox.send() == ["failed", "sent"]
    assert outbox.message(number).trouble == "words"
    assert outbox.message(other).state == MessageState.SENT


def test_a_state_that_was_edited_is_found(outbox):
    number = outbox.queue()
    with outbox.app.app_context(), writing() as work:
        work.session.get_one(Message, number).state = "sent"
    assert any("is stored as sent, not queued" in finding for finding in outbox.findings())
