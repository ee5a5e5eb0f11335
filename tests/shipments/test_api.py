"""Parcels over HTTP: started, packed, sent, received line by line."""

from tests.programme import just_now

PARCEL = {"origin": "clinic-1", "destination": "biobank-1"}


def test_a_parcel_goes_from_the_clinic_to_the_dock(programme):
    _, tubes = programme.collected_kit(definition="urine-1")
    parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    packed = programme.post(
        "clinic_staff", f"/shipments/{parcel}/items", {"items": tubes, "occurred_at": just_now()}
    )
    assert (packed.status, len(packed.json["results"])) == (200, len(tubes))
    sent = programme.post(
        "clinic_staff",
        f"/shipments/{parcel}/dispatch",
        {"occurred_at": just_now(), "carrier": "fedex", "tracking_number": "1234 5678 9012"},
    )
    assert (sent.status, sent.json["item"]["state"]) == (200, "in_transit"), sent.json
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["custodian"] == "carrier:fedex"
    listed = programme.get("biobank_technician", "/shipments").json["shipments"]
    assert [(each["identifier"], each["tracking_number"]) for each in listed] == [(parcel, "123456789012")]
    lines = [{"item": tube, "conditions": ["leaked"] if tube == tubes[0] else []} for tube in tubes]
    receipt = programme.post(
        "biobank_technician", f"/shipments/{parcel}/receipt", {"occurred_at": just_now(), "lines": lines}
    )
    assert receipt.status == 200, receipt.json
    shipment = receipt.json["shipment"]
    assert shipment["state"] == "received"
    assert [line["presence"] for line in shipment["manifest"]] == ["found"] * len(tubes)
    assert shipment["manifest"][0]["conditions"] == ["leaked"]
    assert programme.get("biobank_technician", f"/items/{tubes[0]}").json["custodian"] == "site:biobank-1"


def test_a_kit_is_packed_by_its_code_and_what_is_to_be_spun_waits(programme):
    kit, tubes = programme.collected_kit()
    waiting = programme.get("clinic_staff", "/centrifuge").json["waiting"]
    assert {each["identifier"]: each["phase"] for each in waiting} == {
        tubes[0]: "clotting",
        tubes[1]: "ready",
        tubes[2]: "ready",
    }
    assert programme.get("clinic_staff elsewhere", "/centrifuge").json["waiting"] == []
    programme.taken(
        "clinic_staff", tubes[1], "centrifuge", details={"programme": {"name": "Gel", "minutes": 15}}
    )
    spinning = programme.get("clinic_staff", "/centrifuge").json["spinning"]
    assert [(each["identifier"], each["programme"]) for each in spinning] == [(tubes[1], "Gel")]
    parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    path, asked = f"/shipments/{parcel}/kits", {"kit": kit, "occurred_at": just_now()}
    packed = programme.post("clinic_staff", path, asked)
    assert [each["item"]["identifier"] for each in packed.json["results"]] == tubes[3:]
    again = programme.post("clinic_staff", path, asked)
    assert (again.status, "lies in this parcel already" in again.json["detail"]) == (409, True)


def test_a_wrong_line_leaves_nothing_of_the_receipt(programme):
    _, tubes = programme.collected_kit(definition="urine-1")
    parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    programme.post("clinic_staff", f"/shipments/{parcel}/items", {"items": tubes, "occurred_at": just_now()})
    sent = {"occurred_at": just_now(), "carrier": "courier"}
    assert programme.post("clinic_staff", f"/shipments/{parcel}/dispatch", sent).status == 200
    lines = [{"item": tubes[0]}, {"item": "T483134562451"}]
    answer = programme.post(
        "biobank_technician", f"/shipments/{parcel}/receipt", {"occurred_at": just_now(), "lines": lines}
    )
    assert answer.status == 404
    assert programme.get("biobank_technician", f"/shipments/{parcel}").json["state"] == "in_transit"


def test_what_is_told_wrongly_names_its_field(programme):
    parcel = programme.post("clinic_staff", "/shipments", PARCEL).json["identifier"]
    at = just_now()
    wrong = [
        (f"/shipments/{parcel}/dispatch", {"occurred_at": at, "carrier": "pigeon"}, "carrier"),
        (
            f"/shipments/{parcel}/dispatch",
            {"occurred_at": at, "carrier": "ups", "tracking_number": "1"},
            "tracking_number",
        ),
        (f"/shipments/{parcel}/dispatch", {"carrier": "ups"}, "occurred_at"),
        (f"/shipments/{parcel}/items", {"items": [], "occurred_at": at}, "items"),
        ("/shipments", {**PARCEL, "dry_ice_grams": "much"}, "dry_ice_grams"),
    ]
    for path, said, field in wrong:
        answer = programme.post("clinic_staff", path, said)
        assert (answer.status, answer.json["field"]) == (422, field), answer.json
    elsewhere = programme.post("clinic_staff", "/shipments", {**PARCEL, "origin": "clinic-2"})
    assert elsewhere.status == 403
    assert programme.get("clinic_staff elsewhere", f"/shipments/{parcel}").status == 403
    assert programme.get("clinic_staff elsewhere", "/shipments").json["shipments"] == []


def test_the_dock_over_http(programme):
    _, tubes = programme.collected_kit()
    parcel = programme.post("clinic_staff", "/shipments", {**PARCEL, "seal": "S-1"}).json["identifier"]
    packed = {"items": tubes[3:6], "occurred_at": just_now()}
    programme.post("clinic_staff", f"/shipments/{parcel}/items", packed)
    sent = {"occurred_at": just_now(), "carrier": "courier"}
    assert programme.post("clinic_staff", f"/shipments/{parcel}/dispatch", sent).status == 200
    coming = programme.get("biobank_technician", "/shipments/dock").json["on_the_way"]
    assert [(each["identifier"], each["is_overdue"]) for each in coming] == [(parcel, False)]

    def told(path, **said):
        return programme.post("biobank_technician", f"/shipments/{path}", {"occurred_at": just_now(), **said})

    second = told(f"{parcel}/second-tubes", item=tubes[3])
    assert (second.status, second.json["item"]) == (201, tubes[3]), second.json
    unknown = told(f"{parcel}/found-tubes", issuer="FluidX", code="FR1")
    assert (unknown.status, unknown.json["item"]["state"]) == (201, "received"), unknown.json
    refused = told(f"{parcel}/count", pieces=9, seal="S-1")
    assert (refused.status, refused.json["title"]) == (409, "Scan each tube")
    counted = told(f"{parcel}/count", pieces=3, seal="S-1")
    assert {each["item"]["identifier"] for each in counted.json["results"]} == set(tubes[4:6])
    opened = programme.get("biobank_technician", "/shipments/dock").json["opened"]
    assert [(each["found"], each["lines"], each["begun_by"]) for each in opened] == [(5, 5, "tech.here")]
    begun = told("unannounced", destination="biobank-1", carrier="courier")
    assert (begun.status, begun.json["origin"], begun.json["unannounced"]) == (201, None, True), begun.json
