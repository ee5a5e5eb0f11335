"""A clinic, a biobank, their people and a participant who consented."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.participants.operations import record_consent, register_participant
from biobank.sites.operations import add_site
from biobank.wiring import install_rules


def actor(person, role, site):
    return Actor(person, person, frozenset({(role, site)}))


@pytest.fixture
def people():
    return SimpleNamespace(
        clinic=actor("clinic.ana", Role.CLINIC, "clinic-1"),
        other_clinic=actor("clinic.bob", Role.CLINIC, "clinic-2"),
        technician=actor("bio.tess", Role.TECHNICIAN, "biobank-1"),
        compliance=actor("comp.cleo", Role.COMPLIANCE, None),
    )


@pytest.fixture
def place(work, people):
    """The sites, and the participant A100000001 with consent to blood and urine."""
    install_rules()
    for code, kind in (("clinic-1", "clinic"), ("clinic-2", "clinic"), ("biobank-1", "biobank")):
        add_site(work, by="setup", code=code, name=code, kind=kind, zone="America/Chicago")
    participant(work, people.clinic, "A100000001")
    return work


def participant(work, by, code, scopes=("blood", "urine"), **values):
    register_participant(
        work, by, code=code, pattern=work.settings.participant_code_pattern, site="clinic-1", **values
    )
    if scopes:
        record_consent(
            work, by, participant=code, form_version="2026-1", language="en", scopes=scopes,
            effective_at=datetime(2026, 1, 5, tzinfo=UTC), source="form F1",
        )  # fmt: skip


@pytest.fixture
def register(place, people):
    """Another participant; `scopes=()` has consented to nothing."""
    return lambda code, **values: participant(place, people.clinic, code, **values)
