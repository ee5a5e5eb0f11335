"""A participant's code on a form: scanned once, or keyed twice, since it has no check digit."""

from collections.abc import Mapping

from biobank.items.identifiers import read_scan
from biobank.web.typed_fields import FieldRefused

SCANNED = "scanned"
"""A hidden field that the page's script sets when the code came as fast as only a scanner types."""


def code_told(form: Mapping[str, str], name: str = "code") -> str:
    """Raises `FieldRefused`."""
    code = _read(form.get(name, ""))
    if not code:
        raise FieldRefused("Scan the participant code, or key it twice.", field=name)
    if form.get(SCANNED) != "yes" and _read(form.get(f"{name}_again", "")) != code:
        raise FieldRefused("The two codes are not the same; key the code once more.", field=f"{name}_again")
    return code


def _read(text: str) -> str:
    return read_scan(text).code if text.strip() else ""
