"""What an earlier version wrote is opened and found by every later one: a backup outlives the program."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from biobank.core.data_keys import DataKey, FileKey, KeyFile, WrongKey
from biobank.core.key_ring import keys_open
from biobank.core.sealed_fields import FieldDamaged
from biobank.identity.blind_index import folded, name_index, programme_index
from biobank.identity.choices import IdentityField
from biobank.identity.inputs import Said
from biobank.identity.sealed_fields import seal, unsealed

FILE_KEY, KEY = FileKey(bytes(range(32, 64))), DataKey(7, bytes(range(32)))
FILE = KeyFile(Path("vault.key"), "vault_key_file", "vault_keys", "identity vault")
WRAPPED = bytes.fromhex(
    "d66db39259903de41a55f11faa51b757757bac6fbc48477f0c7ddda3889897eb"
    "27417f748b9749a96dccf913986fee44672ac769134b701660e3e6e0"
)
SEALED = bytes.fromhex("42e16a5f13abe1153d080aa919353b1ddc9940d96a80c6f60bf61a517fc6983902c63aac4c66b0d9")
"""Kept as they were written once: a test that made them anew would follow any change of the format."""
SAID = Said(given_name="Testa María", family_name="Participant-Ñandú", birth_date=date(1984, 5, 31))


def test_a_data_key_and_a_field_of_before_are_opened():
    assert FILE_KEY.fingerprint == "c614330d169eff50"
    assert FILE.unwrapped(WRAPPED, 7, FILE_KEY) == KEY
    assert unsealed(SEALED, IdentityField.GIVEN_NAME, "A100000001", KEY) == "Testa María"


def test_who_was_entered_before_is_found():
    assert name_index(SAID, KEY) == "cb9f4ace00d3db46f505ca47fc3eafa3beb6f93550c7289dd77aaca4169772ea"
    known = "b93633b140f88b49f2c3e071a8423267e5dfdf7616dd08474621017c2e256852"
    assert programme_index(" p900000417 ", KEY) == known


@pytest.mark.parametrize("damaged", [lambda kept: kept[:5], lambda kept: kept[:-1] + bytes([kept[-1] ^ 1])])
def test_what_was_cut_short_or_changed_is_damaged_and_says_so(damaged):
    with pytest.raises(WrongKey, match="restore a backup"):
        FILE.unwrapped(damaged(WRAPPED), 7, FILE_KEY)
    with pytest.raises(FieldDamaged, match="restore a backup"):
        unsealed(damaged(SEALED), IdentityField.GIVEN_NAME, "A100000001", KEY)


def test_the_same_words_are_sealed_otherwise_each_time_and_opened_alike():
    sealed = {seal("Testa", IdentityField.GIVEN_NAME, "A100000001", KEY) for _ in range(3)}
    wrapped = {FILE.wrapped(KEY, FILE_KEY) for _ in range(3)}
    assert (len(sealed), len(wrapped)) == (3, 3)
    assert {unsealed(each, IdentityField.GIVEN_NAME, "A100000001", KEY) for each in sealed} == {"Testa"}
    assert all(FILE.unwrapped(each, KEY.number, FILE_KEY) == KEY for each in wrapped)


def test_the_key_that_wrapped_is_found_by_its_fingerprint():
    other = FileKey(bytes(32))
    assert FILE.named([other, FILE_KEY], FILE_KEY.fingerprint) is FILE_KEY
    with pytest.raises(WrongKey, match="restore that key file"):
        FILE.named([other], FILE_KEY.fingerprint)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Bjørn", "bjorn"), ("Łukasz", "lukasz"), ("Đorđe", "dorde"), ("Guðrún", "gudrun"),
        ("Þór", "thor"), ("Ægir", "aegir"), ("Sacrecœur", "sacrecoeur"), ("O\u2019Brien", "obrien"),
        ("Weiß", "weiss"),
    ],
)  # fmt: skip
def test_a_name_is_found_without_its_accents(written, plain):
    assert folded(written) == folded(plain) == plain


def test_a_key_file_has_one_key_or_while_it_is_exchanged_two(tmp_path):
    file = KeyFile(tmp_path / "vault.key", "vault_key_file", "vault_keys", "identity vault")
    for keys in ([FILE_KEY], [FILE_KEY, FileKey(bytes(32))]):
        file.write(keys)
        assert list(file.read()) == keys
    file.write([FILE_KEY] * 3)
    with pytest.raises(WrongKey, match="holds no key of the identity vault"):
        file.read()


def test_looking_for_a_vault_that_is_not_there_yet_makes_none(tmp_path):
    keys_open(
        create_engine(f"sqlite:///{tmp_path / 'identity.db'}"), "vault_keys", lambda: pytest.fail("there")
    )
    assert list(tmp_path.iterdir()) == []


def test_no_key_is_shown_where_it_is_printed():
    assert (repr(FILE_KEY), repr(KEY)) == ("FileKey()", "DataKey(number=7)")
