"""Identifiers that we print: a letter, ten random digits, two check digits; and how a scan of one is read."""

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from biobank.core.check_digits import check_digits
from biobank.core.errors import Invalid
from biobank.items.keyboards import Damage, undone
from biobank.items.scanned_text import bare, without_invisible


class Letter(StrEnum):
    """The first character of an identifier.

    Letters that keyboards swap (A Q W Z Y M) or that look like digits (O I L) are not used.
    """

    KIT = "K"
    TUBE = "T"
    ALIQUOT = "S"
    BOX = "B"
    PLACE = "R"
    PARCEL = "X"
    WASTE = "H"
    FORM = "F"
    FOUND = "D"
    ORDER = "N"
    CERTIFICATE = "C"


MEANINGS = {
    Letter.KIT: "kit",
    Letter.TUBE: "collection tube",
    Letter.ALIQUOT: "aliquot, derivative or pool",
    Letter.BOX: "storage box",
    Letter.PLACE: "room, freezer, shelf, rack or another place",
    Letter.PARCEL: "parcel",
    Letter.WASTE: "waste bag or container",
    Letter.FORM: "form",
    Letter.FOUND: "found item",
    Letter.ORDER: "destruction order",
    Letter.CERTIFICATE: "certificate",
}

LENGTH = 13
LETTERS = "".join(Letter)
SHAPE = re.compile(f"[{LETTERS}][0-9]{{12}}")

_PRINTED_BETWEEN = "-\u2010\u2011\u2012\u2013\u2212"
_CODE = re.compile(r"(?=(?:.*[0-9]){4})[A-Z0-9]+(?:[-_./ ][A-Z0-9]+)*")
"""A text that somebody may have printed as a code: capitals, four digits or more, and what joins them."""
_STRAY = 3
"""Characters beside a code of ours that a slip of the hand adds; more are another code."""
_ALREADY_PLAIN = re.compile("[A-Z][0-9]{12}")
LONGEST = 1000
"""Characters: nothing that anybody scans is longer, and what is may take long to look at."""


class UnreadableIdentifier(Invalid):
    """A scanned or keyed text that is no identifier of ours; a kind of error a subclass."""

    title = "Barcode not readable"


class NothingScanned(UnreadableIdentifier):
    """No text at all."""


class WrongLength(UnreadableIdentifier):
    """More or fewer than 13 characters."""


class TwoCodes(UnreadableIdentifier):
    """More than one code in one text: the Enter between them was lost. Which one was meant is not guessed."""

    title = "Two codes at once"


class KeyboardDiffers(UnreadableIdentifier):
    """Scanner and computer have different keyboards, and what was meant is not certain."""

    title = "Scanner not set up"


class LetterNotOurs(UnreadableIdentifier):
    """The first character is none of `Letter`."""


class NotDigits(UnreadableIdentifier):
    """Something other than 0 to 9 follows the letter."""


class CheckDigitsWrong(UnreadableIdentifier):
    """The last two digits do not fit the rest."""


def new_identifier(letter: Letter) -> str:
    """One of 10^10 a letter, from `secrets`: the caller's unique constraint finds the rare twin."""
    body = f"{letter}{secrets.randbelow(10**10):010d}"
    return body + check_digits(body)


def printed(identifier: str) -> str:
    """As on a label: `T483134562451` becomes `T 4831 3456 24-51`."""
    return f"{identifier[0]} {identifier[1:5]} {identifier[5:9]} {identifier[9:11]}-{identifier[11:]}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scanned or keyed text was read as."""

    code: str
    """The form that is looked up: our 13 characters, or an alias in capitals."""
    is_ours: bool
    """It has our shape, whatever its check digits."""
    damage: Damage | None = None
    """What was undone to read it; then check digits fit, and no other table gives a code of ours."""


def read_scan(text: str) -> Reading:
    """How a text is looked up. Aliases are never repaired, and neither is a letter with twelve digits."""
    if len(text) > LONGEST:
        return Reading(without_invisible(text[:LONGEST]), is_ours=False)
    if SHAPE.fullmatch(text):
        return Reading(text, is_ours=True)
    plain = normalise(text)
    if SHAPE.fullmatch(plain):
        return Reading(plain, is_ours=True)
    found = {} if _ALREADY_PLAIN.fullmatch(_compact(plain)) else meant_by(text)
    if len(found) == 1:
        code, damage = found.popitem()
        return Reading(code, is_ours=True, damage=damage)
    return Reading(plain, is_ours=False)


def meant_by(text: str) -> dict[str, Damage]:
    """Identifiers of ours that the whole text is under some damage; each with the likeliest that gives it."""
    plain, found = without_invisible(text).strip(), dict[str, Damage]()
    if plain.isascii() and plain.isalnum():
        return found  # letters and digits are a slip of the hand, never a keyboard: they stay what they are
    for damage, meant in undone(plain):
        code = normalise(meant)
        if SHAPE.fullmatch(code) and check_digits(code[:-2]) == code[-2:]:
            found.setdefault(code, damage)
    return found


def normalise(text: str) -> str:
    """The form in which scanned or keyed text is kept and compared, of our identifiers and of aliases alike.

    Upper case, without the scanner's announcement and without invisible characters; nothing is repaired.
    Spaces and hyphens go only where an identifier of ours is left: in `KIT-12345678` they belong to the
    alias.
    """
    if text.isascii() and text.isalnum():  # what a well set scanner sends: nothing to take away
        return text.upper()
    seen = bare(bare(text).upper())
    compact = _compact(seen)
    return compact if SHAPE.fullmatch(compact) else seen


def looks_like_ours(text: str) -> bool:
    """Whether the text is read as one of our shape, whatever its check digits; any other may be an alias."""
    return read_scan(text).is_ours


def read_identifier(text: str) -> str:
    """The identifier that was scanned or keyed.

    Raises an `UnreadableIdentifier` that never repeats the text: nobody knows what was under the scanner.
    """
    if SHAPE.fullmatch(text):  # what a well set scanner sends
        _refuse_check_digits(text)
        return text
    refuse_unclear(text)
    reading = read_scan(text)
    code = reading.code if reading.is_ours else _compact(reading.code)
    for refuse in (_refuse_length, _refuse_letter, _refuse_other_than_digits, _refuse_check_digits):
        refuse(code)
    return code


def refuse_unclear(text: str) -> None:
    """For a text that is on nothing of ours: raises what it looks like, where that can be said."""
    refuse_too_long(text)
    reading = read_scan(text)
    if reading.is_ours:
        return
    _refuse_nothing(reading.code)
    _refuse_two(_compact(reading.code))
    refuse_damaged(text)


def refuse_too_long(text: str) -> None:
    """Before anything else is done with it: what is that long takes long to look at, and others wait."""
    if len(text) > LONGEST:
        raise WrongLength(
            f"{len(text)} characters arrived at once, and no code has more than {LONGEST}; empty the field "
            "and scan again.",
        )


def _compact(text: str) -> str:
    if text.isalnum():
        return text
    return "".join(
        character for character in text if not character.isspace() and character not in _PRINTED_BETWEEN
    )


def _refuse_nothing(code: str) -> None:
    if not code:
        raise NothingScanned("Nothing was scanned; scan the barcode or key the text printed beside it.")


def _refuse_two(code: str) -> None:
    if len(code) <= LENGTH:
        return
    whole = [found[0] for found in SHAPE.finditer(code) if check_digits(found[0][:-2]) == found[0][-2:]]
    if len(whole) > 1:
        raise TwoCodes(
            f"{len(whole)} codes arrived as one, without Enter between them, and none was taken; scan them "
            "again one after the other, and let the scanner end each with Enter (open Scanner test).",
        )
    if whole and len(code) > LENGTH + _STRAY:
        raise TwoCodes(
            "More than one code arrived as one, and none was taken; empty the field, scan again, and let "
            "the scanner end each code with Enter (open Scanner test).",
        )
    if len(code) == 2 * LENGTH and code[::2] == code[1::2]:
        raise KeyboardDiffers("Every character came twice; let the scanner type slower (open Scanner test).")


def refuse_damaged(text: str) -> None:
    """Raises `KeyboardDiffers` for what some layout makes of a code, where it was not certain of which."""
    plain = bare(text)
    if plain.isascii() and _CODE.fullmatch(plain.upper()):
        return  # it is the text of a code as it stands, whatever the scanner put before it
    for damage, meant in undone(without_invisible(text).strip()):
        if _CODE.fullmatch(normalise(meant)):
            raise KeyboardDiffers(
                f"This looks like {damage.sentence}; open Scanner test, set it right and scan again.",
                damage=damage.code,
            )


def _refuse_length(code: str) -> None:
    if len(code) != LENGTH:
        raise WrongLength(
            f"This code has {len(code)} characters and ours have {LENGTH}; "
            "scan again or key it from the label, with its letter.",
        )


def _refuse_letter(code: str) -> None:
    if code[0] not in LETTERS:
        raise LetterNotOurs(
            f"Our codes do not begin with {code[0]!r} (they begin with one of {' '.join(LETTERS)}); "
            "scan again or key it from the label.",
        )


def _refuse_other_than_digits(code: str) -> None:
    if not SHAPE.fullmatch(code):
        raise NotDigits(
            "After its letter one of our codes has digits only; scan again or key it from the label."
        )


def _refuse_check_digits(code: str) -> None:
    if check_digits(code[:-2]) != code[-2:]:
        raise CheckDigitsWrong(
            "The check digits do not fit: one character is wrong or two are swapped; "
            "scan again or key it from the label.",
        )
