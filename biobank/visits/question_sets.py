"""Safety questions by version, read from one TOML file each, and what the answers leave to be collected."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biobank.core.errors import Invalid
from biobank.visits.choices import DRAWN, Answer, Audience, Clearance

CHOOSE = "choose"
"""Staff choose between full and modified."""
LANGUAGES = ("en", "es")
STRICTEST_LAST = tuple(Clearance)


class BadQuestionSet(Invalid):
    """A file that cannot be used: which file, what in it, what to do."""

    title = "Safety questions not usable"


class AnswerMissing(Invalid):
    """A question was left open, or staff did not say how much is to be drawn."""

    title = "Answer missing"


@dataclass(frozen=True, slots=True)
class Question:
    """One question in each language, and what each answer leaves; `no` leaves everything."""

    code: str
    texts: Mapping[str, str]
    outcomes: Mapping[Answer, str]

    def text(self, language: str) -> str:
        return self.texts.get(language, self.texts[LANGUAGES[0]])


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A version of the questions; answers are kept with its key for as long as they are kept."""

    name: str
    version: int
    audience: Audience
    questions: tuple[Question, ...]

    @property
    def key(self) -> str:
        return f"{self.name}-{self.version}"

    def leaves_a_choice(self, answers: Mapping[str, str]) -> bool:
        """Whether staff have to say full or modified."""
        outcomes = self._outcomes(answers)
        return CHOOSE in outcomes and _strictest(outcomes) is Clearance.FULL

    def cleared(self, answers: Mapping[str, str], chosen: str | None) -> Clearance:
        """What may be collected; `chosen` by staff where the answers leave it to them.

        Raises `AnswerMissing`, which names the question by its field and never repeats an answer.
        """
        for question in self.questions:
            if answers.get(question.code) not in list(Answer):
                raise AnswerMissing("Answer every question; one of them is still open.", field=question.code)
        if not self.leaves_a_choice(answers):
            return _strictest(self._outcomes(answers))
        if chosen not in DRAWN:
            raise AnswerMissing("Choose whether the full kit or fewer tubes are drawn.", field="chosen")
        return Clearance(chosen)

    def _outcomes(self, answers: Mapping[str, str]) -> list[str]:
        return [
            question.outcomes[Answer(given)]
            for question in self.questions
            if (given := answers.get(question.code)) in list(Answer)
        ]


def _strictest(outcomes: list[str]) -> Clearance:
    found = [Clearance(outcome) for outcome in outcomes if outcome != CHOOSE]
    return max(found, key=STRICTEST_LAST.index, default=Clearance.FULL)


def load_question_sets(folder: Path) -> dict[str, QuestionSet]:
    """Every `*.toml` of the folder by its key, for example `adult-1`. Raises `BadQuestionSet`."""
    loaded = [_load(path) for path in sorted(folder.glob("*.toml"))]
    return {each.key: each for each in loaded}


def newest_for(sets: Mapping[str, QuestionSet], audience: Audience) -> QuestionSet:
    """Raises `BadQuestionSet` when there is none."""
    found = [each for each in sets.values() if each.audience is audience]
    if not found:
        raise BadQuestionSet(
            f"There are no safety questions for an {audience.value}; add a file to the folder."
        )
    return max(found, key=lambda each: each.version)


def _load(path: Path) -> QuestionSet:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        loaded = QuestionSet(
            name=str(values["name"]),
            version=int(values["version"]),
            audience=Audience(values["audience"]),
            questions=tuple(_question(each) for each in values["question"]),
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise BadQuestionSet(f"{path.name} cannot be read ({problem}); correct the file.") from problem
    if path.stem != loaded.key:
        raise BadQuestionSet(
            f"{path.name} says that it is {loaded.key}; rename the file to {loaded.key}.toml."
        )
    return loaded


def _question(values: Mapping[str, Any]) -> Question:
    outcomes = {Answer.NO: Clearance.FULL.value}
    for answer in (Answer.YES, Answer.UNKNOWN):
        outcome = str(values[answer.value])
        outcomes[answer] = outcome if outcome == CHOOSE else Clearance(outcome).value
    texts = {language: str(values[language]) for language in LANGUAGES}
    return Question(str(values["code"]), texts, outcomes)
