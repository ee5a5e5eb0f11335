"""Mailed kits from the order to the sample: what is told, what is kept of it, what follows for kit and tube."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from biobank.commands import main
from biobank.core.database import reading, writing
from biobank.custody.queries import holds_on, item_now
from biobank.custody.replay import state_findings
from biobank.custody.states import HoldKind, State
from biobank.ledger.models import LedgerEntry
from biobank.supplies.models import SupplyOrder
from tests.asking import statements
from tests.cases import open_cases
from tests.programme import PARTICIPANT, just_now
from tests.supplies.conftest import FHIR, REAL_DELIVERY, REAL_REQUEST, supply_request, told

BARCODE = "SABR90160121IN"
LEAVES = {
    "participant": PARTICIPANT, "leaves": True, "information": "remove", "samples": "keep", "requested_by": PARTICIPANT,
    "capacity": "participant", "ceremony": "not_applicable", "channel": "phone",
}  # fmt: skip


def leave(programme):
    answer = programme.post("compliance", "/withdrawals", LEAVES | {"decided_at": just_now()})
    assert answer.status == 201, answer.json


def stored(programme, barcode=BARCODE):
    with programme.app.app_context(), reading() as work:
        tube = item_now(work, barcode)
        return tube, holds_on(work, tube.id)


def test_a_kit_is_ordered_mailed_comes_back_and_its_sample_is_received(programme, supplier):
    assert supplier.order().status == 201
    assert supplier.change(status="queued").status == 200
    kit, tubes = programme.kit("urine-1")
    assert supplier.change(status="shipped", barcode=kit).status == 200
    assert {(tube.state, tube.participant) for tube, _ in (stored(programme, each) for each in tubes)} == {
        (State.EXPECTED, PARTICIPANT)
    }
    for status, back, stage in (
        ("IN_TRANSIT", False, "mailed"),
        ("DELIVERED", False, "delivered"),
        ("IN_TRANSIT", True, "coming_back"),
        ("DELIVERED", True, "came_back"),
    ):
        assert (
            supplier.parcel(
                status=status, back=back, tracking="42" if back else "41", occurrenceDateTime=just_now()
            ).status
            == 201
        )
        assert supplier.stage() == (stage, [])
    tube, _ = stored(programme, tubes[0])
    assert (tube.state, tube.sent_to) == (State.IN_TRANSIT, "biobank-1")
    assert programme.taken("biobank_technician", tubes[0], "receive")["alerts"] == []
    assert supplier.stage() == ("received", [])
    with programme.app.app_context(), reading() as work:
        assert open_cases(work) == []
        assert list(state_findings(work)) == []
    assert supplier.findings() == []


def test_the_programmes_own_documents_are_taken_and_nothing_that_reaches_a_person_is_kept(
    programme, supplier
):
    assert programme.post("biobank_lead", "/supply-requests", REAL_REQUEST).status == 201
    assert programme.post("biobank_lead", "/supply-deliveries", REAL_DELIVERY).status == 201
    with programme.app.app_context(), reading() as work:
        order = work.session.query(SupplyOrder).one()
        assert order.participant.startswith("PV-")
        assert (order.product_code, order.product_name, order.barcode) == ("4082", "GenoTek DNA Kit", BARCODE)
        tables = (
            [
                name
                for (name,) in work.session.execute(
                    text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                )
            ]
            if not work.is_sqlite
            else [
                name
                for (name,) in work.session.execute(
                    text("SELECT name FROM sqlite_master WHERE type = 'table'")
                )
            ]
        )
        kept = [
            str([bytes(value) if isinstance(value, memoryview) else value for value in row])
            for name in tables
            for row in work.session.execute(text(f'SELECT * FROM "{name}"'))
        ]
    for personal in ("123 Fake", "FakeVille", "Legato", "Fairfax", "P123456789", "hell"):
        assert not [row for row in kept if personal in row], personal
    told_back = programme.get("auditor", "/supply-requests/999999")
    assert "address" not in told_back.data.decode()
    assert told_back.json["authoredOn"] == "2019-03-12"


def test_the_same_again_changes_nothing_and_another_order_of_the_number_is_refused(programme, supplier):
    first = supplier.order()
    again = supplier.order()
    assert (first.status, again.status, again.headers["ETag"]) == (201, 200, 'W/"1"')
    assert supplier.order(status="queued").status == 409
    assert supplier.parcel().status == 201
    assert supplier.parcel().status == 200
    assert supplier.order(code="A100000099").status == 404
    other = programme.add_participant("A100000002")
    refused = supplier.change(code=other, status="queued")
    assert (refused.status, other in refused.data.decode(), PARTICIPANT in refused.data.decode()) == (
        400,
        False,
        False,
    )


def test_a_change_on_an_old_version_is_refused_and_one_without_a_version_is_taken(programme, supplier):
    supplier.order()
    assert supplier.change(status="queued", version=1).headers["ETag"] == 'W/"2"'
    assert supplier.change(status="error", version=1).status == 412
    assert supplier.change(status="shipped").headers["ETag"] == 'W/"3"'
    assert supplier.change(number="1000").status == 404
    mismatch = programme.ask("biobank_lead", "PUT", "/supply-requests/999999", supply_request(number="7"))
    assert mismatch.status == 400
    assert supplier.parcel(number="1000").status == 409


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (supply_request() | {"resourceType": "Patient"}, "resourceType"),
        (supply_request() | {"contained": []}, "contained"),
        (supply_request() | {"identifier": [{"system": "fulfillmentId", "value": "Y1"}]}, "identifier"),
        (supply_request(number="A 1"), "identifier[0].value"),
        (supply_request() | {"quantity": {"value": 0}}, "quantity.value"),
        (supply_request() | {"authoredOn": "yesterday"}, "authoredOn"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(programme, document, field):
    answer = programme.post("biobank_lead", "/supply-requests", document)
    assert (answer.status, answer.json["field"]) == (400, field)


def test_what_contradicts_is_kept_with_a_flag_and_never_takes_the_order_back(programme, supplier):
    supplier.order(status="shipped", barcode=BARCODE)
    supplier.parcel(status="DELIVERED", occurrenceDateTime="2026-03-03T12:00:00Z")
    assert supplier.change(status="queued").status == 200
    assert supplier.stage() == ("delivered", ["steps_back"])
    supplier.change(status="shipped", barcode="SABR90160999IN")
    assert supplier.stage() == ("delivered", ["steps_back", "other_kit"])
    supplier.parcel(status="IN_TRANSIT", back=True, tracking="77", occurrenceDateTime="2099-03-03T12:00:00Z")
    assert supplier.stage() == ("coming_back", ["in_the_future"])
    supplier.parcel(status="DELIVERED", back=True, tracking="78", occurrenceDateTime="2018-03-03T12:00:00Z")
    assert supplier.stage() == ("came_back", ["before_the_order", "other_number"])
    supplier.parcel(status="LOST IN SPACE", back=True, tracking="78")
    assert supplier.stage()[0] == "came_back"
    with programme.app.app_context(), reading() as work:
        kinds = {case.kind for case in open_cases(work)}
        assert {"mailed_kit_steps_back", "mailed_kit_other_kit", "mailed_kit_other_number"} <= kinds
        assert work.session.query(SupplyOrder).one().barcode == BARCODE
    assert supplier.findings() == []


def test_nothing_is_mailed_to_who_left_and_what_is_under_way_goes_to_quarantine(programme, supplier, seat):
    supplier.order(number="1", status="pending")
    supplier.order(number="2", status="shipped", barcode=BARCODE)
    leave(programme)
    refused = supplier.order(number="3", status="pending")
    assert (refused.status, refused.json["error"]) == (409, "NotToBeMailed")
    shown = programme.get("biobank_technician", "/supply-requests?show=to_stop").json["orders"]
    assert [(each["number"], each["stopped"]) for each in shown] == [("1", True)]
    both = programme.get("auditor", "/supply-requests?show=stopped").json["orders"]
    assert [each["number"] for each in both] == ["2", "1"]
    theirs = seat("comp.here").get(f"/participants/{PARTICIPANT}").text
    assert ('href="/supplies/2"' in theirs, theirs.count("tone-wrong") > 0) == (True, True)
    assert supplier.change(number="1", status="queued").status == 200
    assert supplier.stage("1") == ("queued", ["stop_the_mailing"])
    assert supplier.change(number="1", status="cancelled").status == 200
    assert supplier.stage("1") == ("cancelled", [])
    supplier.parcel(number="2", status="IN_TRANSIT", back=True, tracking="77")
    assert "mailed_after_leaving" in supplier.stage("2")[1]
    programme.taken("biobank_technician", BARCODE, "receive")
    tube, holds = stored(programme)
    assert tube.state is State.RECEIVED
    assert HoldKind.WITHDRAWAL in holds


def test_a_suppliers_own_kit_is_registered_with_its_tube_which_is_held_until_somebody_knows_the_consent(
    programme, supplier
):
    supplier.order(status="shipped", barcode=BARCODE)
    tube, holds = stored(programme)
    assert (tube.state, tube.participant, tube.specification, holds) == (
        State.EXPECTED,
        PARTICIPANT,
        "1SAL2",
        set(),
    )
    supplier.parcel(back=True)
    programme.taken("biobank_technician", BARCODE, "receive")
    tube, holds = stored(programme)
    assert (tube.state, holds) == (State.RECEIVED, {HoldKind.CONSENT})


def test_a_kit_of_ours_is_given_to_the_participant_and_one_that_somebody_has_is_not(programme, supplier):
    kit, tubes = programme.kit("urine-1")
    assert supplier.order(status="shipped", barcode=kit).status == 201
    tube, _ = stored(programme, tubes[0])
    assert (tube.participant, tube.state) == (PARTICIPANT, State.EXPECTED)
    programme.add_participant("A100000002")
    assert supplier.order(number="5", status="shipped", barcode=kit, code="A100000002").status == 201
    assert supplier.stage("5") == ("mailed", ["kit_not_free"])
    assert stored(programme, kit)[0].participant == PARTICIPANT


def test_a_kit_that_comes_back_empty_is_told_once_and_asked_about(programme, supplier):
    supplier.order(status="pending")
    empty = {"occurred_at": just_now()}
    early = programme.post("biobank_technician", "/supply-requests/999999/empty", empty)
    assert early.status == 409
    supplier.change(status="shipped", barcode=BARCODE)
    supplier.parcel(status="DELIVERED", back=True)
    for _ in range(2):
        done = programme.post("biobank_technician", "/supply-requests/999999/empty", empty)
        assert (done.status, done.json["stage"]) == (200, "no_sample")
    assert stored(programme)[0].state is State.NEVER_RECEIVED
    with programme.app.app_context(), reading() as work:
        assert [case.kind for case in open_cases(work) if case.kind == "mailed_kit_empty"] == [
            "mailed_kit_empty"
        ]
    programme.taken("biobank_technician", BARCODE, "find")
    programme.taken("biobank_technician", BARCODE, "receive", confirmation="It was in the wrong bag.")
    assert supplier.stage()[0] == "received"
    late = programme.post("biobank_technician", "/supply-requests/999999/empty", empty)
    assert late.status == 409


def test_what_is_stored_otherwise_than_told_is_found(programme, supplier):
    supplier.order(status="shipped", barcode=BARCODE)
    assert supplier.findings() == []
    with programme.app.app_context(), writing() as work:
        work.session.query(SupplyOrder).one().stage = "received"
    assert len(supplier.findings()) == 1


def test_no_address_and_no_participant_number_gets_into_the_log(programme, supplier):
    document = told(supply_request(status="shipped", barcode=BARCODE), "order-type", "call testa@example.org")
    document["contained"][1]["name"] = "GenoTek 800-555-0100"
    assert programme.post("biobank_lead", "/supply-requests", document).status == 201
    assert supplier.stage() == ("mailed", ["personal_text_removed"])
    with programme.app.app_context(), reading() as work:
        bodies = b"".join(bytes(entry.body) for entry in work.session.query(LedgerEntry))
    assert b"testa@" not in bodies
    assert b"800-555" not in bodies


def test_a_word_that_is_the_participants_own_name_is_not_kept(programme, supplier):
    said = {
        "given_name": "Testa",
        "family_name": "Somebody",
        "birth_date": "1984-05-31",
        "reason": "enrolment",
    }
    assert programme.ask("identity_officer", "PUT", f"/identity/{PARTICIPANT}", said).status < 300
    document = supply_request()
    document["contained"][1]["name"] = "Mail of Somebody"
    answer = programme.post("biobank_lead", "/supply-requests", document)
    assert (answer.status, b"Somebody" in answer.data) == (201, False)
    assert supplier.stage() == ("ordered", ["personal_text_removed"])


def test_another_site_sees_no_order(programme, supplier):
    supplier.order()
    assert programme.get("biobank_lead elsewhere", "/supply-requests/999999").status == 404
    assert programme.get("biobank_lead elsewhere", "/supply-requests").json["orders"] == []
    assert programme.get("clinic_staff", "/supply-requests").status == 403


STATUSES = {
    "SupplyRequest": {
        "draft",
        "active",
        "suspended",
        "cancelled",
        "completed",
        "entered-in-error",
        "unknown",
    },
    "SupplyDelivery": {"in-progress", "completed", "abandoned", "entered-in-error"},
}
"""Of FHIR R4, what our two resources may hold."""


def test_an_order_is_given_back_as_fhir(programme, supplier):
    supplier.order(status="shipped", barcode=BARCODE)
    supplier.parcel(status="DELIVERED")
    supplier.parcel(status="IN_TRANSIT", back=True, tracking="77")
    request = programme.get("auditor", "/supply-requests/999999").json
    parcels = programme.get("auditor", "/supply-deliveries/999999").json
    assert (parcels["resourceType"], parcels["type"]) == ("Bundle", "collection")
    out, back = (entry["resource"] for entry in parcels["entry"])
    for resource in (request, out, back):
        kind = resource["resourceType"]
        assert resource["status"] in STATUSES[kind]
        assert all(
            set(each) == {"url", "valueString"} or set(each) == {"url", "valueDateTime"}
            for each in resource["extension"]
        )
        assert None not in json.loads(json.dumps(resource)).values()
    assert (request["status"], out["status"], back["status"]) == ("completed", "completed", "in-progress")
    assert back["partOf"][0]["identifier"]["system"] == FHIR + "trackingId"
    assert request["requester"]["identifier"]["value"] == PARTICIPANT


def test_the_page_of_an_order_says_what_was_told_and_takes_that_it_is_empty(programme, supplier, seat):
    supplier.order(status="shipped", barcode=BARCODE)
    supplier.parcel(status="DELIVERED", back=True)
    technician = seat("tech.here")
    assert "999999" in technician.get("/supplies?show=away").text
    for scanned in ("999999", "420559019400110200881234567890"):
        assert technician.post("/scan", text=scanned).leads_to == "/supplies/999999"
    page = technician.get("/supplies/999999")
    assert BARCODE in page.text
    assert 'id="empty-form"' in page.text
    assert technician.post("/supplies/999999/empty", idempotency_key="k1").leads_to == "/supplies/999999"
    after = technician.get("/supplies/999999")
    assert 'id="empty-form"' not in after.text
    assert "999999" in technician.get("/supplies?show=no_sample").text
    assert seat("lead.elsewhere").get("/supplies/999999").status == 404


def run(programme, *arguments):
    named = ["supplies", *arguments, "--as", "lead.here"]
    token = {"BIOBANK_TOKEN": programme.tokens["biobank_lead"]}
    return CliRunner().invoke(main, named, obj=lambda: programme.app, env=token)


def test_a_night_shift_asks_for_a_list_and_everything_leaves_as_one_file(programme, supplier, tmp_path):
    assert run(programme, "list", "--check").exit_code == 0
    supplier.order(status="shipped", barcode=BARCODE)
    supplier.parcel()
    found = run(programme, "list", "--show", "away", "--check", "--json")
    assert (found.exit_code, json.loads(found.output)["orders"][0]["number"]) == (1, "999999")
    file = tmp_path / "mailed.ndjson"
    assert run(programme, "export", str(file)).exit_code == 0
    kinds = [json.loads(line)["resourceType"] for line in file.read_text().splitlines()]
    assert kinds == ["SupplyRequest", "SupplyDelivery"]


def test_many_orders_are_listed_with_no_more_questions_than_few(programme, supplier, seat):
    def asked(for_people):
        with statements() as found:
            pages = [seat(who).get("/supplies").text for who in ("lead.here", "audit.here")]
            told = programme.get("auditor", "/supply-requests").json["orders"]
        assert {each["participant"] for each in told} == set(for_people)
        assert all(f">{code}<" in page for code in for_people for page in pages)
        assert all(each["kit"] for each in told)
        return len(found)

    people = [f"A20000000{number}" for number in range(5)]
    for number, code in enumerate(people):
        programme.add_participant(code)
        assert (
            supplier.order(
                status="queued", barcode=f"SABR9016012{number}IN", number=str(number), code=code
            ).status
            == 201
        )
        if number == 1:
            of_two = asked(people[:2])
    assert asked(people) == of_two
