"""Takes out of free text what the programme's other fields already tell us points at a person."""

import re

REMOVED = "[removed]"
_ADDRESS = re.compile(r"[^\s<>(),;:\"']+@[^\s<>(),;:\"']+")
# Fewer digits than this are as likely a volume or a room as a participant's number.
_TELLING_DIGITS = 6
_NUMBER = re.compile(rf"\b[A-Z]?[0-9]{{{_TELLING_DIGITS},19}}\b", re.IGNORECASE)


class PersonalText:
    """Knows one order's participant id and staff accounts, and takes them and any e-mail address out.

    Where only our own code of the participant is known (`by_code`), every number goes that may be theirs.
    """

    def __init__(self, participant: str, accounts: list[str], *, by_code: bool = False) -> None:
        letter, self._digits = participant[0], participant[1:]
        letter += "?" if len(self._digits) >= _TELLING_DIGITS else ""
        alone = "|".join(rf"\b{re.escape(account)}\b" for account in accounts)
        self._patterns = [_ADDRESS, re.compile(f"{letter}{self._digits}", re.IGNORECASE)]
        if alone:
            self._patterns.append(re.compile(alone, re.IGNORECASE))
        if by_code:
            self._patterns.append(_NUMBER)

    def names_participant(self, value: str) -> bool:
        return self._digits in value

    def without_persons(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(REMOVED, text)
        return text
