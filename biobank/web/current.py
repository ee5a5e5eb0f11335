"""What the application that answers this request was put together with: its settings and its secret."""

from flask import Flask, current_app

from biobank.core.database import SETTINGS
from biobank.settings import Settings


def keep_settings(app: Flask, settings: Settings) -> None:
    app.extensions[SETTINGS] = settings


def current_settings() -> Settings:
    settings: Settings = current_app.extensions[SETTINGS]
    return settings


def service_secret() -> bytes:
    """The service's secret key; each use of it takes a purpose of its own beside it."""
    secret: bytes = current_app.config["SECRET_KEY"]
    return secret
