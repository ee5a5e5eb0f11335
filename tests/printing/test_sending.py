"""What is said of a job that was sent is what happened, however the printer misbehaves; nothing goes out twice."""

import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.steps import Source
from biobank.kits.choices import VoidReason
from biobank.printing import queries
from biobank.printing.choices import CopyReason, JobState, SeenAtPrinter
from biobank.printing.choosing import VoidedCode
from biobank.printing.copies import ReasonMissing, printed_before
from biobank.printing.inputs import NewPrint
from biobank.printing.operations import NotUnclear, hand_out, prepare, reprint, settle
from biobank.printing.queries import PrinterUnknown
from biobank.printing.sending import NotSendable, PrinterBusy, begin_sending, finish_sending
from biobank.printing.status import StatusUnreadable, read_status
from biobank.printing.voiding import void
from tests.printing.label_printer import status

LEAD = "lead.here"


@pytest.fixture
def desk(programme, bench):
    return Desk(programme, bench)


class Desk:
    """A kit whose labels go to the printer at the bench."""

    def __init__(self, programme, bench):
        self.app, self.bench = programme.app, bench
        self.lead, self.elsewhere = programme.actor(LEAD), programme.actor("lead.elsewhere")
        self.kit, self.tubes = programme.kit("urine-1")
        self.job = self.made()

    def made(self, **asked):
        with self.app.app_context(), writing() as work:
            return prepare(work, NewPrint(kits=(self.kit,), printer="bench", **asked), by=self.lead).job.id

    def begun(self, job=None):
        with self.app.app_context(), writing() as work:
            return begin_sending(work, job or self.job, by=self.lead)

    def finished(self, intent):
        with self.app.app_context():
            return finish_sending(intent, by=self.lead)

    def sent(self, job=None):
        return self.finished(self.begun(job))

    def state(self, job=None):
        with self.app.app_context(), reading() as work:
            found = queries.job_seen_by(work, self.lead, job or self.job)
            return queries.state_of(work, found)

    def events(self, job=None):
        with self.app.app_context(), reading() as work:
            found = queries.job_seen_by(work, self.lead, job or self.job)
            return [(event.state, event.remark) for event in queries.events_of(work, found)]

    def copies(self):
        """How many labels of the kit's box count."""
        with self.app.app_context(), reading() as work:
            job = queries.job_seen_by(work, self.lead, self.job)
            box = queries.labels_of(work, job)[0][0]
            return printed_before(work, [box.id])[box.id]


def test_what_was_asked_for_is_sent_once_and_the_log_says_when(desk):
    assert desk.sent() is JobState.SENT
    assert desk.bench.labels == len(desk.tubes) + 2  # the box, and a second label for the last tube
    assert [state for state, _ in desk.events()] == ["made", "sending", "sent"]
    assert (desk.bench.connections, desk.copies()) == (1, 1)


def test_the_intent_is_in_the_log_before_a_byte_goes(desk):
    desk.begun()
    assert (desk.state(), desk.bench.connections) == (JobState.SENDING, 0)


NOT_READY = {
    "head open": (status(open=1), "head is open"),
    "paper out": (status(paper_out=1), "out of labels"),
    "ribbon out": (status(ribbon=1), "out of ribbon"),
    "paused": (status(paused=1), "paused"),
    "too hot": (status(hot=1), "too hot"),
    "too cold": (status(cold=1), "too cold"),
    "memory lost": (status(ram=1), "memory lost"),
    "buffer full": (status(full=1), "buffer is full"),
    "jobs waiting": (status(waiting=2), "waiting in it"),
    "labels to come": (status(remaining=3), "waiting in it"),
    "junk": (b"HTTP/1.1 400 Bad Request\x03\x03\x03", "no state of a label printer"),
    "endless junk": (b"x" * 5000, "no state of a label printer"),
    "too few values": (b"\x02030,0\x03\r\n\x02001\x03\r\n\x021234,0\x03\r\n", "no state of a label printer"),
    "closes": ("close", "closed the connection"),
    "hangs": ("silent", "did not answer in time"),
}


@pytest.mark.parametrize("how", NOT_READY)
def test_a_printer_that_is_not_ready_gets_nothing_and_no_copy_is_counted(desk, how):
    answer, said = NOT_READY[how]
    desk.bench.answers = [answer]
    assert desk.sent() is JobState.FAILED
    state, remark = desk.events()[-1]
    assert (state, desk.bench.received, desk.copies()) == ("failed", b"", 0)
    assert said in remark
    assert remark.endswith("Nothing was sent.")


def test_a_printer_that_takes_no_connection_failed(desk):
    intent = desk.begun()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = replace(intent, printer=replace(intent.printer, port=port))
    assert desk.finished(nobody) is JobState.FAILED
    assert "takes no connection" in desk.events()[-1][1]


def test_a_printer_whose_name_nobody_knows_failed(desk):
    intent = desk.begun()
    unknown = replace(intent, printer=replace(intent.printer, host="bench.invalid"))
    assert desk.finished(unknown) is JobState.FAILED
    assert "the connection failed" in desk.events()[-1][1]


def test_an_answer_byte_by_byte_is_an_answer(desk):
    desk.bench.answers = ["bytewise"]
    assert desk.sent() is JobState.SENT


def test_it_is_sent_once_nothing_waits_in_the_printer_any_more(desk):
    desk.bench.answers = [status(), status(waiting=1), status(remaining=2), status(partial=1), status()]
    assert desk.sent() is JobState.SENT
    assert desk.bench.answers == [status()]


UNSURE = {
    "hangs": ([status(), "silent"], "did not answer in time"),
    "closes": ([status(), "close"], "closed the connection"),
    "paper out": ([status(), status(paper_out=1, remaining=4)], "out of labels"),
    "head open": ([status(), status(waiting=1), status(open=1)], "head is open"),
    "junk": ([status(), b"?\x03\x03\x03"], "no state"),
    "never done": ([status(), status(remaining=7)], "7 labels are still waiting"),
}


@pytest.mark.parametrize("how", UNSURE)
def test_what_may_be_out_is_unclear_until_somebody_has_looked(desk, how):
    desk.bench.answers, said = list(UNSURE[how][0]), UNSURE[how][1]
    assert desk.sent() is JobState.UNCLEAR
    assert said in desk.events()[-1][1]
    assert (desk.bench.labels > 0, desk.copies()) == (True, 1)
    with pytest.raises(NotSendable, match="say what came out first"):
        desk.begun()


def test_a_connection_that_breaks_midway_is_unclear(desk):
    desk.bench.close_after = 1
    assert desk.sent() is JobState.UNCLEAR
    assert desk.copies() == 1


@pytest.mark.parametrize(("outcome", "copies"), [(SeenAtPrinter.PRINTED, 1), (SeenAtPrinter.NOT_PRINTED, 0)])
def test_a_person_settles_it_and_the_copies_follow(desk, outcome, copies):
    desk.bench.answers = [status(), "close"]
    desk.sent()
    with desk.app.app_context(), writing() as work:
        settle(work, desk.job, outcome, by=desk.lead, remark="looked at the tray")
    assert (desk.state(), desk.copies()) == (JobState(outcome.value), copies)
    with desk.app.app_context(), writing() as work, pytest.raises(NotUnclear):
        settle(work, desk.job, outcome, by=desk.lead)


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "no-such-host.invalid"])
def test_a_host_that_nobody_can_look_up_has_failed_and_leaves_its_turn(desk, host):
    intent = desk.begun()
    assert desk.finished(replace(intent, printer=replace(intent.printer, host=host))) is JobState.FAILED
    assert "Nothing was sent" in desk.events()[-1][1]
    assert desk.sent() is JobState.SENT


def test_what_did_not_come_out_can_be_sent_again_by_hand(desk):
    desk.bench.answers = [status(paused=1), status()]
    assert desk.sent() is JobState.FAILED
    assert desk.sent() is JobState.SENT
    assert (desk.bench.received.count(b"^XZ"), desk.copies()) == (len(desk.tubes) + 2, 1)


def test_a_failed_job_is_overtaken_by_the_labels_printed_since(desk):
    desk.bench.answers = [status(paused=1), status()]
    desk.sent()
    other = desk.made()  # no reason: nothing had come out
    with pytest.raises(NotSendable, match="print them anew"):
        desk.begun()
    assert desk.sent(other) is JobState.SENT


def test_a_job_that_was_sent_is_not_sent_again(desk):
    desk.sent()
    with pytest.raises(NotSendable, match="is sent"):
        desk.begun()
    assert desk.bench.connections == 1


def test_a_second_person_is_told_that_the_printer_is_busy(desk):
    other = desk.made(reason=CopyReason.SECOND_LABEL)
    intent = desk.begun()
    with pytest.raises(PrinterBusy, match="printing for somebody else"):
        desk.begun(other)
    desk.finished(intent)
    assert desk.sent(other) is JobState.SENT


def test_of_two_at_the_same_moment_one_prints_and_one_is_told(desk):
    jobs = [desk.job, desk.made(reason=CopyReason.SECOND_LABEL)]
    both, told = threading.Barrier(2, timeout=30), []

    def send(job):
        both.wait()
        try:
            intent = desk.begun(job)
        except PrinterBusy:
            intent = None
        both.wait()  # who prints is not done before the other has tried
        told.append(desk.finished(intent) if intent else "busy")

    threads = [threading.Thread(target=send, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told)) == ["busy", "sent"]
    assert desk.bench.labels == len(desk.tubes) + 2


def test_a_service_that_was_killed_in_between_leaves_an_unclear_job_and_a_free_printer(desk, monkeypatch):
    other = desk.made(reason=CopyReason.SECOND_LABEL)
    desk.begun()  # and nothing follows
    assert desk.state() is JobState.SENDING
    later = moments.now() + timedelta(seconds=60)
    monkeypatch.setattr(moments, "now", lambda: later)
    assert (desk.state(), desk.copies()) == (JobState.UNCLEAR, 2)
    assert desk.sent(other) is JobState.SENT


def test_who_was_faster_than_the_network_is_not_contradicted(desk, monkeypatch):
    intent = desk.begun()
    with monkeypatch.context() as patch:
        later = moments.now() + timedelta(seconds=60)
        patch.setattr(moments, "now", lambda: later)
        with desk.app.app_context(), writing() as work:
            settle(work, desk.job, SeenAtPrinter.NOT_PRINTED, by=desk.lead)
    desk.finished(intent)
    assert desk.state() is JobState.NOT_PRINTED


def test_only_a_configured_printer_of_ones_own_site_is_used(desk):
    with desk.app.app_context(), writing() as work:
        with pytest.raises(PrinterUnknown):
            prepare(work, NewPrint(kits=(desk.kit,), printer="10.0.0.9"), by=desk.lead)
        with pytest.raises(queries.JobUnknown):
            begin_sending(work, desk.job, by=desk.elsewhere)


def test_a_file_is_not_sent_and_neither_is_a_job_for_a_printer_that_changed(desk, settings):
    with desk.app.app_context(), writing() as work:
        sheet = prepare(
            work, NewPrint(items=(desk.tubes[0],), printer="sheets", reason=CopyReason.LOST), by=desk.lead
        )
        with pytest.raises(NotSendable, match="download"):
            begin_sending(work, sheet.job.id, by=desk.lead)
    file = Path(settings.printers_file)
    file.write_text(file.read_text().replace("dpi = 203", "dpi = 300"))
    with pytest.raises(NotSendable, match="set up otherwise"):
        desk.begun()


def test_a_document_handed_out_meanwhile_does_not_hide_that_it_is_unclear(desk):
    desk.bench.answers = [status(), "close"]
    desk.sent()
    with desk.app.app_context(), writing() as work:
        hand_out(work, desk.job, "labels.zpl", by=desk.lead)
    assert desk.state() is JobState.UNCLEAR


def test_no_transaction_is_open_while_a_printer_is_waited_for(desk):
    desk.bench.answers = ["silent"]
    intent = desk.begun()
    patient = replace(intent, printer=replace(intent.printer, answer_seconds=60))
    waiting = threading.Thread(target=desk.finished, args=[patient])
    waiting.start()
    desk.bench.asked.wait(30)
    with desk.app.app_context(), writing() as work, pytest.raises(ReasonMissing):
        prepare(work, NewPrint(kits=(desk.kit,)), by=desk.lead)
    assert waiting.is_alive()
    desk.bench.hang_up()
    waiting.join()


def test_a_reprint_is_sent_like_any_other(desk):
    desk.sent()
    with desk.app.app_context(), writing() as work:
        again = reprint(work, desk.job, by=desk.lead, reason=CopyReason.SPOILED).job.id
    assert desk.sent(again) is JobState.SENT
    half = len(desk.bench.received) // 2
    assert desk.bench.received[:half] == desk.bench.received[half:]


@pytest.mark.parametrize(
    "answer", [b"", status()[:-5], status() + b"x", status().replace(b",", b";"), b"\xff" * 90]
)
def test_what_is_no_status_is_not_taken_for_one(answer):
    with pytest.raises(StatusUnreadable):
        read_status(answer)


def test_labels_of_a_voided_code_are_not_sent(desk):
    with desk.app.app_context(), writing() as work:
        void(work, (desk.tubes[0],), by=desk.lead, reason=VoidReason.LOST, source=Source("scan"))
    with pytest.raises(VoidedCode, match="is voided"):
        desk.begun()
    assert desk.state() is JobState.MADE


def test_a_requisition_that_was_fetched_before_stops_no_label(desk):
    with desk.app.app_context(), writing() as work:
        hand_out(work, desk.job, queries.REQUISITION, by=desk.lead)
    assert desk.state() is JobState.MADE
    assert desk.sent() is JobState.SENT


def test_what_begins_too_late_prints_nothing(desk, monkeypatch):
    intent = desk.begun()
    later = intent.until + timedelta(seconds=1)
    monkeypatch.setattr(moments, "now", lambda: later)
    desk.finished(intent)
    assert desk.bench.labels == 0


def test_an_old_sending_says_nothing_of_a_newer_one(desk, monkeypatch):
    first = desk.begun()
    later = first.until + timedelta(seconds=1)
    monkeypatch.setattr(moments, "now", lambda: later)
    with desk.app.app_context(), writing() as work:
        settle(work, desk.job, SeenAtPrinter.NOT_PRINTED, by=desk.lead)
    second = desk.begun()
    desk.finished(first)
    assert desk.state() is JobState.SENDING
    with pytest.raises(NotSendable, match="wait until it is known"):
        desk.begun()
    assert desk.finished(second) is JobState.SENT


def test_of_two_who_looked_at_the_same_moment_the_second_is_told(desk, monkeypatch):
    until, state_of = desk.begun().until, queries.state_of
    monkeypatch.setattr(moments, "now", lambda: until + timedelta(seconds=1))
    both, told = threading.Barrier(2, timeout=30), []

    def read_slowly(work, job):
        state = state_of(work, job)
        time.sleep(0.2)
        return state

    def look(outcome):
        both.wait()
        try:
            with desk.app.app_context(), writing() as work:
                settle(work, desk.job, outcome, by=desk.lead)
            told.append("taken")
        except NotUnclear:
            told.append("told")

    monkeypatch.setattr(queries, "state_of", read_slowly)
    threads = [threading.Thread(target=look, args=[outcome]) for outcome in SeenAtPrinter]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["taken", "told"]
