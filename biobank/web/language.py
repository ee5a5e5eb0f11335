"""In which language a page speaks: the reader's, of those that we have."""

from flask import Flask, request
from flask_babel import Babel

LANGUAGES = {"en": "English", "es": "Español"}


def install_language(app: Flask) -> None:
    Babel(app, locale_selector=language, default_translation_directories="translations")
    app.template_filter("said")(said)


def language() -> str:
    """What the reader chose, else what their browser asks for."""
    return request.accept_languages.best_match(LANGUAGES) or "en"


def said(text: str) -> str:
    """What the rules say, in the reader's language."""
    return text
