"""People with a browser, without the browser: a session, its forms, and the one big answer of each page."""

import html
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest

from biobank.access.operations import open_session
from biobank.access.queries import person_named
from biobank.core.database import writing
from biobank.web.sessions import COOKIE
from tests.programme import Programme


@dataclass
class Page:
    """What came back: its status, where it leads, its big answer, the problems of its form."""

    status: int
    leads_to: str | None
    text: str

    @property
    def answer(self) -> tuple[str, str]:
        found = re.search(
            r'id="answer".*?answer__word">(.*?)</p>\s*<p class="answer__sentence">(.*?)</p>',
            self.text,
            re.DOTALL,
        )
        return (html.unescape(found[1]), html.unescape(found[2])) if found else ("", "")

    @property
    def problems(self) -> str:
        found = re.search(r'<ul class="problems">(.*?)</ul>', self.text, re.DOTALL)
        return html.unescape(re.sub(r"<[^>]+>", " ", found[1])) if found else ""

    @property
    def steps(self) -> list[str]:
        return [html.unescape(word) for word in re.findall(r'step__label">(.*?)<', self.text)]


class Seat:
    """One signed-in person."""

    def __init__(self, programme: Programme, username: str):
        self.client = programme.app.test_client()
        with programme.app.app_context(), writing() as work:
            cookie = open_session(work, person_named(work, username), lasting=timedelta(hours=1))
        self.client.set_cookie(COOKIE, cookie)

    def get(self, path: str) -> Page:
        answer = self.client.get(path)
        return Page(answer.status_code, answer.headers.get("Location"), answer.text)

    def post(self, path: str, **form) -> Page:
        token = re.search(r'name="csrf_token" value="(\w*)"', self.client.get("/").text)
        data = {"csrf_token": token[1] if token else "", **form}
        answer = self.client.post(path, data=data)
        return Page(answer.status_code, answer.headers.get("Location"), answer.text)

    def sent(self, path: str, **form) -> Page:
        """The page after a form that was taken."""
        answer = self.post(path, **form)
        assert answer.status == 303, (answer.answer, answer.problems)
        return self.get(answer.leads_to or "/")


@pytest.fixture
def seat(programme):
    return lambda username: Seat(programme, username)
