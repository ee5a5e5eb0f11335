"""Participants over HTTP: by code, and unknown to other sites."""

CONSENT = {
    "form_version": "2026-1",
    "scopes": ["blood", "urine"],
    "effective_at": "2026-01-05T00:00:00Z",
    "source": "form F1",
}


def test_a_participant_is_registered_with_consents_at_ones_own_site(programme):
    said = {"code": "a200000002", "site": "clinic-1", "minor": False, "consents": [CONSENT]}
    answer = programme.post("clinic_staff", "/participants", said)
    assert answer.status == 201
    assert answer.json["code"] == "A200000002"
    assert answer.json["sites"] == ["clinic-1"]
    assert answer.json["standing"]["left"] is False
    assert answer.json["consents"][0]["scopes"] == ["blood", "urine"]
    assert programme.post("clinic_staff", "/participants", said).json["error"] == "ParticipantExists"
    more = programme.post("clinic_staff", "/participants/A200000002/consents", {**CONSENT, "scopes": ["dna"]})
    assert [consent["scopes"] for consent in more.json["consents"]] == [["dna"], ["blood", "urine"]]
    elsewhere = programme.post(
        "clinic_staff", "/participants", {**said, "code": "A200000003", "site": "clinic-2"}
    )
    assert (elsewhere.status, elsewhere.json["error"]) == (403, "SiteNotYours")


def test_names_and_wrong_codes_are_refused(programme):
    for code, field in (("Testa Participant", "code"), ("A1", "participant"), (7, "code")):
        answer = programme.post("clinic_staff", "/participants", {"code": code, "site": "clinic-1"})
        assert (answer.status, answer.json["field"]) == (422, field)
    named = {"code": "A200000002", "site": "clinic-1", "name": "Testa Participant"}
    assert programme.post("clinic_staff", "/participants", named).json["field"] == "name"
    wrong = {"code": "A200000002", "site": "clinic-1", "consents": [{**CONSENT, "scopes": ["everything"]}]}
    assert programme.post("clinic_staff", "/participants", wrong).status == 422
    assert programme.get("clinic_staff", "/participants/A200000002").status == 404


def test_another_sites_participant_is_unknown(programme):
    _, tubes = programme.assigned_kit()
    answers = {
        path: programme.get("clinic_staff elsewhere", f"/participants/A100000001{path}")
        for path in ("", "/items")
    }
    unknown = programme.get("clinic_staff elsewhere", "/participants/A999999999")
    for answer in answers.values():
        assert (answer.status, answer.json["error"]) == (404, "ParticipantUnknown")
        assert answer.json["detail"] == unknown.json["detail"].replace("A999999999", "A100000001")
    here = programme.get("clinic_staff", "/participants/A100000001/items").json["items"]
    assert {item["identifier"] for item in here} > set(tubes)
