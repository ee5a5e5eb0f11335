"""Two clinics and somebody who works at the first."""

import pytest

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.participants.operations import register_participant
from biobank.sites.operations import add_site

PATTERN = "[A-Z][0-9]{9}"


@pytest.fixture
def ana(work):
    for code in ("clinic-1", "clinic-2"):
        add_site(work, by="setup", code=code, name=code, kind="clinic", zone="America/Chicago")
    return Actor("clinic.ana", "Ana", frozenset({(Role.CLINIC, "clinic-1")}))


@pytest.fixture
def participant(work, ana):
    return register_participant(work, ana, code="A123456789", pattern=PATTERN, site="clinic-1")
