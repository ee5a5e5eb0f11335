"""Passkeys at sign-in and at signatures: bound to what was shown, once, by their person alone."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from biobank.access import checks, operations, passkeys
from biobank.access.actors import Actor
from biobank.access.choices import Proof, Purpose
from biobank.access.models import Passkey, PasskeyQuestion, Signature
from biobank.access.proof_checks import LastProof, PasskeyRefused, PasskeyUnknown
from biobank.access.queries import actor_named
from biobank.access.replay import signature_findings
from biobank.access.second_proofs import has_second_proof
from biobank.access.setup_links import reset_account
from biobank.access.sign_ins import proved_by_password
from biobank.access.signatures import sign
from biobank.access.verifying import Party, Question, judged
from biobank.core.moments import now
from biobank.core.personal_shapes import NamesSomebody
from biobank.ledger.models import LedgerEntry
from tests.access.authenticator import Authenticator
from tests.access.test_second_proofs import asked  # noqa: F401 (a fixture)
from tests.access.test_setup_links import KIM

PASSWORD = "plainly invented words"
SEEN = "I saw the pieces of this batch destroyed as described."
BATCH, OTHER = ("waste_batch", "W1", "ab" * 32), ("waste_batch", "W2", "cd" * 32)


@pytest.fixture
def bench(work, add):
    """The performer's session at a station; the witness steps up beside."""
    for username in ("tech.bo", "tech.cy"):
        add(username, "biobank_technician@clinic-1", password=PASSWORD)
    return replace(actor_named(work, "tech.bo"), station="clinic-1/bench", address="192.0.2.7")


def told(nonce, credential, shown=()):
    return {"nonce": nonce, "shown": list(shown), "credential": credential}


def register(work, username, device, name="blue key"):
    nonce = passkeys.ask(work, Purpose.REGISTER, username)
    made = device.made(Question(Purpose.REGISTER, nonce).challenge)
    answer = passkeys.read_answer(json.dumps(told(nonce, made)))
    return passkeys.register(work, actor_named(work, username), answer, name)


@pytest.fixture
def device(work, bench):
    device = Authenticator()
    register(work, "tech.cy", device)
    return device


def signed_over(work, device, by, *records, meaning=SEEN, nonce=None):
    """What the page sends in place of a password."""
    shown = [sha256 for _, _, sha256 in records]
    nonce = nonce or passkeys.ask(work, Purpose.SIGN, by.person)
    question = Question(Purpose.SIGN, nonce, meaning, tuple(shown))
    return "passkey:" + json.dumps(told(nonce, device.answers(question.challenge), shown))


def test_a_witness_signs_by_passkey_in_the_performers_session(work, bench, device):
    signature = sign(work, bench, "tech.cy", signed_over(work, device, bench, BATCH), SEEN, [BATCH])
    assert (signature.signer, signature.requested_by) == ("tech.cy", "tech.bo")
    assert (signature.proved_by, signature.station) == ("passkey", "clinic-1/bench")


def test_the_ledger_keeps_all_by_which_anybody_judges_it_again(work, bench, device):
    sign(work, bench, "tech.cy", signed_over(work, device, bench, BATCH), SEEN, [BATCH])
    body = json.loads(
        work.session.scalars(select(LedgerEntry.body).where(LedgerEntry.kind == "signature")).one()
    )
    kept = body["assertion"]
    assert (body["proved_by"], kept["user_verified"], kept["shown"]) == ("passkey", True, ["ab" * 32])
    answer = {
        "id": kept["credential"],
        "rawId": kept["credential"],
        "type": "public-key",
        "response": {
            "authenticatorData": kept["authenticator_data"],
            "clientDataJSON": kept["client_data"],
            "signature": kept["signature"],
        },
    }
    question = Question(Purpose.SIGN, kept["nonce"], body["meaning"], tuple(kept["shown"]))
    party = Party(kept["host"], kept["origin"])
    assert judged(answer, question, party, public_key=bytes.fromhex(kept["public_key"]), sign_count=0) == 1
    assert list(signature_findings(work)) == []


def test_a_signature_by_password_says_so(work, bench):
    signature = sign(work, bench, "tech.cy", PASSWORD, SEEN, [BATCH])
    assert (signature.proved_by, signature.assertion) == ("password", None)


def refused(work, by, text, *, signer="tech.cy", meaning=SEEN, records=(BATCH,)):
    with pytest.raises(PasskeyRefused) as refusal:
        sign(work, by, signer, text, meaning, records)
    return refusal.value


def test_an_answer_is_not_moved_to_another_record_or_meaning_nor_used_again(work, bench, device):
    text = signed_over(work, device, bench, BATCH)
    moved = text.replace("ab" * 32, "cd" * 32)
    refused(work, bench, text, records=[OTHER])
    refused(work, bench, text, records=[BATCH, OTHER])
    refused(work, bench, moved, records=[OTHER])


@pytest.mark.parametrize("change", [{"meaning": "I destroyed them."}, {"signer": "tech.bo"}])
def test_an_answer_is_of_one_meaning_and_signer(work, bench, device, change):
    refused(work, bench, signed_over(work, device, bench, BATCH), **change)


def test_an_answer_counts_once(work, bench, device):
    text = signed_over(work, device, bench, BATCH)
    sign(work, bench, "tech.cy", text, SEEN, [BATCH])
    refused(work, bench, text)


def test_of_what_was_shown_a_part_may_be_signed(work, bench, device):
    """One order that changed meanwhile comes back unsigned, the others are signed."""
    text = signed_over(work, device, bench, BATCH, OTHER)
    assert sign(work, bench, "tech.cy", text, SEEN, [OTHER]).records[0].sha256 == "cd" * 32


def test_an_answer_in_another_session_too_late_or_to_a_sign_in_is_refused(work, bench, device):
    text = signed_over(work, device, bench, BATCH)
    refused(work, actor_named(work, "tech.cy"), text)
    for_sign_in = passkeys.ask(work, Purpose.SIGN_IN, None)
    refused(work, bench, signed_over(work, device, bench, BATCH, nonce=for_sign_in))
    refused(work, bench, signed_over(work, device, bench, BATCH, nonce="never asked"))
    late = signed_over(work, device, bench, BATCH)
    work.session.execute(update(PasskeyQuestion).values(expires_at=now()))
    refused(work, bench, late)


def test_a_wrong_origin_a_stranger_and_a_revoked_passkey_are_refused(work, bench, device):
    refused(work, bench, signed_over(work, replace(device, origin="http://localhost:8001"), bench, BATCH))
    refused(work, bench, signed_over(work, Authenticator(), bench, BATCH))
    passkeys.revoke_passkey(work, actor_named(work, "tech.cy"), work.session.query(Passkey).one().id)
    refused(work, bench, signed_over(work, device, bench, BATCH))
    assert work.session.query(Signature).count() == 0


def test_somebody_disabled_signs_nothing(work, bench, device):
    text = signed_over(work, device, bench, BATCH)
    operations.disable(work, KIM, "tech.cy")
    refused(work, bench, text)


def test_a_refusal_counts_for_account_and_address(work, bench, device):
    found = refused(work, bench, signed_over(work, device, bench, BATCH), meaning="Another.")
    assert found.subjects == ("account:tech.cy", "address:192.0.2.7")
    assert (found.signing.claimed, found.signing.proved_by) == ("tech.cy", Proof.PASSKEY)


@pytest.mark.parametrize(
    "text", ["passkey:", "passkey:{}", "passkey:[]", 'passkey:{"credential": {}}', "passkey:" + "x" * 30_000,
             'passkey:{"credential": {"id": 7}, "shown": [7]}', 'passkey:{"credential": {"id": "x"}, "nonce": []}']
)  # fmt: skip
def test_what_is_no_answer_is_refused_like_any(work, bench, device, text):
    refused(work, bench, text)


def test_signing_in_needs_no_name_and_says_whose_passkey_it_was(work, device):
    nonce = passkeys.ask(work, Purpose.SIGN_IN, None)
    credential = device.answers(Question(Purpose.SIGN_IN, nonce).challenge)
    answer = passkeys.read_answer(json.dumps(told(nonce, credential)))
    assert passkeys.signed_in_by_passkey(work, answer, address=None).username == "tech.cy"
    with pytest.raises(PasskeyRefused):
        passkeys.signed_in_by_passkey(work, answer, address=None)


def test_a_passkey_is_registered_once_and_by_who_was_asked(work, bench, device):
    with pytest.raises(PasskeyRefused):
        register(work, "tech.bo", device)
    nonce = passkeys.ask(work, Purpose.REGISTER, "tech.cy")
    made = Authenticator().made(Question(Purpose.REGISTER, nonce).challenge)
    with pytest.raises(PasskeyRefused):
        passkeys.register(
            work, actor_named(work, "tech.bo"), passkeys.read_answer(json.dumps(told(nonce, made))), "x"
        )


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "ana@example.org"])
def test_a_passkey_is_named_by_what_it_lies_in(work, bench, name):
    with pytest.raises((checks.PersonRefused, NamesSomebody)):
        register(work, "tech.cy", Authenticator(), name)


def test_a_passkey_is_revoked_by_its_person_and_by_a_reset(work, bench, device):
    number = work.session.query(Passkey).one().id
    with pytest.raises(PasskeyUnknown):
        passkeys.revoke_passkey(work, actor_named(work, "tech.bo"), number)
    reset_account(work, KIM, "tech.cy")
    assert passkeys.passkeys_of(work, "tech.cy") == []
    with pytest.raises(PasskeyUnknown):
        passkeys.revoke_passkey(work, actor_named(work, "tech.cy"), number)


def test_a_passkey_is_a_second_proof_and_then_no_password_gets_past_it(work, add, asked):  # noqa: F811 (the fixture)
    add("comp.here", "compliance", password=PASSWORD)
    assert proved_by_password(work, "comp.here", PASSWORD, "").proof is Proof.ENROLLING
    passkey = register(work, "comp.here", Authenticator())
    assert has_second_proof(work, "comp.here")
    with pytest.raises(checks.CredentialsRefused):
        proved_by_password(work, "comp.here", PASSWORD, "")
    with pytest.raises(LastProof):
        passkeys.revoke_passkey(work, actor_named(work, "comp.here"), passkey.id)


def test_an_actor_without_a_session_of_its_own_signs_by_password_alone(work, bench, device):
    service = Actor("service", "The service", frozenset())
    refused(work, service, signed_over(work, device, bench, BATCH))
