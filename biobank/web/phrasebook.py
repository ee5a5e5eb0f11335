"""What the rules say in English, said in another language: sentences, and sentences with codes in them.

A message of the catalogue that has names in braces, such as `{item} is {state}.`, is a pattern: the English
sentence is matched against it, and what stood in the place of each name is said in turn where it is a word.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from biobank.web.catalogues import catalogue

PLACE = re.compile(r"\{(\w+)\}")
TAIL = re.compile(r"\{\w+\} ([A-Z¿¡].*)")
WARNING = re.compile(r"^[A-ZÁÉÍÓÚÑ]{2,}: ")
SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z0-9'“(])")
BEFORE_A_CODE = re.compile(r"(.+?)( [A-Z] \d{4} \d{4} \d\d-\d\d)", re.DOTALL)
LISTED = re.compile(r"(, | and |; | · |: | \()")
WITHIN_A_SENTENCE = r"(?P<{}>(?:(?![.!?] [A-Z]).)+?[.!?]?)"
ANYTHING = r"(?P<{}>.+?)"
IN_ENGLISH = re.compile(r"\b(an|the|is|are|was|were|not|of|that|to|it|in|on|at|for|with|by|this|and)\b")
"""Words that no other language of ours has."""
FEW_LETTERS = 12
DEEPEST = 3
MOST_KEPT = 4096
"""Sentences remembered with their translations; codes make most of them new."""


@dataclass(frozen=True)
class Pattern:
    """A sentence with places in it, and the same in the other language."""

    longest: str
    """The longest text between two places: what is looked for before anything is matched."""
    strict: re.Pattern[str]
    loose: re.Pattern[str]
    translation: str
    leading: str | None
    """The place that begins the English and not the translation: its word loses its capital."""
    is_general: bool
    """So little stands between its places that much fits by chance."""


@dataclass(frozen=True)
class Phrasebook:
    exact: Mapping[str, str]
    patterns: tuple[Pattern, ...]
    """The most particular first."""


@cache
def phrasebook(language: str) -> Phrasebook:
    exact: dict[str, str] = {}
    patterns = []
    for message in catalogue(language):
        if not isinstance(message.id, str) or not isinstance(message.string, str) or not message.string:
            continue
        for english, translation in _with_and_without_warning(message.id, message.string):
            if PLACE.search(english):
                patterns.append((len(PLACE.sub("", english)), _pattern(english, translation)))
                exact |= _last_sentence(english, translation)
            elif english:
                exact[english] = translation
    patterns.sort(key=lambda pair: -pair[0])
    return Phrasebook(exact, tuple(pattern for _, pattern in patterns))


def _with_and_without_warning(english: str, translation: str) -> Iterator[tuple[str, str]]:
    """The big answer says `STOP` as a word of its own, and the sentence after it without."""
    yield english, translation
    warned = [WARNING.sub("", text, count=1) for text in (english, translation)]
    if warned[0] != english and warned[1] != translation:
        yield warned[0], warned[1]


def _last_sentence(english: str, translation: str) -> dict[str, str]:
    """Of a message like `{sentence} It may not be used.` what follows the place; before may stand a lot."""
    tails = [TAIL.fullmatch(text) for text in (english, translation)]
    return {tails[0][1]: tails[1][1]} if tails[0] and tails[1] and not PLACE.search(tails[0][1]) else {}


def _pattern(english: str, translation: str) -> Pattern:
    longest = max(PLACE.split(english)[::2], key=len)
    letters = sum(map(str.isalpha, PLACE.sub("", english)))
    strict, loose = _matching(english, WITHIN_A_SENTENCE), _matching(english, ANYTHING)
    begins = PLACE.match(english)
    leading = begins[1] if begins and not translation.startswith(begins[0]) else None
    return Pattern(longest, strict, loose, translation, leading, letters < FEW_LETTERS)


def _matching(english: str, place: str) -> re.Pattern[str]:
    pieces = PLACE.split(english)
    text = "".join(
        re.escape(piece) if at % 2 == 0 else place.format(piece) for at, piece in enumerate(pieces)
    )
    return re.compile(text, re.DOTALL)


@lru_cache(maxsize=MOST_KEPT)
def translated(text: str, language: str, depth: int = 0) -> str:
    """`text` in `language`, as much of it as the phrasebook knows; the rest stays as it is."""
    return (
        _known(text, language, depth)
        or _by_sentence(text, language, depth)
        or _in_parts(text, language, depth)
    )


def _known(text: str, language: str, depth: int, *, loose: bool = False) -> str | None:
    """The whole text as a message, or as one with places."""
    found = word(text, language)
    if found is not None or depth > DEEPEST:
        return found
    for pattern in phrasebook(language).patterns:
        if pattern.longest in text:
            match = (pattern.loose if loose else pattern.strict).fullmatch(text)
            if match is not None:
                filled = _filled(pattern, match.groupdict(), language, depth + 1)
                if filled is not None:
                    return filled
    if text[:1].isupper() and not text.endswith((".", "?")):  # a label, which began with a capital
        turned = _known(_first_turned(text), language, depth)
        return turned and turned[:1].upper() + turned[1:]
    return None


def _filled(pattern: Pattern, values: Mapping[str, str], language: str, depth: int) -> str | None:
    """With the values said; None where English stands in a general pattern, which then fits by chance."""
    said = {name: translated(value, language, depth) for name, value in values.items()}
    if pattern.is_general and any(map(IN_ENGLISH.search, said.values())):
        return None
    if pattern.leading is not None and said[pattern.leading] != values[pattern.leading]:
        said[pattern.leading] = said[pattern.leading][:1].lower() + said[pattern.leading][1:]
    return PLACE.sub(lambda place: said[place[1]], pattern.translation)


def word(text: str, language: str) -> str | None:
    """An exact message, whether or not it begins with a capital here."""
    exact = phrasebook(language).exact
    if text in exact:
        return exact[text]
    turned = _first_turned(text)
    if turned in exact:
        found = exact[turned]
        return found[:1].upper() + found[1:] if text[:1].isupper() else found[:1].lower() + found[1:]
    return None


def _first_turned(text: str) -> str:
    return (text[:1].lower() if text[:1].isupper() else text[:1].upper()) + text[1:]


def _by_sentence(text: str, language: str, depth: int) -> str | None:
    """Several sentences, said one after the other: as many at once as one message holds."""
    sentences = SENTENCE_END.split(text)
    if len(sentences) == 1 or depth > DEEPEST:
        return None
    said = list(_said_in_turn(sentences, language, depth))
    if all(known for _, known in said):
        return " ".join(each for each, _ in said)
    whole = _known(text, language, depth, loose=True)
    return whole or " ".join(each for each, _ in said)


def _said_in_turn(sentences: list[str], language: str, depth: int) -> Iterator[tuple[str, bool]]:
    first = 0
    while first < len(sentences):
        for last in range(len(sentences), first, -1):
            known = _known(" ".join(sentences[first:last]), language, depth)
            if known is not None:
                yield known, True
                first = last
                break
        else:
            alone = sentences[first]
            said = _in_parts(alone, language, depth)
            yield said, said != alone
            first += 1


def _in_parts(text: str, language: str, depth: int) -> str:
    """A list of words, or a word before a code; what is not known stays."""
    if depth > DEEPEST:
        return text
    before = BEFORE_A_CODE.fullmatch(text)
    if before is not None:
        return translated(before[1], language, depth + 1) + before[2]
    other = text[:-1] if text.endswith(".") else f"{text}."
    found = _known(other, language, depth)
    if found is not None:
        return f"{found}." if text.endswith(".") else found.removesuffix(".")
    parts = LISTED.split(text)
    if len(parts) == 1:
        return text
    joints = [word(part, language) or part for part in parts[1::2]]
    said = [word(part, language) or part for part in parts[::2]]
    left = [english for english, each in zip(parts[::2], said, strict=True) if english == each]
    if len(left) == len(said) or any(map(IN_ENGLISH.search, left)):
        return text  # nothing of it is known, or it is a sentence and no list
    return said[0] + "".join(joint + part for joint, part in zip(joints, said[1:], strict=True))
