"""Adding people, granting and withdrawing roles, disabling, outsiders."""

import pytest

from biobank.access import checks, operations
from biobank.access.actors import SETTING_UP
from biobank.access.permissions import Role
from biobank.access.queries import PersonUnknown, actor_named, grants_of, person_named
from biobank.sites.queries import SiteUnknown


def test_a_person_becomes_an_actor_with_their_roles(work, add):
    add("clinic.ana", "clinic_staff@clinic-1", "auditor")
    ana = actor_named(work, "clinic.ana", station="clinic-1/bench")
    assert ana.grants == {(Role.CLINIC, "clinic-1"), (Role.AUDITOR, None)}
    assert (ana.printed_name, ana.station) == ("Testa clinic.ana", "clinic-1/bench")


@pytest.mark.parametrize("username", ["A", "Clinic.Ana", "ana smith", "", "a" * 41, ".ana", "ana\x00"])
def test_a_user_name_that_is_no_code_is_refused(work, username):
    with pytest.raises(checks.PersonRefused, match="cannot be a user name"):
        operations.add_person(work, SETTING_UP, username=username, printed_name="Testa")


@pytest.mark.parametrize("printed_name", ["", "  ", "x" * 121])
def test_a_person_needs_a_printed_name(work, printed_name):
    with pytest.raises(checks.PersonRefused, match="printed name"):
        operations.add_person(work, SETTING_UP, username="ana", printed_name=printed_name)


def test_a_user_name_is_never_used_again(work, add):
    add("clinic.ana")
    operations.disable(work, SETTING_UP, "clinic.ana")
    with pytest.raises(checks.PersonExists):
        add("clinic.ana")


@pytest.mark.parametrize("password", ["eleven char", "x" * 201, "my-clinic.ana-word"])
def test_a_weak_password_is_refused(add, password):
    with pytest.raises(checks.PasswordRefused):
        add("clinic.ana", password=password)


def test_nobody_grants_themselves_or_takes_from_themselves(work, add):
    add("admin.kim", "administrator")
    kim = actor_named(work, "admin.kim")
    with pytest.raises(checks.OwnRoles):
        operations.grant_role(work, kim, username="admin.kim", role="compliance")
    with pytest.raises(checks.OwnRoles):
        operations.withdraw_role(work, kim, username="admin.kim", role="administrator")
    with pytest.raises(checks.OwnRoles, match="disables themselves"):
        operations.disable(work, kim, "admin.kim")
    assert actor_named(work, "admin.kim").roles == {Role.ADMINISTRATOR}


def test_a_bench_role_needs_its_site(work, add):
    with pytest.raises(checks.RoleRefused, match="at a site"):
        add("clinic.ana", "clinic_staff")


def test_unknown_roles_sites_and_people_are_refused_by_name(work, add):
    add("clinic.ana")
    with pytest.raises(checks.RoleRefused, match="nurse"):
        operations.grant_role(work, SETTING_UP, username="clinic.ana", role="nurse")
    with pytest.raises(SiteUnknown, match="clinic-9"):
        operations.grant_role(work, SETTING_UP, username="clinic.ana", role="clinic_staff", site="clinic-9")
    with pytest.raises(PersonUnknown, match=r"clinic\.bob"):
        operations.grant_role(work, SETTING_UP, username="clinic.bob", role="auditor")


def test_granting_twice_is_one_grant(work, add):
    add("clinic.ana", "clinic_staff@clinic-1", "clinic_staff@clinic-1")
    assert len(grants_of(work, "clinic.ana")) == 1


def test_a_withdrawn_role_counts_no_more_and_can_be_granted_again(work, add):
    add("clinic.ana", "clinic_staff@clinic-1", "auditor")
    withdraw = {"username": "clinic.ana", "role": "clinic_staff", "site": "clinic-1"}
    operations.withdraw_role(work, SETTING_UP, **withdraw)
    assert actor_named(work, "clinic.ana").roles == {Role.AUDITOR}
    with pytest.raises(checks.RoleRefused, match="does not hold"):
        operations.withdraw_role(work, SETTING_UP, **withdraw)
    operations.grant_role(work, SETTING_UP, **withdraw)
    assert actor_named(work, "clinic.ana").roles == {Role.AUDITOR, Role.CLINIC}


def test_an_outsider_is_one_person_for_one_hash_and_never_signs_in(work):
    first = operations.outsider(work, "ABCDEF0123456789" * 4)
    again = operations.outsider(work, "abcdef0123456789" * 4)
    assert first.username == again.username == "ext-abcdef012345"
    assert first.outsider
    assert not first.active
    assert person_named(work, "ext-abcdef012345").password_hash is None
