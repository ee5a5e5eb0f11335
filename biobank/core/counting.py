"""Numbers with their nouns, as sentences have them."""


def counted(number: int, noun: str) -> str:
    """`1 label`, `12,000 labels`: of a noun that takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
