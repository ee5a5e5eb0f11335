"""Scans that were taken without network: each is recorded once, in order, and what does not fit is kept."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from biobank.access.permissions import Role
from biobank.core.database import reading, writing
from biobank.custody.models import Discrepancy
from biobank.custody.queries import holds_on, item_now, newest_events
from biobank.custody.states import HoldKind, State
from biobank.items.models import LoggedScan
from biobank.offline.models import OfflineScan
from tests.pages.conftest import Seat
from tests.programme import person

SPENT = timedelta(minutes=1)


def scan(item, counter=1, action="collect", *, at=None, **more):
    moment = at or datetime.now(UTC) - SPENT
    details = {"fill": "full"} if action == "collect" else {}
    return {
        "key": secrets.token_urlsafe(16), "counter": counter, "item": item, "action": action,
        "occurred_at": moment.isoformat(), "clock_offset_seconds": 0, "performed_by": "clinic.here", "details": details,
    } | more  # fmt: skip


def queue(*scans, site="clinic-1", sent_at=None):
    return {"site": site, "sent_at": (sent_at or datetime.now(UTC)).isoformat(), "scans": list(scans)}


@pytest.fixture
def send(app, programme):
    with app.app_context(), writing() as work:
        programme.tokens["clinic_staff too"] = person(work, "clinic.other", Role.CLINIC, "clinic-1")

    def sent(document, who="clinic_staff"):
        headers = {"Authorization": f"Bearer {programme.tokens[who]}"}
        return programme.app.test_client().post("/offline/scans", json=document, headers=headers)

    return sent


def outcomes(answer):
    assert answer.status_code == 200, answer.text
    return [each["outcome"] for each in answer.json["answers"]]


def kept(app):
    with app.app_context(), reading() as work:
        return list(work.session.scalars(select(OfflineScan).order_by(OfflineScan.id)))


def test_a_queue_is_recorded_in_its_order_once_however_often_it_is_sent(app, programme, send):
    _, tubes = programme.assigned_kit()
    scans = [scan(tube, counter) for counter, tube in enumerate(tubes, 1)]
    assert outcomes(send(queue(*reversed(scans)))) == ["taken"] * len(tubes)
    assert outcomes(send(queue(*scans))) == ["taken"] * len(tubes)
    assert [row.counter for row in kept(app)] == list(range(1, len(tubes) + 1))
    with app.app_context(), reading() as work:
        for counter, tube in enumerate(tubes, 1):
            (event,) = [each for each in newest_events(work, tube, 9) if each["action"] == "collect"]
            assert event["source"] == {"kind": "offline", "reference": str(counter)}
            assert event["performed_by"] == event["recorded_by"] == "clinic.here"
            assert event["occurred_at"] < event["recorded_at"]
            assert event["zone"] == "America/Chicago"


def test_somebody_else_of_the_site_sends_it_and_nobody_of_another(app, programme, send):
    _, tubes = programme.assigned_kit()
    refused = send(queue(scan(tubes[0])), "clinic_staff elsewhere")
    assert (refused.status_code, refused.json["error"]) == (403, "NotYourQueue")
    assert send(queue(scan(tubes[0])), "compliance").status_code == 403
    assert outcomes(send(queue(scan(tubes[0], performed_by="clinic.other")))) == ["taken"]
    with app.app_context(), reading() as work:
        event = newest_events(work, tubes[0], 1)[0]
    assert (event["performed_by"], event["recorded_by"]) == ("clinic.other", "clinic.here")


def test_a_submit_whose_answer_was_lost_is_not_recorded_twice(app, programme, send):
    """Over the network first, then out of the queue; and the other way round, when the request was only slow."""
    kit, tubes = programme.assigned_kit()
    seat = Seat(programme, "clinic.here")
    online, slow = scan(tubes[0]), scan(tubes[1], 2)
    assert seat.post(f"/kits/{kit}/collect/scan", text=tubes[0], idempotency_key=online["key"]).status == 303
    assert outcomes(send(queue(online, slow))) == ["already", "taken"]
    assert seat.post(f"/kits/{kit}/collect/scan", text=tubes[1], idempotency_key=slow["key"]).status == 409
    with app.app_context(), reading() as work:
        for tube in tubes[:2]:
            assert [each["action"] for each in newest_events(work, tube, 9)].count("collect") == 1
        assert work.session.scalars(select(Discrepancy)).all() == []


def test_what_does_not_fit_is_taken_with_a_discrepancy_and_an_unknown_code_is_kept(app, programme, send):
    _, tubes = programme.assigned_kit()
    unassigned, spare = programme.kit()
    programme.taken("biobank_lead", unassigned, "issue", details={"site": "clinic-1"})
    programme.taken("clinic_staff", tubes[0], "mark_not_collected", details={"reason": "no_vein"})
    answer = send(
        queue(
            scan(tubes[0], 1),
            scan(spare[0], 2),
            scan("T000000000000", 3),
            scan(unassigned, 4),
            scan(tubes[1], 5),
        )
    )
    assert outcomes(answer) == ["conflict"] * 4 + ["taken"]
    rows = kept(app)
    with app.app_context(), reading() as work:
        assert item_now(work, tubes[0]).state is State.COLLECTED
        assert holds_on(work, item_now(work, spare[0]).id) == {HoldKind.IDENTITY}
        explained = {case.item_id for case in work.session.scalars(select(Discrepancy))}
        assert explained == {row.item_id for row in rows[:4]} - {None}
        assert work.session.scalars(select(LoggedScan.text_seen).where(LoggedScan.outcome == "refused")).all()
    assert (rows[2].item_id, rows[2].scanned) == (None, "T000000000000")
    page = Seat(programme, "clinic.here").get("/offline/conflicts")
    assert re.findall(r'data-scanned="(\w+)"', page.text) == [unassigned, "T000000000000", spare[0], tubes[0]]
    assert "T000000000000" not in Seat(programme, "clinic.elsewhere").get("/offline/conflicts").text


def test_a_tube_scanned_again_stands_already_and_one_that_cannot_be_read_keeps_none_waiting(
    app, programme, send
):
    _, tubes = programme.assigned_kit()
    odd = scan(tubes[2], 3, details={"fill": "full\n"})
    answer = send(queue(scan(tubes[0], 1), scan(tubes[0], 2), odd, scan(tubes[1], 4)))
    assert outcomes(answer) == ["taken", "already", "conflict", "taken"]
    assert outcomes(send(queue(odd))) == ["conflict"]
    personal = send(queue(scan("testa@example.org", 5)))
    assert outcomes(personal) == ["conflict"]
    assert "testa" not in kept(app)[-1].scanned


def test_a_second_answer_of_the_same_person_takes_the_place_of_the_first(app, programme, send):
    _, tubes = programme.assigned_kit()
    short = {"fill": "short", "volume_microlitres": 2000}
    again = scan(tubes[0], 2, details=short, at=datetime.now(UTC) - SPENT / 2)
    broken = scan(tubes[0], 3, "break", details={"reason": "dropped"}, at=datetime.now(UTC))
    assert outcomes(send(queue(scan(tubes[0], 1), again))) == ["taken", "taken"]
    other = scan(tubes[0], 4, performed_by="clinic.other", at=datetime.now(UTC))
    assert outcomes(send(queue(broken, other))) == ["taken", "conflict"]
    with app.app_context(), reading() as work:
        actions = [event["action"] for event in reversed(newest_events(work, tubes[0], 5))]
        assert actions == ["collect", "correct", "collect", "break", "collect"]
        assert newest_events(work, tubes[0], 3)[-1]["details"] == short


@pytest.mark.parametrize(
    ("offset_minutes", "flags", "is_put_right"),
    [(1, [], False), (7, [], True), (-190, ["station_clock"], True)],
)
def test_a_station_whose_clock_is_wrong_is_put_right_and_flagged(
    app, programme, send, offset_minutes, flags, is_put_right
):
    _, tubes = programme.assigned_kit()
    offset = timedelta(minutes=offset_minutes)
    truly = datetime.now(UTC)
    said = truly + offset
    sent = queue(scan(tubes[0], at=said, clock_offset_seconds=None), sent_at=datetime.now(UTC) + offset)
    assert outcomes(send(sent)) == ["taken"]
    with app.app_context(), reading() as work:
        event = newest_events(work, tubes[0], 1)[0]
    assert event.get("flags", []) == flags
    occurred = datetime.fromisoformat(event["occurred_at"])
    assert abs(occurred - (truly if is_put_right else said)) < timedelta(seconds=30)
    assert ("clock_said" in event["details"]) is is_put_right
    assert abs(kept(app)[0].clock_offset_seconds - offset.total_seconds()) < 5


def test_a_time_that_has_not_come_yet_is_nobodys_time(app, programme, send):
    _, tubes = programme.assigned_kit()
    ahead = datetime.now(UTC) + timedelta(days=3)
    assert outcomes(send(queue(scan(tubes[0], at=ahead)))) == ["taken"]
    with app.app_context(), reading() as work:
        event = newest_events(work, tubes[0], 1)[0]
        assert event["occurred_at"] is None
        assert event["details"]["clock_said"].startswith(f"{ahead:%Y-%m-%d}")


def test_a_clock_at_the_first_day_that_there_is_keeps_no_scan_waiting(app, programme, send):
    _, tubes = programme.assigned_kit()
    first = scan(tubes[0], 1) | {"occurred_at": "0001-01-01T00:00:00+00:00"}
    assert outcomes(send(queue(first, scan(tubes[1], 2)))) == ["taken", "taken"]


def test_lists_hold_open_kits_of_the_site_and_nothing_of_anybody(programme):
    kit, tubes = programme.assigned_kit()
    programme.collected_kit(definition="urine-1")
    answer = Seat(programme, "clinic.here").client.get("/offline/lists")
    assert [each["identifier"] for each in answer.json["kits"]] == [kit]
    assert [tube["identifier"] for tube in answer.json["kits"][0]["tubes"]] == tubes
    assert answer.json["people"] == ["clinic.here"]
    assert "A100000001" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert Seat(programme, "clinic.elsewhere").client.get("/offline/lists?site=clinic-1").status_code == 403


def test_the_kept_program_names_every_file_that_the_page_links_to(app):
    client = app.test_client()
    page = client.get("/offline")
    program = client.get("/service-worker.js")
    assert program.mimetype == "text/javascript"
    linked = set(re.findall(r'(?:src|href)="(/static/[^"#?]+)', page.text))
    named = set(re.findall(r'"(/static/[^"]+)"', program.text))
    assert linked <= named
    assert all(client.get(file).status_code == 200 for file in named)
    assert "person" not in page.text.split("offline-person")[0]


def test_a_key_that_was_used_for_something_else_is_a_conflict_and_not_the_first_ones_answer(
    app, programme, send
):
    kit, tubes = programme.assigned_kit()
    first, short = scan(tubes[0]), {"fill": "short", "volume_microlitres": 2000}
    another, otherwise = first | {"item": tubes[1]}, first | {"details": short}
    assert outcomes(send(queue(first))) == ["taken"]
    answer = send(queue(another))
    assert outcomes(answer) == ["conflict"]
    assert answer.json["answers"][0]["key"] == first["key"]
    assert "used for something else" in answer.json["answers"][0]["sentence"]
    assert outcomes(send(queue(otherwise))) == outcomes(send(queue(another))) == ["conflict"]
    assert outcomes(send(queue(first))) == ["taken"]
    with app.app_context(), reading() as work:
        assert item_now(work, tubes[1]).state is State.EXPECTED
    assert len(kept(app)) == 3
    online = scan(tubes[2])
    seat = Seat(programme, "clinic.here")
    assert seat.post(f"/kits/{kit}/collect/scan", text=tubes[2], idempotency_key=online["key"]).status == 303
    assert outcomes(send(queue(online | {"item": tubes[1]}))) == ["conflict"]
    assert f'data-scanned="{tubes[1]}"' in seat.get("/offline/conflicts").text


def test_who_never_collected_here_is_named_by_no_event_and_keeps_no_other_scan_waiting(app, programme, send):
    _, tubes = programme.assigned_kit()
    answer = send(
        queue(
            scan(tubes[0], 1, performed_by="nobody.there"),
            scan(tubes[1], 2, performed_by="clinic.elsewhere"),
            None,
            ["junk"],
            {"item": tubes[3]},
            scan(tubes[2], 3),
        )
    )
    told = {each["item"]: each for each in answer.json["answers"]}
    assert sorted(outcomes(answer)) == ["conflict"] * 5 + ["taken"]
    assert [row.item_id is None for row in kept(app)].count(True) == 2
    assert all(each["sentence"].count(". ") == 0 for each in told.values() if each["sentence"])
    with app.app_context(), reading() as work:
        states = [item_now(work, tube).state for tube in tubes[:4]]
    assert states == [State.EXPECTED, State.EXPECTED, State.COLLECTED, State.EXPECTED]
    assert "nobody.there" not in answer.text + Seat(programme, "clinic.here").get("/offline/conflicts").text


def test_two_who_send_the_same_queue_at_once_get_the_same_answers_and_nothing_is_logged(
    app, programme, send, caplog
):
    _, tubes = programme.assigned_kit()
    scans = [scan(tube, counter, performed_by=None) for counter, tube in enumerate(tubes, 1)]
    together = Barrier(2, timeout=30)

    def sent(who):
        together.wait()
        return send(queue(*scans), who)

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(sent, ["clinic_staff", "clinic_staff too"]))
    assert [outcomes(answer) for answer in answers] == [["taken"] * len(tubes)] * 2
    assert len(kept(app)) == len(tubes)
    assert "unexpected" not in caplog.text
