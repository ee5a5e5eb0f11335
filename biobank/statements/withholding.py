"""What of an entry a pack may show: all of it, or, where it names another participant's, only its outline."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from biobank.items.identifiers import Letter

OF_NOBODY = frozenset({Letter.BOX, Letter.PLACE, Letter.PARCEL, Letter.WASTE})
"""Codes of things that belong to no participant, though things of several lie in them."""
OF_SOMEBODY = "".join(letter for letter in Letter if letter not in OF_NOBODY)
BETWEEN = str.maketrans("", "", " -\u00a0")

OUTLINE = ("action", "from", "to", "item_kind", "hold", "change", "state", "place", "position")
"""What an entry that is not shown still says: which step it was, and what the state after it is."""
ABOUT_BIRTHS = ("child", "parent_sequence")


class OwnCodes:
    """Knows the codes that a pack may show, and finds every other one of a participant in a text."""

    def __init__(self, own: Collection[str], participant_pattern: str) -> None:
        self._own = frozenset(own)
        ours = f"[{OF_SOMEBODY}](?: ?[0-9]{{4}}){{2}} ?[0-9]{{2}}-?[0-9]{{2}}"
        codes = f"(?:{participant_pattern}|PV-[0-9A-F]{{12}}|{ours})"
        self._codes = re.compile(f"(?<![A-Za-z0-9]){codes}(?![A-Za-z0-9])")

    def names_another(self, text: str) -> bool:
        return any(not self._is_own(found[0]) for found in self._codes.finditer(text))

    def masked(self, text: str, instead: str) -> str:
        """The text with another's codes replaced; for what no hash stands for."""
        return self._codes.sub(lambda found: found[0] if self._is_own(found[0]) else instead, text)

    def _is_own(self, code: str) -> bool:
        return code in self._own or code.translate(BETWEEN) in self._own

    def outline(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing by which what is hidden could be guessed and the guess be tried on the entry's hash."""
        details = event.get("details") or {}
        outline = {name: event[name] for name in OUTLINE if name in event}
        outline |= {name: details[name] for name in ABOUT_BIRTHS if name in details}
        parents = [parent for parent in event.get("parents", ()) if parent in self._own]
        children = details.get("children")
        pool = details.get("pool")
        told = {
            "parents": parents,
            "children": len(children or ()),
            "pool": pool if pool in self._own else None,
        }
        outline |= {name: value for name, value in told.items() if value}
        return {**outline, "recorded_on": str(event["recorded_at"])[: len("2026-01-01")]}
