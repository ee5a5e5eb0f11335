"""Storage over HTTP: units, maps, proposals; storing is a scan."""

import pytest


@pytest.fixture
def box(programme):
    def add(**unit):
        answer = programme.post("biobank_lead", "/storage/units", {"site": "biobank-1", **unit})
        assert answer.status == 201, answer.json
        return answer.json["identifier"]

    freezer = add(kind="freezer", name="Freezer 1", temperature_celsius=-80)
    return add(kind="box", name="Box 7", inside=freezer, rows=2, columns=3)


def test_a_received_tube_goes_where_it_was_proposed_and_shows_on_the_map(programme, box):
    _, tubes = programme.collected_kit(definition="urine-1")
    programme.taken("biobank_technician", tubes[0], "receive")
    proposed = programme.get("biobank_technician", f"/storage/proposals?for={tubes[0]}").json
    assert (proposed["unit"]["identifier"], proposed["position"]) == (box, "A1")
    programme.taken("biobank_technician", tubes[0], "store", place=box, position="a01")
    drawn = programme.get("biobank_technician", f"/storage/units/{box}/map").json
    assert [each["position"] for each in drawn["positions"]] == ["A1", "A2", "A3", "B1", "B2", "B3"]
    assert drawn["positions"][0]["item"]["identifier"] == tubes[0]
    assert drawn["positions"][1]["item"] is None
    assert drawn["unit"]["held"] == 1
    item = programme.get("biobank_technician", f"/items/{tubes[0]}").json
    assert [(place["kind"], place["specification"]) for place in item["places"]] == [
        ("box", "Box 7"),
        ("freezer", "Freezer 1"),
    ]


def test_units_are_listed_by_what_they_stand_in(programme, box):
    outer = programme.get("biobank_technician", "/storage").json["units"]
    assert [unit["name"] for unit in outer] == ["Freezer 1"]
    inner = programme.get("biobank_technician", f"/storage?inside={outer[0]['identifier']}").json["units"]
    assert [(unit["name"], unit["rows"], unit["columns"]) for unit in inner] == [("Box 7", 2, 3)]
    assert programme.get("biobank_technician elsewhere", "/storage").json["units"] == []
    assert programme.get("biobank_technician elsewhere", f"/storage/units/{box}/map").status == 403


WRONG = [
    ({"kind": "tube"}, 422),
    ({"rows": 27}, 422),
    ({"rows": 2}, 422),
    ({"name": ""}, 422),
    ({"site": "biobank-2"}, 403),
    ({"inside": "B000000000000"}, 422),
    ({"temperature_celsius": "cold"}, 422),
]


def test_a_unit_that_cannot_be_so_is_refused(programme):
    for changed, status in WRONG:
        unit = {"kind": "box", "name": "Box 8", "site": "biobank-1", **changed}
        answer = programme.post("biobank_lead", "/storage/units", unit)
        assert answer.status == status, answer.json
    assert programme.get("biobank_lead", "/storage").json["units"] == []
