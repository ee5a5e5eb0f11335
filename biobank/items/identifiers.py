"""Identifiers that we print: a letter, ten random digits, two check digits; and how a scan of one is read."""

import re
import secrets
import unicodedata
from enum import StrEnum

from biobank.core.errors import Invalid


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
    Letter.PLACE: "room, freezer, shelf, rack or quarantine place",
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

# A scanner may announce the symbology first (ISO/IEC 15424), for example ]C0 for Code 128.
_SYMBOLOGY = re.compile(r"(?:\][A-Z][0-9A-Z]\s*)+")
# Control characters (a scanner's GS among them) and invisible ones that copying from a document adds.
_INVISIBLE = {"Cc", "Cf"}
_PRINTED_BETWEEN = "-\u2010\u2011\u2012\u2013\u2212"


class UnreadableIdentifier(Invalid):
    """A scanned or keyed text that is no identifier of ours; a kind of error a subclass."""

    title = "Barcode not readable"


class NothingScanned(UnreadableIdentifier):
    """No text at all."""


class WrongLength(UnreadableIdentifier):
    """More or fewer than 13 characters."""


class LetterNotOurs(UnreadableIdentifier):
    """The first character is none of `Letter`."""


class NotDigits(UnreadableIdentifier):
    """Something other than 0 to 9 follows the letter."""


class CheckDigitsWrong(UnreadableIdentifier):
    """The last two digits do not fit the rest."""


def check_digits(body: str) -> str:
    """ISO 7064 MOD 97-10 over `body`, a letter of ours and ten digits; the letter counts 10 (A) to 35 (Z)."""
    number = int(f"{int(body[0], 36)}{body[1:]}")
    return f"{98 - number * 100 % 97:02d}"


def new_identifier(letter: Letter) -> str:
    """One of 10^10 a letter, from `secrets`: the caller's unique constraint finds the rare twin."""
    body = f"{letter}{secrets.randbelow(10**10):010d}"
    return body + check_digits(body)


def printed(identifier: str) -> str:
    """As on a label: `T483134562451` becomes `T 4831 3456 24-51`."""
    return f"{identifier[0]} {identifier[1:5]} {identifier[5:9]} {identifier[9:11]}-{identifier[11:]}"


def normalise(text: str) -> str:
    """The form in which scanned or keyed text is looked up, of our identifiers and of aliases alike.

    Upper case, without the scanner's announcement and without invisible characters. Spaces and hyphens go
    only where an identifier of ours is left: in `KIT-12345678` they belong to the alias.
    """
    seen = _visible(text)
    compact = _compact(seen)
    return compact if SHAPE.fullmatch(compact) else seen


def looks_like_ours(text: str) -> bool:
    """Whether the text has our shape, whatever its check digits; of any other shape it may be an alias."""
    return SHAPE.fullmatch(normalise(text)) is not None


def read_identifier(text: str) -> str:
    """The identifier that was scanned or keyed.

    Raises an `UnreadableIdentifier` that never repeats the text: nobody knows what was under the scanner.
    """
    code = _compact(_visible(text))
    for refuse in (
        _refuse_nothing,
        _refuse_length,
        _refuse_letter,
        _refuse_other_than_digits,
        _refuse_check_digits,
    ):
        refuse(code)
    return code


def _visible(text: str) -> str:
    if text.isascii() and text.isalnum():  # what a well set scanner sends: nothing to take away
        return text.upper()
    readable = text.encode(errors="replace").decode()  # a half surrogate is what a terminal could not read
    shown = "".join(
        character for character in readable.upper() if unicodedata.category(character) not in _INVISIBLE
    )
    announced = _SYMBOLOGY.match(shown.strip())
    return shown.strip()[announced.end() if announced else 0 :]


def _compact(text: str) -> str:
    if text.isalnum():
        return text
    return "".join(
        character for character in text if not character.isspace() and character not in _PRINTED_BETWEEN
    )


def _refuse_nothing(code: str) -> None:
    if not code:
        raise NothingScanned("Nothing was scanned; scan the barcode or key the text printed beside it.")


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
