"""A logger's file for a parcel, on pages and over HTTP."""

import io
import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from biobank.commands import main
from biobank.core import moments
from tests.asking import statements
from tests.programme import just_now


@pytest.fixture
def parcel(programme):
    """On its way for five hours, with a tube of urine and logger TL-7."""
    parcel, [tube] = sent(programme)
    return parcel, tube


def sent(programme, kits=1):
    tubes = [programme.collected_kit(definition="urine-1")[1][0] for _ in range(kits)]
    way = {"origin": "clinic-1", "destination": "biobank-1", "logger": "TL-7"}
    parcel = programme.post("clinic_staff", "/shipments", way).json["identifier"]
    packed = {"items": tubes, "occurred_at": just_now()}
    programme.post("clinic_staff", f"/shipments/{parcel}/items", packed)
    left = {"occurred_at": (moments.now() - timedelta(hours=5)).isoformat(), "confirmation": "Told late."}
    told = {**left, "carrier": "courier", "logger": "TL-7"}
    assert programme.post("clinic_staff", f"/shipments/{parcel}/dispatch", told).status < 300
    return parcel, tubes


def content(celsius, logger="TL-7", hours=5):
    """Hour by hour since a moment before the parcel left."""
    begins = moments.now() - timedelta(hours=5, minutes=30)
    lines = [f"{begins + timedelta(hours=n):%Y-%m-%d %H:%M:%S},{celsius}" for n in range(hours)]
    return "\n".join([f"serial,{logger}", "time zone,UTC", "time,celsius", *lines]).encode()


def upload(bytes_of_it):
    return (io.BytesIO(bytes_of_it), "box.csv")


def test_a_warm_parcel_is_read_held_and_released(programme, seat, parcel):
    parcel, tube = parcel
    tech, lead = seat("tech.here"), seat("lead.here")
    assert f"/temperatures?parcel={parcel}" in tech.get(f"/shipments/{parcel}").text
    of_a_tube = tech.post("/temperatures", parcel=tube, file=upload(content(20)))
    assert ("is no parcel" in of_a_tube.problems, 'id="parcel"' in of_a_tube.text) == (True, True)
    refused = tech.post("/temperatures", parcel=parcel, file=upload(content(20, logger="TL-8")))
    assert "packed with TL-7" in refused.problems
    kept = re.search(r'name="content" value="([^"]+)"', refused.text)[1]
    assert "packed with TL-7" in tech.post("/temperatures", parcel=parcel, content=kept).problems
    assert "Choose the file" in tech.post("/temperatures", parcel=parcel).problems
    page = tech.sent("/temperatures", parcel=parcel, file=upload(content(20)))
    assert page.answer == ("Beyond a limit", "Held until a biobank lead has decided, tubes: 1.")
    assert "Warmer than 8 °C" in page.text
    assert 'data-chart="figures"' in page.text
    assert "Degrees Celsius; times of America/Chicago." in page.text
    assert programme.get("biobank_lead", f"/items/{tube}").json["holds"] == ["temperature"]
    csv = tech.get("/temperatures/1/readings.csv")
    assert csv.text.count("20.00") == 5
    assert tech.post("/temperatures/1/release", all="yes", reason="Fine.").status == 403
    assert "Choose tubes" in lead.post("/temperatures/1/release", reason="Fine.").problems
    page = lead.sent("/temperatures/1/release", items=tube, reason="It was collected into ice.")
    assert page.answer == ("Released", "Tubes free of this hold: 1. Other holds stay.")
    assert programme.get("biobank_lead", f"/items/{tube}").json["holds"] == []
    assert parcel[1:5] in tech.get("/temperatures").text
    assert seat("tech.elsewhere").get("/temperatures/1").status == 404
    assert "TL-7" not in seat("tech.elsewhere").get("/temperatures").text


def test_a_long_file_is_kept_by_the_page_that_refuses_it_and_can_be_sent_once_more(seat, parcel):
    """With the empty field of a file that browsers send along."""
    parcel, tech = parcel[0], seat("tech.here")
    long = content(20, logger="TL-8") + b"\n" * 3_000_000
    refused = tech.post("/temperatures", parcel=parcel, file=upload(long))
    kept = re.search(r'name="content" value="([^"]+)"', refused.text)[1]
    again = tech.post("/temperatures", parcel=parcel, content=kept, file=(io.BytesIO(b""), ""))
    assert (again.status, "packed with TL-7" in again.problems) == (422, True)


def test_a_file_that_is_far_too_large_is_one_sentence_whoever_sends_it(programme, seat, parcel):
    """Also to who is not signed in, or may not: its answer does not read the form once more."""
    huge, (parcel, _) = b"x" * (20 * 1024 * 1024), parcel
    clients = [programme.app.test_client(), seat("tech.here").client, seat("audit.here").client]
    for client in clients:
        answer = client.post("/temperatures", data={"parcel": parcel, "file": upload(huge)})
        assert (answer.status_code, "more than the service takes at once" in answer.text) == (413, True)


def test_the_same_over_http(programme, parcel):
    parcel, tube = parcel

    def sent(bytes_of_it, who="biobank_technician", **asked):
        headers = {"Authorization": f"Bearer {programme.tokens[who]}", "Content-Type": "text/csv"}
        client = programme.app.test_client()
        return client.post(
            "/api/v1/logger-files",
            query_string={"parcel": parcel, **asked},
            data=bytes_of_it,
            headers=headers,
        )

    made = sent(content(-3))
    assert (made.status_code, made.json["beyond"], made.json["excursions"][0]["item"]) == (201, 1, tube)
    assert made.json["excursions"][0]["side"] == "below"
    assert sent(b"%PDF-1.7").status_code == 422
    assert programme.get("auditor", "/logger-files").json["files"][0]["number"] == 1
    told = programme.post("biobank_lead", "/logger-files/1/release", {"reason": "Nobody saw ice in it."})
    assert (told.status, told.json["open"]) == (200, 0)
    assert programme.get("biobank_technician elsewhere", "/logger-files/1").status == 404


def test_the_same_on_the_command_line(programme, parcel, tmp_path):
    (tmp_path / "box.csv").write_bytes(content(20))
    told = [
        "temperatures",
        "read",
        str(tmp_path / "box.csv"),
        "--parcel",
        parcel[0],
        "--as",
        "tech.here",
        "--json",
    ]
    environment = {"BIOBANK_TOKEN": programme.tokens["biobank_technician"]}
    answer = CliRunner(env=environment).invoke(main, told, obj=lambda: programme.app)
    assert json.loads(answer.output) == {"logger_file": 1, "beyond": 1, "held": 1}


def test_many_files_and_many_tubes_of_a_file_are_asked_for_as_few_are(programme, seat):
    tech, lead, of_a_list, of_a_file = seat("tech.here"), seat("lead.here"), [], []
    for kits in (1, 4):
        parcel, _ = sent(programme, kits)
        page = tech.sent("/temperatures", parcel=parcel, file=upload(content(20 + kits)))
        number = re.search(r"/temperatures/(\d+)/readings", page.text)[1]
        lead.sent(f"/temperatures/{number}/release", all="yes", reason="Fine.")
        with statements() as asked:
            page = tech.get(f"/temperatures/{number}")
        assert page.text.count("Warmer than 8") == kits
        of_a_file.append(len(asked))
        with statements() as asked:
            page = tech.get("/temperatures")
        assert page.text.count(">TL-7<") == len(of_a_file)
        of_a_list.append(len(asked))
    assert of_a_file[0] == of_a_file[1]
    assert of_a_list[0] == of_a_list[1]
    with statements() as asked:
        found = programme.get("biobank_technician", "/logger-files")
    assert [each["beyond"] for each in found.json["files"]] == [4, 1]
    assert sum("temperature_excursions" in each for each in asked) == 1
