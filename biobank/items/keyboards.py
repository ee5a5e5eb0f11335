"""Keyboard layouts: what a scanner that types by key positions leaves when the computer has another layout.

A keyboard-wedge scanner presses keys of the layout it is set to; the computer reads them in its own. Every
character becomes another one, by one table, and that table can be turned round. The tables are those of
the layouts that Windows and xkeyboard-config have under these names.
"""
# ruff: noqa: RUF001 (the very characters that those keys give)

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

KEYS = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
"""The 47 keys in the order of every row below, as a US keyboard names them."""
SHIFTED = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'

# Name as a settings page calls it: what the keys give alone, and with Shift; NUL where a key gives nothing.
LAYOUTS: Mapping[str, tuple[str, str]] = {
    "French": (
        "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!",
        "\x001234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
    ),
    "Belgian": (
        "²&é\"'(§è!çà)-azertyuiop^$µqsdfghjklmùwxcvbn,;:=",
        "³1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+",
    ),
    "German": (
        "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
    ),
    "Swiss": (
        "§1234567890'^qwertzuiopü¨$asdfghjklöäyxcvbnm,.-",
        '°+"*ç%&/()=?`QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_',
    ),
    "Spanish": (
        "º1234567890'¡qwertyuiop`+çasdfghjklñ´zxcvbnm,.-",
        'ª!"·$%&/()=?¿QWERTYUIOP^*ÇASDFGHJKLÑ¨ZXCVBNM;:_',
    ),
    "Latin American": (
        "|1234567890'¿qwertyuiop´+}asdfghjklñ{zxcvbnm,.-",
        '°!"#$%&/()=?¡QWERTYUIOP¨*]ASDFGHJKLÑ[ZXCVBNM;:_',
    ),
    "Italian": (
        "\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-",
        '|!"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_',
    ),
    "Portuguese": (
        "\\1234567890'«qwertyuiop+´~asdfghjklçºzxcvbnm,.-",
        '|!"#$%&/()=?»QWERTYUIOP*`^ASDFGHJKLÇªZXCVBNM;:_',
    ),
    "Brazilian": (
        "'1234567890-=qwertyuiop´[]asdfghjklç~zxcvbnm,.;",
        '"!@#$%¨&*()_+QWERTYUIOP`{}ASDFGHJKLÇ^ZXCVBNM<>:',
    ),
    "Swedish": (
        "§1234567890+´qwertyuiopå¨'asdfghjklöäzxcvbnm,.-",
        '½!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÖÄZXCVBNM;:_',
    ),
    "Danish": (
        "½1234567890+´qwertyuiopå¨'asdfghjklæøzxcvbnm,.-",
        '§!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLÆØZXCVBNM;:_',
    ),
    "Norwegian": (
        "|1234567890+\\qwertyuiopå¨'asdfghjkløæzxcvbnm,.-",
        '§!"#¤%&/()=?`QWERTYUIOPÅ^*ASDFGHJKLØÆZXCVBNM;:_',
    ),
    "Czech": (
        ";+ěščřžýáíé=´qwertzuiopú)¨asdfghjklů§yxcvbnm,.-",
        "°1234567890%ˇQWERTZUIOP/('ASDFGHJKL\"!YXCVBNM?:_",
    ),
    "Slovak": (
        ";+ľščťžýáíé=´qwertzuiopúäňasdfghjklô§yxcvbnm,.-",
        '°1234567890%ˇQWERTZUIOP/()ASDFGHJKL"!YXCVBNM?:_',
    ),
    "Hungarian": (
        "0123456789öüóqwertzuiopőúűasdfghjkléáyxcvbnm,.-",
        "§'\"+!%/=()ÖÜÓQWERTZUIOPŐÚŰASDFGHJKLÉÁYXCVBNM?:_",
    ),
    "Croatian": (
        "`1234567890'+qwertzuiopšđžasdfghjklčćyxcvbnm,.-",
        '~!"#$%&/()=?*QWERTZUIOPŠĐŽASDFGHJKLČĆYXCVBNM;:_',
    ),
    "Turkish": (
        '"1234567890*-qwertyuıopğü,asdfghjklşizxcvbnmöç.',
        "é!'^+%&/()=?_QWERTYUIOPĞÜ;ASDFGHJKLŞİZXCVBNMÖÇ:",
    ),
    "Canadian French": (
        "#1234567890-=qwertyuiop^¸<asdfghjkl;`zxcvbnm,.é",
        "|!\"/$%?&*()_+QWERTYUIOP^¨>ASDFGHJKL:`ZXCVBNM'.É",
    ),
    "British": (
        "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./",
        '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?',
    ),
    "Dvorak": (
        "`1234567890[]',.pyfgcrl/=\\aoeuidhtns-;qjkxbmwvz",
        '~!@#$%^&*(){}"<>PYFGCRL?+|AOEUIDHTNS_:QJKXBMWVZ',
    ),
    "US": (KEYS, SHIFTED),
}
MOST_UNDONE = 200
"""Characters: what is longer is no code that a wedge scanner types."""


@dataclass(frozen=True)
class Damage:
    """What turned every character of a text into another one."""

    code: str
    """As the log keeps it: `french_computer`, `shift_held`."""
    sentence: str
    """Continues "This looks like"."""


def _damages() -> Iterator[tuple[Damage, dict[str, str]]]:
    """Each damage with the table that undoes it, those that are met most often first."""
    others = [name for name in LAYOUTS if name != "US"]
    for name in others:
        keys, shifted = LAYOUTS[name]
        here = f"a scanner set to a US keyboard at a computer with {_an(name)} one"
        undo = _turned_round(keys + shifted, KEYS + SHIFTED)
        yield Damage(f"{_coded(name)}_computer", here), undo
        yield Damage(f"{_coded(name)}_computer_caps_lock", f"{here} and Caps Lock on"), _capitals(undo)
    for name in ("US", *others):
        shifted = LAYOUTS[name][1]
        with_layout = "" if name == "US" else f" at a computer with {_an(name)} keyboard"
        code = "shift_held" if name == "US" else f"{_coded(name)}_computer_shift_held"
        held = Damage(code, f"a scanner that holds Shift down{with_layout}")
        yield held, _turned_round(shifted, KEYS.upper())
    for name in others:
        keys, shifted = LAYOUTS[name]
        there = f"a scanner set to {_an(name)} keyboard at a computer with a US one"
        yield Damage(f"{_coded(name)}_scanner", there), _turned_round(KEYS + SHIFTED, keys + shifted)


def _an(name: str) -> str:
    return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"


def _coded(name: str) -> str:
    return name.lower().replace(" ", "_")


def _turned_round(seen: str, meant: str) -> dict[str, str]:
    """From what was seen to what was meant; a character that two keys give tells nothing."""
    table = {each: right for each, right in zip(seen, meant, strict=True) if each != "\0"}
    return {each: right for each, right in table.items() if seen.count(each) == 1} | {" ": " "}


def _capitals(undo: Mapping[str, str]) -> dict[str, str]:
    """The same with Caps Lock on: what is a letter on the computer's keyboard comes in its other case."""
    swapped = {_other_case(seen): meant for seen, meant in undo.items()}
    return swapped if len(swapped) == len(undo) else {}


def _other_case(character: str) -> str:
    other = character.swapcase()
    return other if len(other) == 1 and other.swapcase() == character else character


@cache
def _tables() -> tuple[tuple[Damage, dict[str, str]], ...]:
    return tuple((damage, undo) for damage, undo in _damages() if undo)


def sentence_of(code: str) -> str:
    """What a damage of the log was; of one that is known no more its code."""
    return next((damage.sentence for damage, _ in _tables() if damage.code == code), code)


def undone(text: str) -> Iterator[tuple[Damage, str]]:
    """For each damage that can have made the whole of `text`: what the scanner had read."""
    if len(text) > MOST_UNDONE:
        return
    for damage, undo in _tables():
        if all(character in undo for character in text):
            yield damage, "".join(undo[character] for character in text)
