"""Settings: three layers, unknown names and wrong types refused with name and place."""

import pytest

from biobank.settings import SettingRefused, load_settings


def test_a_variable_overrides_the_file_and_the_file_the_default(tmp_path):
    file = tmp_path / "biobank.toml"
    file.write_text('programme = "From the file"\nhold_window_days = 3\n')
    settings = load_settings({"BIOBANK_CONFIG": str(file), "BIOBANK_HOLD_WINDOW_DAYS": "0"})
    assert (settings.programme, settings.hold_window_days, settings.serve_port) == ("From the file", 0, 8000)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BIOBANK_HOLD_WINDOW_DAY", "7", "no setting"),
        ("BIOBANK_HOLD_WINDOW_DAYS", "a week", "type int"),
        ("BIOBANK_HOLD_WINDOW_DAYS", "-1", "negative"),
        ("BIOBANK_DEMO", "perhaps", "type bool"),
        ("BIOBANK_DATABASE_URL", "biobank.db", "no address of a database"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(name, value, said):
    with pytest.raises(SettingRefused, match=said):
        load_settings({name: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [('colour = "blue"', "colour"), ("programme = 3", "type str"), ("programme = ", "not TOML")],
)
def test_a_bad_file_is_named(tmp_path, text, said):
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(SettingRefused, match=said) as refusal:
        load_settings({"BIOBANK_CONFIG": str(file)})
    assert str(file) in refusal.value.detail


def test_a_missing_file_is_named():
    with pytest.raises(SettingRefused, match=r"nowhere\.toml"):
        load_settings({"BIOBANK_CONFIG": "/nowhere.toml"})


def test_key_files_lie_beside_an_sqlite_database_and_have_to_be_named_elsewhere(tmp_path):
    beside = load_settings({"BIOBANK_DATABASE_URL": f"sqlite:///{tmp_path}/biobank.db"})
    assert beside.ledger_key_file == str(tmp_path / "keys" / "ledger.key")
    assert load_settings({"BIOBANK_DATABASE_URL": "postgresql://somewhere/biobank"}).ledger_key_file == ""
    named = {
        "BIOBANK_DATABASE_URL": f"sqlite:///{tmp_path}/biobank.db",
        "BIOBANK_LEDGER_KEY_FILE": "/elsewhere/key",
    }
    assert load_settings(named).ledger_key_file == "/elsewhere/key"
