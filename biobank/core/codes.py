"""Numbers of papers and codes of organisations, as others give them: short, and nobody's name."""

import re

from biobank.core.errors import Invalid
from biobank.core.personal_shapes import names_nobody

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


class NotACode(Invalid):
    title = "Not a code"


def is_a_code(field: str, text: str) -> None:
    """Raises `NotACode`, `NamesSomebody`."""
    if not CODE.fullmatch(text):
        raise NotACode(
            "Give a code or number of up to 40 letters, digits, dots, dashes and slashes, without blanks.",
            field=field,
        )
    names_nobody(field, text)
