"""The dock as pages: a parcel comes, is opened, ticked off, closed; what is wrong with a tube; what nobody announced."""

import re

import pytest

from biobank.core.database import writing
from biobank.sites.operations import set_calendar
from tests.asking import statements
from tests.programme import just_now

PARCEL = {"origin": "clinic-1", "destination": "biobank-1"}
NUMBER = "794612345678"
HELD = "<span>Held</span>"


@pytest.fixture
def coming(programme):
    """A parcel of a urine kit and three tubes of blood on its way: its page's address, and what is in it."""
    _, tubes = programme.collected_kit()
    parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    packed = tubes[3:7]
    told = {"items": packed, "occurred_at": just_now()}
    programme.post("clinic_staff", f"/shipments/{parcel}/items", told)
    sent = {"occurred_at": just_now(), "carrier": "fedex", "tracking_number": NUMBER, "seal": "S-1"}
    assert programme.post("clinic_staff", f"/shipments/{parcel}/dispatch", sent).status == 200
    return f"/shipments/{parcel}", packed, tubes


@pytest.fixture
def technician(seat):
    return seat("tech.here")


def counts(page):
    found = re.search(r'data-found="(\d+)" data-extra="(\d+)" data-unseen="(\d+)"', page.text)
    return tuple(map(int, found.groups()))


def test_a_parcel_arrives_is_opened_and_ticked_off_by_scans_alone(technician, coming):
    url, packed, _ = coming
    code = url.rsplit("/", 1)[1]
    here = technician.sent("/dock/scan", text=NUMBER, mode="arrive")
    assert here.answer[0] == "Arrived"
    again = technician.sent("/dock/scan", text=code, mode="arrive")
    assert again.answer[0] == "It is here already"
    opened = technician.sent("/dock/scan", text=code, mode="open")
    assert (opened.answer[0], counts(opened)) == ("Opened", (0, 0, 4))
    found = technician.sent(f"{url}/scan", text=packed[0])
    assert "3 still to be seen" in found.answer[1]
    assert technician.sent(f"{url}/scan", text=packed[0]).answer[0] == "Found already"
    desk = technician.get("/dock").text
    assert 'data-arrived="0" data-open="1"' in desk
    assert "1 of 4" in desk
    asked = technician.post(f"{url}/scan", text=code)
    assert (asked.status, asked.answer[0]) == (409, "Not all are found")
    assert asked.answer[1].startswith("Not found so far: 3.")
    technician.sent(f"{url}/scan", text=packed[1])
    changed = technician.post(f"{url}/receive", missing="3")
    assert changed.answer[1].startswith("Not found so far: 2.")
    closed = technician.sent(f"{url}/receive", missing="2")
    assert closed.answer == (
        "Received. Look again",
        f"{printed(code)}, not in the parcel: 2. The site is asked.",
    )
    assert technician.sent(f"{url}/scan", text=code).answer[0] == "Received already"
    late = technician.sent(f"{url}/scan", text=packed[2])
    assert counts(late) == (3, 0, 0)
    assert "close the receipt" not in late.answer[1]
    assert 'data-received="1"' in technician.get("/dock").text


def printed(code):
    return f"{code[0]} {code[1:5]} {code[5:9]} {code[9:11]}-{code[11:]}"


def test_conditions_are_buttons_that_this_kind_can_have(technician, coming):
    url, packed, tubes = coming
    shown = technician.sent(f"{url}/scan", text=packed[1]).text
    offered = re.findall(r'name="condition" value="(\w+)"', shown)
    assert {"leaked", "haemolysed", "too_warm"} <= set(offered)
    assert "failed_gel" not in offered
    noted = technician.sent(f"{url}/conditions", item=packed[1], condition="leaked")
    assert noted.answer[0] == "Noted"
    loud = technician.sent(f"{url}/conditions", item=packed[1], condition="too_warm")
    assert "put it in quarantine" in loud.answer[1]
    assert (shown.count(HELD), loud.text.count(HELD)) == (0, 2)  # in the hand, and in its line
    waits = f'class="first-line" data-tube="{packed[1]}"'
    assert (waits in shown, waits in loud.text, waits in technician.get("/dock").text) == (True, False, False)
    broken = technician.sent(f"{url}/conditions", item=packed[1], condition="broken")
    assert f'href="/items/{packed[1]}"' in broken.text
    assert broken.answer[1].endswith("report it broken on its own page.")
    gone = technician.sent(f"{url}/conditions", item=packed[1], condition="leaked", is_so="yes")
    assert gone.answer[0] == "Taken back"
    back = technician.sent(f"{url}/take-back", item=packed[1])
    assert (back.answer[0], counts(back)) == ("Scan taken back", (0, 0, 4))
    life = technician.client.get(f"/items/{packed[1]}", headers={"Accept-Language": "es"}).text
    assert ("<dt>deshecho</dt><dd>sí</dd>" in re.sub(r"\s+<", "<", life), "<dd>True" in life) == (True, False)
    refused = technician.post(f"{url}/take-back", item=tubes[0])
    assert (refused.status, refused.answer[0]) == (409, "Not found in this parcel")


def test_a_second_tube_an_unknown_one_and_a_count(technician, coming):
    url, packed, _ = coming
    technician.sent(f"{url}/scan", text=packed[0])
    twin = technician.sent(f"{url}/second", item=packed[0])
    assert (twin.answer[0], counts(twin)) == ("Two with one code", (1, 1, 3))
    assert 'id="no-receipt"' in twin.text  # never scanned as received: nothing can be taken back
    assert (f"{url}/take-back" in twin.text, f"{url}/conditions" in twin.text) == (False, False)
    nobodys = technician.post(f"{url}/scan", text="FR00112233")
    assert nobodys.status == 404
    assert f'href="{url}/unknown-tube"' in nobodys.text
    assert "Whose code that is" in technician.get(f"{url}/unknown-tube").text
    refused = technician.post(f"{url}/unknown-tube", code="FR00112233")
    assert (refused.status, refused.answer[0]) == (422, "Code not taken")
    taken = technician.sent(f"{url}/unknown-tube", code="FR00112233", issuer="FluidX", specification="1ED04")
    assert counts(taken) == (1, 2, 3)
    wrong = technician.post(f"{url}/count", pieces="9", seal="S-1")
    assert (wrong.status, wrong.answer) == (
        409,
        ("Scan each tube", "You counted 9 and the manifest names 4; scan each tube."),
    )
    nonsense = technician.post(f"{url}/count", pieces="99999999999", seal="S-1")
    assert nonsense.answer[1] == "Type how many tubes you counted, such as 12."
    counted = technician.sent(f"{url}/count", pieces="4", seal="s-1")
    assert (counted.answer[0], counts(counted)) == ("Received by the count", (4, 2, 0))


def test_another_parcel_in_hand_leads_to_its_page_and_is_no_find(programme, technician, coming):
    url, packed, _ = coming
    other = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    technician.sent("/dock/scan", text=url.rsplit("/", 1)[1], mode="open")
    led = technician.post(f"{url}/scan", text=other)
    assert led.leads_to == f"/shipments/{other}"
    tube = technician.post("/dock/scan", text=packed[0], mode="arrive")
    assert tube.leads_to == f"{url}?tube={packed[0]}"
    nobody = technician.post("/dock/scan", text="999999999999", mode="arrive")
    assert (nobody.status, nobody.answer[0]) == (404, "No parcel with this number")
    assert 'href="/dock/unannounced"' in nobody.text


def test_a_parcel_without_label_is_begun_with_what_can_be_told(technician, coming):
    url, _, tubes = coming
    assert "Who sent it" in technician.get("/dock/unannounced").text
    announced = technician.post(
        "/dock/unannounced", destination="biobank-1", carrier="fedex", tracking_number=NUMBER
    )
    assert (announced.status, announced.answer[0]) == (409, "This parcel was announced")
    begun = technician.post("/dock/unannounced", destination="biobank-1", carrier="courier")
    page = technician.get(begun.leads_to)
    assert "an unknown sender" in page.text
    found = technician.sent(f"{begun.leads_to}/scan", text=tubes[8])
    assert counts(found) == (0, 1, 0)
    assert technician.get("/dock").text.count("no manifest") >= 1
    assert technician.sent(f"{begun.leads_to}/receive").answer[0] == "Received"
    assert url in technician.get("/dock").text


def test_a_bag_is_packed_by_its_label_and_found_by_it(programme, seat, technician):
    _, tubes = programme.collected_kit()
    outer, bag = (programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"] for _ in range(2))
    clinic = seat("clinic.here")
    clinic.sent(f"/shipments/{bag}/scan", text=tubes[3])
    packed = clinic.sent(f"/shipments/{outer}/scan", text=bag)
    assert packed.answer == ("Packed", f"{printed(bag)} lies in the parcel with all that is in it.")
    assert f'data-tube="{bag}"' in packed.text
    assert clinic.post(f"/shipments/{outer}/scan", text=outer).answer[0] == "Not a parcel"
    assert "One tube lies in it" in clinic.get(f"/shipments/{outer}/dispatch").text
    clinic.sent(f"/shipments/{outer}/dispatch", carrier="courier", un3373="yes")
    assert bag not in technician.get("/dock").text
    found = technician.sent(f"/shipments/{outer}/scan", text=bag)
    assert (found.answer[0], counts(found)) == ("Parcel found", (1, 0, 0))
    assert "A parcel of its own" in found.text
    assert bag in technician.get("/dock").text


def test_what_should_not_be_here_is_received_with_one_sentence(programme, seat, technician, coming):
    """A tube of a kit that was given up, one of a kit that nobody entered, and a kit's own label."""
    url, *_ = coming
    technician.sent("/dock/scan", text=url.rsplit("/", 1)[1], mode="open")
    given_up, voided = programme.issued_kit()
    programme.taken("clinic_staff", given_up, "void", details={"reason": "damaged"})
    _, never_entered = programme.issued_kit()
    for tube, sentence in ((voided[0], "is voided"), (never_entered[0], "is expected")):
        page = technician.sent(f"{url}/scan", text=tube)
        assert page.status == 200
        assert sentence in page.answer[1]
        assert programme.get("biobank_technician", f"/items/{tube}").json["state"] == "received"
    kit = technician.post(f"{url}/scan", text=given_up)
    assert (kit.status, "is the label of a kit" in kit.answer[1]) == (422, True)


def test_the_wrong_parcel_is_taken_back_step_by_step_until_something_came_out(technician, coming):
    url, packed, _ = coming
    code = url.rsplit("/", 1)[1]
    technician.sent("/dock/scan", text=code, mode="open")
    assert "Wrong parcel: it is not open" in technician.get(url).text
    back = technician.sent(f"{url}/wrong-parcel", step="open")
    assert back.answer == ("Taken back", f"{printed(code)} is arrived again.")
    late = technician.post(f"{url}/wrong-parcel", step="open")
    assert (late.status, late.answer[0]) == (409, "Nothing to take back")
    back = technician.sent(f"{url}/wrong-parcel", step="arrive")
    assert back.answer[1] == f"{printed(code)} is in transit again."
    desk = technician.get("/dock").text
    assert 'data-coming="1" data-arrived="0" data-open="0"' in desk
    history = technician.get(f"/items/{code}").text
    assert history.count("Corrected") == 2
    found = technician.sent(f"{url}/scan", text=packed[0])
    assert "Wrong parcel" not in found.text
    late = technician.post(f"{url}/wrong-parcel", step="open")
    assert late.answer == (
        "Nothing to take back",
        f"Something out of {printed(code)} was received since; take that scan back first, or close the receipt.",
    )


def test_an_extra_tube_is_answered_in_one_sentence(technician, coming):
    url, packed, tubes = coming
    extra = technician.sent(f"{url}/scan", text=tubes[7])
    assert extra.answer == (
        "Received. Look again",
        (
            f"{printed(tubes[7])} is collected so far, and was in the parcel though not on its manifest: "
            "the sender is asked."
        ),
    )
    begun = technician.post("/dock/unannounced", destination="biobank-1", carrier="courier")
    found = technician.sent(f"{begun.leads_to}/scan", text=tubes[8])
    assert found.answer[1] == f"{printed(tubes[8])} is collected so far, and came without a manifest."
    other = technician.sent(f"{begun.leads_to}/scan", text=packed[0])
    assert other.answer[1] == f"{printed(packed[0])} is in transit so far, and came without a manifest."


def test_a_broken_tube_waits_for_no_centrifuge(technician, coming):
    url, packed, _ = coming
    waits = f'class="first-line" data-tube="{packed[1]}"'
    assert waits in technician.sent(f"{url}/scan", text=packed[1]).text
    broken = technician.sent(f"{url}/conditions", item=packed[1], condition="broken")
    assert waits not in broken.text
    assert waits not in technician.get("/dock").text
    whole = technician.sent(f"{url}/conditions", item=packed[1], condition="broken", is_so="yes")
    assert waits in whole.text


def test_a_tube_of_which_something_was_made_waits_for_no_centrifuge(technician, coming, programme):
    url, packed, _ = coming
    waits = f'class="first-line" data-tube="{packed[1]}"'
    technician.sent(f"{url}/scan", text=packed[1])
    assert waits in technician.get("/dock").text
    vial = {"specification": "serum", "volume_microlitres": 500}
    told = {"details": {"children": [vial]}, "confirmation": "as it is"}
    programme.scan("biobank_technician", packed[1], "aliquot", **told)
    assert waits not in technician.get("/dock").text


def one_more_of_each(programme):
    """Of two people's kits: a parcel on its way, and one that is opened with a tube of it received."""
    for opened in (False, True):
        _, tubes = programme.collected_kit()
        parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
        told = {"items": tubes[3:5], "occurred_at": just_now()}
        programme.post("clinic_staff", f"/shipments/{parcel}/items", told)
        sent = {"carrier": "fedex", "tracking_number": NUMBER}
        programme.taken("clinic_staff", parcel, "dispatch", details=sent, confirmation="it was so")
        if opened:
            for action in ("arrive", "open"):
                programme.taken("biobank_technician", parcel, action)
            programme.taken("biobank_technician", tubes[3], "receive", details={"parcel": parcel})


def test_the_dock_asks_no_more_for_many_parcels_and_tubes_than_for_few(programme, technician):
    """It is shown again after each scan of a morning."""
    with programme.app.app_context(), writing() as work:
        for site, carriers in (("clinic-1", {"fedex": {"days": 1, "monday": "17:00"}}), ("biobank-1", {})):
            told = {"weekdays": ["monday", "friday"], "carriers": carriers}
            set_calendar(work, by="setup", site=site, told=told, carriers=frozenset({"fedex"}))
    one_more_of_each(programme)
    with statements() as few:
        page = technician.get("/dock")
    assert 'data-coming="1" data-arrived="0" data-open="1"' in page.text
    for _ in range(3):
        one_more_of_each(programme)
    with statements() as many:
        page = technician.get("/dock")
    assert 'data-coming="4" data-arrived="0" data-open="4"' in page.text
    assert page.text.count('class="first-line"') == 4
    assert len(many) == len(few)


def test_a_parcel_that_no_calendar_gives_a_day_says_so(programme, technician):
    parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    _, tubes = programme.collected_kit()
    told = {"items": tubes[3:5], "occurred_at": just_now()}
    programme.post("clinic_staff", f"/shipments/{parcel}/items", told)
    sent = {"occurred_at": None, "carrier": "courier"}
    assert programme.post("clinic_staff", f"/shipments/{parcel}/dispatch", sent).status == 200
    assert 'data-label="Due">no day set</td>' in technician.get("/dock").text
