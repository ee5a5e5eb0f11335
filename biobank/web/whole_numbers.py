"""Whole numbers as people type them, within what can be so."""

from biobank.core.errors import Invalid


class NumberRefused(Invalid):
    """What was typed is no whole number, or none that can be so."""

    title = "Look at this field"


def whole_number(name: str, typed: str, least: int, most: int) -> int:
    """Also with the sign that people read as minus. Raises `NumberRefused`, which names the field."""
    try:
        number: int | None = int(typed.strip().replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        number = None
    if number is None or not least <= number <= most:
        raise NumberRefused(f"Type a whole number from {least} to {most}.", field=name)
    return number
