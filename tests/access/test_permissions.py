"""The table of permissions against a literal one, and what an actor makes of it."""

import pytest

from biobank.access.actors import Actor
from biobank.access.checks import PermissionMissing, permitted
from biobank.access.permission_words import TO_DO
from biobank.access.permissions import ROLE_PERMISSIONS, Permission, Role

EVERYBODY = "account.use work.see sites.see"
BENCH = (
    f"{EVERYBODY} items.see shipments.see ledger.see custody.record labels.print shipments.make stock.manage "
    "centrifuge.run"
)
BIOBANK = (
    f"{BENCH} kits.make shipments.receive supplies.see storage.see outages.declare destruction.see destruction.prepare destruction.sign "
    "processing.work storage.count certificates.see distribution.see distribution.make storage.pick"
)
READING = "items.see participants.see shipments.see supplies.see storage.see destruction.see certificates.see ledger.see reports.see distribution.see"
LEDGER = "ledger.checkpoint ledger.export"
EXPECTED = {
    "clinic_staff": f"{BENCH} visits.run participants.see participants.register identity.check withdrawals.record reports.see "
    "destruction.see destruction.prepare destruction.sign statements.make",
    "biobank_technician": BIOBANK,
    "biobank_lead": f"{BIOBANK} {READING} {LEDGER} visits.run decisions.countersign recalls.open inventories.plan kits.define storage.build outages.decide temperatures.release files.import files.export "
    "studies.register holders.ask custodians.keep",
    "compliance": f"{EVERYBODY} {READING} {LEDGER} custody.record recalls.open participants.register withdrawals.record "
    "identity.read identity.accesses "
    "decisions.reverse decisions.countersign destruction.prepare destruction.sign destruction.confirm signings.alarms "
    "studies.register studies.approve studies.check holders.ask disclosures.see disclosures.make "
    "messages.see messages.send feeds.exchange custodians.keep statements.make audit_packs.make inventories.plan",
    "identity_officer": f"{EVERYBODY} participants.see participants.register files.import "
    "identity.read identity.keep identity.check identity.accesses disclosures.see",
    "auditor": f"{EVERYBODY} {READING} {LEDGER} identity.accesses disclosures.see messages.see audit_packs.make",
    "administrator": f"{EVERYBODY} sites.add people.add tokens.create signings.alarms service.maintain",
    "access_committee": f"{EVERYBODY} distribution.see studies.approve",
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_holds_exactly_what_the_table_says(role):
    assert {permission.value for permission in ROLE_PERMISSIONS[role]} == set(EXPECTED[role.value].split())


def test_every_permission_is_held_by_somebody():
    assert frozenset().union(*ROLE_PERMISSIONS.values()) == set(Permission)


def test_every_permission_is_told_in_words_and_not_as_a_code():
    assert set(TO_DO) == set(Permission)
    assert len(set(TO_DO.values())) == len(TO_DO)
    codes = {*map(str, Permission), *(role.value for role in Role if "_" in role.value)}
    for permission in Permission:
        with pytest.raises(PermissionMissing) as refused:
            permitted(Actor("new.ann", "Ann", frozenset()), permission)
        assert not [code for code in codes if code in refused.value.detail]
        assert refused.value.extra == {"permission": permission.value}


def actor(*grants, scopes=None):
    return Actor("clinic.ana", "Ana", frozenset(grants), token_scopes=scopes)


def test_a_role_at_one_site_is_none_at_another():
    ana = actor((Role.CLINIC, "clinic-1"))
    assert ana.has(Role.CLINIC)
    assert ana.has(Role.CLINIC, "clinic-1")
    assert not ana.has(Role.CLINIC, "clinic-2")
    assert not ana.has(Role.LEAD)
    assert ana.sites == {"clinic-1"}
    assert ana.works_at("clinic-1")
    assert not ana.works_at("clinic-2")


def test_a_role_at_all_sites_is_one_at_each():
    ana = actor((Role.AUDITOR, None), (Role.CLINIC, "clinic-1"))
    assert ana.sites is None
    assert ana.works_at("clinic-9")
    assert ana.has(Role.AUDITOR, "clinic-9")
    assert not ana.has(Role.CLINIC, "clinic-9")


def test_a_permission_counts_at_the_site_of_the_role_that_gives_it():
    ana = actor((Role.AUDITOR, None), (Role.CLINIC, "clinic-1"))
    assert ana.may(Permission.RECORD_STEPS, "clinic-1")
    assert not ana.may(Permission.RECORD_STEPS, "clinic-2")
    assert ana.may(Permission.SEE_ITEMS, "clinic-2")


def test_scopes_of_a_token_narrow_and_never_widen():
    ana = actor((Role.CLINIC, "clinic-1"), scopes=frozenset({"items.see", "people.add"}))
    assert ana.may(Permission.SEE_ITEMS)
    assert not ana.may(Permission.RECORD_STEPS)
    assert not ana.may(Permission.ADD_PEOPLE)


def test_somebody_without_a_role_may_nothing():
    assert not any(actor().may(permission) for permission in Permission)
