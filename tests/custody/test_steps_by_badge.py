"""At a station a badge is enough for the routine, and not for ending a specimen or freeing it."""

from dataclasses import replace

import pytest

from biobank.access.checks import PasswordNeeded
from biobank.access.queries import actor_named
from biobank.core.database import writing
from biobank.custody.operations import record
from biobank.custody.states import DISPOSALS, LEAVING, Action
from biobank.custody.steps import Source


def test_whoever_ends_a_specimen_says_their_password(programme):
    _, tubes = programme.kit()
    with programme.app.app_context(), writing() as work:
        by = replace(actor_named(work, "lead.here"), by_badge=True, station="biobank-1/bench")
        said = DISPOSALS | LEAVING | {Action.RELEASE}
        for action in said - {Action.ACCEPT_ATTESTATION}:  # that one is compliance's
            with pytest.raises(PasswordNeeded, match="Sign in with your password for this"):
                record(work, tubes[0], action, by=by, source=Source("scan"), at=None)
        details = {"hold": "discrepancy", "reason": "The label is torn."}
        done = record(
            work, tubes[0], Action.QUARANTINE, by=by, source=Source("scan"), at=None, details=details
        )
    assert done.event["station"] == "biobank-1/bench"
