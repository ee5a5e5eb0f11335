"""Exactly one message about one thing, until it has reached somebody."""

import json

import pytest

from biobank.ledger.queries import entries_of
from biobank.messages import checks
from biobank.messages.operations import mark_handed_over, queue_message
from biobank.messages.queries import MessageUnknown, message_about, message_numbered, messages_of
from biobank.messages.states import WAITING
from biobank.participants.queries import subject_of
from tests.floor import CODE


@pytest.fixture
def message(floor):
    return queue_message(
        floor.work, floor.clinic, about="decision:1", participant=CODE, addressee=CODE,
        template="decision_confirmed", context={"samples": "destroy"}, language="es",
    )  # fmt: skip


def test_it_waits_with_codes_only(floor, message):
    assert message_about(floor.work, "decision:1") is message
    assert messages_of(floor.work, CODE) == [message]
    assert (message.state, message.language) == ("queued", "es")
    assert json.loads(message.context) == {"samples": "destroy"}


def test_nobody_is_told_twice(floor, message):
    with pytest.raises(checks.ConfirmedAlready, match="not told twice"):
        queue_message(
            floor.work, floor.clinic, about=message.about, participant=CODE, addressee=CODE,
            template="decision_confirmed", context={},
        )  # fmt: skip
    assert len(messages_of(floor.work, CODE)) == 1


def test_handed_over_on_paper_is_the_end_of_it(floor, message):
    mark_handed_over(floor.work, floor.clinic, message.id)
    assert message.state not in WAITING
    entry = entries_of(floor.work, subject_of(CODE))[-1]
    assert (entry.kind, entry.event["about"], entry.event["state"]) == (
        "message",
        "decision:1",
        "handed_over",
    )
    with pytest.raises(checks.NotWaiting, match="handed over already"):
        mark_handed_over(floor.work, floor.clinic, message.id)


def test_a_message_that_is_none(floor):
    with pytest.raises(MessageUnknown, match="no message 99"):
        message_numbered(floor.work, 99)
