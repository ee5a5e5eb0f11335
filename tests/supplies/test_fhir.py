"""What is written of mailed kits is FHIR R4, by a library that was written from the standard, and so is what comes in."""

import json

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.supplydelivery import SupplyDelivery
from fhir.resources.R4B.supplyrequest import SupplyRequest
from pydantic import ValidationError

from tests.supplies.conftest import DOCUMENTS, REAL_DELIVERY, REAL_REQUEST, supply_request, told
from tests.supplies.test_mailed_kits import BARCODE, run

SHAPES = {"SupplyRequest": SupplyRequest, "SupplyDelivery": SupplyDelivery, "Bundle": Bundle}
"""R4B has these three as R4 has them."""


def is_fhir(document):
    """The very document: nothing of it is left out or read as something else."""
    read = SHAPES[document["resourceType"]].model_validate_json(json.dumps(document))
    assert json.loads(read.model_dump_json())["resourceType"] == document["resourceType"]
    assert set(json.loads(read.model_dump_json())) == set(document)


def test_every_document_of_an_order_is_fhir_at_each_of_its_stages(programme, supplier, tmp_path):
    """With a fulfilment number and without, with flags, with parcels there and back, with a day that is expected."""

    def written():
        is_fhir(programme.get("auditor", "/supply-requests/999999").json)
        is_fhir(programme.get("auditor", "/supply-deliveries/999999").json)

    supplier.order()
    written()
    for step in (
        lambda: supplier.change(status="error"),
        lambda: supplier.change(status="queued"),
        lambda: supplier.change(status="shipped", barcode=BARCODE),
        lambda: supplier.parcel(status="IN_TRANSIT"),
        lambda: supplier.parcel(status="DELIVERED", occurrenceDateTime="2026-03-03T12:00:00Z"),
        lambda: supplier.change(status="queued"),
        lambda: supplier.parcel(status="IN_TRANSIT", back=True, tracking="77"),
        lambda: supplier.parcel(status="DELIVERED", back=True, tracking="78"),
    ):
        assert step().status in (200, 201)
        written()
    supplier.order(
        number="888888", status="cancelled", identifier=[*numbered("888888")], quantity={"value": 2}
    )
    is_fhir(programme.get("auditor", "/supply-requests/888888").json)
    file = tmp_path / "mailed.ndjson"
    assert run(programme, "export", str(file)).exit_code == 0
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["resourceType"] for each in lines] == [
        *("SupplyRequest", "SupplyDelivery", "SupplyDelivery", "SupplyRequest")
    ]
    for each in lines:
        is_fhir(each)


def numbered(order):
    own = [{"system": "fulfillmentId", "value": "B0A0A0A"}]
    return [supply_request(number=order)["identifier"][0], *own]


def test_an_order_of_which_little_was_told_is_fhir_too(programme, supplier):
    bare = {name: value for name, value in supply_request().items() if name not in ("authoredOn", "supplier")}
    bare["contained"] = [each for each in bare["contained"] if each["resourceType"] == "Patient"]
    assert programme.post("biobank_lead", "/supply-requests", bare).status == 201
    is_fhir(programme.get("auditor", "/supply-requests/999999").json)
    is_fhir(programme.get("auditor", "/supply-deliveries/999999").json)


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_given_document_is_taken(programme, path):
    """The programme's own request has one supplier where R4 has a list; nothing else of theirs differs from R4."""
    document = json.loads(path.read_text())
    address = {"SupplyRequest": "/supply-requests", "SupplyDelivery": "/supply-deliveries"}
    if document["resourceType"] == "SupplyDelivery":
        assert programme.post("biobank_lead", address["SupplyRequest"], REAL_REQUEST).status == 201
    assert programme.post("biobank_lead", address[document["resourceType"]], document).status == 201
    if document["resourceType"] == "SupplyRequest":
        with pytest.raises(ValidationError, match="supplier"):
            is_fhir(document)
        document["supplier"] = [document["supplier"]]
    is_fhir(document)


def test_a_request_as_r4_has_it_is_taken_as_well(programme):
    document = supply_request()
    is_fhir(document | {"supplier": [document["supplier"]]})
    answer = programme.post(
        "biobank_lead", "/supply-requests", document | {"supplier": [document["supplier"]]}
    )
    assert answer.status == 201


def test_what_is_no_fhir_is_seen():
    """The library can refuse."""
    for document in (
        REAL_DELIVERY | {"stage": "mailed"},
        told(REAL_DELIVERY, "carrier", None) | {"status": []},
    ):
        with pytest.raises(ValidationError):
            is_fhir(document)
