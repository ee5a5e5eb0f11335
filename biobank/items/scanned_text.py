"""What scanners add to a code: an announcement, group separators, Enter, Tab; and how all that is shown."""

import re
import sys
import unicodedata

GROUP_SEPARATOR = "\x1d"
# A scanner may announce the symbology first (ISO/IEC 15424): ]C0 for Code 128; gateways repeat it.
ANNOUNCED = re.compile(r"(?:\][A-Z][0-9A-Z]\s*)+", re.IGNORECASE)
SYMBOLOGIES = {
    "A": "Code 39",
    "C": "Code 128",
    "E": "EAN or UPC",
    "F": "Codabar",
    "G": "Code 93",
    "I": "Interleaved 2 of 5",
    "L": "PDF417",
    "Q": "QR Code",
    "X": "another symbology",
    "Z": "Aztec Code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "z": "Aztec Code",
}
# No keyboard has a group separator: scanners and gateways write it in these ways, F8 and Ctrl+] among them
# (F8 is Esc [19~ on a terminal; Alt+029 gives the arrow).
STAND_IN = re.compile(
    r"\x1b\[19~|\^\]|\\x1d|\\u001d|[<{\[](?:GS|FNC1|F8)[>}\]]|[\u241d\u2194]", re.IGNORECASE
)
# Control characters and invisible ones that copying from a document adds.
_INVISIBLE = {"Cc", "Cf"}
_PICTURES = 0x2400
_DELETE, _DELETE_PICTURE = "\x7f", "\u2421"
_PICTURED = {_PICTURES + code: chr(code) for code in range(ord(" "))} | {ord(_DELETE_PICTURE): _DELETE}
_NUMBERED = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")


def with_separators(text: str) -> str:
    """The text with a group separator wherever a stand-in of one is."""
    while (found := STAND_IN.sub(GROUP_SEPARATOR, text)) != text:
        text = found
    return text


def without_invisible(text: str) -> str:
    """Without control characters and the like; a half surrogate, which a terminal could not read, is `?`."""
    readable = text.encode(errors="replace").decode()
    if readable.isprintable():
        return readable
    return "".join(each for each in readable if unicodedata.category(each) not in _INVISIBLE)


def announced(text: str) -> str:
    """The announcements at the beginning of a text, as they stand there."""
    found = ANNOUNCED.match(text)
    return found[0] if found else ""


def bare(text: str) -> str:
    """The code alone, in the capitals and lower case in which it came."""
    seen = without_invisible(with_separators(text)).strip()
    return seen[len(announced(seen)) :]


def shown(text: str) -> str:
    """Every character to be seen: Enter as `␍`, a group separator as `␝`, others by their number."""
    return text if text.isprintable() else "".join(map(_picture, text))


def _picture(character: str) -> str:
    if character.isprintable():
        return character
    if character < " ":
        return chr(_PICTURES + ord(character))
    return _DELETE_PICTURE if character == _DELETE else f"⟨U+{ord(character):04X}⟩"


def as_seen(text: str) -> str:
    """The text of which `shown` made `text`, for asking again what it is read as."""
    return _NUMBERED.sub(_numbered, text.translate(_PICTURED))


def _numbered(found: re.Match[str]) -> str:
    """A number that no character has was in the text itself."""
    number = int(found[1], 16)
    return chr(number) if number <= sys.maxunicode else found[0]
