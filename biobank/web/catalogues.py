"""The translators' files, read once: a language's messages as gettext takes them."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parents[1] / "translations"
OWN = "en"
"""What the code and the templates are written in."""


def file_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(language: str) -> Catalog:
    """What translators wrote; empty for the language that needs no translation."""
    if language == OWN or not file_of(language).is_file():
        return Catalog(locale=language)
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language)


@cache
def messages(language: str) -> NullTranslations:
    """As the templates' `_` takes them; no compiled file lies beside the translators' own."""
    if language == OWN:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)
