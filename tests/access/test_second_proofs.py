"""Codes of an app and of the paper at sign-in: who is asked, what counts, and one answer to everything wrong."""

import time
from contextlib import suppress
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from biobank.access import operations, second_proofs, sign_ins, verifying
from biobank.access.account_events import account_findings, events_of
from biobank.access.checks import SessionEnded
from biobank.access.choices import Proof
from biobank.access.models import RecoveryCode, TimeCode
from biobank.access.proof_checks import CodeRefused, LastProof, NothingToSetUp, SignInRefused
from biobank.access.queries import actor_named, actor_of_session, person_named
from biobank.access.setup_links import reset_account
from biobank.core.moments import now
from biobank.settings import SettingRefused
from tests.access.test_setup_links import KIM

PASSWORD = "plainly invented words"
STEP_SECONDS = 30


@pytest.fixture
def asked(work):
    """As outside the demonstration: compliance signs in with a second proof."""
    work.settings = work.settings.with_changes(demo=False)
    return work


@pytest.fixture
def comp(add, asked):
    add("admin.kim", "administrator")
    add("clinic.ana", "clinic_staff@clinic-1", password=PASSWORD)
    return add("comp.here", "compliance", password=PASSWORD)


def set_up(work, username="comp.here"):
    """Codes confirmed with one that is over, so that the next can be used at once; and the recovery codes."""
    second_proofs.begin_codes(work, username)
    secret = second_proofs.secret_of(work, second_proofs.begun_code(work, username))
    left = STEP_SECONDS - now().timestamp() % STEP_SECONDS
    time.sleep(left if left < 2 else 0)  # a code of the step before counts no more once this one has ended
    earlier = pyotp.TOTP(secret).at(now() - timedelta(seconds=STEP_SECONDS))
    return secret, second_proofs.confirm_codes(work, actor_named(work, username), earlier)


def code_now(secret):
    return pyotp.TOTP(secret).at(now())


def sign_in(work, code="", password=PASSWORD, username="comp.here"):
    proved = sign_ins.proved_by_password(work, username, password, code, "192.0.2.7")
    sign_ins.count_code(work, proved)
    return proved


def test_who_needs_a_second_proof_and_has_none_can_only_set_one_up(work, comp):
    proved = sign_in(work)
    assert proved.proof is Proof.ENROLLING
    text = operations.open_session(work, proved.person, lasting=timedelta(hours=1), by=proved.proof)
    actor = actor_of_session(work, text, timedelta(minutes=15)).actor
    assert {permission.value for permission in actor.permissions} == {"account.use"}
    assert sign_in(work, username="clinic.ana").proof is Proof.PASSWORD


def test_once_set_up_the_password_alone_opens_nothing(work, comp):
    secret, _ = set_up(work)
    with pytest.raises(SignInRefused):
        sign_in(work)
    assert sign_in(work, code_now(secret)).proof is Proof.PASSWORD


def test_no_code_is_taken_twice_and_of_two_at_once_one_is_refused(work, comp):
    secret, _ = set_up(work)
    code = code_now(secret)
    both = [sign_ins.proved_by_password(work, "comp.here", PASSWORD, code) for _ in range(2)]
    sign_ins.count_code(work, both[0])
    with pytest.raises(SignInRefused):
        sign_ins.count_code(work, both[1])
    with pytest.raises(SignInRefused):
        sign_in(work, code)


def test_whoever_set_codes_up_is_asked_although_no_role_demands_it(work, comp):
    secret, _ = set_up(work, "clinic.ana")
    with pytest.raises(SignInRefused):
        sign_in(work, username="clinic.ana")
    assert sign_in(work, code_now(secret), username="clinic.ana").proof is Proof.PASSWORD


def test_everything_wrong_is_one_answer(work, comp):
    secret, _ = set_up(work)
    operations.disable(work, KIM, "clinic.ana")
    answers = set()
    for wrong in (
        {"code": ""},
        {"code": "000000"},
        {"code": code_now(secret), "password": "something else"},
        {"username": "nobody", "code": code_now(secret)},
        {"username": "clinic.ana"},
        {"username": "\udcff", "code": "\x00"},
    ):
        with pytest.raises(SignInRefused) as refusal:
            sign_in(work, **wrong)
        answers.add(refusal.value.detail)
    assert len(answers) == 1


def test_an_unknown_account_has_its_code_compared_like_a_known_one(work, comp, monkeypatch):
    set_up(work)
    compared = []
    real = verifying.matching_step
    monkeypatch.setattr(verifying, "matching_step", lambda *told: compared.append(1) or real(*told))
    for username in ("comp.here", "clinic.ana", "nobody"):
        for password in (PASSWORD, "something else"):
            before = len(compared)
            with suppress(SignInRefused):
                sign_ins.proved_by_password(work, username, password, "123456")
            assert len(compared) == before + 1


def test_a_code_on_paper_stands_in_once(work, comp):
    _, recovery = set_up(work)
    assert len(recovery) == len(set(recovery)) == 10
    typed = f"{recovery[3][:8].lower()}-{recovery[3][8:]}"
    assert sign_in(work, typed).proof is Proof.PASSWORD
    with pytest.raises(SignInRefused):
        sign_in(work, typed)
    assert second_proofs.recovery_codes_left(work, "comp.here") == 9
    assert events_of(work, "comp.here", 1)[0].event == "recovery_code_used"


def test_new_recovery_codes_end_those_before(work, comp):
    _, before = set_up(work)
    after = second_proofs.new_recovery_codes(work, actor_named(work, "comp.here"))
    with pytest.raises(SignInRefused):
        sign_in(work, before[0])
    assert sign_in(work, after[0])


def test_nothing_of_it_lies_readable_in_the_database(work, comp):
    secret, recovery = set_up(work)
    stored = "".join(
        str(work.session.execute(text(f"SELECT * FROM {table}")).all())
        for table in ("time_codes", "recovery_codes", "account_events", "ledger_entries")
    )
    sealed = bytes(work.session.query(TimeCode).one().sealed)
    assert secret.encode() not in sealed
    assert not any(each in stored for each in (secret, *recovery))


def test_a_secret_that_is_moved_to_another_account_does_not_open(work, comp):
    set_up(work)
    set_up(work, "clinic.ana")
    ana, here = work.session.query(TimeCode).order_by(TimeCode.person).all()
    ana.sealed = here.sealed
    work.flush()
    with pytest.raises(CodeRefused):
        second_proofs.secret_of(work, ana)


def test_codes_count_once_confirmed_and_until_then_those_before_do(work, comp):
    secret, _ = set_up(work)
    second_proofs.begin_codes(work, "comp.here")
    with pytest.raises(CodeRefused):
        second_proofs.confirm_codes(work, actor_named(work, "comp.here"), "000000")
    assert sign_in(work, code_now(secret))
    other = second_proofs.secret_of(work, second_proofs.begun_code(work, "comp.here"))
    second_proofs.confirm_codes(work, actor_named(work, "comp.here"), code_now(other))
    with pytest.raises(SignInRefused):
        sign_in(work, pyotp.TOTP(secret).at(now() + timedelta(seconds=30)))


def test_the_only_second_proof_of_a_role_that_needs_one_stays(work, comp):
    set_up(work)
    with pytest.raises(LastProof):
        second_proofs.end_codes(work, actor_named(work, "comp.here"))
    set_up(work, "clinic.ana")
    second_proofs.end_codes(work, actor_named(work, "clinic.ana"))
    assert sign_in(work, username="clinic.ana").proof is Proof.PASSWORD
    assert work.session.query(RecoveryCode).filter_by(person="clinic.ana", ended_at=None).count() == 0
    for nothing in (second_proofs.end_codes, second_proofs.new_recovery_codes):
        with pytest.raises(NothingToSetUp):
            nothing(work, actor_named(work, "clinic.ana"))


def test_a_reset_ends_codes_and_paper(work, comp):
    secret, recovery = set_up(work)
    reset_account(work, KIM, "comp.here")
    for code in (code_now(secret), recovery[0]):
        with pytest.raises(SignInRefused):
            sign_in(work, code)
    assert not second_proofs.has_second_proof(work, "comp.here")


def test_a_role_that_needs_a_second_proof_signs_out_whoever_has_none(work, comp):
    ana = person_named(work, "clinic.ana")
    text = operations.open_session(work, ana, lasting=timedelta(hours=1))
    operations.grant_role(work, KIM, username="clinic.ana", role="auditor")
    assert actor_of_session(work, text, timedelta(minutes=15))
    operations.grant_role(work, KIM, username="clinic.ana", role="compliance")
    with pytest.raises(SessionEnded):
        actor_of_session(work, text, timedelta(minutes=15))


def test_a_role_that_is_none_in_the_setting_is_said(settings):
    wrong = settings.with_changes(second_proof_roles="compliance, administrators")
    with pytest.raises(SettingRefused, match="administrators"):
        second_proofs.roles_with_second_proof(wrong)
    assert second_proofs.roles_with_second_proof(settings) == frozenset()


def test_what_happened_to_an_account_is_compared_with_the_log(work, comp):
    set_up(work)
    assert list(account_findings(work)) == []
    for trigger in ("account_events_no_update", "account_events_no_change"):
        statement = f"DROP TRIGGER IF EXISTS {trigger}"
        if work.is_sqlite == trigger.endswith("update"):
            work.session.execute(text(statement if work.is_sqlite else f"{statement} ON account_events"))
    work.session.execute(
        text("UPDATE account_events SET event = 'link_used' WHERE event = 'time_codes_set_up'")
    )
    work.expire()
    assert [finding.subject for finding in account_findings(work)] != []
