"""The keys that sign certificates, from a terminal: made, renewed, warned of."""

import json
from pathlib import Path

from click.testing import CliRunner

from biobank.commands import main
from biobank.destruction.signer_files import SIGNER, TRUSTED


def alone(*words, folder=None, **environment):
    """Without an application: a command that asks for one fails."""
    told = {"BIOBANK_CERTIFICATE_KEYS_FOLDER": str(folder), **environment} if folder else environment
    return CliRunner().invoke(main, [str(word) for word in words], env=told, obj=None)


def test_keys_are_made_renewed_and_never_written_over(tmp_path):
    folder = tmp_path / "keys"
    made = alone("keys", "certificate", folder=folder)
    assert made.exit_code == 0
    assert made.output.startswith("Certificates are signed by Signer of certificates of destruction, ")
    assert f"take {folder}/root.key off this machine" in made.output
    first = (folder / SIGNER).read_bytes()
    again = alone("keys", "certificate", folder=folder)
    assert (again.exit_code, "add --renew" in again.stderr) == (2, True)
    assert alone("keys", "certificate", "--new-root", folder=folder).exit_code == 2
    assert (folder / SIGNER).read_bytes() == first
    renewed = json.loads(alone("keys", "certificate", "--renew", "--json", folder=folder).output)
    assert (folder / SIGNER).read_bytes() != first
    other = json.loads(alone("keys", "certificate", "--renew", "--new-root", "--json", folder=folder).output)
    assert renewed["root"]["sha256"] != other["root"]["sha256"]
    assert len(list((folder / TRUSTED).iterdir())) == 2


def test_the_settings_check_warns_of_the_keys(programme, settings, monkeypatch):
    monkeypatch.setenv("BIOBANK_CERTIFICATE_KEYS_FOLDER", settings.certificate_keys_folder)
    monkeypatch.setenv("BIOBANK_CERTIFICATE_WARNING_DAYS", "800")
    run = programme.app.test_cli_runner().invoke
    checked = run(main, ["config", "check"], obj=lambda: programme.app)
    assert "Warning: The certificate of Signer of certificates of destruction" in checked.output
    Path(settings.certificate_keys_folder, SIGNER).chmod(0o644)
    told = json.loads(run(main, ["config", "check", "--json"], obj=lambda: programme.app).output)
    assert told["warnings"][0].startswith("No destruction order can be confirmed: The key file ")
