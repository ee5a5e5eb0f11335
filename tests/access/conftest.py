"""A clinic, and people who can be added to it."""

import pytest

from biobank.access import operations
from biobank.access.actors import SETTING_UP
from biobank.sites.operations import add_site


@pytest.fixture
def clinic(work):
    return add_site(
        work, by="setup", code="clinic-1", name="Clinic One", kind="clinic", zone="America/Chicago"
    )


@pytest.fixture
def add(work, clinic):
    """Add a person; roles as ROLE@SITE or ROLE."""

    def add(username, *roles, password=None):
        person = operations.add_person(
            work, SETTING_UP, username=username, printed_name=f"Testa {username}", password=password
        )
        for text in roles:
            role, _, site = text.partition("@")
            operations.grant_role(work, SETTING_UP, username=username, role=role, site=site or None)
        return person

    return add
