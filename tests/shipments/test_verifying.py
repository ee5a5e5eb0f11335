"""A line of a manifest that somebody took away or turned to another tube is noticed while the parcel travels."""

import pytest

from biobank.custody.states import Action
from biobank.shipments.queries import line_of, shipment_named
from biobank.shipments.replay import parcel_findings
from biobank.wiring import install_rules
from tests.floor import Floor


@pytest.fixture
def changed(work):
    """A floor that is left as it was changed beside the log."""
    install_rules()
    return Floor(work)


def sent(floor):
    """A parcel with two tubes that nobody has seen since, and a tube that stayed at the clinic."""
    tubes = floor.collected()
    parcel = floor.parcel()
    for code in ("1SS08", "1ED04"):
        floor.step(tubes[code], Action.PACK, floor.clinic, place=parcel)
    details = {"carrier": "fedex", "tracking_number": "794612345678"}
    floor.step(parcel, Action.DISPATCH, floor.clinic, details=details, confirmation="late")
    shipment = shipment_named(floor.work, parcel)
    lines = {code: line_of(floor.work, shipment, floor.now(tubes[code]).id) for code in ("1SS08", "1ED04")}
    return parcel, tubes, lines


def said(floor):
    return [finding.sentence for finding in parcel_findings(floor.work)]


def test_a_line_that_is_gone_is_missed(changed):
    parcel, tubes, lines = sent(changed)
    assert said(changed) == []
    changed.work.session.delete(lines["1SS08"])
    assert said(changed) == [f"line {tubes['1SS08']} of parcel {parcel} is told and not stored."]


def test_a_line_that_names_another_tube_is_seen_for_both(changed):
    parcel, tubes, lines = sent(changed)
    lines["1ED04"].item_id = changed.now(tubes["1HEP4"]).id
    assert sorted(said(changed)) == sorted(
        [
            f"line {tubes['1ED04']} of parcel {parcel} is told and not stored.",
            f"line {tubes['1HEP4']} of parcel {parcel} is stored, and nothing tells of it.",
        ]
    )


def test_a_line_of_a_parcel_that_was_received_is_missed_too(changed):
    parcel, tubes, lines = sent(changed)
    changed.step(tubes["1SS08"], Action.RECEIVE, details={"parcel": parcel})
    lines["1SS08"].item_id = changed.now(tubes["1HEP4"]).id
    assert f"line {tubes['1HEP4']} of parcel {parcel}" in " ".join(said(changed))
