"""Set-up links: once, for a while, taken back, and nobody but the person ever knows the password."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from biobank.access import accounts, checks, operations, setup_links
from biobank.access.account_events import events_of
from biobank.access.actors import Actor
from biobank.access.models import BrowserSession, SetupLink
from biobank.access.permissions import Role
from biobank.access.proof_checks import LinkRefused, NothingToSetUp, OwnAccount, SetUpAlready
from biobank.core.moments import now
from biobank.settings import SettingRefused

PASSWORD = "plainly invented words"
KIM = Actor("admin.kim", "Testa Kim", frozenset({(Role.ADMINISTRATOR, None)}))


@pytest.fixture
def ana(add):
    add("admin.kim", "administrator")
    return add("clinic.ana", "clinic_staff@clinic-1")


def opened(work, code, password=PASSWORD):
    link = setup_links.link_of_code(work, code, address="192.0.2.7")
    return setup_links.use_link(work, link.id, setup_links.chosen_hash(link.person, password))


def happened(work, username="clinic.ana"):
    return [(each.event, each.by) for each in reversed(events_of(work, username, 50))]


def test_the_person_chooses_their_password_by_the_link_once(work, ana):
    _, code = setup_links.make_link(work, KIM, "clinic.ana")
    assert opened(work, code).username == "clinic.ana"
    assert accounts.verified(work, "clinic.ana", PASSWORD).username == "clinic.ana"
    with pytest.raises(LinkRefused):
        opened(work, code)
    assert happened(work) == [("link_made", "admin.kim"), ("link_used", "clinic.ana")]


def test_a_link_is_read_from_paper_as_from_a_browser(work, ana, settings):
    _, code = setup_links.make_link(work, KIM, "clinic.ana")
    address = setup_links.link_address(settings, code)
    assert address == f"http://localhost:8000/set-up#{code}"
    grouped = " ".join(code[at : at + 4].lower() for at in range(0, len(code), 4))
    for typed in (address, grouped, code):
        assert setup_links.link_of_code(work, typed, address=None).person == "clinic.ana"


@pytest.mark.parametrize(
    "wrong", ["biobank.example", "https://biobank.example/custody", "ftp://biobank.example"]
)
def test_the_public_address_is_one_without_a_path(settings, wrong):
    with pytest.raises(SettingRefused, match="public_url"):
        setup_links.public_address(settings.with_changes(public_url=wrong))
    assert (
        setup_links.public_address(settings.with_changes(public_url="https://b.example/"))
        == "https://b.example"
    )


def test_the_code_is_nowhere_in_the_database(work, ana):
    _, code = setup_links.make_link(work, KIM, "clinic.ana")
    work.flush()
    for table in ("setup_links", "account_events", "ledger_entries"):
        assert code not in str(work.session.execute(text(f"SELECT * FROM {table}")).all())


def test_unknown_used_old_taken_back_and_replaced_are_answered_alike(work, ana, add):
    add("clinic.bo")
    _, replaced = setup_links.make_link(work, KIM, "clinic.ana")
    _, revoked = setup_links.make_link(work, KIM, "clinic.ana")
    setup_links.revoke_link(work, KIM, "clinic.ana")
    late, old = setup_links.make_link(work, KIM, "clinic.bo")
    late.expires_at = now()
    add("clinic.cy")
    _, disabled = setup_links.make_link(work, KIM, "clinic.cy")
    operations.disable(work, KIM, "clinic.cy")
    answers = set()
    for code in (replaced, revoked, old, disabled, "A" * 52, "", "\udcff"):
        with pytest.raises(LinkRefused) as refusal:
            opened(work, code)
        answers.add((refusal.value.detail, refusal.value.subjects))
    assert len(answers) == 1
    with pytest.raises(NothingToSetUp):
        setup_links.revoke_link(work, KIM, "clinic.ana")


def test_a_link_holds_as_long_as_the_setting_says(work, ana):
    link, _ = setup_links.make_link(work, KIM, "clinic.ana")
    assert link.expires_at - link.made_at == timedelta(hours=72)


def test_guessing_at_links_is_throttled_by_address(work, ana):
    for _ in range(20):
        with pytest.raises(LinkRefused) as refusal:
            setup_links.link_of_code(work, "A" * 52, address="192.0.2.7")
        accounts.record_failure(work, refusal.value.subjects)
        work.expire()
    with pytest.raises(checks.TooManyAttempts):
        setup_links.link_of_code(work, "A" * 52, address="192.0.2.7")


def test_a_weak_password_leaves_the_link_as_it_was(work, ana):
    _, code = setup_links.make_link(work, KIM, "clinic.ana")
    for weak in ("short", "clinic.ana and more", "passkey: and more words"):
        with pytest.raises(checks.PasswordRefused):
            opened(work, code, weak)
    assert opened(work, code)


def test_whoever_has_a_password_is_reset_and_nothing_before_counts(work, ana):
    _, code = setup_links.make_link(work, KIM, "clinic.ana")
    person = opened(work, code)
    operations.open_session(work, person, lasting=timedelta(hours=1))
    with pytest.raises(SetUpAlready, match="reset"):
        setup_links.make_link(work, KIM, "clinic.ana")
    _, again = setup_links.reset_account(work, KIM, "clinic.ana")
    assert work.session.query(BrowserSession).one().revoked_at is not None
    with pytest.raises(checks.CredentialsRefused):
        accounts.verified(work, "clinic.ana", PASSWORD)
    assert opened(work, again, "other invented words").username == "clinic.ana"
    assert ("reset", "admin.kim") in happened(work)


def test_nobody_sets_up_or_resets_their_own_account_so(work, ana):
    for step in (setup_links.make_link, setup_links.reset_account):
        with pytest.raises(OwnAccount):
            step(work, KIM, "admin.kim")
    operations.disable(work, KIM, "clinic.ana")
    with pytest.raises(NothingToSetUp, match="disabled"):
        setup_links.make_link(work, KIM, "clinic.ana")


def test_of_two_who_open_one_link_at_once_one_is_refused(work, ana):
    link, _ = setup_links.make_link(work, KIM, "clinic.ana")
    chosen = setup_links.chosen_hash("clinic.ana", PASSWORD)
    setup_links.use_link(work, link.id, chosen)
    with pytest.raises(LinkRefused):
        setup_links.use_link(work, link.id, chosen)
    work.expire()
    assert work.session.get(SetupLink, link.id).used_at is not None
