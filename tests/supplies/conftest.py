"""The programme's supplier and carriers, who speak through the token of a lead."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from biobank.core.database import reading
from biobank.supplies.replay import supply_findings
from tests.pages.conftest import seat
from tests.programme import PARTICIPANT

__all__ = ["seat"]

DOCUMENTS = Path(__file__).parent / "documents"
REAL_REQUEST = json.loads((DOCUMENTS / "dv_order_api_put_supply_request.json").read_text())
REAL_DELIVERY = json.loads((DOCUMENTS / "dv_order_api_post_supply_delivery.json").read_text())
FHIR = "http://joinallofus.org/fhir/"
OURS = "urn:biobank:participant"


def told(document, name, value):
    """The document with one extension saying something else; None takes it out."""
    document = deepcopy(document)
    left = [each for each in document["extension"] if each["url"] != FHIR + name]
    document["extension"] = left + ([{"url": FHIR + name, "valueString": value}] if value else [])
    return document


def supply_request(status="pending", barcode=None, number="999999", code=PARTICIPANT, **more):
    document = told(told(REAL_REQUEST, "fulfillment-status", status), "barcode", barcode)
    patient = next(each for each in document["contained"] if each["resourceType"] == "Patient")
    patient["identifier"] = [{"system": OURS, "value": code}]
    document["identifier"][0]["value"] = number
    return document | more


def supply_delivery(
    status="IN_TRANSIT",
    tracking="9400110200881234567890",
    back=False,
    number="999999",
    code=PARTICIPANT,
    **more,
):
    document = told(REAL_DELIVERY, "tracking-status", status)
    document["patient"] = {"identifier": {"system": OURS, "value": code}}
    document["basedOn"][0]["identifier"]["value"] = number
    document["identifier"][0]["value"] = tracking
    if back:
        document["partOf"] = [
            {"identifier": {"system": FHIR + "trackingId", "value": "9400110200881234567890"}}
        ]
    return document | more


class Supplier:
    def __init__(self, programme):
        self.programme = programme

    def order(self, **values):
        return self.programme.post("biobank_lead", "/supply-requests", supply_request(**values))

    def change(self, number="999999", version=None, **values):
        named = {"If_Match": f'W/"{version}"'} if version else {}
        document = supply_request(number=number, **values)
        return self.programme.ask("biobank_lead", "PUT", f"/supply-requests/{number}", document, **named)

    def parcel(self, **values):
        return self.programme.post("biobank_lead", "/supply-deliveries", supply_delivery(**values))

    def stage(self, number="999999"):
        """Where the order stands, and the flags of what was told last."""
        answer = self.programme.get("auditor", f"/supply-requests/{number}/versions").json
        last = answer["versions"][-1]
        return last["stage"], [flag["code"] for flag in last["flags"]]

    def findings(self):
        with self.programme.app.app_context(), reading() as work:
            return [str(each) for each in supply_findings(work)]


@pytest.fixture
def supplier(programme):
    return Supplier(programme)
