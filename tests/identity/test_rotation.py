"""New keys: everything sealed anew, readable all the while, and gone on with after a kill."""

from datetime import date
from threading import Thread

import pytest
from sqlalchemy import select

from biobank.core import key_rotation
from biobank.core.data_keys import KeyFile, WrongKey
from biobank.core.database import reading, writing
from biobank.identity import rotation
from biobank.identity.choices import Reason
from biobank.identity.inputs import Asked, Identity, Said
from biobank.identity.models import StoredIdentity, VaultKey
from biobank.identity.operations import change_identity, check_identity, enter_identity, find_participant
from biobank.identity.replay import access_findings, field_findings
from biobank.identity.rotation import IDENTITIES
from biobank.identity.vault import vault_key_file, vault_reading
from biobank.ledger.rotating import exchange_file_key, rotate_data_key
from tests.identity.conftest import CALLS, CLINIC, ENROLLED, OFFICER, VISIT

CODES = [f"A10000001{number}" for number in range(8)]


def said(number):
    return Said(given_name=f"Testa{number}", family_name="Rotated", birth_date=date(1970, 1, 1 + number))


@pytest.fixture
def many(inside, monkeypatch):
    monkeypatch.setattr(key_rotation, "AT_ONCE", 2)
    for number, code in enumerate(CODES):
        inside.add_participant(code)
        with writing() as work:
            told = Identity(
                given_name=f"Testa{number}", family_name="Rotated", birth_date=said(number).birth_date,
                programme_participant=f"P9100000{number}",
            )  # fmt: skip
            enter_identity(work, OFFICER, code, told, ENROLLED)
    return inside


def keys_in_use():
    with vault_reading() as vault:
        return set(vault.session.scalars(select(StoredIdentity.key_number)))


def all_is_right():
    with vault_reading() as vault:
        assert list(field_findings(vault)) == []
    with writing() as work:
        for number, code in enumerate(CODES):
            assert check_identity(work, CLINIC, code, said(number), VISIT)
            assert find_participant(work, OFFICER, CALLS, programme_participant=f"P9100000{number}") == [code]
    with reading() as work:
        assert list(access_findings(work)) == []


def test_a_rotation_that_was_killed_is_readable_and_goes_on(many, monkeypatch):
    reseal, left = rotation.reseal, [5]

    def killed(*told):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        reseal(*told)

    monkeypatch.setattr(rotation, "reseal", killed)
    with pytest.raises(KeyboardInterrupt):
        rotate_data_key(IDENTITIES, OFFICER.person)
    assert keys_in_use() == {1, 2}
    all_is_right()
    monkeypatch.setattr(rotation, "reseal", reseal)
    done = rotate_data_key(IDENTITIES, OFFICER.person)
    assert (done.key, done.resealed) == (2, 5)
    assert keys_in_use() == {2}
    all_is_right()
    with vault_reading() as vault:
        assert vault.session.get_one(VaultKey, 1).wrapped == b""
        with pytest.raises(WrongKey):
            vault.data_key(1)


def test_the_key_files_key_is_exchanged_also_after_a_kill(many, monkeypatch, settings):
    file = vault_key_file(settings)
    (before,) = file.read()
    monkeypatch.setattr(KeyFile, "wrapped", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exchange_file_key(IDENTITIES, OFFICER.person)
    both = file.read()
    assert both[1] == before
    all_is_right()
    monkeypatch.undo()
    assert exchange_file_key(IDENTITIES, OFFICER.person).wrapped == 1
    (now,) = file.read()
    assert now == both[0]
    assert file.path.stat().st_mode & 0o777 == 0o600
    all_is_right()
    file.write([before])
    with pytest.raises(WrongKey, match="does not open"), vault_reading() as vault:
        vault.live_keys()


def test_reads_and_changes_go_on_while_keys_are_rotated(many):
    """Two rotations and an exchange beside checks and changes: no answer is wrong, and nothing is lost."""
    failures, app = [], many.app

    def guarded(do):
        def run():
            with app.app_context():
                try:
                    do()
                except Exception as problem:
                    failures.append(problem)

        return run

    def keep_checking():
        for _ in range(4):
            with writing() as work:
                for number, code in enumerate(CODES[:4]):
                    if not check_identity(work, CLINIC, code, said(number), VISIT):
                        raise AssertionError(code)

    def keep_changing():
        for turn in range(6):
            with writing() as work:
                changes = Identity(phone=f"+1 555 010 000{turn}")
                change_identity(work, OFFICER, CODES[5 + turn % 3], changes, Asked(reason=Reason.CORRECTION))

    def keep_rotating():
        rotate_data_key(IDENTITIES, OFFICER.person)
        exchange_file_key(IDENTITIES, OFFICER.person)
        rotate_data_key(IDENTITIES, OFFICER.person)

    threads = [Thread(target=guarded(do)) for do in (keep_checking, keep_changing, keep_rotating)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert keys_in_use() == {3}
    all_is_right()
