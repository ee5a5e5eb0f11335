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
