"""Destruction results out: one line a specimen, none skipped and none repeated, until each is acknowledged."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.custody.states import Action
from biobank.destruction.queries import certificates_of
from biobank.feeds.acknowledging import acknowledge_results, overdue_results, unacknowledged
from biobank.feeds.replay import feed_findings
from biobank.feeds.results import NOTHING_YET, CursorAhead, every_result, results_after
from biobank.feeds.tables import RESULTS, result_row, rows_acknowledged, written
from biobank.ledger.queries import tree_size
from biobank.ledger.sealing import seal
from biobank.replays import REPLAYS
from tests.campaigns.tampering import Tampering
from tests.feeds.test_withdrawals_in import line, take
from tests.floor import CODE

PROGRAMME = Actor("comp.cleo", "Testa Compliance", frozenset({(Role.COMPLIANCE, None)}))


@pytest.fixture
def certified(leaving):
    """An order of three tubes: two destroyed before witnesses, one lost; confirmed, and sealed."""
    leaving.window(0)
    tubes = list(leaving.received().values())
    gone, lost = tubes[:2], tubes[2]
    for other in tubes[3:]:
        leaving.step(other, Action.BREAK)
    leaving.decide()
    leaving.step(lost, Action.REPORT_LOST)
    leaving.destroy(*gone)
    assert leaving.confirm(leaving.order()).returned == {}
    seal(leaving.work)
    leaving.gone, leaving.lost = gone, lost
    return leaving


def read(work, position=NOTHING_YET, limit=500):
    return results_after(work, position, limit=limit)


def test_each_specimen_is_a_line_with_its_end_and_the_certificate_that_says_so(certified):
    work = certified.work
    [certificate] = certificates_of(work, certified.order())
    lines = {line.item: line for line in read(work).lines}
    told = lines[certified.gone[0]]
    assert (told.participant, told.outcome, told.grade) == (CODE, "destroyed", "witnessed")
    assert (told.certificate, told.certificate_sha256) == (certificate.identifier, certificate.sha256)
    assert (told.status, told.replaces) == ("stands", None)
    assert told.occurred_at is not None
    assert lines[certified.lost].outcome == "lost"
    assert len(lines) == len(certified.work.session.execute(lines_stored()).all())


def lines_stored():
    return text("SELECT id FROM destruction_lines")


def test_reading_on_from_a_position_skips_and_repeats_nothing(certified):
    first = read(certified.work, limit=1)
    assert read(certified.work, first.position).lines == []
    certified.step(certified.lost, Action.FIND)
    seal(certified.work)
    later = read(certified.work, first.position)
    assert {line.row for line in later.lines}.isdisjoint({line.row for line in first.lines})
    assert [*first.lines, *later.lines] == list(every_result(certified.work))
    assert read(certified.work, limit=1) == first  # the same question, the same answer, whenever


def test_a_tube_that_turns_up_puts_the_certificate_in_question_until_another_replaces_it(certified):
    work = certified.work
    before = read(work).position
    certified.step(certified.lost, Action.FIND)
    seal(work)
    questioned = read(work, before)
    assert {line.status for line in questioned.lines} == {"in_question"}
    assert {line.item: line.outcome for line in questioned.lines}[certified.lost] is None
    certified.destroy(certified.lost)
    assert certified.confirm(certified.order()).returned == {}
    seal(work)
    old, new = certificates_of(work, certified.order())
    again = read(work, questioned.position).lines
    assert {(line.status, line.certificate, line.replaces) for line in again} == {
        ("stands", new.identifier, old.identifier)
    }
    assert {line.item: line.outcome for line in again}[certified.lost] == "destroyed"


def test_what_is_not_sealed_comes_next_time(certified):
    before = read(certified.work)
    certified.step(certified.lost, Action.FIND)
    assert read(certified.work, before.position) == read(certified.work, before.position)
    assert read(certified.work, before.position).lines == []


def test_who_read_further_than_the_log_is_told(certified):
    with pytest.raises(CursorAhead, match="older backup"):
        read(certified.work, tree_size(certified.work))


def test_lines_wait_until_the_programme_has_them(certified):
    work = certified.work
    rows = [line.row for line in read(work).lines]
    done = acknowledge_results(work, [*rows[:2], rows[0], "999999-1", "nonsense"], by=PROGRAMME)
    assert (done.taken, done.known, list(done.unknown)) == (2, 0, ["999999-1", "nonsense"])
    assert acknowledge_results(work, rows[:2], by=PROGRAMME).known == 2
    assert [line.row for line in unacknowledged(work)] == rows[2:]
    assert overdue_results(work) == []
    late = moments.now() + timedelta(days=work.settings.feed_acknowledgement_days + 1)
    assert [line.row for line in unacknowledged(work, before=late)] == rows[2:]
    assert [str(finding) for replay in REPLAYS for finding in replay(work)] == []


def test_overdue_is_what_nobody_acknowledged_in_time(certified):
    certified.work.settings = certified.work.settings.with_changes(feed_acknowledgement_days=0)
    assert len(overdue_results(certified.work)) == len(read(certified.work).lines)


def test_a_cell_that_a_spreadsheet_would_run_is_text(certified):
    row = result_row(read(certified.work).lines[0])
    told = written(RESULTS, [{**row, "participant": "=1+1", "item": "@now"}])
    assert ",'=1+1,'@now," in told


def test_the_file_comes_back_as_it_was(certified):
    lines = read(certified.work).lines
    told = written(RESULTS, [result_row(each) for each in lines])
    assert rows_acknowledged(told.encode()) == [each.row for each in lines]


EDITS = (
    ("UPDATE feed_rows SET outcome = 'known'", "delivery 1 is stored with rows_sha256"),
    ("UPDATE feed_deliveries SET row_count = 2", "delivery 1 is stored with rows 2, not 1"),
    ("DELETE FROM result_acknowledgements WHERE line = 1", "was acknowledged and that is not stored"),
    ("UPDATE result_acknowledgements SET line = line + 500", "is stored as acknowledged and has no entry"),
)


@pytest.mark.parametrize(("statement", "said"), EDITS)
def test_an_administrators_edit_is_named(certified, statement, said):
    work = certified.work
    take(certified, line("A100000003"))
    acknowledge_results(work, [each.row for each in read(work).lines], by=PROGRAMME)
    assert list(feed_findings(work)) == []
    Tampering(work, {}).fences_down()
    work.session.execute(text(statement))
    work.expire()
    assert any(said in str(finding) for finding in feed_findings(work))
