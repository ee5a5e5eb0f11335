"""Bearer tokens: hashed, scoped, by site, expiring, revoked; one sentence for all that do not count."""

from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from biobank.access import checks, operations
from biobank.access.actors import SETTING_UP
from biobank.access.permissions import Permission, Role
from biobank.access.queries import actor_of_token, is_setting_up
from biobank.core.moments import now


def token(work, username="clinic.ana", **limits):
    return operations.create_token(work, SETTING_UP, username=username, **{"days": 1, **limits})


def test_a_token_is_its_person(work, add):
    add("clinic.ana", "clinic_staff@clinic-1", "auditor")
    _, text = token(work)
    ana = actor_of_token(work, text)
    assert ana.person == "clinic.ana"
    assert ana.grants == {(Role.CLINIC, "clinic-1"), (Role.AUDITOR, None)}
    assert ana.token_scopes is None


def test_the_text_of_a_token_is_nowhere_in_the_database(work, add):
    add("clinic.ana")
    _, text = token(work)
    row = work.session.execute(sql("SELECT * FROM tokens")).one()
    assert text not in str(row)
    assert text.removeprefix("biobank_") not in str(row)


def test_a_token_for_one_site_narrows_every_role(work, add, clinic):
    add("clinic.ana", "clinic_staff@clinic-1", "auditor")
    add("bob", "biobank_technician@clinic-1")
    _, text = token(work, site="clinic-1")
    assert actor_of_token(work, text).grants == {(Role.CLINIC, "clinic-1"), (Role.AUDITOR, "clinic-1")}


def test_a_token_for_another_site_leaves_nothing(work, add):
    from biobank.sites.operations import add_site

    add("clinic.ana", "clinic_staff@clinic-1")
    add_site(work, by="setup", code="clinic-2", name="Two", kind="clinic", zone="UTC")
    _, text = token(work, site="clinic-2")
    assert actor_of_token(work, text).grants == frozenset()


def test_scopes_limit_a_token(work, add):
    add("clinic.ana", "clinic_staff@clinic-1")
    _, text = token(work, scopes=frozenset({"items.see"}))
    ana = actor_of_token(work, text)
    assert ana.may(Permission.SEE_ITEMS)
    assert not ana.may(Permission.RECORD_STEPS)


def test_a_person_without_roles_is_somebody_who_may_nothing(work, add):
    add("clinic.ana")
    _, text = token(work)
    assert actor_of_token(work, text).roles == frozenset()


def test_unknown_expired_revoked_and_disabled_are_answered_alike(work, add):
    add("clinic.ana", "auditor")
    add("clinic.bob", "auditor")
    expired, expired_text = token(work)
    expired.expires_at = now() - timedelta(seconds=1)
    revoked, revoked_text = token(work)
    operations.revoke_token(work, revoked.id)
    _, disabled_text = token(work, "clinic.bob")
    operations.disable(work, SETTING_UP, "clinic.bob")
    work.flush()
    answers = set()
    for text in (expired_text, revoked_text, disabled_text, "biobank_unknown", "", "\x00", "\udcff"):
        with pytest.raises(checks.TokenRefused) as refusal:
            actor_of_token(work, text)
        answers.add(refusal.value.detail)
    assert answers == {"This token is unknown, expired or revoked; ask an administrator for a new one."}


def test_a_role_withdrawn_counts_no_more_for_the_token(work, add):
    add("clinic.ana", "auditor")
    _, text = token(work)
    assert actor_of_token(work, text).roles == {Role.AUDITOR}
    operations.withdraw_role(work, SETTING_UP, username="clinic.ana", role="auditor")
    assert actor_of_token(work, text).roles == frozenset()


def test_revoking_twice_keeps_the_first_moment(work, add):
    add("clinic.ana")
    made, _ = token(work)
    first = operations.revoke_token(work, made.id).revoked_at
    assert operations.revoke_token(work, made.id).revoked_at == first
    with pytest.raises(operations.TokenUnknown):
        operations.revoke_token(work, 999_999)


@pytest.mark.parametrize(
    "limits", [{"days": 0}, {"scopes": frozenset({"everything"})}, {"scopes": frozenset()}]
)
def test_limits_that_make_no_sense_are_refused(work, add, limits):
    add("clinic.ana")
    with pytest.raises(checks.TokenLimitsRefused):
        token(work, **limits)


def test_who_is_disabled_gets_no_token(work, add):
    add("clinic.ana")
    operations.disable(work, SETTING_UP, "clinic.ana")
    with pytest.raises(checks.TokenLimitsRefused, match="disabled"):
        token(work)


def test_set_up_ends_with_the_first_token_even_a_revoked_one(work, add):
    add("clinic.ana")
    assert is_setting_up(work)
    made, _ = token(work)
    operations.revoke_token(work, made.id)
    assert not is_setting_up(work)
