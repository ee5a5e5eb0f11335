"""The settings of the application that answers this request."""

from flask import Flask, current_app

from biobank.settings import Settings

KEY = "biobank.settings"
"""Where `Work` looks for the settings too."""


def keep_settings(app: Flask, settings: Settings) -> None:
    app.extensions[KEY] = settings


def current_settings() -> Settings:
    settings = current_app.extensions[KEY]
    assert isinstance(settings, Settings)  # noqa: S101 (set once by create_app)
    return settings
