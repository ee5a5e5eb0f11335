"""Every route of the floor with nonsense in every field: one sentence, nothing in the log of errors, nothing half done."""

import json
import logging
from itertools import count

import pytest

from tests.architecture.nonsense import asked_on_pages, asked_over_http, counted, rows, spoiled
from tests.architecture.ours import ours
from tests.architecture.test_routes import ask

EVERY_DAY, CAMPAIGN, EVERY_ROLE = 67, 11, 71
"""One of so many of all that could be tried, at each field another kind of nonsense."""


class Tried:
    """Sends, and says what should not have been."""

    def __init__(self, programme, caplog, named, step):
        self.programme, self.caplog, self.step = programme, caplog, step
        self.other_kind, self.turn, self.sent, self.surprises = named["units"], count(), 0, []
        self.before = counted(programme.app)

    def every_field(self, asked):
        whole, taken = rows(self.programme.app) if self.step == CAMPAIGN else None, False
        for field in asked.fields:
            for word, told in spoiled(asked, field, self.other_kind):
                if next(self.turn) % self.step == 0:
                    taken = self._sent(asked, field, word, told) or taken
        if whole is not None and not taken and rows(self.programme.app) != whole:
            self.surprises.append((asked.rule, asked.who, "rows changed although all was refused"))

    def _sent(self, asked, field, word, told):
        """Whether it was taken."""
        self.sent += 1
        self.caplog.clear()
        answer = sent(self.programme, asked, told)
        logged = [record.getMessage() for record in self.caplog.records if record.levelno >= logging.ERROR]
        now, refused = counted(self.programme.app), answer.status_code >= 400
        changed = {name for name in now if now[name] != self.before[name]}
        wrong = [f"{answer.status_code}"] if answer.status_code >= 500 else []
        wrong += logged + ([f"half done: {changed}"] if refused and changed else [])
        if refused and asked.is_json and not str(answer.json.get("detail", "")).endswith((".", "?")):
            wrong.append(f"no sentence: {answer.json}")
        if wrong:
            self.surprises.append((asked.rule, asked.who, field, word, *wrong))
        self.before = now
        return not refused


def sent(programme, asked, told):
    """Numbers that no program of ours would write among it."""
    headers = {"Authorization": f"Bearer {programme.tokens[asked.who]}"}
    named = (
        {"data": json.dumps(told), "content_type": "application/json"} if asked.is_json else {"data": told}
    )
    return programme.app.test_client().post(asked.path, headers=headers, **named)


def tried(programme, caplog, step, *, every_role=False):
    caplog.set_level(logging.ERROR)
    named, _ = ours(programme)
    trying = Tried(programme, caplog, named, step)
    for asked in [
        *asked_over_http(programme, named, every_role),
        *asked_on_pages(programme, named, ask, every_role),
    ]:
        trying.every_field(asked)
    return trying


def test_nonsense_in_a_field_is_refused_in_a_sentence_and_leaves_nothing(programme, caplog):
    trying = tried(programme, caplog, EVERY_DAY)
    assert trying.sent > 200
    assert not trying.surprises, "\n".join(map(str, trying.surprises))


@pytest.mark.campaign
@pytest.mark.parametrize("every_role", [False, True], ids=["one role", "every role"])
def test_more_nonsense_in_every_field_is_refused_in_a_sentence_and_leaves_nothing(
    programme, caplog, every_role
):
    trying = tried(programme, caplog, EVERY_ROLE if every_role else CAMPAIGN, every_role=every_role)
    assert not trying.surprises, "\n".join(map(str, trying.surprises))
