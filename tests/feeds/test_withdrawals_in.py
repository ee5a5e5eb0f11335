"""The programme's withdrawals: read whole or not at all, each row acknowledged, nobody set back or forgotten."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from biobank.access.actors import Actor
from biobank.access.checks import AllSitesNeeded
from biobank.access.permissions import Role
from biobank.custody.states import Action, HoldKind
from biobank.feeds.formats import COLUMNS, FeedRefused, read_withdrawals
from biobank.feeds.operations import take_delivery
from biobank.messages.models import Message
from biobank.participants.queries import participant_named
from biobank.replays import REPLAYS
from biobank.withdrawals.queries import deaths_of, decisions_of, spans_of
from tests.floor import CODE

HEADER = ",".join(COLUMNS)
LEFT = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
PROGRAMME = Actor("comp.cleo", "Testa Compliance", frozenset({(Role.COMPLIANCE, None)}))
NOBODY_KNOWS = "A700000007"


def line(
    code=CODE,
    at="2026-03-01T15:30:00Z",
    ceremony="NA",
    race="N",
    reason="",
    deceased="UNSET",
    site="clinic-1",
):
    return f"{code},{at},{race},{ceremony},vibrent,TESTA,TESTA_ORG,{site},{reason},{deceased}"


def file(*lines, header=HEADER):
    return "\r\n".join([header, *lines, ""]).encode()


def take(leaving, *lines, by=PROGRAMME):
    return take_delivery(
        leaving.work, read_withdrawals(file(*lines)), by=by, file="report_2026-2_withdrawals.csv"
    )


def outcomes(delivered):
    return [row.outcome for row in delivered.rows]


def messages(work):
    return work.session.query(Message).count()


def test_a_row_carries_no_answer_and_stops_everything_at_once(leaving):
    tube = leaving.tube()
    [row] = take(leaving, line(ceremony="Y")).rows
    [decision] = decisions_of(leaving.work, CODE)
    assert (decision.leaves, decision.information, decision.samples) == (True, "undecided", "undecided")
    assert (decision.decided_at, decision.channel, decision.ceremony) == (LEFT, "feed", "yes")
    assert decision.due_on is not None  # somebody asks for the answers
    assert (row.outcome, row.decision_id, row.site) == ("recorded", decision.id, "clinic-1")
    assert HoldKind.WITHDRAWAL in leaving.holds(tube)
    assert leaving.order() is None  # nothing is destroyed on a decision that nobody made
    assert messages(leaving.work) == 1


def test_race_and_free_text_are_kept_nowhere(leaving, tmp_path, caplog):
    secret = "Zzyzx said so at home"
    take(
        leaving,
        line(race="Y", reason=secret, ceremony="N"),
        line("A100000002", race="Y", reason=f'"{secret}\n2"'),
    )
    work = leaving.work
    work.flush()
    tables = ("feed_deliveries", "feed_rows", "decisions", "ledger_entries", "messages", "participants")
    kept = "".join(
        str([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row])
        for table in tables
        for row in work.session.execute(text(f"SELECT * FROM {table}"))
    )
    assert "Zzyzx" not in kept
    assert "native" not in kept
    assert "vibrent" not in kept
    assert "Zzyzx" not in caplog.text


def test_race_alone_makes_no_other_delivery(leaving):
    """The hash over a delivery would tell it: with two values to try, nobody needs more."""
    one = take(leaving, line(race="Y"))
    other = take(leaving, line(race="N"))
    assert other.already
    assert other.delivery.id == one.delivery.id


def test_the_same_file_again_changes_nothing(leaving):
    first = take(leaving, line(), line("A100000002"))
    told = [(row.id, row.decision_id) for row in first.rows]
    again = take(leaving, line(), line("A100000002"))
    assert again.already
    assert [(row.id, row.decision_id) for row in again.rows] == told
    assert len(decisions_of(leaving.work, CODE)) == 1
    assert messages(leaving.work) == 2


def test_next_months_file_repeats_rows_and_each_is_acknowledged(leaving):
    [first] = take(leaving, line()).rows
    second = take(leaving, line(), line("A100000002"))
    assert outcomes(second) == ["known", "recorded"]
    assert second.rows[0].decision_id == first.decision_id
    assert messages(leaving.work) == 2  # one a decision


@pytest.mark.parametrize("answers", [("keep", "keep"), ("remove", "destroy"), ("keep", "undecided")])
def test_who_answered_is_not_set_back(leaving, answers):
    information, samples = answers
    leaving.tube()
    known = leaving.decide(samples, information, hours=1)
    [row] = take(leaving, line()).rows
    assert (row.outcome, row.decision_id) == ("known", known.id)
    person = participant_named(leaving.work, CODE)
    assert (person.information, person.samples) == answers
    assert messages(leaving.work) == 1


def test_who_had_samples_destroyed_and_stayed_leaves_now(leaving):
    leaving.tube()
    leaving.decide("destroy", "keep", leaves=False, hours=1)
    assert outcomes(take(leaving, line())) == ["recorded"]
    before, since = spans_of(leaving.work, CODE)
    assert (before.samples, since.samples) == ("destroy", "undecided")
    assert participant_named(leaving.work, CODE).left


def test_a_withdrawal_of_somebody_unknown_is_kept_and_their_tube_recognised(leaving):
    [row] = take(leaving, line(NOBODY_KNOWS)).rows
    assert (row.outcome, row.new_participant) == ("recorded", True)
    late = leaving.paper_kit(NOBODY_KNOWS)
    said = leaving.step(late, Action.RECEIVE, place=leaving.aside).alerts
    assert "withdrawal" in {alert.kind for alert in said}
    assert HoldKind.WITHDRAWAL in leaving.holds(late)


def test_a_death_told_with_it_is_recorded_once_and_nobody_writes_to_the_dead(leaving):
    [row] = take(leaving, line(deceased="APPROVED")).rows
    [death] = deaths_of(leaving.work, CODE)
    assert (row.death_id, death.died_on, death.channel) == (death.id, None, "feed")
    assert leaving.work.session.query(Message).one().addressee == "programme"
    [again] = take(leaving, line(deceased="APPROVED"), line("A100000002", deceased="PENDING")).rows[:1]
    assert again.death_id is None
    assert len(deaths_of(leaving.work, CODE)) == 1


def test_another_environments_code_is_reported_and_not_registered(leaving):
    leaving.work.settings = leaving.work.settings.with_changes(participant_code_pattern="A[0-9]{9}")
    delivered = take(leaving, line(), line("Z100000009"))
    assert outcomes(delivered) == ["recorded", "not_ours"]
    assert [row.line for row in delivered.to_look_at] == [3]
    assert leaving.work.session.execute(text("SELECT 1 FROM participants WHERE code LIKE 'Z%'")).all() == []


def test_a_ceremony_that_the_order_does_not_know_of_is_told(leaving):
    leaving.tube()
    leaving.decide(hours=1)
    [row] = take(leaving, line(ceremony="Y")).rows
    assert (row.outcome, row.ceremony_differs) == ("known", True)


BAD = {
    "a missing column": (file(line(), header=HEADER.replace("withdrawal_time,", "")), 1, "withdrawal_time"),
    "tabs": (file(line().replace(",", "\t"), header=HEADER.replace(",", "\t")), 1, None),
    "semicolons": (file(header=HEADER.replace(",", ";")), 1, None),
    "an empty file": (b"", 1, None),
    "the programme's own number as a column": (file(header="participant_id," + HEADER), 1, "participant_id"),
    "the programme's own number as a code": (file(line("P123456789")), 2, "biobank_id"),
    "a name as a code": (file(line("Testa Participant")), 2, "biobank_id"),
    "a time without its zone": (file(line(), line(at="2026-03-01T15:30:00")), 3, "withdrawal_time"),
    "no time": (file(line(at="")), 2, "withdrawal_time"),
    "an unknown ceremony": (file(line(ceremony="maybe")), 2, "needs_disposal_ceremony"),
    "an unknown status": (file(line(), line(deceased="?")), 3, "deceased_status"),
    "a cell too few": (file(line(), line().rpartition(",")[0]), 3, None),
    "an open quotation mark": (file(line(reason='"never closed')), 2, None),
    "another encoding": ("é".join(file(line(reason="x")).decode().split("x")).encode("latin-1"), 2, None),
    "a NUL": (file(line(), line(reason="\0")), 3, None),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_read_is_refused_whole_with_line_and_column(fault):
    content, at, column = BAD[fault]
    with pytest.raises(FeedRefused) as refused:
        read_withdrawals(content)
    assert (refused.value.extra["line"], refused.value.extra["column"]) == (at, column)
    assert "Testa" not in refused.value.detail
    assert "P123456789" not in refused.value.detail


def test_a_time_that_has_not_come_refuses_the_whole_file(leaving):
    with pytest.raises(FeedRefused, match="line 3, column withdrawal_time"):
        take(leaving, line(), line("A100000002", at="2199-01-01T00:00:00Z"))
    assert decisions_of(leaving.work, CODE) == []


def test_lines_are_counted_as_an_editor_counts_them():
    rows = read_withdrawals(b"\xef\xbb\xbf" + file(line(reason='"one\ntwo"'), "", line("A100000002")))
    assert [row.line for row in rows] == [2, 5]


def test_somebody_of_one_site_does_not_exchange_the_feed(leaving):
    here = Actor("comp.here", "Testa Here", frozenset({(Role.COMPLIANCE, "clinic-1")}))
    with pytest.raises(AllSitesNeeded):
        take(leaving, line(), by=here)


def test_the_log_says_what_was_delivered(leaving):
    take(leaving, line(), line(NOBODY_KNOWS))
    assert [str(finding) for replay in REPLAYS for finding in replay(leaving.work)] == []
