"""Places as pages and over HTTP: the storing station, room, what is kept free, a box emptied into another."""

import re
from datetime import timedelta

import pytest

from biobank.commands import main
from biobank.core import moments


@pytest.fixture
def lead(seat):
    return seat("lead.here")


@pytest.fixture
def boxes(programme):
    def add(**unit):
        answer = programme.post("biobank_lead", "/storage/units", {"site": "biobank-1", **unit})
        assert answer.status == 201, answer.json
        return answer.json["identifier"]

    freezer = add(kind="freezer", name="Freezer 1", temperature_celsius=-80)
    rack = add(kind="rack", name="Rack 1", inside=freezer)
    small = add(kind="box", name="Small", inside=rack, rows=2, columns=2)
    return freezer, small, add(kind="box", name="Large", inside=rack, rows=9, columns=9, naming="running")


@pytest.fixture
def tubes(programme):
    found = programme.collected_kit()[1][:3]
    for tube in found:
        programme.taken("biobank_technician", tube, "receive")
        programme.taken("biobank_technician", tube, "centrifuge")
    return found


def test_what_waits_to_be_stored_stands_by_when_it_came_not_by_when_it_was_registered(programme, lead):
    first, second = programme.collected_kit()[1][:2]
    for tube in (second, first):
        programme.taken("biobank_technician", tube, "receive")
    shown = re.findall(r'href="[^"]*(T\d{12})"', lead.get("/storage/store").text)
    assert shown == [second, first]


def lit(page):
    return re.findall(r'data-position="([^"]+)"[^>]*data-lit', page.text)


def store(seat, text="", **told):
    return seat.post("/storage/store/scan", text=text, **told)


def test_what_is_to_be_spun_first_says_so_and_goes_into_a_freezer_only_when_somebody_scans_it(
    seat, boxes, programme
):
    tube = programme.collected_kit()[1][0]
    programme.taken("biobank_technician", tube, "receive")
    technician = seat("tech.here")
    page = technician.get(f"/storage/store?item={tube}")
    assert ("Centrifuge it first" in page.text, "data-proposed" in page.text) == (True, False)
    assert "No box of your site has room" not in page.text
    run = re.search(r'href="(/centrifuge/runs\?tube=[^"]+)"', page.text)[1]
    assert f">{tube}</textarea>" in technician.get(run).text
    shown = technician.get(store(technician, boxes[1], item=tube).leads_to)
    assert ("Centrifuge it first" in shown.text, lit(shown)) == (True, ["A1"])
    assert programme.get("biobank_technician", f"/storage/proposals?for={tube}").json["unit"] is None
    programme.taken("biobank_technician", tube, "centrifuge")
    assert "Centrifuge it first" not in technician.get(f"/storage/store?item={tube}").text


def test_one_tube_after_the_other_is_stored_by_scans_alone(seat, boxes, tubes, programme):
    technician = seat("tech.here")
    taken = store(technician, tubes[0])
    assert taken.leads_to == f"/storage/store?item={tubes[0]}"
    assert 'data-label="What it is">8 mL SST' in technician.get("/storage/store").text
    page = technician.get(taken.leads_to)
    assert lit(page) == ["A1"]
    shown = {"item": tubes[0], "box": boxes[1], "position": "A1"}
    done = store(technician, boxes[1], **shown)
    assert technician.get(done.leads_to).answer[0] == "Stored"
    other = technician.get(store(technician, boxes[2], item=tubes[1], box=boxes[1], position="A2").leads_to)
    assert (other.answer[0], lit(other)) == ("Another place", ["1"])
    nowhere = store(technician, "99", item=tubes[1], box=boxes[2], position="1")
    assert nowhere.answer == (
        "No such position", "Large has no position 99; type another (1 to 81) or scan the place."
    )  # fmt: skip
    gridless = store(technician, "A1", item=tubes[1], box=boxes[0])
    assert gridless.answer[1] == "Freezer 1 has no positions here; scan it instead."
    store(technician, "17", item=tubes[1], box=boxes[2], position="1")
    assert programme.get("biobank_technician", f"/items/{tubes[1]}").json["position"] == "17"
    asked = store(technician, "A1", item=tubes[2], box=boxes[1], position="A2")
    assert (asked.status, "position_taken" in asked.text) == (409, True)
    swapped = technician.get(store(technician, tubes[1], item=tubes[2]).leads_to)
    assert swapped.answer[0] == "Another one"
    assert "NothingInHand" not in store(technician, "").text
    assert store(technician, "").status == 422


def test_whole_boxes_go_where_they_are_scanned_and_what_is_in_them_follows(seat, boxes, tubes, programme):
    technician, (freezer, small, _) = seat("tech.here"), boxes
    programme.taken("biobank_technician", tubes[0], "store", place=small, position="B2")
    page = technician.get(store(technician, small).leads_to)
    assert lit(page) == []
    store(technician, freezer, item=small)
    places = programme.get("biobank_technician", f"/items/{tubes[0]}").json["places"]
    assert [place["specification"] for place in places] == ["Small", "Freezer 1"]


def test_the_form_of_a_step_proposes_what_the_station_does(seat, boxes, tubes, lead):
    """What somebody keeps free is theirs on every page, and nobody else's."""
    _, small, _ = boxes
    form = {"count": "2", "purpose": "study", "reference": "R-7", "days": "7"}
    lead.sent(f"/storage/units/{small}/reservations", **form)

    def told(seat):
        form = seat.get(f"/items/{tubes[1]}/steps/store").text
        button = re.search(r"(Small|Large), (\w+)", seat.get(f"/items/{tubes[1]}").text)
        station = lit(seat.get(f"/storage/store?item={tubes[1]}"))
        sentence = re.search(r"(Small|Large), (\w+)\.", form)
        assert sentence.groups() == button.groups()
        assert [sentence[2]] == station == [re.search(r'name="position"[^>]*value="(\w+)"', form)[1]]
        return sentence.groups()

    assert told(lead) == ("Small", "A1")
    assert told(seat("tech.here")) != ("Small", "A1")


def test_room_is_found_kept_free_and_let_go(seat, boxes, lead):
    small = boxes[1]
    found = lead.get("/storage/room?count=80&warmest=−80")
    assert ("Large" in found.text, "Small" in found.text.split('id="found"')[1]) == (True, False)
    together = lead.get("/storage/room?count=85").text.split('id="found"')[1]
    assert ("Large" in together, "Small" in together) == (True, True)
    assert "whole number" in lead.get("/storage/room?count=many").text
    form = {"count": "2", "purpose": "study", "reference": "R-7", "days": "7"}
    assert lead.post(f"/storage/units/{small}/reservations", **form).status == 303
    page = lead.get(f"/storage/units/{small}")
    number = re.search(r'data-kept="(\d+)"', page.text)[1]
    assert page.text.count("kept free") == 2
    refused = lead.post(f"/storage/units/{small}/reservations", **(form | {"count": "3"}))
    assert (refused.status, "2 positions left" in refused.text) == (409, True)
    seat("tech.here").post(f"/storage/reservations/{number}/end", unit=small)
    assert "data-kept" not in lead.get(f"/storage/units/{small}").text


def test_a_box_is_emptied_into_another_piece_by_piece(seat, boxes, tubes, programme):
    technician, (_, small, large) = seat("tech.here"), boxes
    for tube, position in zip(tubes[:2], ("B1", "A2"), strict=True):
        programme.taken("biobank_technician", tube, "store", place=small, position=position)
    programme.taken("biobank_technician", tubes[2], "store", place=large, position="1")
    found = programme.get("biobank_technician", "/storage/mergers").json["mergers"]
    assert [(each["source"]["name"], each["target"]["name"]) for each in found] == [("Large", "Small")]
    url = f"/storage/units/{small}/into/{large}"
    listed = programme.get("biobank_technician", url).json["moves"]
    assert [(each["item"], each["taken_from"], each["goes_to"]) for each in listed] == [
        (tubes[1], "A2", "2"),
        (tubes[0], "B1", "3"),
    ]
    assert technician.post(f"{url}/scan", text=tubes[2]).status == 409
    for tube in tubes[:2]:
        assert technician.post(f"{url}/scan", text=tube).status == 303
    assert "data-void" in technician.get(url).text
    assert programme.get("biobank_technician", f"/items/{tubes[0]}").json["position"] == "3"
    assert programme.get("biobank_technician elsewhere", url).status == 403


def test_a_lead_adds_several_and_refits_one(boxes, lead, programme):
    freezer = boxes[0]
    form = {"kind": "rack", "name": "Rack", "count": "3", "grid": "own", "rows": "2", "columns": "3"}
    more = {"naming": "number_number", "filled_by": "columns", "allowed": "box", "rule": "fullest"}
    assert lead.post("/storage/add", inside=freezer, **form, **more).leads_to == f"/storage/units/{freezer}"
    units = programme.get("biobank_lead", f"/storage?inside={freezer}").json["units"]
    racks = [unit for unit in units if unit["name"].startswith("Rack ")]
    assert [(unit["name"], unit["naming"], unit["allowed"]) for unit in racks][1:] == [
        ("Rack 1", "number_number", ["box"]),
        ("Rack 2", "number_number", ["box"]),
        ("Rack 3", "number_number", ["box"]),
    ]
    url = f"/storage/units/{racks[-1]['identifier']}/refit"
    assert 'value="Rack 3"' in lead.get(url).text
    same = {"name": "Rack 3", **form, **more, "temperature": "", "contents": ""} | {"name": "Rack 3"}
    assert lead.get(lead.post(url, **same).leads_to).answer[0] == "As it was"
    told = lead.get(lead.post(url, **(same | {"name": "Rack 3b", "temperature": "-150"})).leads_to)
    assert told.answer[0] == "Renamed or refitted"
    kit, _ = programme.kit()
    assert lead.post(f"/storage/units/{kit}/refit", name="Box 9").status == 404
    assert "Rack 3b" in told.text
    assert lead.post(url, **(same | {"temperature": "cold"})).status == 422


def test_a_freezer_is_shown_by_its_shelves_and_a_store_by_what_lies_in_it(seat, boxes, tubes, programme):
    technician, (freezer, small, _) = seat("tech.here"), boxes
    programme.taken("biobank_technician", tubes[0], "store", place=small, position="A1")
    page = technician.get(f"/storage/units/{freezer}").text
    assert ("shelf-map__shelf" in page, "plenty of room" in page, "1/85" in page) == (True, True, True)
    assert "1/85" in technician.get("/storage").text
    assert "A1" in technician.get(f"/storage/units/{small}?for={tubes[1]}").text
    listed = technician.get(f"/storage/mergers?inside={freezer}").text
    assert "Nothing to merge" in listed
    told = technician.get(f"/storage/units/{small}/into/{boxes[2]}").text
    assert 'data-left="1"' in told


def test_positions_are_kept_and_let_go_over_http(boxes, programme):
    told = {"unit": boxes[1], "purpose": "other", "until": "2099-01-01T00:00:00Z", "positions": ["A1"]}
    assert programme.post("biobank_technician", "/storage/reservations", told).status == 422
    soon = (moments.now() + timedelta(days=2)).isoformat()
    made = programme.post("biobank_technician", "/storage/reservations", told | {"until": soon})
    assert (made.status, made.json["positions"]) == (201, ["A1"])
    room = programme.get("biobank_lead", "/storage/room?count=3&warmest_celsius=-80").json["rooms"]
    assert [each["free"] for each in room][:2] == [3, 81]
    path = f"/storage/reservations/{made.json['number']}/end"
    assert programme.post("biobank_technician elsewhere", path, {}).status == 404
    assert programme.post("biobank_lead", path, {}).json["ended_at"]


def run(programme, role, *words):
    who = {"biobank_technician": "tech.here", "biobank_lead": "lead.here"}[role]
    return programme.app.test_cli_runner().invoke(
        main,
        ["storage", *words, "--as", who],
        env={"BIOBANK_TOKEN": programme.tokens[role]},
        obj=lambda: programme.app,
    )


def test_commands_say_where_room_is_and_what_can_be_merged(programme, boxes, tubes):
    for tube, box, position in ((tubes[0], boxes[1], "A1"), (tubes[1], boxes[2], "1")):
        programme.taken("biobank_technician", tube, "store", place=box, position=position)
    for words, said in (
        (["room", "80", "--warmest", "-80"], "Large"),
        (["room", "900"], "No room for that many."),
        (["mergers"], "into Large"),
        (["mergers", "--inside", boxes[0]], "into Large"),
    ):
        answer = run(programme, "biobank_technician", *words)
        assert answer.exit_code == 0, answer.output
        assert said in answer.output


def test_a_known_grid_is_added_by_its_name(programme):
    words = ["box", "Cryobox", "--site", "biobank-1", "--grid", "cryobox_81", "--rule", "last_used"]
    answer = run(programme, "biobank_lead", "add", *words)
    assert answer.exit_code == 0, answer.output
    unit = programme.get("biobank_lead", "/storage").json["units"][0]
    assert (unit["rows"], unit["naming"]) == (9, "running")
