"""A collection is cancelled as a whole and restored: held and freed, with everything made of it, and never twice."""

import pytest

from biobank.custody.checks import OtherSite
from biobank.custody.hold_checks import NothingToRelease
from biobank.custody.holds import place_hold
from biobank.custody.queries import holds_on, item_now
from biobank.custody.states import Action, HoldKind
from biobank.custody.steps import AskedBack, Source
from biobank.items.models import Item
from biobank.kits.cancelling import (
    CancelledAlready,
    NotCancelled,
    NothingToCancel,
    cancel_collection,
    restore_collection,
)
from biobank.kits.choices import CancelReason, RestoreReason
from biobank.kits.replay import collection_findings

WRONG, RIGHT = CancelReason.WRONG_PARTICIPANT, RestoreReason.RIGHT_PARTICIPANT


def told(clinic):
    return {"by": clinic.clinic, "source": Source("keyed"), "at": clinic.told()}


def test_all_of_a_cancelled_kit_is_held_until_it_is_restored(clinic):
    tubes = clinic.collected()
    kit = clinic.work.session.get_one(Item, clinic.row(tubes["1ED04"]).kit_id).identifier
    place_hold(clinic.work, clinic.now(tubes["1SS08"]), HoldKind.TEMPERATURE, "too warm", by=clinic.clinic)
    clinic.step(tubes["1ED04"], Action.RECEIVE)
    made = {"children": [{"specification": "plasma", "volume_microlitres": 500}]}
    clinic.step(tubes["1ED04"], Action.ALIQUOT, details=made)
    aliquot = clinic.work.session.query(Item).filter_by(kind="aliquot").one().identifier
    cancel_collection(clinic.work, kit, WRONG, **told(clinic))
    assert clinic.holds(kit) == clinic.holds(aliquot) == {"cancelled"}
    assert clinic.holds(tubes["1SS08"]) == {"cancelled", "temperature"}
    with pytest.raises(AskedBack, match=r"under a hold \(cancelled\)"):
        clinic.step(tubes["1ED04"], Action.ALIQUOT, details=made)
    with pytest.raises(NothingToRelease):
        clinic.step(aliquot, Action.RELEASE, clinic.lead, details={"hold": "cancelled", "reason": "no"})
    with pytest.raises(CancelledAlready):
        cancel_collection(clinic.work, kit, WRONG, **told(clinic))
    restore_collection(clinic.work, kit, RIGHT, **told(clinic))
    assert clinic.holds(kit) == clinic.holds(aliquot) == set()
    assert clinic.holds(tubes["1SS08"]) == {"temperature"}
    with pytest.raises(NotCancelled):
        restore_collection(clinic.work, kit, RIGHT, **told(clinic))
    assert list(collection_findings(clinic.work)) == []


def test_only_its_own_site_cancels_and_only_what_was_assigned(clinic):
    tubes = clinic.collected()
    kit = clinic.work.session.get_one(Item, clinic.row(tubes["1ED04"]).kit_id).identifier
    with pytest.raises(NothingToCancel, match="void a kit"):
        cancel_collection(clinic.work, tubes["1ED04"], WRONG, **told(clinic))
    with pytest.raises(OtherSite):
        cancel_collection(clinic.work, kit, WRONG, **{**told(clinic), "by": clinic.technician})
    assert holds_on(clinic.work, item_now(clinic.work, kit).id) == frozenset()
