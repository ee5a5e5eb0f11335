"""Key files: missing, readable by others or too short, the service does not start; one sentence each."""

from pathlib import Path

import pytest

from biobank.app import create_app, read_secrets
from biobank.core.secret_files import SecretRefused, create_secret, read_secret
from biobank.ledger.notes import KeyRefused
from biobank.service.databases import database_url, identity_url
from biobank.settings import SettingRefused
from tests.conftest import settings_of


@pytest.fixture
def settings(tmp_path):
    """The vault's place is the one that is taken when none is told."""
    told = settings_of(f"sqlite:///{tmp_path}/x.db", tmp_path)
    return told.with_changes(identity_database_url="")


@pytest.mark.parametrize(
    "name", ["secret_key_file", "pseudonym_key_file", "ledger_key_file", "vault_key_file", "answers_key_file"]
)
def test_outside_the_demo_a_missing_key_file_stops_the_start(settings, name):
    read_secrets(settings)
    Path(getattr(settings, name)).unlink()
    with pytest.raises((SecretRefused, KeyRefused), match="cannot be read"):
        create_app(settings.with_changes(demo=False))


@pytest.mark.parametrize(
    "name", ["secret_key_file", "pseudonym_key_file", "ledger_key_file", "vault_key_file", "answers_key_file"]
)
def test_a_key_file_that_others_can_read_stops_the_start_even_in_the_demo(settings, name):
    read_secrets(settings)
    Path(getattr(settings, name)).chmod(0o640)
    with pytest.raises((SecretRefused, KeyRefused), match="chmod 600"):
        create_app(settings)


def test_the_demo_makes_what_is_missing_for_its_owner_alone_and_keeps_it(settings):
    first = read_secrets(settings)
    assert len(first) == 64
    assert oct(Path(settings.secret_key_file).stat().st_mode)[-3:] == "600"
    assert read_secrets(settings) == first


def test_too_short_a_secret_is_none(tmp_path):
    (tmp_path / "short").write_text("abc")
    (tmp_path / "short").chmod(0o600)
    with pytest.raises(SecretRefused, match="fewer than 32"):
        read_secret(tmp_path / "short", "secret_key_file")


def test_a_secret_is_never_written_over(tmp_path):
    create_secret(tmp_path / "a")
    with pytest.raises(FileExistsError):
        create_secret(tmp_path / "a")


def test_a_relative_database_lies_where_the_service_was_started(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    changed = settings.with_changes(database_url="sqlite:///var/biobank.db")
    assert database_url(changed).database == str(tmp_path / "var/biobank.db")
    other = settings.with_changes(database_url="postgresql://user@host/name")
    assert database_url(other).database == "name"


def test_the_vault_lies_beside_an_sqlite_database_and_is_never_the_same_one(settings, tmp_path):
    assert identity_url(settings).database == str(tmp_path / "identity.db")
    with pytest.raises(SettingRefused, match="samples' own database"):
        identity_url(settings.with_changes(identity_database_url=settings.database_url))
    elsewhere = settings.with_changes(database_url="postgresql://user@host/name")
    with pytest.raises(SettingRefused, match="identity_database_url is not set"):
        identity_url(elsewhere)
    with pytest.raises(SettingRefused, match="no address of a database"):
        identity_url(settings.with_changes(identity_database_url="no secret word"))
