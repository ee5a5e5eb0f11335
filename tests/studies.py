"""An approved study on the floor: its request, the committee that approves it, and tubes that may go to it."""

from datetime import UTC, datetime, timedelta

from biobank.access import operations as access
from biobank.access.actors import SETTING_UP
from biobank.access.inputs import Signing
from biobank.core import moments
from biobank.custody.states import Action, Kind
from biobank.distribution import operations
from biobank.distribution.inputs import NewRequest, Portion
from biobank.distribution.queries import request_called
from biobank.distribution.records import request_record
from biobank.participants.operations import record_consent
from tests.floor import CODE
from tests.leaving import PASSWORD

NUMBER = "REQ-7"


def committee(leaving):
    """Somebody of the access committee, who can sign."""
    access.add_person(
        leaving.work, SETTING_UP, username="acc.mara", printed_name="Testa acc.mara", password=PASSWORD
    )
    access.grant_role(leaving.work, SETTING_UP, username="acc.mara", role="access_committee", site=None)


def new_request(number=NUMBER, *, most=50, days=30, kinds=(Kind.TUBE, Kind.ALIQUOT), **more):
    today = moments.now().date()
    told = {
        "study": "STUDY-A", "receiver": "UNI-1", "agreement": "MTA-2026-3", "purpose": "Lipids, sleep",
        "valid_from": today - timedelta(days=2), "valid_until": today + timedelta(days=days),
        "portions": tuple(Portion(kind=kind, most=most) for kind in kinds),
    }  # fmt: skip
    return NewRequest(number=number, **(told | more))


def register(leaving, number=NUMBER, **told):
    return operations.register_request(leaving.work, new_request(number, **told), by=leaving.lead)


def approve(leaving, number=NUMBER, *, who="comp.cleo", password=PASSWORD, sha256=None):
    shown = sha256 or request_record(request_called(leaving.work, number))[1]
    return operations.approve_request(
        leaving.work, number, Signing(username=who, password=password, sha256=shown), by=leaving.compliance
    )


def approved(leaving, number=NUMBER, **told):
    register(leaving, number, **told)
    return approve(leaving, number)


def shares(leaving, participant=CODE, scopes=("blood", "urine", "sharing"), *, effective_at=None):
    record_consent(
        leaving.work, leaving.clinic, participant=participant, form_version="2026-2", language="en",
        scopes=scopes, effective_at=effective_at or datetime(2026, 1, 6, tzinfo=UTC), source="form F3",
    )  # fmt: skip


def hand_over(leaving, item, number=NUMBER, **told):
    return leaving.step(item, Action.DISTRIBUTE, details={"request": number}, **told)
