"""Two digits that show a slip of the hand: ISO 7064 MOD 97-10, over what we print and scan."""


def check_digits(body: str) -> str:
    """Of a letter, which counts 10 (A) to 35 (Z), and the digits after it."""
    number = int(f"{int(body[0], 36)}{body[1:]}")
    return f"{98 - number * 100 % 97:02d}"
