"""Looking somebody up without opening anything: keyed hashes of what people write in many ways."""

import hmac
import re
import unicodedata
from datetime import date

from biobank.core.data_keys import DataKey
from biobank.identity.inputs import Said

PURPOSE = "index"
WITHOUT_ACCENT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})
"""Letters that no accent can be taken off."""
APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`\u00b4]")
BETWEEN = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Small letters without accents, one blank between words; `O'Brien` is `obrien`, a hyphen is a blank."""
    bare = APOSTROPHES.sub("", text)
    letters = unicodedata.normalize("NFKD", bare).casefold().translate(WITHOUT_ACCENT)
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return BETWEEN.sub(" ", plain).strip()


def name_index(said: Said, key: DataKey) -> str:
    name = f"{folded(said.given_name)} {folded(said.family_name)}"
    return _index(key, "name and birth date", name, _day(said.birth_date))


def programme_index(programme_participant: str, key: DataKey) -> str:
    return _index(key, "programme participant", programme_participant.strip().upper())


def _day(born: date) -> str:
    return born.isoformat()


def _index(key: DataKey, *told: str) -> str:
    return hmac.digest(key.derived(PURPOSE), "\0".join(told).encode(), "sha256").hex()
