"""Destruction over HTTP: from the order to the certificate, by three people."""

import pytest

from tests.programme import PASSWORD, just_now
from tests.withdrawals.test_api import decision


@pytest.fixture
def settings(settings):
    return settings.with_changes(hold_window_days=0)


@pytest.fixture
def ordered(programme):
    """An order over two tubes that came back to the biobank."""
    _, tubes = programme.collected_kit(definition="urine-1")
    for tube in tubes:
        programme.taken("biobank_technician", tube, "receive")
    programme.let_sign("tech.here", "lead.here", "comp.here")
    order = programme.post("compliance", "/withdrawals", decision()).json["order"]
    return order, tubes


def in_the_bag(programme, tubes):
    bag = programme.post("biobank_technician", "/waste-batches", {"site": "biobank-1"}).json["identifier"]
    for tube in tubes:
        programme.taken("biobank_technician", tube, "put_in_waste", place=bag)
    counted = {
        "pieces": len(tubes),
        "method": "autoclave",
        "cycle": "77",
        "place": "Autoclave 2",
        "at": just_now(),
    }
    answer = programme.post("biobank_technician", f"/waste-batches/{bag}/count", counted)
    assert answer.status == 200, answer.json
    return bag


def sign(programme, bag, role, username, password=PASSWORD):
    shown = programme.get("biobank_technician", f"/waste-batches/{bag}").json["sha256"]
    said = {"role": role, "username": username, "password": password, "sha256": shown}
    return programme.post("biobank_technician", f"/waste-batches/{bag}/signatures", said)


def confirm(programme, order, username="comp.here", sha256=None):
    shown = sha256 or programme.get("compliance", f"/destruction-orders/{order}").json["sha256"]
    said = {"orders": [{"order": order, "sha256": shown}], "username": username, "password": PASSWORD}
    return programme.post("compliance", "/destruction-orders/signatures", said)


def test_an_order_goes_to_its_certificate(programme, ordered):
    order, tubes = ordered
    picks = programme.get("biobank_technician", f"/destruction-orders/{order}/worklist").json["picks"]
    assert {pick["identifier"] for pick in picks} == set(tubes)
    assert programme.get("compliance", f"/destruction-orders/{order}/certificate.pdf").status == 404
    bag = in_the_bag(programme, tubes)
    first = sign(programme, bag, "performer", "tech.here")
    assert (first.status, first.json["state"]) == (201, "counted"), first.json
    second = sign(programme, bag, "witness", "lead.here")
    assert (second.status, second.json["state"]) == (201, "destroyed"), second.json
    assert second.json["signed_by"] == {"performer": "tech.here", "witness": "lead.here"}
    assert programme.get("auditor", f"/items/{tubes[0]}").json["state"] == "destroyed"
    closed = confirm(programme, order)
    assert (closed.status, list(closed.json["certificates"])) == (200, [order]), closed.json
    pdf = programme.get("auditor", f"/destruction-orders/{order}/certificate.pdf")
    assert (pdf.headers["Content-Type"], pdf.data[:5]) == ("application/pdf", b"%PDF-")
    shown = programme.get("auditor", f"/destruction-orders/{order}").json
    assert (shown["stage"], shown["certificates"]) == ("closed", list(closed.json["certificates"].values()))
    assert programme.get("compliance", "/destruction-orders").json["orders"] == []
    listed = programme.get("compliance", "/destruction-orders?unfinished=false").json["orders"]
    assert [each["identifier"] for each in listed] == [order]


def test_what_was_not_shown_is_not_signed_and_nobody_signs_twice(programme, ordered):
    order, tubes = ordered
    bag = in_the_bag(programme, tubes)
    wrong = sign(programme, bag, "performer", "tech.here", password="a guess that is wrong")
    assert (wrong.status, wrong.json["error"]) == (403, "CredentialsRefused")
    assert sign(programme, bag, "performer", "tech.here").status == 201
    same = sign(programme, bag, "witness", "tech.here")
    assert same.status in (403, 409)
    assert "password" not in same.data.decode()
    early = confirm(programme, order)
    assert (early.status, early.json["certificates"], list(early.json["returned"])) == (200, {}, [order])
    stale = confirm(programme, order, sha256="0" * 64)
    assert list(stale.json["returned"]) == [order]
    assert programme.get("auditor", f"/items/{tubes[0]}").json["state"] == "in_waste"


def test_a_wrong_count_is_refused_and_a_right_one_can_be_undone(programme, ordered):
    _, tubes = ordered
    bag = in_the_bag(programme, tubes)
    reopened = programme.ask("biobank_technician", "DELETE", f"/waste-batches/{bag}/count")
    assert (reopened.status, reopened.json["state"]) == (200, "filling")
    counted = {"pieces": 99, "method": "autoclave", "cycle": "77", "place": "Autoclave 2", "at": just_now()}
    answer = programme.post("biobank_technician", f"/waste-batches/{bag}/count", counted)
    assert (answer.status, answer.json["error"]) == (409, "CountDiffers")
    for changed, field in (
        ({"pieces": "many"}, "pieces"),
        ({"method": "bonfire"}, "method"),
        ({"at": None}, "at"),
    ):
        answer = programme.post("biobank_technician", f"/waste-batches/{bag}/count", {**counted, **changed})
        assert (answer.status, answer.json["field"]) == (422, field)


def test_an_order_of_other_sites_is_unknown(programme, ordered):
    order, tubes = ordered
    for path in ("", "/worklist", "/certificate.pdf"):
        answer = programme.get("biobank_lead elsewhere", f"/destruction-orders/{order}{path}")
        assert (answer.status, answer.json["error"]) == (404, "OrderUnknown")
    assert programme.get("biobank_lead elsewhere", "/destruction-orders").json["orders"] == []
    bag = in_the_bag(programme, tubes)
    assert programme.get("biobank_lead elsewhere", f"/waste-batches/{bag}").status == 403


def test_an_open_ceremony_is_settled_by_compliance(programme):
    programme.collected_kit(definition="urine-1")
    order = programme.post("compliance", "/withdrawals", decision(ceremony="unanswered")).json["order"]
    assert programme.get("compliance", f"/destruction-orders/{order}").json["stage"] == "waiting"
    settled = programme.post(
        "compliance", f"/destruction-orders/{order}/ceremony", {"settlement": "not_wanted"}
    )
    assert (settled.status, settled.json["stage"]) == (200, "ready")


@pytest.mark.parametrize("step", ["count", "recount"])
def test_a_bag_is_counted_on_a_page_by_people_of_its_site_alone(programme, ordered, step):
    """Also with the right number, which no other check would refuse."""
    _, tubes = ordered
    bag = in_the_bag(programme, tubes)
    if step == "count":
        programme.ask("biobank_technician", "DELETE", f"/waste-batches/{bag}/count")
    before = programme.get("biobank_technician", f"/waste-batches/{bag}").json["state"]
    form = {"pieces": str(len(tubes)), "method": "autoclave", "cycle": "77", "place": "Autoclave 2"}
    headers = {"Authorization": f"Bearer {programme.tokens['biobank_technician elsewhere']}"}
    path = f"/waste-batches/{bag}/{step}"
    answer = programme.app.test_client().post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert programme.get("biobank_technician", f"/waste-batches/{bag}").json["state"] == before
