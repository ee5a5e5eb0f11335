"""The service's key files: all looked at before the first request, and made where they are missing."""

from pathlib import Path

from biobank.core import moments
from biobank.core.secret_files import create_secret, read_secret
from biobank.destruction.signer_files import SIGNER, certificate_folder
from biobank.destruction.signer_making import create_signer
from biobank.identity.vault import vault_key_file
from biobank.ledger.keys import create_key_file, load_key_file
from biobank.settings import KEY_FILES, SettingRefused, Settings
from biobank.visits.sealed_answers import answers_key_file


def read_secrets(settings: Settings) -> bytes:
    """Every key file is looked at now: a missing one stops the start, not the first checkpoint.

    Returns the secret of sessions and forms. Raises `SettingRefused`, `SecretRefused` or `KeyRefused`.
    """
    if settings.demo:
        make_missing_keys(settings)
        _make_signer(settings)
    load_key_file(path_of(settings, "ledger_key_file"))
    read_secret(path_of(settings, "pseudonym_key_file"), "pseudonym_key_file")
    for name, file in (("vault_key_file", vault_key_file), ("answers_key_file", answers_key_file)):
        path_of(settings, name)
        file(settings).read()
    return read_secret(path_of(settings, "secret_key_file"), "secret_key_file")


def path_of(settings: Settings, name: str) -> Path:
    """Raises `SettingRefused` when the setting is empty."""
    named = getattr(settings, name)
    if not named:
        raise SettingRefused(
            f"{name} is not set; name a file outside the database, then run: biobank keys create"
        )
    return Path(named)


def _make_signer(settings: Settings) -> None:
    folder = certificate_folder(settings)
    if not (folder / SIGNER).exists():
        create_signer(folder, settings.programme, moments.now())


def make_missing_keys(settings: Settings) -> list[Path]:
    """Make what is missing, each for its owner alone; what exists stays. Returns what was made."""
    missing = [name for name in KEY_FILES if not path_of(settings, name).exists()]
    for name in missing:
        path = path_of(settings, name)
        if name == "ledger_key_file":
            path.parent.mkdir(parents=True, exist_ok=True)
            create_key_file(path, settings.ledger_origin)
        else:
            create_secret(path)
    return [path_of(settings, name) for name in missing]
