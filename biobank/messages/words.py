"""What a message says: paragraphs chosen by its codes, in the words of `messages_folder`."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from babel.dates import format_date

from biobank.core.errors import Invalid
from biobank.core.moments import in_utc, zone_named
from biobank.messages.models import Message
from biobank.settings import Settings

ENGLISH = "en"
FILE = re.compile(r"([a-z]{2})-([0-9]+)\.toml")
Told = Mapping[str, Any]
Words = Mapping[str, Mapping[str, str]]


class WordsMissing(Invalid):
    """A message for which a file of words has nothing to say: which file, which words."""

    title = "No words for this"


@dataclass(frozen=True)
class MessageText:
    """A message in words, without a name and without an address."""

    version: str
    language: str
    subject: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs) + "\n"

    @property
    def sha256(self) -> str:
        return sha256(f"{self.subject}\n\n{self.body}".encode()).hexdigest()


def text_of(message: Message, settings: Settings, language: str, *, for_another: bool) -> MessageText:
    """`for_another` where who reads it asked for somebody else. Raises `WordsMissing`."""
    known = _newest(Path(settings.messages_folder))
    path = known.get(language) or known.get(ENGLISH)
    if path is None:
        raise WordsMissing(f"There is no file of words in {settings.messages_folder}; see messages_folder.")
    words = _read(path, path.stat().st_mtime_ns)
    try:
        return _said(words, message, settings, for_another=for_another)
    except (KeyError, ValueError, TypeError) as problem:
        raise WordsMissing(
            f"{path.name} lacks words for {message.template} (message {message.id}): {problem}.",
            message=message.id,
        ) from problem


def languages(folder: Path) -> frozenset[str]:
    return frozenset(_newest(folder))


def _newest(folder: Path) -> dict[str, Path]:
    """The file of the highest version of each language."""
    found: dict[str, tuple[int, Path]] = {}
    for path in folder.glob("*.toml"):
        if named := FILE.fullmatch(path.name):
            language, version = named[1], int(named[2])
            found[language] = max(found.get(language, (0, path)), (version, path))
    return {language: path for language, (_, path) in found.items()}


@lru_cache(maxsize=8)
def _read(path: Path, _changed_at: int) -> Words:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _said(words: Words, message: Message, settings: Settings, *, for_another: bool) -> MessageText:
    language = str(words["language"])
    told = json.loads(message.context)
    other = f"{message.template}_for_another"
    section = words[other if for_another and other in words else message.template]
    values = _values(words, told, settings, language) | {"reference": reference_of(message.id)}
    names = CHOSEN[message.template](told, message.queued_at)
    paragraphs = [words["every"]["greeting"], *(section[name] for name in names), *_last(words, settings)]
    return MessageText(
        version=str(words["version"]),
        language=language,
        subject=section["subject"].format_map(values),
        paragraphs=tuple(paragraph.format_map(values) for paragraph in paragraphs),
    )


def _last(words: Words, settings: Settings) -> Iterator[str]:
    every = words["every"]
    yield every["contact" if contact(settings) else "contact_here"]
    yield every["reference"]
    yield f"{every['closing']}\n{{programme}}"


def contact(settings: Settings) -> str:
    """Phone and e-mail of the programme, as far as they are set."""
    return ", ".join(filter(None, (settings.contact_phone.strip(), settings.contact_email.strip())))


def reference_of(number: int) -> str:
    """What somebody reads out on the phone, and staff look up; it says nothing about anybody."""
    return f"M-{number}"


def _values(words: Words, told: Told, settings: Settings, language: str) -> dict[str, str]:
    days = {
        "decided_on": _day(told.get("decided_at"), settings, language),
        "hold_until": _day(told.get("hold_until"), settings, language),
        "due_on": _day(told.get("due_on"), settings, language),
        "made_on": _day(told.get("made_on"), settings, language),
        "found_on": _day(told.get("found_on"), settings, language),
    }
    scopes = ", ".join(words["scopes"][scope] for scope in told.get("scopes", ()))
    return {**days, "scopes": scopes, "programme": settings.programme, "contact": contact(settings)}


def _day(text: str | None, settings: Settings, language: str) -> str:
    if not text:
        return ""
    if "T" in text:
        day = in_utc(datetime.fromisoformat(text)).astimezone(zone_named(settings.time_zone)).date()
    else:
        day = date.fromisoformat(text)
    return day_said(day, language)


def day_said(day: date, language: str) -> str:
    return str(format_date(day, "long", locale=language))


# Which paragraphs, in which order: one function a template.


def _decision_confirmed(told: Told, queued_at: datetime) -> Iterator[str]:
    information, samples = told["information"], told["samples"]
    yield "leaves" if told["leaves"] else "stays"
    yield f"information_{information}"
    yield f"samples_{samples}{_unused(information) if samples == 'keep' else ''}"
    if samples == "destroy" and told["hold_until"] and _is_later(told["hold_until"], queued_at):
        yield "change_of_mind"
    if "undecided" in (information, samples):
        yield "undecided"
    if (information, samples) != ("keep", "keep"):
        yield "researchers"
    if told["leaves"]:
        yield "nothing_new"
    yield "name_kept"


def _unused(information: str) -> str:
    return {"keep": "", "remove": "_unused", "undecided": "_for_now"}[information]


def _is_later(text: str, than: datetime) -> bool:
    """Without a hold window there is no day before which somebody could change their mind."""
    return datetime.fromisoformat(text).date() > than.date()


def _request_waits(_told: Told, _queued_at: datetime) -> Iterator[str]:
    yield from ("waits", "papers")


def _request_declined(_told: Told, _queued_at: datetime) -> Iterator[str]:
    yield from ("closed", "again")


def _scopes_refused(_told: Told, _queued_at: datetime) -> Iterator[str]:
    yield from ("refused", "from_now_on", "name_kept")


def _decision_reversed(told: Told, _queued_at: datetime) -> Iterator[str]:
    yield from ("back", "left" if told["left"] else "takes_part", "name_kept")


def _decision_was_not_theirs(told: Told, _queued_at: datetime) -> Iterator[str]:
    yield from ("mistake", "ask", "left" if told["left"] else "takes_part", "name_kept")


def _disclosure_told(told: Told, _queued_at: datetime) -> Iterator[str]:
    yield f"basis_{told['basis']}"
    yield from (f"gave_{group}" for group in _groups(told["fields"]))
    yield from ("as_little", "name_kept")


def _breach_told(told: Told, _queued_at: datetime) -> Iterator[str]:
    yield "found"
    yield from (f"seen_{group}" for group in _groups(told["fields"]))
    yield "sorry"
    yield from (f"step_{step}" for step in told["steps"])
    yield "name_kept"


OF_A_KIND = {
    "name": {"given_name", "family_name"},
    "birth_date": {"birth_date"},
    "contact": {"email", "phone", "postal_address"},
    "programme_id": {"programme_participant"},
    "language": {"language"},
    "records": {"participant_code", "samples", "consents"},
}
"""Fields about a person by how they are named to them, in the order in which they are told."""


def _groups(fields: list[str]) -> list[str]:
    return [group for group, of_it in OF_A_KIND.items() if of_it & set(fields)]


CHOSEN: Mapping[str, Callable[[Told, datetime], Iterator[str]]] = {
    "decision_confirmed": _decision_confirmed,
    "request_waits": _request_waits,
    "request_declined": _request_declined,
    "scopes_refused": _scopes_refused,
    "decision_reversed": _decision_reversed,
    "decision_was_not_theirs": _decision_was_not_theirs,
    "disclosure_told": _disclosure_told,
    "breach_told": _breach_told,
}
"""By template; who queues a message of a new kind adds its paragraphs here and its words to each file."""
