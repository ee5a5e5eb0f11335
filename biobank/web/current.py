"""The settings and the secret of the application that answers this request."""

from pathlib import Path

from flask import Flask, current_app

from biobank.core.secret_files import create_secret, read_secret
from biobank.settings import Settings

KEY = "biobank.settings"
"""Where `Work` looks for the settings too."""


def keep_settings(app: Flask, settings: Settings) -> None:
    app.extensions[KEY] = settings


def current_settings() -> Settings:
    settings = current_app.extensions[KEY]
    assert isinstance(settings, Settings)  # noqa: S101 (set once by create_app)
    return settings


def read_secret_key(settings: Settings) -> bytes:
    """Raises `SecretRefused`; the demo alone makes a missing one on the spot."""
    path = Path(settings.secret_key_file)
    if settings.demo and not path.exists():
        create_secret(path)
    return read_secret(path, "secret_key_file")
