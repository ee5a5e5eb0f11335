"""The bench's pages and its API: what waits, a plan that is changed, runs, freezing by scan, SPREC, the study's file."""

import re
from datetime import timedelta

import pytest

from biobank.core import moments
from tests.asking import statements
from tests.pages.conftest import Seat


@pytest.fixture
def database_url(tmp_path, sqlite_start, identity_template):
    """Rules are asked on both databases elsewhere; these are pages."""
    import shutil

    shutil.copy(identity_template, tmp_path / "identity.db")
    shutil.copy(sqlite_start, tmp_path / "biobank.db")
    return f"sqlite:///{tmp_path}/biobank.db"


@pytest.fixture
def tech(programme):
    return Seat(programme, "tech.here")


@pytest.fixture
def tubes(programme):
    """At the biobank, by their specification."""
    found = of_one_more_kit(programme)
    told = {
        tube: programme.get("biobank_technician", f"/items/{tube}").json["specification"] for tube in found
    }
    return {specification: tube for tube, specification in told.items()}


def of_one_more_kit(programme):
    _, found = programme.collected_kit()
    for tube in found:
        programme.taken("biobank_technician", tube, "receive")
    return found


def form_of(page):
    """What a browser would send of the form with the vials."""
    names = re.findall(r'name="(made-\d+)" value="yes" checked', page.text)
    volumes = re.findall(r'name="(volume-\d+)" value="([^"]*)"', page.text)
    return dict.fromkeys(names, "yes") | dict(volumes)


def test_the_bench_shows_what_waits_and_a_scan_opens_the_plan(tech, tubes, programme):
    page = tech.get("/processing")
    assert f'data-tube="{tubes["1ED04"]}"' in page.text
    assert (
        tech.post("/processing/scan", text=tubes["1ED04"]).leads_to
        == f"/processing/aliquots/{tubes['1ED04']}"
    )
    assert tech.post("/processing/scan", text=tubes["1PXR2"]).leads_to == f"/items/{tubes['1PXR2']}"
    waits = programme.get("biobank_technician", "/processing").json
    assert {each["identifier"] for each in waits["freeze"]["shown"]} == {tubes["1PXR2"]}
    assert {waits["spin"]["count"], waits["aliquot"]["count"]} == {6, 2}
    assert "Tubes to aliquot" in tech.get("/").text
    assert Seat(programme, "clinic.here").get("/processing").status == 403


def test_the_centrifuge_at_the_biobank_shows_what_went_in_and_what_waits_at_the_bench(tech, tubes):
    """What is received there is in nobody's kit at the chair, and is not "nothing"."""
    page = tech.get("/centrifuge").text
    assert ("Nothing waits" in page, "Waiting at the bench: 6" in page) == (False, True)
    page = tech.sent("/centrifuge/scan", text=tubes["1SS08"], programme="unknown").text
    assert f'data-tube="{tubes["1SS08"]}"' in page
    assert "Waiting at the bench: 5" in page


def test_what_was_made_is_recorded_whole_with_its_labels_to_print(tech, tubes, programme):
    url = f"/processing/aliquots/{tubes['1ED10']}"
    form = form_of(tech.get(url))
    assert len(form) == 20
    form.pop("made-9")
    assert "not_made" in tech.post(url, **form).text
    form |= {"not_made": "spilled", "volume-0": "much"}
    refused = tech.post(url, **form)
    assert (refused.status, 'href="#volume-0"' in refused.text) == (422, True)
    in_microlitres = tech.post(url, **form | {"volume-0": "5000"})
    assert (in_microlitres.status, 'href="#volume-0"' in in_microlitres.text) == (422, True)
    form |= {
        "volume-0": "",
        "more_material": "plasma",
        "more_count": "2",
        "more_volume": "0,25",
        "frozen": "yes",
    }
    made = tech.sent(url, **form)
    assert made.answer == ("Aliquoted", made.answer[1])
    assert made.answer[1].startswith("Made of")
    children = programme.get("biobank_technician", f"/items/{tubes['1ED10']}").json["children"]
    assert re.search(r'href="(/printing\?[^"]+)"', made.text)[1].count("item=") == len(children) == 11
    last = programme.get("biobank_technician", f"/items/{children[-1]}/events").json["events"]
    assert [each["event"]["action"] for each in last] == ["register", "freeze"]


def test_reasons_fit_what_is_lacking(tech, tubes):
    urine = f"/processing/aliquots/{tubes['1UR10']}"
    page = tech.get(urine).text
    assert ('value="spilled"' in page, 'value="no_buffy_coat"' in page) == (True, False)
    form = form_of(tech.get(urine))
    form.pop("made-0")
    assert "Choose why vials" in tech.post(urine, **form | {"not_made": "no_buffy_coat"}).text
    edta = f"/processing/aliquots/{tubes['1ED10']}"
    form = form_of(tech.get(edta)) | {"not_made": "no_buffy_coat"}
    form.pop("made-0")
    refused = tech.post(edta, **form)
    assert (refused.status, 'href="#not_made"' in refused.text) == (422, True)
    assert "That is no reason why plasma was not made; choose another." in refused.text
    form = form_of(tech.get(edta)) | {"not_made": "no_buffy_coat"}
    form.pop("made-9")
    assert tech.sent(edta, **form).answer[0] == "Aliquoted"


def test_codes_are_as_many_as_vials_and_each_vial_bears_its_own(tech, tubes):
    url = f"/processing/aliquots/{tubes['1ED04']}"
    form = form_of(tech.get(url)) | {"issuer": "FluidX", "codes": "FX1 FX2"}
    assert "Codes scanned: 2, vials: 4" in tech.post(url, **form).text
    assert tech.sent(url, **form | {"codes": "FX1\r\nFX2\r\nFX3\r\nFX4"}).answer[0] == "Aliquoted"
    assert "also" in tech.get("/items/FX3").text
    wrong = tech.post(url, **form_of(tech.get(url)) | {"more_material": "plasma", "more_count": "none"})
    assert "how many more" in wrong.text


def test_a_run_is_begun_asked_about_and_taken_out(tech, tubes, programme):
    both = f"{tubes['1ED10']}\r\n{tubes['1HEP4']}"
    asked = {"tubes": tubes["1ED10"], "programme": "unknown", "balance": "each_opposite_another"}
    assert 'data-ask-back="unbalanced"' in tech.post("/centrifuge/runs", **asked).text
    page = tech.post("/centrifuge/runs", **asked, centrifuge="Rotina 2")
    assert 'href="#run" data-back' in page.text
    typed = page.text[page.text.index('id="run"') :]
    assert f">{tubes['1ED10']}</textarea>" in typed
    assert 'value="each_opposite_another" checked' in typed
    assert 'value="Rotina 2"' in typed
    assert f">{tubes['1ED10']}</textarea>" in tech.get(f"/centrifuge/runs?tube={tubes['1ED10']}").text
    assert "Say how the tubes stand" in tech.post("/centrifuge/runs", tubes=both, programme="unknown").text
    begun = tech.sent("/centrifuge/runs", **asked | {"tubes": both, "kept_at": "room_temperature"})
    assert begun.answer[0] == "In the centrifuge"
    for path in ("/centrifuge/runs", "/centrifuge/runs/1"):
        assert 'href="/processing" data-key="F2"' in tech.get(path).text
    assert 'data-key="F2"' not in Seat(programme, "clinic.here").get("/centrifuge/runs").text
    out = tech.sent("/centrifuge/runs/1/out")
    assert out.answer[0] == "Taken out"
    assert tech.post("/centrifuge/runs/1/out").status == 409
    assert "Run 1" in tech.get("/centrifuge/runs").text
    at = moments.to_text(moments.now())
    told = {"tubes": [tubes["1SS08"], tubes["PS04A"]], "balance": "each_opposite_another", "occurred_at": at}
    run = programme.post("biobank_technician", "/centrifuge/runs", told)
    assert (run.status, run.json["tubes"]) == (201, 2)
    later = {"occurred_at": moments.to_text(moments.now() + timedelta(seconds=1))}
    ended = programme.post("biobank_technician", f"/centrifuge/runs/{run.json['id']}/end", later)
    assert (ended.status, ended.json["ended_at"] is not None) == (200, True)


def test_plasma_is_taken_off_spun_again_and_put_into_vials_by_scans(tech, tubes, programme):
    def made(item, **told):
        done = tech.sent(f"/processing/aliquots/{item}", kept_at="room_temperature", **told)
        assert done.answer[0] == "Aliquoted"
        return programme.get("biobank_technician", f"/items/{item}").json["children"][-1]

    def spun(item):
        told = {"tubes": item, "programme": "unknown", "balance": "with_balance_tubes"}
        assert tech.sent("/centrifuge/runs", **told).answer[0] == "In the centrifuge"

    one = {"more_material": "plasma", "more_count": "1", "more_volume": "3"}
    tube = tubes["1ED10"]
    spun(tube)
    unmade = form_of(tech.get(f"/processing/aliquots/{tube}"))
    volumes = {name: value for name, value in unmade.items() if name.startswith("volume")}
    plasma = made(tube, not_made="other", **volumes, **one)
    assert tech.post("/processing/scan", text=plasma).leads_to == f"/processing/aliquots/{plasma}"
    spun(plasma)
    vial = made(plasma, **one | {"more_volume": "0.5"})
    told = programme.get("biobank_technician", f"/items/{vial}/sprec").json
    assert told["sprec"].split("-")[::4] == ["PL2", "X"]
    assert told["elements"][4]["name"] == "Second centrifugation"
    asked = tech.post(f"/processing/aliquots/{plasma}", **one)
    assert (asked.status, 'data-ask-back="overdrawn"' in asked.text) == (409, True)
    assert 'href="#aliquots" data-back' in asked.text
    typed = asked.text[asked.text.index('<details class="make" open') :]
    assert 'name="more_volume"' in typed
    assert re.search(r'name="more_volume"[^>]*value="3"|value="3"[^>]*name="more_volume"', typed)


def test_a_scan_freezes_or_thaws_and_says_how_often(tech, tubes):
    assert "Choose what is done first" in tech.post("/processing/freezing", text=tubes["1PXR2"]).text
    assert tech.sent("/processing/freezing", text=tubes["1PXR2"], change="frozen").answer[0] == "Frozen"
    assert (
        tech.sent("/processing/freezing", text=tubes["1PXR2"], change="thawed")
        .answer[1]
        .endswith("so far: 1.")
    )
    twice = tech.sent("/processing/freezing", text=tubes["1PXR2"], change="thawed")
    assert "stabilised blood may have 1" in twice.answer[1]
    assert "Too often" in tech.get(f"/items/{tubes['1PXR2']}").text


def test_the_code_is_told_over_http_and_the_plans_with_their_sources(tubes, programme):
    told = programme.get("biobank_technician", f"/items/{tubes['1ED04']}/sprec").json
    assert (told["sprec"], told["thaws"]) == ("BLD-PED-X-N-N-N-X", 0)
    assert told["elements"][2]["facts"]["collected"].endswith("Z")
    plans = programme.get("auditor", "/processing/plans").json
    assert (plans["version"], len(plans["plans"])) == ("aliquots-1", 11)


def test_the_bench_asks_no_more_for_the_tubes_of_many_kits_than_for_those_of_one(tech, tubes, programme):
    with statements() as of_one:
        assert '<span class="count">6</span>' in tech.get("/processing").text
    for _ in range(3):
        of_one_more_kit(programme)
    with statements() as of_four:
        assert '<span class="count">24</span>' in tech.get("/processing").text
    assert len(of_four) == len(of_one)
