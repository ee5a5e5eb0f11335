"""An item over HTTP: what it is, what happened to it, the proof, and who may not look."""

from base64 import b64decode

from biobank.core.database import writing
from biobank.ledger.sealing import seal_whole
from biobank.ledger.tree import leaf_hash, verify_inclusion


def test_an_item_says_what_it_is_and_what_may_be_done(programme):
    kit, tubes = programme.assigned_kit()
    programme.taken("clinic_staff", tubes[0], "collect", details={"fill": "full"})
    item = programme.get("clinic_staff", f"/items/{tubes[0]}").json
    assert (item["state"], item["kind"], item["kit"]) == ("collected", "tube", kit)
    assert (item["site"], item["custodian"], item["participant"]) == (
        "clinic-1",
        "site:clinic-1",
        "A100000001",
    )
    assert {"dispatch", "centrifuge", "pack"} <= set(item["allowed_actions"])
    assert (item["holds"], item["places"]) == ([], [])
    assert item["collected_at"].endswith("Z")


def test_the_events_are_the_ledgers_own_and_the_proof_holds(programme):
    _, tubes = programme.assigned_kit()
    programme.taken("clinic_staff", tubes[0], "collect")
    events = programme.get("clinic_staff", f"/items/{tubes[0]}/events").json["events"]
    assert [event["event"]["action"] for event in events] == ["register", "issue", "assign", "collect"]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]
    assert len(programme.get("auditor", f"/items/{tubes[0]}/proof").json["unsealed"]) == 4
    with programme.app.app_context(), writing() as work:
        seal_whole(work)
    proofs = programme.get("auditor", f"/items/{tubes[0]}/proof").json["proofs"]
    assert len(proofs) == 4
    for proof in proofs:
        leaf = leaf_hash(b64decode(proof["body"]))
        assert leaf == b64decode(proof["leaf_hash"])
        verify_inclusion(
            proof["leaf_index"],
            proof["size"],
            leaf,
            [b64decode(each) for each in proof["hashes"]],
            b64decode(proof["root"]),
        )


def test_another_sites_item_names_the_site_and_shows_no_more(programme):
    _, tubes = programme.assigned_kit()
    for path in ("", "/events", "/proof"):
        answer = programme.get("clinic_staff elsewhere", f"/items/{tubes[0]}{path}")
        assert answer.status == 403
        assert "clinic-1" in answer.json["detail"]
        assert "A100000001" not in answer.data.decode()


def test_a_code_that_is_none_is_one_sentence(programme):
    wrong = programme.get("clinic_staff", "/items/T483134562452")
    assert (wrong.status, wrong.json["error"]) == (422, "CheckDigitsWrong")
    unknown = programme.get("clinic_staff", "/items/T483134562451")
    assert (unknown.status, unknown.json["error"]) == (404, "UnknownItem")
    foreign = programme.get("clinic_staff", "/items/MAYO-77")
    assert foreign.status == 404
