"""Why a barcode does or does not work: what was seen, what was taken away, what is left, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from biobank.core.check_digits import check_digits
from biobank.core.counting import counted
from biobank.items.gs1 import PRODUCT, SERIAL, element_string
from biobank.items.identifiers import (
    LENGTH,
    LETTERS,
    LONGEST,
    MEANINGS,
    SHAPE,
    Letter,
    Reading,
    UnreadableIdentifier,
    printed,
    read_scan,
    refuse_unclear,
)
from biobank.items.scanned_text import (
    GROUP_SEPARATOR,
    SYMBOLOGIES,
    announced,
    shown,
    with_separators,
    without_invisible,
)

Tone = Literal["right", "wrong", "ask", "late", "plain"]
ENDS = {"\r": "Enter", "\n": "Enter", "\t": "Tab"}


@dataclass(frozen=True)
class Finding:
    """One step of the explanation: a word, a sentence, and whether it is as it should be."""

    tone: Tone
    word: str
    sentence: str


def findings_about(text: str) -> list[Finding]:
    """What can be said of a text without looking anything up, in the order in which it is read."""
    seen = text[:LONGEST]
    found = [*_seen(text), *_taken_away(seen)]
    reading = read_scan(seen)
    found += _keyboard(reading)
    found += _ours(reading) if reading.is_ours else _not_ours(seen, reading)
    return found


def _seen(text: str) -> Iterator[Finding]:
    if not text:
        yield Finding("wrong", "Nothing arrived", "There is no text at all; scan into the field.")
        return
    cut = f"; only the first {LONGEST} are looked at" if len(text) > LONGEST else ""
    yield Finding("plain", "Seen", f"{counted(len(text), 'character')} arrived{cut}.")


def _taken_away(text: str) -> Iterator[Finding]:
    core = text.rstrip("\r\n\t")
    ended = [ENDS[each] for each in text[len(core) :]]
    if ended:
        yield Finding("plain", f"{ended[-1]} at its end", "It ends the scan and belongs to no code.")
    separated = with_separators(core)
    yield from _announcement(without_invisible(separated).strip())
    if GROUP_SEPARATOR in separated:
        how = "" if GROUP_SEPARATOR in core else ", which arrived as signs that stand for it"
        yield Finding("plain", "Group separator", f"A GS1 separator (FNC1) is in it{how}.")
    if without_invisible(separated.replace(GROUP_SEPARATOR, "")) != separated.replace(GROUP_SEPARATOR, ""):
        yield Finding("plain", "Invisible characters", "Characters that nobody sees are left out.")


def _announcement(text: str) -> Iterator[Finding]:
    prefix = announced(text).strip()
    if prefix:
        kind = SYMBOLOGIES.get(prefix[-2]) or SYMBOLOGIES.get(prefix[-2].upper(), "an unknown symbology")
        yield Finding(
            "plain", f"Announcement {prefix}", f"The scanner says first that it read {kind}; it is left out."
        )


def _keyboard(reading: Reading) -> Iterator[Finding]:
    if reading.damage is not None:
        yield Finding(
            "ask",
            "Scanner not set up",
            f"This looks like {reading.damage.sentence}; turned round it is a code of ours whose check "
            "digits fit, so it is taken. Set the scanner right with Scanner test.",
        )


def _ours(reading: Reading) -> Iterator[Finding]:
    code = reading.code
    kind = MEANINGS[Letter(code[0])]
    yield Finding("right", "Shape of ours", f"A letter and 12 digits; {code[0]} begins the codes of: {kind}.")
    if check_digits(code[:-2]) == code[-2:]:
        yield Finding("right", "Check digits", f"{code[-2:]} fit the rest: it was read as {printed(code)}.")
    else:
        yield Finding(
            "wrong",
            "Check digits",
            f"{code[-2:]} do not fit the rest: one character is wrong or two are swapped. Scan again, or "
            "key it from the label; nobody guesses which character it is.",
        )


def _not_ours(text: str, reading: Reading) -> Iterator[Finding]:
    if not reading.code:
        yield Finding("wrong", "No code", "Nothing is left that could be a code.")
        return
    yield Finding("plain", "Not our shape", _difference(reading.code))
    elements = element_string(text)
    if elements is not None:
        product, serial = elements.value(PRODUCT), elements.value(SERIAL)
        named = f" of product {product}" if product else ""
        serially = f", serial {serial}" if serial else ""
        yield Finding("plain", "GS1", f"A GS1 code{named}{serially}; found by exactly that, or not at all.")
    try:
        refuse_unclear(text)
    except UnreadableIdentifier as refusal:
        yield Finding("wrong", refusal.title, refusal.detail)
    else:
        yield Finding(
            "plain",
            "Another code?",
            f"It is looked up as another code of an item, in capitals: {shown(reading.code[:80])}.",
        )


def _difference(code: str) -> str:
    compact = "".join(code.split())
    if len(compact) != LENGTH:
        return f"It has {counted(len(compact), 'character')}, and ours have {LENGTH}."
    if compact[0] not in LETTERS:
        return f"Our codes begin with one of {' '.join(LETTERS)}, and this one does not."
    return "" if SHAPE.fullmatch(compact) else "After its letter one of our codes has digits only."
