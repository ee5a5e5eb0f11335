"""The scan box takes anything; an item's page tells its life; a step is recorded, asked back or shown again."""

import pytest

from biobank.core.database import reading, writing
from biobank.custody.queries import newest_events
from biobank.items.models import LoggedScan
from biobank.ledger.models import LedgerEntry
from biobank.ledger.sealing import seal_all
from biobank.sites.models import Site
from tests.programme import PARTICIPANT, just_now

NEVER_PRINTED = "T483134562451"


def refused_scans(programme) -> list[tuple[str, str | None]]:
    with programme.app.app_context(), reading() as work:
        found = work.session.query(LoggedScan).filter_by(outcome="refused").order_by(LoggedScan.id)
        return [(scan.text_seen, scan.action) for scan in found]


def newest(programme, item):
    with programme.app.app_context(), reading() as work:
        return newest_events(work, item, 1)[0]


@pytest.mark.parametrize(
    ("text", "status", "word", "sentence"),
    [
        ("", 422, "Barcode not readable", "Nothing was scanned"),
        ("T483134562415", 422, "Barcode not readable", "two are swapped"),
        (NEVER_PRINTED, 404, "Unknown barcode", "T 4831 3456 24-51 is not a code of ours"),
        ("FOO-BAR", 404, "Unknown barcode", "'FOO-BAR' is not a code of ours"),
        ("N000000000000", 422, "Barcode not readable", "check digits"),
        ("Z999999999", 404, "Participant unknown", "at your site"),
    ],
)
def test_what_cannot_be_taken_gets_one_sentence_its_status_and_is_kept(
    programme, seat, text, status, word, sentence
):
    page = seat("clinic.here").post("/scan", text=text, **{"from": "/shipments"})
    assert page.status == status
    assert page.answer[0] == word
    assert sentence in page.answer[1]
    assert 'href="/shipments">Go back' in page.text
    assert refused_scans(programme) == ([(text, None)] if text else [])


def test_going_back_never_leads_to_another_site(seat):
    for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        page = seat("clinic.here").post("/scan", text="FOO", **{"from": elsewhere})
        assert "evil.example" not in page.text


def test_a_kit_and_an_alias_and_a_participant_lead_to_their_pages(programme, seat):
    kit, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    assert clinic.post("/scan", text=f" ]C0{kit[:5]} {kit[5:]} ").leads_to == f"/kits/{kit}/collect"
    assert clinic.post("/scan", text=PARTICIPANT.lower()).leads_to == f"/participants/{PARTICIPANT}"
    page = clinic.get(f"/items/{kit}")
    assert "8 mL SST" in page.text
    assert page.text.index(tubes[0][-2:]) > 0
    assert clinic.get(f"/participants/{PARTICIPANT}").status == 200


def test_another_sites_item_is_named_and_not_shown(programme, seat):
    _, tubes = programme.assigned_kit()
    elsewhere = seat("clinic.elsewhere")
    for page in (elsewhere.post("/scan", text=tubes[0]), elsewhere.get(f"/items/{tubes[0]}")):
        assert page.status == 403
        assert "is of clinic-1" in page.answer[1]
        assert PARTICIPANT not in page.text
    assert elsewhere.get(f"/participants/{PARTICIPANT}").status == 404


def test_a_biobank_may_receive_what_nobody_sent(programme, seat):
    _, tubes = programme.collected_kit()
    technician = seat("tech.here")
    page = technician.post("/scan", text=tubes[0])
    assert page.status == 403
    assert f"/items/{tubes[0]}/steps/receive" in page.text
    assert technician.get(f"/items/{tubes[0]}/steps/receive").status == 200
    page = technician.sent(f"/items/{tubes[0]}/steps/receive")
    assert "received" in page.answer[1]


def test_an_administrator_sees_no_sample(programme, seat):
    kit, _ = programme.kit()
    administrator = seat("admin.here")
    assert administrator.get(f"/items/{kit}").status == 403
    assert administrator.get("/").status == 200


def test_only_the_steps_of_role_and_state_are_buttons(programme, seat):
    _, tubes = programme.assigned_kit()
    assert seat("clinic.here").get(f"/items/{tubes[0]}").steps[:2] == ["Collect", "Not collected"]
    assert seat("audit.here").get(f"/items/{tubes[0]}").steps == []


def test_collecting_says_who_when_and_from_which_paper(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    page = clinic.sent(
        f"/items/{tubes[0]}/steps/collect",
        fill="short", volume="3,5", performed_by="clinic.elsewhere", form_number="F 12", occurred_at_unknown="yes",
    )  # fmt: skip
    assert page.answer[0] == "Collected"
    assert "paper form F 12" in page.text
    assert "time not known" in page.text
    assert "Done by <strong>Testa clinic.elsewhere</strong>, recorded by Testa clinic.here" in page.text
    event = newest(programme, tubes[0])
    assert event["details"] == {"fill": "short", "volume_microlitres": 3500}
    assert event["occurred_at"] is None
    assert event["source"] == {"kind": "paper", "reference": "F 12"}


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"fill": ""}, "fill has to be one of full, short, unknown"),
        ({"fill": "short", "volume": "much"}, "Type a number"),
        ({"fill": "short", "volume": "0"}, "Type a number from 0.001 to 10000"),
        ({"fill": "full", "occurred_at": "2190-01-01T10:00"}, "has not come yet"),
        ({"fill": "full", "occurred_at": "yesterday"}, "Give date and time"),
        ({"fill": "full", "occurred_at": "2026-03-08T02:30"}, "never came in America/Chicago"),
    ],
)
def test_what_is_wrong_in_a_form_is_said_beside_its_field_and_nothing_is_recorded(
    programme, seat, form, problem
):
    _, tubes = programme.assigned_kit()
    page = seat("clinic.here").post(f"/items/{tubes[0]}/steps/collect", **form)
    assert page.status == 422
    assert problem in page.problems
    assert newest(programme, tubes[0])["action"] == "assign"


def test_an_hour_that_came_twice_is_asked_for_and_both_answers_are_taken(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    for tube, offset, utc in ((tubes[0], "-300", "06:30"), (tubes[1], "-360", "07:30")):
        told = {"fill": "full", "occurred_at": "2025-11-02T01:30"}
        page = clinic.post(f"/items/{tube}/steps/collect", **told)
        assert page.status == 422
        assert "came twice" in page.problems
        assert 'name="occurred_at_offset"' in page.text
        page = clinic.sent(
            f"/items/{tube}/steps/collect",
            **told,
            occurred_at_offset=offset,
            confirmation="Found in the book.",
        )
        event = newest(programme, tube)
        assert event["occurred_at"].startswith(f"2025-11-02T{utc}")
        assert event["offset_minutes"] == int(offset)
        assert f'2 Nov 2025, 01:30 <span class="moment__offset">UTC−0{-int(offset) // 60}:00' in page.text


def test_a_surprising_fact_is_asked_back_once_and_taken_with_its_reason(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    told = {"fill": "full", "occurred_at": "2026-01-06T08:00"}
    page = clinic.post(f"/items/{tubes[0]}/steps/collect", **told)
    assert page.status == 409
    assert "Is it really so?" in page.text
    assert 'value="2026-01-06T08:00"' in page.text
    assert newest(programme, tubes[0])["action"] == "assign"
    assert refused_scans(programme) == []
    page = clinic.sent(
        f"/items/{tubes[0]}/steps/collect", **told, confirmation="The kit was assigned afterwards."
    )
    assert page.answer[0] == "Collected. Look again"
    assert "The kit was assigned afterwards." in page.text


def test_a_refused_decision_says_why_and_offers_what_is_possible(programme, seat):
    kit, _ = programme.assigned_kit()
    page = seat("clinic.here").post(f"/items/{kit}/steps/void", reason="damaged")
    assert page.status == 409
    assert "is assigned since" in page.answer[1]
    assert "UTC−06:00" in page.answer[1]
    assert refused_scans(programme) == [(kit, "void")]


def test_a_mistyped_place_is_said_at_its_field_and_kept(programme, seat):
    _, tubes = programme.collected_kit()
    technician = seat("tech.here")
    technician.sent(f"/items/{tubes[0]}/steps/receive")
    page = technician.post(f"/items/{tubes[0]}/steps/store", place="B123", position="A1")
    assert page.status == 422
    assert "'B123' is not a code of ours" in page.problems
    assert refused_scans(programme) == [("B123", "store")]


@pytest.mark.parametrize("action", ["fly", "issue"])
def test_a_step_that_there_is_not_is_refused(programme, seat, action):
    _, tubes = programme.collected_kit()
    assert seat("clinic.here").get(f"/items/{tubes[0]}/steps/{action}").status in (200, 409)
    assert seat("clinic.here").post(f"/items/{tubes[0]}/steps/{action}").status in (403, 409)


def test_the_same_form_sent_twice_is_one_event(programme, seat):
    _, tubes = programme.assigned_kit()
    clinic = seat("clinic.here")
    told = {"fill": "full", "idempotency_key": "one-press"}
    first = clinic.post(f"/items/{tubes[0]}/steps/collect", **told)
    again = clinic.post(f"/items/{tubes[0]}/steps/collect", **told)
    assert (first.status, first.leads_to) == (again.status, again.leads_to)
    assert newest(programme, tubes[0])["sequence"] == 4


def test_a_long_life_is_told_a_page_at_a_time(programme, seat):
    _, tubes = programme.collected_kit()
    for _ in range(30):
        for action in ("freeze", "thaw"):
            programme.taken("clinic_staff", tubes[0], action)
    page = seat("clinic.here").get(f"/items/{tubes[0]}")
    assert page.text.count('class="event"') == 50
    older = page.text.split("?before=")[1].split('"')[0]
    rest = seat("clinic.here").get(f"/items/{tubes[0]}?before={older}")
    assert rest.text.count('class="event"') == 64 - 50
    assert "Registered" in rest.text


def test_the_proof_says_when_an_event_was_changed(programme, seat):
    _, tubes = programme.collected_kit()
    with programme.app.app_context():
        seal_all()
    auditor = seat("audit.here")
    page = auditor.get(f"/items/{tubes[0]}")
    assert "The log is whole" in page.text
    assert "of a log of size" in page.text
    with programme.app.app_context(), writing() as work:
        for trigger in work.session.execute(triggers(work)).scalars().all():
            work.session.execute(dropped(work, trigger))
        entry = work.session.query(LedgerEntry).filter_by(subject=tubes[0], sequence=2).one()
        changed = entry.body.replace(b"clinic-1", b"clinic-2")
        work.session.execute(
            LedgerEntry.__table__.update().where(LedgerEntry.__table__.c.id == entry.id).values(body=changed)
        )
    page = auditor.get(f"/items/{tubes[0]}")
    assert "The log is not whole" in page.text
    assert "Event 2 is not what was written" in page.text


def triggers(work):
    from sqlalchemy import text

    if work.is_sqlite:
        return text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_entries'")
    return text(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_entries'::regclass AND NOT tgisinternal"
    )


def dropped(work, trigger):
    from sqlalchemy import text

    return text(f"DROP TRIGGER {trigger}" if work.is_sqlite else f"DROP TRIGGER {trigger} ON ledger_entries")


def test_what_waits_is_counted_by_role_and_leads_to_its_list(programme, seat):
    programme.collected_kit()
    clinic = seat("clinic.here").get("/")
    assert "Tubes to pack" in clinic.text
    assert 'href="/waiting/pack"' in clinic.text
    assert seat("clinic.here").get("/waiting/pack").text.count("4 mL EDTA") == 1
    assert "8 mL SST" not in seat("clinic.here").get("/waiting/pack").text  # it goes to the centrifuge first
    assert "Tubes to spin" in clinic.text
    assert 'href="/centrifuge"' in clinic.text
    assert "Nothing waits" in seat("clinic.elsewhere").get("/").text
    assert seat("clinic.here").get("/waiting/store").status == 404


def test_a_tubes_page_says_its_spin_and_a_parcels_its_ice_in_peoples_units(programme, seat):
    _, tubes = programme.collected_kit()
    gel = {"name": "Gel tubes", "g": 1300, "minutes": 15, "temperature_celsius": 20}
    programme.taken("clinic_staff", tubes[1], "centrifuge", details={"programme": gel})
    assert "Gel tubes, 1300 g, 15 min, 20 °C" in seat("clinic.here").get(f"/items/{tubes[1]}").text
    told = {"origin": "clinic-1", "destination": "biobank-1"}
    parcel = programme.post("clinic_staff", "/shipments", told).json["identifier"]
    programme.post(
        "clinic_staff", f"/shipments/{parcel}/items", {"items": tubes[3:], "occurred_at": just_now()}
    )
    sent = {"occurred_at": just_now(), "carrier": "courier", "un3373": True, "dry_ice_grams": 2500}
    assert programme.post("clinic_staff", f"/shipments/{parcel}/dispatch", sent).status == 200
    page = seat("clinic.here").get(f"/items/{parcel}").text
    assert "2.5 kg" in page
    assert "UN 3373" in page


def test_a_life_names_sites_as_people_call_them(programme, seat):
    kit, _ = programme.assigned_kit()
    with programme.app.app_context(), writing() as work:
        work.session.get_one(Site, "clinic-1").name = "Clinic on the Hill"
    life = seat("clinic.here").get(f"/items/{kit}").text
    assert "<dt>site</dt><dd>Clinic on the Hill</dd>" in life
