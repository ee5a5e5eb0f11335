"""In which language a page speaks: the reader's, of those that we have.

The code speaks English. A template puts its own text through `_`, and whatever the code says through the
filter `said`, which looks it up in the phrasebook.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Blueprint, Flask, Response, has_request_context, request
from flask_babel import Babel
from jinja2 import pass_context

from biobank.web.addresses import came_from, sent_to
from biobank.web.catalogues import OWN, messages
from biobank.web.permission import public
from biobank.web.phrasebook import translated
from biobank.web.sessions import current_visit, give_cookie, refuse_other_origin

LANGUAGES = {"en": "English", "es": "Español"}
COOKIE = "biobank_language"
READER = re.compile(r"[0-9a-f]{8}")
KEPT = timedelta(days=400)
MONTH = re.compile(r"\b(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})\b")

blueprint = Blueprint("language", __name__)


class Catalogues:
    """Where flask-babel finds the messages of this request."""

    def get_translations(self) -> NullTranslations:
        return messages(language())


def install_language(app: Flask) -> None:
    babel = Babel(app, locale_selector=language)
    babel.domain_instance = Catalogues()
    app.template_filter("said")(never_folded(said))
    app.template_filter("day_said")(day_said)
    app.context_processor(_spoken)


def _spoken() -> dict[str, Any]:
    spoken, visit = language(), current_visit()
    return {
        "lang": spoken,
        "other_languages": [each for each in LANGUAGES.items() if each[0] != spoken],
        "reader": reader_of(visit.by.person) if visit else "",
    }


def language() -> str:
    """What the reader chose, else what was last chosen in this browser, else what the browser asks for."""
    if not has_request_context():
        return OWN
    visit = current_visit()
    own = request.cookies.get(f"{COOKIE}_{reader_of(visit.by.person)}") if visit else None
    for chosen in (own, request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or OWN


@cache
def reader_of(person: str) -> str:
    """People who share a station read each in their own language; no name travels in a cookie."""
    return hashlib.sha256(person.encode()).hexdigest()[:8]


def never_folded(filtering: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A filter that Jinja does not work out of a literal while it compiles, for the first reader."""

    @pass_context
    def filtered(_context: Any, text: Any) -> Any:
        return filtering(text)

    return filtered


def is_said(text: Any) -> bool:
    """Whether nothing is left to say: no text, or what a template put through `_` before."""
    return not isinstance(text, str) or not text or hasattr(text, "__html__")


def said(text: Any) -> Any:
    """What the code says, in the reader's language; what nobody translated stays as it is."""
    spoken = language()
    if spoken == OWN or is_said(text):
        return text
    return _months_said(translated(text, spoken), spoken)


def _months_said(text: str, spoken: str) -> str:
    return MONTH.sub(lambda found: f"{found[1]} {_months(spoken)[found[2]]} {found[3]}", text)


@cache
def _months(spoken: str) -> dict[str, str]:
    ours = Locale(OWN).months["format"]["abbreviated"]
    theirs = Locale(spoken).months["format"]["abbreviated"]
    return {ours[number]: theirs[number] for number in ours}


def day_said(on: date) -> str:
    """A day as people write it: 1 Nov 2026, 1 nov 2026."""
    return str(said(f"{on.day} {on:%b %Y}"))


@blueprint.post("/language")
@public("whoever reads a page chooses its language, signed in or not")
def choose() -> Response:
    """Kept in the browser: for the person who is signed in, and for the sign-in page."""
    refuse_other_origin(request)
    chosen = request.form.get("language", "")
    response = sent_to(came_from())
    if chosen in LANGUAGES:
        reader = request.form.get("reader", "")
        own = f"{COOKIE}_{reader}" if READER.fullmatch(reader) else COOKIE
        for name in {COOKIE, own}:
            give_cookie(response, chosen, name=name, lasting=KEPT)
    return response
