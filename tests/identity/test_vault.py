"""Who a code is: entered, read, checked, found; written down on both sides first, and never in plain text."""

import shutil
import sqlite3
from contextlib import nullcontext, suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from biobank.app import create_app
from biobank.core.data_keys import WrongKey
from biobank.core.database import db, reading, writing
from biobank.core.sealed_fields import FieldDamaged
from biobank.identity import checks
from biobank.identity.choices import ALL_FIELDS, IdentityField, Reason
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.operations import (
    change_identity,
    check_identity,
    enter_identity,
    find_participant,
    read_identity,
    record_read,
)
from biobank.identity.queries import holders, vault_knows
from biobank.identity.replay import access_findings, finish_accesses
from biobank.identity.service_questions import is_own_name, language_of
from biobank.identity.vault import vault_writing
from tests.identity.addressing import address_for_message
from tests.identity.conftest import (
    CALLS,
    CLINIC,
    COMPLIANCE,
    ENROLLED,
    IDENTITY,
    OFFICER,
    OTHER,
    PLAIN,
    SAID,
    VISIT,
    ledger_accesses,
    vault_accesses,
)
from tests.programme import PARTICIPANT
from tests.withdrawals.test_api import decision


def read(by=OFFICER, asked=CALLS, fields=ALL_FIELDS):
    with writing() as work:
        access = record_read(work, by, PARTICIPANT, asked, fields)
    with reading() as work:
        return read_identity(work, access)


def test_what_was_entered_is_read_after_it_was_written_down(inside):
    assert read() == IDENTITY
    assert read(fields=frozenset({IdentityField.PHONE})) == Identity(phone=IDENTITY.phone)
    entered, first, second = ledger_accesses()
    assert (entered["access_kind"], entered["recorded_by"]) == ("enter", "ident.here")
    assert (first["reason"], first["document"], first["subject"]) == (
        "caller",
        "call 7",
        f"participant:{PARTICIPANT}",
    )
    assert second["fields"] == ["phone"]
    assert [row.access for row in vault_accesses()] == [event["access"] for event in ledger_accesses()]
    assert not any(plain in repr(ledger_accesses()).encode() for plain in PLAIN)


def test_nothing_is_opened_while_its_record_is_not_kept(inside):
    with writing() as work:
        access = record_read(work, OFFICER, PARTICIPANT, CALLS)
        with pytest.raises(checks.AccessNotRecorded):
            read_identity(work, access)
    with reading() as work:
        assert read_identity(work, access) == IDENTITY


SABOTAGE = {
    "vault": ("identity", "vault_accesses"),
    "ledger": (None, "ledger_entries"),
}


def refuse_inserts(bind, table):
    engine = db.engines[bind]
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(
                text(
                    f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
                )
            )
            return
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$"
            )
        )
        connection.execute(
            text(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
            )
        )


def checked():
    with writing() as work:
        return check_identity(work, CLINIC, PARTICIPANT, SAID, VISIT)


def found():
    with writing() as work:
        return find_participant(work, OFFICER, CALLS, said=SAID)


def asked_for_the_name():
    with writing() as work:
        return is_own_name(work, CLINIC, PARTICIPANT, "Testa María fainted")


@pytest.mark.parametrize("side", sorted(SABOTAGE))
def test_p12_without_its_record_there_is_no_answer(inside, side):
    """ "keeps track of who can see it": what cannot be written down is not shown."""
    looks = (read, checked, found, asked_for_the_name, lambda: address_for_message(OFFICER, PARTICIPANT, 7))
    assert all(look() for look in looks)
    refuse_inserts(*SABOTAGE[side])
    for look in looks:
        # A trigger's refusal is what SQLite can be made to say in place of a full disk.
        with pytest.raises((checks.AccessNotRecorded, sqlite3.IntegrityError)) as problem:
            look()
        assert not any(plain.decode() in str(problem.value) for plain in PLAIN)


def test_a_look_whose_transaction_fails_is_in_the_ledger_all_the_same(inside):
    with pytest.raises(ZeroDivisionError), writing() as work:
        check_identity(work, CLINIC, PARTICIPANT, OTHER, VISIT)
        1 / 0
    last = ledger_accesses()[-1]
    assert (last["access_kind"], last["answer"], last["finished"]) == ("check", "no", "afterwards")
    with reading() as work:
        assert list(access_findings(work)) == []


def test_p10_name_and_contact_are_kept_and_compliance_alone_reads_them(inside):
    """ "In both cases, we will keep your name and contact information.\""""
    with pytest.raises(checks.IdentityClosed, match="identity officers alone"):
        read(COMPLIANCE)
    with pytest.raises(checks.IdentityClosed):
        read(CLINIC)
    answer = inside.post("compliance", "/withdrawals", decision())
    assert answer.status == 201, answer.json
    with pytest.raises(checks.IdentityClosed, match="compliance alone"):
        read(OFFICER)
    assert read(COMPLIANCE, Asked(reason=Reason.DECISION)) == IDENTITY


def test_a_check_answers_yes_or_no_however_the_name_is_written(inside):
    said = {
        ("testa maria", "participant ñandu"): True,
        ("  TESTA   MARÍA ", "Participant\N{HYPHEN}Nandu"): True,
        ("Testa", "Participant-Ñandú"): False,
    }
    for (given, family), right in said.items():
        with writing() as work:
            told = Said(given_name=given, family_name=family, birth_date=date(1984, 5, 31))
            assert check_identity(work, CLINIC, PARTICIPANT, told, VISIT) is right
    with writing() as work:
        wrong_day = Said(
            given_name=SAID.given_name, family_name=SAID.family_name, birth_date=date(1984, 5, 13)
        )
        assert check_identity(work, CLINIC, PARTICIPANT, wrong_day, VISIT) is False
    assert [event["answer"] for event in ledger_accesses()[1:]] == ["yes", "yes", "no", "no"]


def test_somebody_is_found_by_the_programmes_id_or_by_name_and_birth_date(inside):
    with writing() as work:
        assert find_participant(work, OFFICER, CALLS, programme_participant=" p900000417 ") == [PARTICIPANT]
        assert find_participant(work, COMPLIANCE, CALLS, said=SAID) == [PARTICIPANT]
        assert find_participant(work, OFFICER, CALLS, said=OTHER) == []
    nobody = ledger_accesses()[-1]
    assert (nobody["answer"], nobody["participant"]) == ("no", None)
    assert nobody["subject"].startswith("identity_search:")


def test_a_look_needs_a_reason_of_its_list_and_a_document_that_names_nobody(inside):
    for asked in (
        Asked(reason="curiosity"),
        Asked(reason=Reason.MESSAGE),
        Asked(reason=Reason.CALLER, document="testa@example.org"),
        Asked(reason=Reason.CALLER, document="born 31.05.1984"),
    ):
        with pytest.raises(checks.AccessReasonNeeded):
            read(asked=asked)
    assert len(vault_accesses()) == 1


def test_a_change_takes_the_place_of_what_was_kept(inside):
    with writing() as work:
        change_identity(
            work, OFFICER, PARTICIPANT, Identity(family_name="Participant-Married", email="new@example.org"),
            Asked(reason=Reason.CORRECTION), emptied=frozenset({IdentityField.PHONE}),
        )  # fmt: skip
    now = read()
    assert (now.given_name, now.family_name, now.phone) == ("Testa María", "Participant-Married", None)
    with writing() as work:
        assert check_identity(work, CLINIC, PARTICIPANT, SAID, VISIT) is False
        for refused in (Identity(), Identity(birth_date=date(2199, 1, 1)), Identity(email="nobody")):
            with pytest.raises(checks.IdentityRefused):
                change_identity(work, OFFICER, PARTICIPANT, refused, Asked(reason=Reason.CORRECTION))


def test_nobody_is_entered_twice_and_an_id_of_the_programme_is_one_persons(inside):
    inside.add_participant("A100000002")
    with pytest.raises(checks.IdentityKnown, match=PARTICIPANT), writing() as work:
        enter_identity(work, OFFICER, PARTICIPANT, IDENTITY, ENROLLED)
    with pytest.raises(checks.IdentityKnown, match="belongs to"), writing() as work:
        enter_identity(work, OFFICER, "A100000002", IDENTITY, ENROLLED)
    with pytest.raises(checks.IdentityRefused), writing() as work:
        enter_identity(work, OFFICER, "A100000002", Identity(given_name="Testa"), ENROLLED)
    with reading() as work:
        assert not vault_knows(work, "A100000002")


def test_a_message_is_addressed_and_a_language_told(inside):
    inside.add_participant("A100000002")
    assert address_for_message(OFFICER, PARTICIPANT, 7).email == IDENTITY.email
    assert address_for_message(OFFICER, PARTICIPANT, 7).birth_date is None
    assert address_for_message(OFFICER, "A100000002", 8) is None
    with writing() as work:
        assert language_of(work, OFFICER, PARTICIPANT) == "es"
        assert language_of(work, OFFICER, "A100000002") == "en"
    assert [event["access_kind"] for event in ledger_accesses()] == [
        "enter",
        "address",
        "address",
        "language",
    ]


def test_a_text_is_asked_for_the_participants_own_name(inside):
    texts = {
        "Testa María fainted": True,
        "the participant ñandú family": True,
        "maria said so": True,
        "the tube was testy": False,
        "two tests, one participation": False,
    }
    with writing() as work:
        assert {words: is_own_name(work, CLINIC, PARTICIPANT, words) for words in texts} == texts


def test_p15_every_field_is_encrypted_at_rest(inside, tmp_path):
    """ "we encrypt participant data\""""
    engine = db.engines["identity"]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            shutil.copy(engine.url.database, tmp_path / "copy.db")
            content = b"".join(
                path.read_bytes() for path in Path(engine.url.database).parent.glob("identity.db*")
            )
        else:
            content = repr(connection.execute(text("SELECT * FROM identities")).all()).encode()
    assert PARTICIPANT.encode() in content
    assert [plain for plain in PLAIN if plain in content] == []


MOVES = {
    "another column": "UPDATE identities SET given_name = family_name WHERE participant = :code",
    "another row": (
        "UPDATE identities SET email = (SELECT email FROM identities WHERE participant = 'A100000002') "
        "WHERE participant = :code"
    ),
    "another key": "UPDATE identities SET key_number = 2 WHERE participant = :code",
}


def test_a_field_that_was_moved_is_not_opened(inside):
    inside.add_participant("A100000002")
    with writing() as work:
        told = Identity(
            given_name="Testa", family_name="Second", birth_date=date(1990, 1, 1), email="two@example.org"
        )
        enter_identity(work, OFFICER, "A100000002", told, ENROLLED)
    with vault_writing() as vault:
        vault.add_key("test")
    kept = "SELECT given_name, email, key_number FROM identities WHERE participant = :code"
    back = "UPDATE identities SET given_name = :given_name, email = :email, key_number = :key_number WHERE participant = :code"
    for move in MOVES.values():
        with db.engines["identity"].begin() as connection:
            before = connection.execute(text(kept), {"code": PARTICIPANT}).mappings().one()
            connection.execute(text(move), {"code": PARTICIPANT})
        with pytest.raises(FieldDamaged, match="changed or moved"):
            read()
        with db.engines["identity"].begin() as connection:
            connection.execute(text(back), {**before, "code": PARTICIPANT})
    assert read() == IDENTITY


def test_what_the_vault_holds_is_not_taken_out_and_looks_are_not_changed(inside):
    changes = (
        "DELETE FROM vault_accesses",
        "UPDATE vault_accesses SET reason = 'visit'",
        "DELETE FROM identities",
    )
    for change in changes:
        with pytest.raises(DatabaseError, match="stays"), db.engines["identity"].begin() as connection:
            connection.execute(text(change))


def test_looks_erased_past_the_fences_are_missed(inside):
    read()
    erased = vault_accesses()[-1].access
    engine = db.engines["identity"]
    trigger = (
        "vault_accesses_no_delete"
        if engine.dialect.name == "sqlite"
        else "vault_accesses_no_change ON vault_accesses"
    )
    with engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text("DELETE FROM vault_accesses WHERE access = :access"), {"access": erased})
    with reading() as work:
        (finding,) = access_findings(work)
    assert erased in finding.sentence
    assert "taken out of the vault" in finding.sentence


def test_i9_looks_equal_records_whatever_became_of_their_transactions(inside):
    """Reads and checks by chance, some of them rolled back whole or to a savepoint after the answer was made."""
    chance, asked = Random(9), 0
    for _ in range(40):
        fate = chance.choice(("kept", "kept", "failed", "savepoint"))
        with suppress(LookupError), writing() as work:
            guarded = work.savepoint() if fate == "savepoint" else nullcontext()
            with suppress(LookupError), guarded:
                said = chance.choice((SAID, OTHER))
                check_identity(work, CLINIC, PARTICIPANT, said, VISIT)
                asked += 1
                if fate == "savepoint":
                    raise LookupError
            if fate == "failed":
                raise LookupError
    for _ in range(5):
        read()
    assert len(vault_accesses()) == len(ledger_accesses()) == 1 + asked + 5
    with reading() as work:
        assert list(access_findings(work)) == []


def test_a_power_cut_between_the_two_is_made_good(inside, monkeypatch):
    monkeypatch.setattr("biobank.identity.accesses._in_the_ledger", lambda *_a, **_n: None)
    with pytest.raises(ZeroDivisionError), writing() as work:
        record_read(work, OFFICER, PARTICIPANT, CALLS)
        1 / 0
    monkeypatch.undo()
    monkeypatch.setattr("biobank.identity.replay.UNDER_WAY", timedelta(0))
    with reading() as work:
        (finding,) = access_findings(work)
    assert "no entry in the log" in finding.sentence
    with writing() as work:
        assert finish_accesses(work) == 1
    with reading() as work:
        assert list(access_findings(work)) == []


def test_a_wrong_key_file_stops_the_start(inside, settings, tmp_path):
    wrong = tmp_path / "wrong.key"
    wrong.write_text("ab" * 32)
    wrong.chmod(0o600)
    with pytest.raises(WrongKey, match="does not open the identity vault"):
        create_app(settings.with_changes(vault_key_file=str(wrong)))
    wrong.write_text("no key, though it is long enough to be one")
    with pytest.raises(WrongKey, match="holds no key of the identity vault"):
        create_app(settings.with_changes(vault_key_file=str(wrong)))


def test_p13_very_few_people_have_access_and_a_list_names_them(inside):
    """ "There is a master list linking codes to names, kept secure, and very few people have access to it.\""""
    with reading() as work:
        names = {(grant.role, person.username) for grant, person in holders(work)}
    assert names == {
        ("identity_officer", "ident.here"), ("identity_officer", "ident.elsewhere"),
        ("compliance", "comp.here"), ("compliance", "comp.elsewhere"),
    }  # fmt: skip
