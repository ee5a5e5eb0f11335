"""The pages at the chair: a number that is not there, an amount that was not typed, the way from a kit's page."""

from tests.pages.test_scans_and_items import newest
from tests.programme import PARTICIPANT


def test_an_amount_is_asked_for_and_a_number_that_no_tube_has_is_told(programme, seat):
    kit, tubes = programme.assigned_kit()
    clinic, chair = seat("clinic.here"), f"/kits/{kit}/collect"
    told = {"tube": tubes[0], "answer": "amount", "ask": "fill"}
    page = clinic.post(f"{chair}/answer", **told, volume="")
    assert page.status == 422
    assert "Type how much is in the tube" in page.answer[1]
    assert 'id="volume"' in page.text  # and the question is still there
    assert newest(programme, tubes[0])["action"] == "assign"
    clinic.sent(f"{chair}/answer", **told, volume="2,5")
    assert newest(programme, tubes[0])["details"] == {"fill": "short", "volume_microlitres": 2500}
    assert clinic.post(f"{chair}/scan", text="2").leads_to == f"{chair}?tube={tubes[1]}"
    assert clinic.post(f"{chair}/scan", text="99").answer == (
        "No such tube",
        f"This kit has tubes 1 to {len(tubes)}.",
    )


def test_a_kits_own_clinic_is_led_to_the_chair_and_tells_nobody_that_it_is_here(programme, seat):
    kit, _ = programme.assigned_kit()
    page = seat("clinic.here").get(f"/items/{kit}")
    assert f'href="/kits/{kit}/collect"' in page.text
    assert "Collect" in page.steps
    assert "Tell its site that it is here" not in page.text
    elsewhere = seat("clinic.elsewhere").get(f"/items/{kit}")
    assert "Tell its site that it is here" in elsewhere.text
    assert PARTICIPANT not in elsewhere.text


def test_a_scan_is_no_reason_and_the_question_stands(programme, seat):
    """Whoever goes on scanning over a question has answered nothing."""
    _, tubes = programme.assigned_kit()
    clinic, collect = seat("clinic.here"), f"/items/{tubes[0]}/steps/collect"
    told = {"fill": "full", "occurred_at": "2026-01-06T08:00"}
    assert clinic.post(collect, **told).status == 409
    for scanned in (tubes[1], PARTICIPANT, f"{tubes[1]}\r\n{tubes[2]}\r\n"):
        page = clinic.post(collect, **told, confirmation=scanned)
        assert page.status == 409
        assert "That was a scan: answer the question first, or go back." in page.text
        assert 'name="confirmation"' in page.text
        assert f">{tubes[1]}" not in page.text  # the box is empty again
    assert newest(programme, tubes[0])["action"] == "assign"
    clinic.sent(collect, **told, confirmation=f"{PARTICIPANT} was assigned afterwards")
    assert newest(programme, tubes[0])["action"] == "collect"


def test_a_code_that_nobody_knows_begins_a_visit_at_a_clinic_alone(seat):
    link = 'href="/visits">Begin a visit with this code'
    assert link in seat("clinic.here").post("/scan", text="A999999999").text
    assert link not in seat("tech.here").post("/scan", text="A999999999").text
