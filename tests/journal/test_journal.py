"""The journal has every decision before anybody is told, nothing that was not kept, and never stands in the way."""

import resource
import signal
import stat
from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.journal import following, formats
from biobank.journal.formats import JournalBroken, read_journal
from biobank.journal.queries import lacking
from biobank.withdrawals.queries import decisions_of
from tests.floor import CODE
from tests.withdrawals.test_later import die, reverse


def kinds(journal):
    return [line.entry.kind for line in read_journal(journal)]


def decide(floor, **told):
    with writing() as floor.work:
        return floor.decide(**told).id


def test_each_decision_is_in_the_file_as_in_the_log_for_its_owner_alone(floor, journal):
    decide(floor, samples="keep", information="keep")
    decide(floor)
    lines = read_journal(journal)
    assert [line.entry.kind for line in lines] == ["decision", "decision"]
    assert [line.entry.event["samples"] for line in lines] == ["keep", "destroy"]
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    with reading() as work:
        assert lacking(work, lines) == []


def test_what_a_transaction_did_not_keep_is_in_neither(floor, journal):
    with pytest.raises(RuntimeError), writing() as floor.work:
        floor.decide()
        raise RuntimeError
    assert read_journal(journal) == []
    decide(floor)
    assert kinds(journal) == ["decision"]


def test_a_full_disk_refuses_no_decision_and_the_gap_is_filled(floor, journal, monkeypatch):
    decide(floor, samples="keep", information="keep")
    monkeypatch.setattr(formats, "append", full)
    number = decide(floor)
    monkeypatch.undo()
    with reading() as work:
        assert [each.id for each in decisions_of(work, CODE)][-1] == number
    assert kinds(journal) == ["decision"]
    assert journal in following.behind
    with writing() as floor.work:
        die(floor)
    assert sorted(kinds(journal)) == ["death", "decision", "decision"]
    assert journal not in following.behind


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_disk_that_is_really_full_leaves_no_half_line(floor, journal):
    """The limit of a file's size is the one kind of fullness that a test can have without a disk of its own."""
    decide(floor, samples="keep", information="keep")
    before = journal.read_bytes()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    entry = read_journal(journal)[0].entry
    other = formats.Entry(entry.subject, entry.sequence + 1, entry.kind, entry.body.replace("keep", "kept"))
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, old[1]))
        with pytest.raises(OSError, match="large"):
            formats.append(journal, [other])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert journal.read_bytes() == before


def test_half_a_line_is_cut_and_written_whole(floor, journal):
    decide(floor, samples="keep", information="keep")
    decide(floor)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-100])
    assert kinds(journal) == ["decision"]  # half a line is not there yet
    following.fill_journal(floor.work.settings)
    assert journal.read_bytes() == whole


def test_a_start_adds_what_a_crash_left_out_and_repeats_nothing(floor, journal):
    decide(floor, samples="keep", information="keep")
    decide(floor)
    whole = read_journal(journal)
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    for _ in range(2):
        following.fill_journal(floor.work.settings)
        assert read_journal(journal) == whole


DAMAGE = {
    "a changed line": (
        lambda lines: [lines[0], lines[1].replace(b"destroy", b"keepall"), lines[2]],
        2,
        "changed",
    ),
    "a line cut out": (lambda lines: [lines[0], lines[2]], 2, "missing or was moved"),
    "two exchanged": (lambda lines: [lines[0], lines[2], lines[1]], 2, "missing or was moved"),
    "no JSON": (lambda lines: [lines[0], b"{}\n", lines[2]], 2, "cannot be read"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_damaged_journal_names_its_line(floor, journal, fault):
    for samples in ("keep", "destroy", "undecided"):
        decide(floor, samples=samples, information="keep")
    damaged, at, said = DAMAGE[fault]
    journal.write_bytes(b"".join(damaged(journal.read_bytes().splitlines(keepends=True))))
    with pytest.raises(JournalBroken, match=said) as broken:
        read_journal(journal)
    assert broken.value.extra["line"] == at


def test_a_reversal_is_there_with_the_signatures_of_both(floor, journal):
    decide(floor)
    with writing() as floor.work:
        reverse(floor)
    assert kinds(journal) == ["decision", "signature", "signature", "signed_change"]


def test_no_name_is_in_it(floor, journal):
    decide(floor, hours=1)
    told = journal.read_text()
    assert "Testa" not in told
    assert (
        moments.now() - timedelta(days=1)
        < moments.read_moment(read_journal(journal)[0].entry.event["decided_at"]).at
    )
