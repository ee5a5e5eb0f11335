"""What is wrong with a scanner, judged from what it typed when it read a known code."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from biobank.items.explanations import Finding
from biobank.items.keyboards import KEYS, LAYOUTS, SHIFTED, undone
from biobank.items.scanned_text import (
    GROUP_SEPARATOR,
    announced,
    shown,
    with_separators,
)

SIGNS = "AQWZYM-0123456789/;_@#$"
"""Letters that keyboards swap, all digits, and the signs that differ between layouts without a dead key."""
LINEAR = f"1L-{SIGNS}"
"""The text of the Code 128 symbol."""
MATRIX = f"2M-{SIGNS}{GROUP_SEPARATOR}END"
"""The text of the Data Matrix symbol, with a group separator as manufacturers' codes have one."""
SURE = len(LINEAR) - len("@#$")
"""Characters that every layout has without AltGr, which a computer with a US keyboard does not know."""
NAMES = {LINEAR: "Code 128", MATRIX: "Data Matrix"}
SHIFT_HELD = [str.maketrans(KEYS + SHIFTED, shifted * 2) for _, shifted in LAYOUTS.values()]
NEAR = 0.6
"""Share of a text that has to be there for it to be the test code with something wrong in it."""
LONGEST = 2000


@dataclass(frozen=True)
class Judgement:
    """What to set, the most important first; `is_right` when there is nothing to set."""

    is_right: bool
    findings: tuple[Finding, ...]


def judged(typed: str) -> Judgement:
    """`typed` is all that arrived in the field, with its Enters and Tabs."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n")[:LONGEST]
    if not text.strip():
        nothing = "Nothing arrived: point the scanner at the code, and look whether its cable or radio is on."
        return Judgement(is_right=False, findings=(Finding("wrong", "Nothing arrived", nothing),))
    lines = [line for line in text.replace("\t", "\n").split("\n") if line.strip()]
    findings = [finding for line in lines for finding in _line(line)]
    findings += [*_missing(lines), *_ends(text, lines)]
    return Judgement(
        all(finding.tone in ("right", "plain") for finding in findings), tuple(dict.fromkeys(findings))
    )


def _line(line: str) -> list[Finding]:
    """One scan, as far as Enter or Tab."""
    told = next((found for judge in JUDGES if (found := judge(line))), None)
    return told or [_wrong("Another code", "This is not a test code; scan one of the two on this page.")]


def _expected(core: str) -> str:
    """Which of the two it was meant to be: their ends differ whatever became of the characters."""
    return max((LINEAR, MATRIX), key=lambda code: SequenceMatcher(None, core, code, autojunk=False).ratio())


def _without_separators(text: str) -> str:
    return with_separators(text).replace(GROUP_SEPARATOR, "")


def _is_test(text: str, code: str) -> bool:
    return _without_separators(text) == _without_separators(code)


def _exact(line: str) -> list[Finding] | None:
    prefix = announced(line)
    core = line[len(prefix) :]
    code = next((code for code in NAMES if _is_test(core, code)), None)
    if code is None:
        return None
    found = [Finding("right", NAMES[code], "Every character arrived as it is printed.")]
    if prefix:
        sentence = f"The scanner announces what it read ({prefix.strip()}); that may stay."
        found.append(Finding("plain", "Announcement", sentence))
    return [*found, *_separator(core, code)]


def _separator(core: str, code: str) -> Iterator[Finding]:
    if GROUP_SEPARATOR not in code or GROUP_SEPARATOR in core:
        return
    if GROUP_SEPARATOR in with_separators(core):
        yield Finding(
            "plain", "Group separator", "It arrives as signs that stand for it; they are understood."
        )
    else:
        yield Finding(
            "late",
            "Group separator lost",
            "Our labels do not need it, but some manufacturers' GS1 codes cannot be read so: let the scanner "
            "send FNC1 as ^] or as F8 (often called GS substitution or function code mapping).",
        )


def _two(line: str) -> list[Finding] | None:
    if _without_separators(line) in {
        _without_separators(one + other) for one in NAMES for other in NAMES
    } or _doubled_codes(line):
        return [
            _wrong(
                "Enter missing",
                "Two codes arrived as one: set the scanner's suffix to Enter (carriage return, CR).",
            )
        ]
    return None


def _doubled_codes(line: str) -> bool:
    core = _without_separators(line)
    return any(core.count(_without_separators(code)) > 1 for code in NAMES)


def _capitals(line: str) -> list[Finding] | None:
    core = line[len(announced(line)) :]
    for code in NAMES:
        if _is_test(core.swapcase(), code) or (_is_test(core.upper(), code) and core != core.upper()):
            return [
                _wrong(
                    "Caps Lock",
                    "Capitals arrive as small letters: switch Caps Lock off at the keyboard, and set the "
                    "scanner to keep letters as they are.",
                )
            ]
    return None


def _keyboard(line: str) -> list[Finding] | None:
    seen = line.replace(GROUP_SEPARATOR, "").strip()
    for damage, meant in [*undone(seen), *undone(seen[:SURE])]:
        core = meant[len(announced(meant)) :]
        if meant != seen[: len(meant)] and any(_is_test(core, code) or core == code[:SURE] for code in NAMES):
            return [
                _wrong(
                    "Keyboard layout",
                    f"This is {damage.sentence}: set the scanner's keyboard layout (country) to the "
                    "computer's, or let it send characters by ALT codes.",
                )
            ]
    return None


def _shift(line: str) -> list[Finding] | None:
    core = _without_separators(line)
    for keys in SHIFT_HELD:
        if any(core == _without_separators(code).translate(keys) for code in NAMES):
            return [
                _wrong(
                    "Shift held",
                    "Digits arrive as the signs above them: switch Caps Lock off at the keyboard, and the "
                    "scanner's Caps Lock or upper-case setting off.",
                )
            ]
    return None


def _wide(line: str) -> list[Finding] | None:
    if any(_is_test(unicodedata.normalize("NFKC", line), code) for code in NAMES) and not line.isascii():
        return [
            _wrong(
                "Input method",
                "Wide characters arrive: switch the computer's input method for Chinese or Japanese off.",
            )
        ]
    return None


def _around(line: str) -> list[Finding] | None:
    for code in NAMES:
        core, plain = _without_separators(line), _without_separators(code)
        if plain in core:
            before, _, after = core.partition(plain)
            where = " and ".join(
                f"{shown(extra)!r} {place} the code"
                for extra, place in ((before, "before"), (after, "after"))
                if extra
            )
            return [
                _wrong(
                    "Something added",
                    f"The scanner adds {where}: clear its prefix and suffix, and set the suffix to Enter.",
                )
            ]
    return None


def _digits(line: str) -> list[Finding] | None:
    if any(_is_test(line, "".join(each for each in code if not each.isdigit())) for code in NAMES):
        return [
            _wrong(
                "Digits lost",
                "No digit arrived: the scanner types on the number pad and Num Lock is off; switch Num Lock "
                "on, or the number pad off in the scanner.",
            )
        ]
    return None


def _characters(line: str) -> list[Finding] | None:
    """Dropped, doubled or exchanged characters, one by one."""
    core = _without_separators(line[len(announced(line)) :])
    code = _without_separators(_expected(core))
    compared = SequenceMatcher(None, code, core, autojunk=False)
    if compared.ratio() < NEAR:
        return None
    lost: list[str] = []
    more: list[str] = []
    other: list[str] = []
    for what, start, end, from_, to in compared.get_opcodes():
        if what == "delete":
            lost += code[start:end]
        elif what == "insert":
            more += core[from_:to]
        elif what == "replace":
            other.append(f"{code[start:end]} came as {shown(core[from_:to])}")
    return [*_lost(lost), *_more(more), *_other(other)] or None


def _lost(characters: list[str]) -> Iterator[Finding]:
    if characters:
        yield _wrong(
            "Characters dropped",
            f"{' '.join(characters)} did not arrive: let the scanner type slower (inter-character delay), "
            "and change a weak radio or cable.",
        )


def _more(characters: list[str]) -> Iterator[Finding]:
    if characters:
        yield _wrong(
            "Characters doubled",
            f"{shown(' '.join(characters))} came once more than printed: let the scanner type slower "
            "(inter-character delay).",
        )


def _other(exchanged: list[str]) -> Iterator[Finding]:
    if exchanged:
        yield _wrong(
            "Characters exchanged",
            f"{'; '.join(exchanged)}: set the scanner's keyboard layout (country) to the computer's.",
        )


JUDGES = (_exact, _two, _capitals, _keyboard, _shift, _wide, _digits, _around, _characters)
"""Asked in this order; the first that knows says it."""


def _wrong(word: str, sentence: str) -> Finding:
    return Finding("wrong", word, sentence)


def _missing(lines: list[str]) -> Iterator[Finding]:
    """A code of which nothing came, although the other did."""
    met = {_expected(line) for line in lines if _characters(line) or _exact(line) or _keyboard(line)}
    if LINEAR in met and MATRIX not in met:
        yield Finding(
            "late",
            "No Data Matrix",
            "Only the Code 128 arrived. If the square code was scanned too, switch Data Matrix (2D, ECC 200) "
            "on in the scanner; a laser scanner cannot read it.",
        )
    if MATRIX in met and LINEAR not in met:
        yield Finding(
            "late",
            "No Code 128",
            "Only the Data Matrix arrived. If the long code was scanned too, switch Code 128 on.",
        )


def _ends(text: str, lines: list[str]) -> Iterator[Finding]:
    if text.endswith("\n\n") or "\n\n" in text.strip():
        yield Finding(
            "late", "Two Enters", "Each scan ends with Enter twice: set the suffix to CR alone, without LF."
        )
    elif text.endswith("\n"):
        yield Finding("right", "Enter", "Each scan ends with Enter.")
    elif text.endswith("\t"):
        yield Finding("right", "Tab", "Each scan ends with Tab, which is taken like Enter.")
    elif lines:
        yield _wrong(
            "No Enter at the end",
            "Nothing ends the scan: set the scanner's suffix to Enter (carriage return, CR).",
        )
