"""Scans over HTTP: what is taken, what is asked back, what is refused, and with which sentence."""

import pytest
from sqlalchemy import text

from biobank.core.database import reading
from biobank.core.moments import read_moment
from biobank.items.identifiers import printed
from tests.programme import just_now


@pytest.fixture
def tubes(programme):
    return programme.assigned_kit()[1]


def count(programme, table):
    with programme.app.app_context(), reading() as work:
        return work.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_a_scan_is_one_event_with_who_when_and_what_it_became(programme, tubes):
    at = just_now()
    answer = programme.scan(
        "clinic_staff", printed(tubes[0]), "collect", occurred_at=at, details={"fill": "full"}
    )
    assert answer.status == 201
    event, item = answer.json["event"], answer.json["item"]
    assert (event["action"], event["from"], event["to"]) == ("collect", "expected", "collected")
    assert event["performed_by"] == event["recorded_by"] == "clinic.here"
    assert event["occurred_at"] == read_moment(at).at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert event["offset_minutes"] == -360
    assert (item["identifier"], item["state"], item["kind"]) == (tubes[0], "collected", "tube")
    assert answer.json["alerts"] == []


def test_a_fact_told_twice_is_one_event(programme, tubes):
    first = programme.scan("clinic_staff", tubes[0], "collect")
    second = programme.scan("clinic_staff", tubes[0], "collect")
    assert (first.status, second.status) == (201, 200)
    assert second.json["event"] == first.json["event"]


def test_another_site_that_tells_a_fact_does_not_learn_whose_it_is(programme, tubes):
    scan = {"item": tubes[0], "action": "quarantine", "occurred_at": just_now()}
    alone = programme.taken("clinic_staff elsewhere", tubes[0], "quarantine")
    together = programme.post("clinic_staff elsewhere", "/custody/batches", {"scans": [scan]}).json
    parcel = programme.post(
        "clinic_staff elsewhere", "/shipments", {"origin": "clinic-2", "destination": "biobank-1"}
    ).json["identifier"]
    assert programme.taken("clinic_staff", tubes[1], "collect")["item"]["participant"] == "A100000001"
    packed = programme.post(
        "clinic_staff elsewhere",
        f"/shipments/{parcel}/items",
        {"items": [tubes[1]], "occurred_at": just_now()},
    ).json
    for told in (alone, together["results"][0], packed["results"][0]):
        assert told["item"]["site"] == "clinic-1"
        assert "A100000001" not in str(told)


def test_an_unknown_time_is_said_and_stays_unknown(programme, tubes):
    answer = programme.scan("clinic_staff", tubes[0], "collect", occurred_at=None)
    assert answer.status == 201
    assert answer.json["event"]["occurred_at"] is None


def test_the_zone_of_the_telling_is_kept(programme, tubes):
    answer = programme.scan("clinic_staff", tubes[0], "collect", zone="America/Chicago")
    assert answer.json["event"]["zone"] == "America/Chicago"


def test_a_decision_not_possible_now_says_what_is(programme, tubes):
    answer = programme.scan("biobank_technician", tubes[0], "check_out")
    assert answer.status in (403, 409)
    kit, _ = programme.kit()
    refused = programme.scan("biobank_lead", kit, "assign", details={"participant": "A100000001"})
    assert refused.status == 409
    assert refused.json["error"] == "StepRefused"
    assert refused.json["allowed_actions"] == ["issue", "void", "report_astray"]
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_surprising_fact_is_asked_back_once_and_then_taken(programme, tubes):
    _, fresh = programme.kit()
    asked = programme.scan("biobank_technician", fresh[0], "freeze")
    assert (asked.status, asked.json["confirmable"]) == (409, True)
    taken = programme.scan(
        "biobank_technician", fresh[0], "freeze", confirmation="it was frozen at the clinic"
    )
    assert taken.status == 201
    assert "unexpected_step" in taken.json["event"]["flags"]
    assert [alert["kind"] for alert in taken.json["alerts"]] == ["flag"]


WRONG = [
    ({"occurred_at": "yesterday"}, "occurred_at"),
    ({"occurred_at": "2026-03-01T09:30:00"}, "occurred_at"),
    ({"occurred_at": "0001-01-01T00:00:00+23:00"}, "occurred_at"),
    ({"occurred_at": "9999-12-31T23:00:00-23:00"}, "occurred_at"),
    ({"occurred_at": 5}, "occurred_at"),
    ({"occurred_at": "2101-01-01T00:00:00Z"}, "occurred_at"),
    ({"zone": "Chicago"}, "zone"),
    ({"action": "teleport"}, "action"),
    ({"action": None}, "action"),
    ({"item": 5}, "item"),
    ({"item": ""}, "item"),
    ({"performed_by": "Dr. Testa Participant"}, "performed_by"),
    ({"position": "A" * 40}, "position"),
    ({"details": "full"}, "details"),
    ({"details": {"note": "a\u0000b"}}, "details.note"),
    ({"details": {"many": ["x" * 100] * 1000}}, "details"),
    ({"details": {"fill": []}}, "details.fill"),
    ({"details": {"fill": {}}}, "details.fill"),
    ({"source": {"kind": "dream"}}, "source.kind"),
    ({"corrects": "two"}, "corrects"),
    ({"shoe_size": 42}, "shoe_size"),
]


def test_what_is_not_understood_names_its_field_and_keeps_nothing(programme, tubes):
    before = count(programme, "ledger_entries")
    for changed, field in WRONG:
        answer = programme.scan("clinic_staff", **{"item": tubes[0], "action": "collect", **changed})
        assert (answer.status, answer.json.get("field")) == (422, field), answer.json
        assert answer.json["detail"].endswith(".")
    assert count(programme, "ledger_entries") == before


def test_the_time_has_to_be_said_even_when_it_is_unknown(programme, tubes):
    answer = programme.post("clinic_staff", "/custody/events", {"item": tubes[0], "action": "collect"})
    assert (answer.status, answer.json["field"]) == (422, "occurred_at")


def test_half_written_json_is_refused_with_a_sentence(programme):
    for sent in ('{"item": "T4', "", "[", "\xff", '{"a": NaN}'):
        answer = programme.app.test_client().post(
            "/api/v1/custody/events",
            data=sent.encode("latin-1"),
            content_type="application/json",
            headers={"Authorization": f"Bearer {programme.tokens['clinic_staff']}"},
        )
        assert answer.status_code == 400, sent
        assert "JSON" in answer.json["detail"]


def test_details_that_can_be_read_and_not_written_again_are_refused(programme, tubes):
    nested = '{"a":' * 500 + "1" + "}" * 500
    sent = '{"item":"%s","action":"collect","occurred_at":"%s","details":%s}'
    answer = programme.app.test_client().post(
        "/api/v1/custody/events",
        data=sent % (tubes[0], just_now(), nested),
        content_type="application/json",
        headers={"Authorization": f"Bearer {programme.tokens['clinic_staff']}"},
    )
    assert (answer.status_code, answer.json["field"]) == (422, "details")
    assert answer.json["detail"] == "details: Nest the details less deeply."


def test_other_content_than_json_is_refused(programme):
    answer = programme.app.test_client().post(
        "/api/v1/custody/events",
        data="item=T1",
        headers={"Authorization": f"Bearer {programme.tokens['clinic_staff']}"},
    )
    assert answer.status_code == 415


def test_registering_and_destroying_are_not_done_by_a_scan(programme, tubes):
    programme.taken("clinic_staff", tubes[0], "collect")
    for action in ("register", "destroy"):
        answer = programme.scan("biobank_lead", tubes[0], action, confirmation="it was so")
        assert answer.status in (403, 409), answer.json
        assert answer.json["detail"].endswith(".")


def test_a_refused_scan_is_kept_with_who_and_why(programme, tubes):
    wrong = tubes[0][:-1] + str((int(tubes[0][-1]) + 1) % 10)
    unknown = "T483134562451"
    assert programme.scan("clinic_staff", wrong, "collect").status == 422
    assert programme.scan("clinic_staff", unknown, "collect").status == 404
    assert programme.scan("clinic_staff", "]C0 JUNK", "collect").status == 404
    with programme.app.app_context(), reading() as work:
        rows = work.connection.execute(text("SELECT text_seen, action, person FROM scans ORDER BY id")).all()
    assert [tuple(row) for row in rows[-3:]] == [
        (wrong, "collect", "clinic.here"),
        (unknown, "collect", "clinic.here"),
        ("]C0 JUNK", "collect", "clinic.here"),
    ]


def test_the_same_key_is_one_event_and_another_request_under_it_is_refused(programme, tubes):
    said = {"item": tubes[0], "action": "collect", "occurred_at": just_now()}
    first = programme.post("clinic_staff", "/custody/events", said, Idempotency_Key="k1")
    again = programme.post("clinic_staff", "/custody/events", said, Idempotency_Key="k1")
    assert (first.status, again.status) == (201, 201)
    assert again.data == first.data
    other = programme.post(
        "clinic_staff", "/custody/events", {**said, "item": tubes[1]}, Idempotency_Key="k1"
    )
    assert other.status == 422


def test_a_batch_gives_each_scan_its_own_result(programme, tubes):
    rows = [
        {"item": tubes[0], "action": "collect", "occurred_at": just_now()},
        {"item": tubes[0], "action": "collect", "occurred_at": just_now()},
        {"item": "T483134562451", "action": "collect", "occurred_at": just_now()},
        {"item": tubes[1], "action": "fly", "occurred_at": just_now()},
        "no object",
        None,
        {"item": tubes[1], "action": "collect", "occurred_at": just_now(), "details": {"fill": "full"}},
    ]
    answer = programme.post("clinic_staff", "/custody/batches", {"scans": rows})
    assert answer.status == 200
    assert [result["status"] for result in answer.json["results"]] == [201, 200, 404, 422, 422, 422, 201]
    assert (answer.json["recorded"], answer.json["refused"]) == (3, 4)
    assert answer.json["results"][3]["field"] == "action"
    assert answer.json["results"][6]["item"]["state"] == "collected"
    assert programme.get("clinic_staff", f"/items/{tubes[1]}").json["state"] == "collected"


def test_a_batch_has_one_to_a_thousand_scans(programme):
    for scans in ([], [{}] * 1001, "many"):
        answer = programme.post("clinic_staff", "/custody/batches", {"scans": scans})
        assert (answer.status, answer.json["field"]) == (422, "scans")


def test_a_refused_scan_in_a_batch_leaves_nothing_of_itself(programme, tubes):
    before = count(programme, "ledger_entries")
    rows = [{"item": tube, "action": "store", "occurred_at": just_now()} for tube in tubes]
    answer = programme.post("clinic_staff", "/custody/batches", {"scans": rows})
    assert answer.json["recorded"] == 0
    assert count(programme, "ledger_entries") == before
    assert count(programme, "scans WHERE action = 'store' AND outcome = 'refused'") == len(tubes)


def test_nobody_scans_without_a_token(programme, tubes):
    said = {"item": tubes[0], "action": "collect", "occurred_at": just_now()}
    assert programme.post(None, "/custody/events", said).status == 401
    assert programme.post(None, "/custody/batches", {"scans": [said]}).status == 401
