"""Promises as they hold when a decision comes in a file, and when the database has to be restored: one test each."""

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.custody.states import Action, HoldKind
from biobank.feeds.formats import FeedRefused, read_withdrawals
from biobank.feeds.operations import take_delivery
from biobank.messages.models import Message
from biobank.participants.queries import participant_named
from biobank.withdrawals.queries import left_out_of_exports, undecided_decisions
from tests.feeds.test_withdrawals_in import file, line
from tests.floor import CODE
from tests.promises.test_promises import in_every_state

PROGRAMME = Actor("comp.cleo", "Testa Compliance", frozenset({(Role.COMPLIANCE, None)}))


def take(leaving, *lines):
    return take_delivery(leaving.work, read_withdrawals(file(*lines)), by=PROGRAMME)


def test_p01_participants_may_withdraw_at_any_time_through_the_programme_too(leaving):
    """Whatever state their samples are in, whether we know them or not, without a reason."""
    in_every_state(leaving)
    taken = take(leaving, line(reason=""), line("A900000009", reason='"a, long\nreason"'))
    assert [row.outcome for row in taken.rows] == ["recorded", "recorded"]
    assert participant_named(leaving.work, CODE).left
    assert participant_named(leaving.work, "A900000009").left


def test_p02_a_feed_that_carries_no_answer_is_undecided_and_somebody_asks(leaving):
    tube = leaving.tube()
    take(leaving, line())
    person = participant_named(leaving.work, CODE)
    assert (person.information, person.samples) == ("undecided", "undecided")
    assert [each.participant for each in undecided_decisions(leaving.work)] == [CODE]
    assert leaving.order() is None
    with pytest.raises(Exception, match="withdr"):
        leaving.step(
            tube, Action.ALIQUOT, details={"children": [{"specification": "serum", "volume_microlitres": 1}]}
        )
    assert HoldKind.WITHDRAWAL in leaving.holds(tube)


def test_p07_who_left_through_the_programme_is_left_out_of_the_next_export(leaving):
    take(leaving, line())
    assert CODE in left_out_of_exports(leaving.work)


def test_p11_one_message_a_decision_however_often_the_programme_tells_it(leaving):
    for _ in range(2):
        take(leaving, line())
    take(leaving, line(), line("A900000009"))
    told = [message.participant for message in leaving.work.session.query(Message)]
    assert sorted(told) == [CODE, "A900000009"]


def test_p14_the_programmes_number_of_a_participant_does_not_come_in(leaving):
    with pytest.raises(FeedRefused) as refused:
        take(leaving, line("P123456789"))
    assert "P123456789" not in refused.value.detail
